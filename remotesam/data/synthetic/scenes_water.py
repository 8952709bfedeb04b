"""Scenes on and by the water: open sea, marinas, rivers with bridges."""

from __future__ import annotations

import cv2
import numpy as np

from . import clutter, grounds, roads
from .buildings import town
from .canvas import Canvas
from .objects_ships import ship
from .objects_water import bridge, pier
from .setting import Setting
from .shapes import f32, mix, transform

LANDS = (grounds.soil, grounds.grass, grounds.asphalt, grounds.grass)


def coast(canvas: Canvas, *, share: float, bend: float = 0.05) -> tuple[np.ndarray, float]:
    """A coast: land polygon (n, 2) that takes about this share of the image, and the direction out to the water."""
    angle = canvas.uniform(0, 2 * np.pi)
    size = canvas.size
    t = np.linspace(-1.2, 1.2, 49)
    if canvas.chance(0.5):
        walk = np.cumsum(canvas.rng.standard_normal(49))
        offset = bend * size * (walk - walk[24]) * 0.3
    else:
        offset = np.repeat(canvas.rng.normal(0, bend, 7), 7) * size
    line = np.column_stack([(0.5 - share) * -size + offset, t * size])
    far = f32([(-2.0 * size, 1.2 * size), (-2.0 * size, -1.2 * size)])
    return transform(np.concatenate([line, far]), centre=(size / 2, size / 2), angle=angle, scale=1.0), angle


