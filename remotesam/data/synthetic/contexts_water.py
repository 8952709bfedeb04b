"""Scenes on and by the water: open sea, marinas, rivers with bridges."""

from __future__ import annotations

import cv2
import numpy as np

from . import clutter, grounds
from .canvas import Canvas, rectangle, transform
from .objects_structures import bridge, pier, storage_tank
from .objects_transport import ship
from .setting import Setting


def shore(setting: Setting, canvas: Canvas, land: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Lay `land` on the side of the coast line `side` (n, 2) away from the water, with a quay or beach; returns its mask."""
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    cv2.fillPoly(mask, [canvas.fixed(side)], 255, cv2.LINE_AA, 4)
    edge = canvas.vary(canvas.pick(((168, 162, 150), (128, 122, 112), (186, 172, 140), (98, 100, 84))))
    canvas.image[...] = grounds.mix(canvas.image, land, mask.astype(np.float32) * np.float32(1 / 255))
    canvas.line(side, edge, max(canvas.uniform(1.5, 6) * canvas.scale, 1), closed=True)
    return mask


def coast(canvas: Canvas, *, share: float, bend: float = 0.05) -> tuple[np.ndarray, np.ndarray, float]:
    """A coast line: land polygon, the line itself, and the direction (radians) out to the water."""
    angle = canvas.uniform(0, 2 * np.pi)
    size = canvas.size
    t = np.linspace(-1.2, 1.2, 25)
    if canvas.chance(0.5):
        offset = bend * size * np.cumsum(canvas.rng.standard_normal(25)) * 0.4
    else:
        offset = np.repeat(canvas.rng.normal(0, bend, 5), 5) * size
    line = np.column_stack([(0.5 - share) * -size + offset, t * size])
    far = np.float32([(-2.0 * size, 1.2 * size), (-2.0 * size, -1.2 * size)])
    middle = (size / 2, size / 2)
    land = transform(np.concatenate([line, far]), centre=middle, angle=angle, scale=1.0)
    return land, transform(line, centre=middle, angle=angle, scale=1.0), angle


def industrial_land(setting: Setting, canvas: Canvas, mask: np.ndarray) -> None:
    """Port backland: yards, sheds, roads, some trees, all kept to the land."""
    water = mask < 128
    canvas.occupied[water] = 255
    clutter.patches(canvas, int(canvas.rng.integers(4, 12)))
    clutter.houses(canvas, int(canvas.rng.integers(3, 16)), label=False, length=(15, 55), gabled=canvas.chance(0.4))
    if canvas.chance(0.5):
        clutter.trees(canvas, crowns=clutter.scattered(canvas, int(canvas.rng.integers(5, 40))))
    canvas.occupied[water] = 0
    canvas.occupied[~water] = 255


def sea(setting: Setting) -> Canvas:
    """Ships at sea, sometimes with a coast."""
    scale = setting.zoom(0.35, 1.5)
    canvas = setting.canvas(grounds.water(setting.rng, setting.size, scale=scale), scale=scale)
    if canvas.chance(0.35):
        land_polygon, _, _ = coast(canvas, share=canvas.uniform(0.12, 0.4))
        ground = canvas.pick((grounds.soil, grounds.grass, grounds.asphalt))(canvas.rng, canvas.size)
        mask = shore(setting, canvas, ground, land_polygon)
        industrial_land(setting, canvas, mask)
    count = int(canvas.rng.integers(0, 7)) if canvas.chance(0.8) else int(canvas.rng.integers(7, 16))
    heading = canvas.uniform(0, 2 * np.pi)
    for _ in range(count):
        target = canvas.size * float(np.exp(canvas.uniform(np.log(0.05), np.log(0.24))))
        length = target / canvas.scale
        kind = canvas.pick(("tanker", "cargo", "ferry", "boat"), (3, 3, 1, 1)) if length > 35 else "boat"
        angle = heading + canvas.uniform(-0.4, 0.4) if canvas.chance(0.4) else canvas.uniform(0, 2 * np.pi)
        pose = (canvas.uniform(0, canvas.size), canvas.uniform(0, canvas.size), angle)
        ship(canvas, pose, length, wake=canvas.chance(0.45), kind=kind)
    return canvas


def marina(setting: Setting) -> Canvas:
    """Piers with moored boats."""
    scale = setting.zoom(0.9, 3.2)
    canvas = setting.canvas(grounds.water(setting.rng, setting.size, scale=scale), scale=scale)
    share = canvas.uniform(0.12, 0.38)
    polygon, _, angle = coast(canvas, share=share, bend=0.008)
    ground = canvas.pick((grounds.soil, grounds.grass, grounds.asphalt))(canvas.rng, canvas.size)
    mask = shore(setting, canvas, ground, polygon)
    boat = canvas.uniform(8, 15)
    size = canvas.size
    length = size * canvas.uniform(0.18, 0.5) / scale
    gap = (2 * boat * 1.12 + canvas.uniform(9, 22)) * scale
    where = canvas.uniform(-0.7, -0.5) * size
    out = np.float32([np.cos(angle), np.sin(angle)])
    along = np.float32([-out[1], out[0]])
    base = np.float32([size / 2, size / 2]) - out * np.float32((0.5 - share) * size)
    while where < 0.7 * size:
        if canvas.chance(0.85):
            x, y = base + along * np.float32(where) + out * np.float32(0.01 * size)
            pier(canvas, (float(x), float(y), angle + canvas.uniform(-0.03, 0.03)), length * canvas.uniform(0.7, 1.1), boat=boat,
                 both=canvas.chance(0.85))
        where += gap * canvas.uniform(1.0, 1.15)
    industrial_land(setting, canvas, mask)
    return canvas


def river(setting: Setting) -> Canvas:
    """A river with bridges through town, wood or fields."""
    scale = setting.zoom(0.4, 1.4)
    size, rng = setting.size, setting.rng
    ground = (grounds.grass, grounds.soil, grounds.grass)[int(rng.integers(3))](rng, size)
    canvas = setting.canvas(ground, scale=scale)
    angle = canvas.uniform(0, 2 * np.pi)
    path = clutter.curve(canvas, bend=0.25, angle=angle, through=(canvas.uniform(0.35, 0.65) * size, canvas.uniform(0.35, 0.65) * size))
    width = canvas.uniform(0.09, 0.30) * size
    outline = clutter.band(path, width)
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [canvas.fixed(outline)], 255, cv2.LINE_AA, 4)
    canvas.line(outline, canvas.vary(canvas.pick(((120, 112, 92), (96, 104, 76), (150, 146, 138)))), max(4 * scale, 1), closed=True)
    river_water = grounds.water(rng, size, scale=scale)
    canvas.image[...] = grounds.mix(canvas.image, river_water, mask.astype(np.float32) * np.float32(1 / 255))
    normal = clutter.normals(path)
    for _ in range(int(canvas.pick((1, 1, 1, 2, 2, 3)))):
        i = int(canvas.rng.integers(9, 24))
        lean = canvas.uniform(-0.35, 0.35)
        c, s = np.cos(lean), np.sin(lean)
        across = normal[i] @ np.float32([[c, s], [-s, c]])
        half = width / 2 / np.cos(lean) * 1.06
        a, b = path[i] - across * np.float32(half), path[i] + across * np.float32(half)
        wide = canvas.uniform(7, 24)
        colour = grounds.choose(canvas.rng, grounds.ASPHALT)[1]
        far = [a - across * np.float32(size * 1.2), b + across * np.float32(size * 1.2)]
        for ends in ((far[0], a), (b, far[1])):
            clutter.road(canvas, np.linspace(ends[0], ends[1], 9).astype(np.float32), width=wide * 0.95, colour=colour, traffic=0.5)
        bridge(canvas, tuple(a), tuple(b), width=wide, overhang=2 + 2 * scale, road=colour)
        clutter.drive(canvas, np.linspace(a, b, 9).astype(np.float32), width=wide, traffic=1.5, label=False)
    canvas.occupied[mask > 0] = 255
    if canvas.chance(0.6):
        clutter.houses(canvas, int(canvas.rng.integers(5, 40)), label=False, length=(9, 30))
    clutter.patches(canvas, 6)
    clutter.trees(canvas, mask=clutter.blob(canvas, cell=size / 6, cover=canvas.uniform(0.05, 0.6)),
                  crowns=clutter.scattered(canvas, int(canvas.rng.integers(10, 80))))
    return canvas


def tank_farm(setting: Setting) -> Canvas:
    """Rows of storage tanks in dikes, with pipes and sheds."""
    scale = setting.zoom(0.45, 1.6)
    rng, size = setting.rng, setting.size
    ground = (grounds.soil, grounds.grass, grounds.asphalt, grounds.soil)[int(rng.integers(4))](rng, size)
    canvas = setting.canvas(ground, scale=scale)
    mask = None
    if canvas.chance(0.35):
        canvas.image[...] = grounds.water(rng, size, scale=scale)
        polygon, _, _ = coast(canvas, share=canvas.uniform(0.6, 0.85))
        mask = shore(setting, canvas, ground, polygon)
        canvas.occupied[mask < 128] = 255
    angle = canvas.uniform(0, np.pi)
    for _ in range(int(canvas.rng.integers(1, 4))):
        r = size * canvas.uniform(0.022, 0.06) / scale
        pitch = 2 * r * canvas.uniform(1.15, 1.9)
        rows, columns = int(canvas.rng.integers(1, 5)), int(canvas.rng.integers(2, 6))
        x0, y0 = canvas.uniform(0.15, 0.85) * size, canvas.uniform(0.15, 0.85) * size
        pad = transform(rectangle(columns * pitch + r, rows * pitch + r), centre=(x0, y0), angle=angle, scale=scale)
        if not canvas.free(pad):
            continue
        if canvas.chance(0.7):
            canvas.fill(pad, grounds.choose(rng, (*grounds.SOIL, *grounds.CONCRETE, *grounds.GRASS))[1])
            canvas.weather([pad], 0.08)
        grid = [(column, row) for column in range(columns) for row in range(rows)]
        for column, row in grid:
            place = transform([((column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch)], centre=(x0, y0), angle=angle,
                              scale=scale)[0]
            if canvas.chance(0.6):
                dike = transform(rectangle(pitch * 0.97, pitch * 0.97), centre=tuple(place), angle=angle, scale=scale)
                canvas.line(dike, canvas.vary((166, 156, 136)), max(1.2 * scale, 0.6), closed=True)
            canvas.line(np.stack([place, place + transform([(pitch, 0)], centre=(0, 0), angle=angle, scale=scale)[0]]),
                        canvas.vary((150, 146, 138)), 0.7 * scale)
        for column, row in grid:
            if canvas.chance(0.88):
                place = transform([((column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch)], centre=(x0, y0),
                                  angle=angle, scale=scale)[0]
                storage_tank(canvas, (float(place[0]), float(place[1]), angle), r * canvas.uniform(0.85, 1.05))
        canvas.occupy(pad)
    clutter.patches(canvas, 10)
    clutter.houses(canvas, int(canvas.rng.integers(2, 12)), label=False, length=(10, 40), angle=angle, gabled=False)
    if canvas.chance(0.6):
        clutter.trees(canvas, crowns=clutter.scattered(canvas, int(canvas.rng.integers(5, 40))),
                      mask=clutter.blob(canvas, cell=size / 5, cover=0.12) if canvas.chance(0.4) else None)
    return canvas