def shore(canvas: Canvas, land: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Lay `land` within the polygon, with a quay or beach along its edge; returns its mask."""
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    cv2.fillPoly(mask, [canvas.fixed(polygon)], 255, cv2.LINE_AA, 4)
    canvas.image[...] = mix(canvas.image, land, mask)
    edge = canvas.vary(canvas.pick(((168, 162, 150), (128, 122, 112), (186, 172, 140), (98, 100, 84))))
    canvas.line(polygon, edge, max(canvas.uniform(0.8, 6) * canvas.scale, 0.8), closed=True)
    return mask


def hinterland(canvas: Canvas, mask: np.ndarray, angle: float, *, buildings: float) -> None:
    """What stands on the land behind a coast: roads, yards, houses, parking lots, trees. All unlabelled."""
    with canvas.confined(mask):
        clutter.patches(canvas, int(canvas.rng.integers(3, 10)))
        if canvas.chance(buildings):
            for _ in range(int(canvas.rng.integers(1, 4))):
                pose = (
                    canvas.uniform(0, canvas.size),
                    canvas.uniform(0, canvas.size),
                    angle + canvas.pick((0, np.pi / 2)),
                )
                roads.parking(
                    canvas,
                    pose,
                    rows=int(canvas.rng.integers(1, 3)),
                    columns=int(canvas.rng.integers(8, 24)),
                    label=False,
                )
            side = canvas.uniform(18, 70)
            town(
                canvas,
                angle=angle + canvas.uniform(-0.1, 0.1),
                pitch=(side, side * canvas.uniform(0.6, 1)),
                label=False,
                density=canvas.uniform(0.2, 0.8),
                gabled=canvas.uniform(0, 0.8),
                tall=canvas.pick((1, 1, 2.5)),
            )
        if canvas.chance(0.7):
            crowns = clutter.scattered(canvas, int(canvas.rng.integers(5, 70)))
            crowns = crowns[
                mask[
                    np.clip(crowns[:, 1], 0, canvas.size - 1).astype(int),
                    np.clip(crowns[:, 0], 0, canvas.size - 1).astype(int),
                ]
                > 0
            ]
            clutter.trees(canvas, crowns=crowns)
    canvas.occupied[mask >= 128] = 255


def sea(setting: Setting) -> Canvas:
    """Ships at sea, sometimes with a coast."""
    scale = setting.zoom(0.35, 1.5)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.water(rng, size, scale=scale), scale=scale)
    if canvas.chance(0.4):
        polygon, angle = coast(canvas, share=canvas.uniform(0.12, 0.45))
        mask = shore(canvas, canvas.pick(LANDS)(rng, size), polygon)
        hinterland(canvas, mask, angle, buildings=0.7)
    count = int(rng.integers(0, 6)) if canvas.chance(0.8) else int(rng.integers(6, 16))
    heading = canvas.uniform(0, 2 * np.pi)
    for _ in range(count):
        length = size * float(np.exp(canvas.uniform(np.log(0.05), np.log(0.22)))) / scale
        kind = canvas.pick(("tanker", "cargo", "ferry", "boat"), (3, 3, 1, 1)) if length > 35 else "boat"
        angle = heading + canvas.uniform(-0.4, 0.4) if canvas.chance(0.4) else canvas.uniform(0, 2 * np.pi)
        ship(
            canvas,
            (canvas.uniform(0, size), canvas.uniform(0, size), angle),
            length,
            wake=canvas.chance(0.4),
            kind=kind,
        )
    return canvas


def marina(setting: Setting) -> Canvas:
    """Piers with moored boats before a built-up shore."""
    scale = setting.zoom(0.9, 3.2)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.water(rng, size, scale=scale), scale=scale)
    share = canvas.uniform(0.12, 0.42)
    polygon, angle = coast(canvas, share=share, bend=0.006)
    mask = shore(canvas, canvas.pick(LANDS)(rng, size), polygon)
    boat = canvas.uniform(8, 16)
    length = size * canvas.uniform(0.18, 0.5) / scale
    gap = (2 * boat * 1.12 + canvas.uniform(9, 24)) * scale
    where = canvas.uniform(-0.7, -0.5) * size
    out = f32([np.cos(angle), np.sin(angle)])
    along = f32([-out[1], out[0]])
    base = f32([size / 2, size / 2]) - out * f32((0.5 - share) * size)
    bare = canvas.uniform(0, 0.5)
    while where < 0.7 * size:
        if canvas.chance(0.85):
            x, y = base + along * f32(where) + out * f32(0.01 * size)
            pose = (float(x), float(y), angle + canvas.uniform(-0.03, 0.03))
            pier(
                canvas,
                pose,
                length * canvas.uniform(0.7, 1.1),
                boat=boat,
                both=canvas.chance(0.85),
                full=canvas.uniform(1 - bare, 1.0),
            )
        where += gap * canvas.uniform(1.0, 1.15)
    if share < 0.25 and canvas.chance(0.4):
        far = base + out * f32(canvas.uniform(0.7, 0.8) * size)
        x, y = far - along * f32(0.35 * size)
        pier(
            canvas,
            (float(x), float(y), angle + np.pi / 2),
            0.6 * size / scale,
            boat=boat,
            both=True,
            full=canvas.uniform(0.4, 1.0),
        )
    hinterland(canvas, mask, angle, buildings=0.85)
    return canvas


def river(setting: Setting) -> Canvas:
    """A river with bridges through town, wood or fields."""
    scale = setting.zoom(0.4, 1.5)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas((grounds.grass, grounds.soil, grounds.grass)[int(rng.integers(3))](rng, size), scale=scale)
    angle = canvas.uniform(0, 2 * np.pi)
    middle = (canvas.uniform(0.35, 0.65) * size, canvas.uniform(0.35, 0.65) * size)
    path = roads.curve(canvas, bend=0.25, angle=angle, through=middle)
    width = canvas.uniform(0.08, 0.30) * size
    wobble = width * (1 + 0.12 * np.cumsum(rng.standard_normal(len(path))) / 3)
    outline = roads.band(path, np.clip(wobble, 0.7 * width, 1.3 * width)[:, None])
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [canvas.fixed(outline)], 255, cv2.LINE_AA, 4)
    bank = canvas.vary(canvas.pick(((120, 112, 92), (76, 84, 60), (150, 146, 138), (60, 70, 48))))
    canvas.line(outline, bank, max(canvas.uniform(2, 8) * scale, 1), closed=True)
    canvas.image[...] = mix(canvas.image, grounds.water(rng, size, scale=scale), mask)
    canvas.occupied[mask > 0] = 255
    for _ in range(int(canvas.rng.integers(0, 3))):
        near = roads.normals(path) * f32(width * canvas.uniform(0.7, 1.4) * canvas.pick((1, -1)))
        roads.road(canvas, path + near, width=canvas.uniform(5, 12), traffic=0.6)
    normal = roads.normals(path)
    inner = np.flatnonzero(((path > 0.12 * size) & (path < 0.88 * size)).all(axis=1))
    for _ in range(int(canvas.pick((1, 1, 1, 2, 2, 3))) if len(inner) else 0):
        i = int(canvas.pick(inner.tolist()))
        lean = canvas.uniform(-0.35, 0.35)
        across = normal[i] @ f32([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
        half = width / 2 / np.cos(lean) * 1.12
        a, b = path[i] - across * f32(half), path[i] + across * f32(half)
        wide = canvas.uniform(7, 26)
        colour = grounds.choose(rng, grounds.ASPHALT)[1]
        for one, other in ((a - across * f32(size * 1.4), a), (b, b + across * f32(size * 1.4))):
            roads.road(
                canvas, np.linspace(one, other, 9).astype(np.float32), width=wide * 0.95, colour=colour, traffic=0.6
            )
        if not bridge(canvas, tuple(a), tuple(b), width=wide, overhang=2 + canvas.uniform(1, 8) * scale, road=colour):
            canvas.clutter.add("bridge")
        roads.drive(canvas, np.linspace(a, b, 9).astype(np.float32), width=wide, traffic=1.2, label=False)
    clutter.patches(canvas, 6)
    if canvas.chance(0.7):
        side = canvas.uniform(18, 60)
        town(
            canvas,
            angle=angle,
            pitch=(side, side * canvas.uniform(0.6, 1)),
            density=canvas.uniform(0.1, 0.8),
            label=False,
            gabled=canvas.uniform(0, 1),
        )
    clutter.trees(
        canvas,
        mask=clutter.blob(canvas, cell=size / 5, cover=canvas.uniform(0.05, 0.6)),
        crowns=clutter.scattered(canvas, int(rng.integers(10, 80))),
    )
    return canvas
