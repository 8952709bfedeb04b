"""What fills a scene and is not asked for: trees, roads, parking lots, patches of other ground, city blocks."""

from __future__ import annotations

import cv2
import numpy as np

from . import grounds
from .canvas import Canvas, Colour, rectangle, shade, transform
from .noise import fractal
from .objects_sports import Frame
from .objects_structures import building
from .objects_transport import Pose, truck, vehicle


def blob(canvas: Canvas, *, cell: float, cover: float) -> np.ndarray:
    """Random patches (S, S) uint8 covering about this share of the image."""
    field = fractal(canvas.rng, canvas.height, canvas.width, cell=cell, octaves=5, gain=0.6)
    level = float(np.quantile(field[::8, ::8], 1 - cover))
    return np.clip((field - np.float32(level)) * np.float32(900) + 128, 0, 255).astype(np.uint8)


def trees(canvas: Canvas, *, mask: np.ndarray | None = None, crowns: np.ndarray | None = None, crown: float = 7.0) -> None:
    """Plant a wood where `mask` is set and single crowns (n, 3: x, y, radius in pixels), with their shadows.

    Occupied ground stays free of trunks; crowns may overhang its edge.
    """
    cover = np.zeros((canvas.height, canvas.width), np.uint8)
    if crowns is not None:
        for x, y, radius in crowns:
            for _ in range(3):
                dx, dy, r = canvas.rng.normal(0, 0.28, 3) * radius
                centre = (round((x + dx) * 16), round((y + dy) * 16))
                cv2.circle(cover, centre, round(max(radius * 0.75 + r * 0.4, 0.8) * 16), 255, -1, cv2.LINE_AA, 4)
    if mask is not None:
        cover = cv2.max(cover, mask)
    cover[canvas.occupied > 0] = 0
    if not cover.any():
        return
    sun = np.float32(canvas.shadow) / max(float(np.hypot(*canvas.shadow)), 1e-3)
    texture = grounds.canopy(canvas.rng, canvas.size, crown=max(crown * canvas.scale, 2.5), sun=(float(sun[0]), float(sun[1])))
    ragged = canvas.grain * np.float32(55) + 128
    cover = np.where((cover > 0) & (ragged > 255 - cover.astype(np.float32) * 0.94), cover, 0).astype(np.uint8)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.6)
    height = crown * canvas.uniform(0.7, 1.3)
    fall = np.zeros_like(cover)
    for step in (0.5, 1.0):
        move = np.float32([[1, 0, canvas.shadow[0] * height * step], [0, 1, canvas.shadow[1] * height * step]])
        fall = cv2.max(fall, cv2.warpAffine(cover, move, (canvas.width, canvas.height)))
    loss = fall.astype(np.float32) * np.float32(-canvas.darkness / 255) + 1
    canvas.image[...] = cv2.multiply(canvas.image, cv2.merge([loss, loss, loss]), dtype=cv2.CV_8U)
    canvas.image[...] = grounds.mix(canvas.image, texture, cover.astype(np.float32) * np.float32(1 / 255))


def scattered(canvas: Canvas, count: int, *, low: float = 2.0, high: float = 6.0) -> np.ndarray:
    """Random crowns (n, 3), in loose groups."""
    groups = canvas.rng.random((max(count // 6, 1), 2)) * canvas.size
    which = canvas.rng.integers(len(groups), size=count)
    spread = canvas.size * 0.12
    points = groups[which] + canvas.rng.normal(0, spread, (count, 2))
    loose = canvas.rng.random(count) < 0.4
    points[loose] = canvas.rng.random((int(loose.sum()), 2)) * canvas.size
    radii = canvas.rng.uniform(low, high, count) * canvas.scale
    return np.column_stack([points, radii])


def tree_row(canvas: Canvas, start: np.ndarray, stop: np.ndarray, *, spacing: float, radius: float) -> np.ndarray:
    """Crowns (n, 3) along a line in pixels; spacing and radius in metres."""
    gap = spacing * canvas.scale
    steps = np.arange(0, float(np.hypot(*(stop - start))), gap)
    if not len(steps):
        return np.zeros((0, 3))
    along = (stop - start) / max(float(np.hypot(*(stop - start))), 1e-3)
    points = start + along * steps[:, None] + canvas.rng.normal(0, gap * 0.12, (len(steps), 2))
    keep = canvas.rng.random(len(steps)) < 0.85
    radii = radius * canvas.scale * canvas.rng.uniform(0.6, 1.2, len(steps))
    return np.column_stack([points, radii])[keep]


def curve(canvas: Canvas, *, bend: float = 0.2, angle: float | None = None, through: tuple[float, float] | None = None) -> np.ndarray:
    """A smooth path (n, 2) across the whole image."""
    angle = canvas.uniform(0, np.pi) if angle is None else angle
    size = canvas.size
    x, y = through if through is not None else (canvas.uniform(0.2, 0.8) * size, canvas.uniform(0.2, 0.8) * size)
    t = np.linspace(-1.2, 1.2, 33)
    sway = bend * size * np.sin(t * canvas.uniform(1.2, 3.0) + canvas.uniform(0, 6.28)) * canvas.uniform(0.3, 1)
    sway -= np.interp(0, t, sway)
    return transform(np.column_stack([t * size, sway]), centre=(x, y), angle=angle, scale=1.0)


def band(path: np.ndarray, width: float) -> np.ndarray:
    """Outline (2n, 2) of a path `width` pixels wide."""
    normal = normals(path)
    return np.concatenate([path + normal * np.float32(width / 2), (path - normal * np.float32(width / 2))[::-1]])


def normals(path: np.ndarray) -> np.ndarray:
    """Unit normals (n, 2) along a path."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-3)
    return np.stack([-along[:, 1], along[:, 0]], axis=1).astype(np.float32)


def road(canvas: Canvas, path: np.ndarray, *, width: float, traffic: float = 0.0, label: bool = False,
         colour: Colour | None = None, verge: bool = True) -> Colour:
    """Lay a road of `width` metres with markings and cars; returns its colour.

    Args:
        canvas: where to draw.
        path: (n, 2) centre line in pixels.
        width: metres.
        traffic: cars per 100 m of a direction.
        label: record the cars as instances (else they are clutter).
        colour: asphalt colour, random if None.
        verge: lighter gravel edges.
    """
    wide = width * canvas.scale
    if colour is None:
        colour = grounds.choose(canvas.rng, grounds.ASPHALT)[1]
    outline = band(path, wide)
    if verge:
        canvas.line(path, canvas.vary((142, 134, 118)), wide * canvas.uniform(1.15, 1.4) + 1)
    if wide < 2:
        canvas.line(path, colour, wide)
        return colour
    canvas.fill(outline, colour)
    canvas.weather([outline], 0.06)
    normal = normals(path)
    for k in (-0.22, 0.22):
        worn = path + normal * np.float32(wide * k)
        canvas.line(worn, shade(colour, canvas.uniform(0.93, 1.05)), wide * 0.12)
    white = (206, 204, 196)
    if wide > 4:
        for sign in (1, -1):
            canvas.line(path + normal * np.float32(sign * wide * 0.46), white, 0.14 * canvas.scale)
        dashed(canvas, path, white if canvas.chance(0.6) else (200, 172, 70), width=0.15)
    if width > 13:
        for sign in (1, -1):
            dashed(canvas, path + normal * np.float32(sign * wide * 0.23), white, width=0.14)
    cv2.fillPoly(canvas.occupied, [canvas.fixed(outline)], 255, cv2.LINE_8, 4)
    if traffic > 0:
        drive(canvas, path, width=width, traffic=traffic, label=label)
    return colour


def dashed(canvas: Canvas, path: np.ndarray, colour: Colour, *, width: float) -> None:
    """A dashed line along a path."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    step = max(9.0 * canvas.scale, 5.0)
    for s in np.arange(0, length[-1], step):
        ends = np.float32([s, s + step * 0.38])
        points = np.stack([np.interp(ends, length, path[:, 0]), np.interp(ends, length, path[:, 1])], axis=1)
        if (points > -5).all() and (points < canvas.size + 5).all():
            canvas.line(points.astype(np.float32), colour, width * canvas.scale)


def drive(canvas: Canvas, path: np.ndarray, *, width: float, traffic: float, label: bool) -> None:
    """Put cars on a road, on the right."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    lanes = (0.25,) if width < 13 else (0.13, 0.36)
    for sign in (1, -1):
        for lane in lanes:
            s = canvas.uniform(0, 60) * canvas.scale
            while s < length[-1]:
                i = min(int(np.searchsorted(length, s)), len(path) - 1)
                x, y = np.interp(s, length, path[:, 0]), np.interp(s, length, path[:, 1])
                along = path[i] - path[i - 1] if i else path[1] - path[0]
                angle = float(np.arctan2(along[1], along[0]))
                offset = sign * lane * width * canvas.scale
                x, y = x - np.sin(angle) * offset, y + np.cos(angle) * offset
                s += (6.5 + canvas.rng.exponential(100 / traffic)) * canvas.scale
                if not (0 < x < canvas.size and 0 < y < canvas.size):
                    continue
                pose = (float(x), float(y), angle + (0 if sign > 0 else np.pi) + canvas.uniform(-0.04, 0.04))
                _car(canvas, pose, label)


def _car(canvas: Canvas, pose: Pose, label: bool) -> None:
    if label and canvas.chance(0.12):
        truck(canvas, pose, length=canvas.uniform(7, 12), crowd=canvas.cars)
    else:
        vehicle(canvas, pose, label=label, crowd=canvas.cars)


def parking(canvas: Canvas, pose: Pose, *, rows: int, columns: int, label: bool, fill: float = 0.6) -> bool:
    """A parking lot: asphalt, bay lines, cars."""
    put = Frame(canvas, pose)
    bay, depth, aisle = 2.7, 5.2, 6.5
    length, width = columns * bay + 3, rows * (2 * depth + aisle)
    pad = put(rectangle(length, width))
    if not canvas.visible(pad, share=0.3, pixels=60) or not canvas.free(pad):
        return False
    canvas.fill(pad, grounds.choose(canvas.rng, grounds.ASPHALT)[1])
    canvas.weather([pad], 0.06)
    _, _, angle = pose
    for row in range(rows):
        for sign in (1, -1):
            y = (row - (rows - 1) / 2) * (2 * depth + aisle) + sign * (aisle / 2 + depth / 2)
            for column in range(columns):
                x = (column - (columns - 1) / 2) * bay
                if canvas.scale > 1.2:
                    put.chalk([(x - bay / 2, y - depth / 2), (x - bay / 2, y + depth / 2)], (196, 194, 188), width=0.12)
                if canvas.chance(fill):
                    px, py = put([(x, y + canvas.uniform(-0.3, 0.3))])[0]
                    turn = angle + np.pi / 2 * sign + (np.pi if canvas.chance(0.3) else 0)
                    if 0 < px < canvas.size and 0 < py < canvas.size:
                        _car(canvas, (float(px), float(py), turn + canvas.uniform(-0.04, 0.04)), label)
    canvas.occupy(pad)
    return True


def houses(canvas: Canvas, count: int, *, label: bool, length: tuple[float, float] = (9, 18), angle: float | None = None,
           gabled: bool | None = None) -> None:
    """Buildings where there is room."""
    angle = canvas.uniform(0, np.pi) if angle is None else angle
    for _ in range(count):
        a = canvas.uniform(*length)
        pose = (canvas.uniform(0, canvas.size), canvas.uniform(0, canvas.size),
                angle + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.06, 0.06))
        building(canvas, pose, a, a * canvas.uniform(0.5, 0.9), label=label, gabled=gabled,
                 height=canvas.uniform(3, 8) if a < 25 else canvas.uniform(6, 14))


def patches(canvas: Canvas, count: int) -> None:
    """Distractors: unlabelled polygons of other ground, slabs, tracks and stains that look like the start of an object."""
    for _ in range(count):
        pose = (canvas.uniform(0, canvas.size), canvas.uniform(0, canvas.size), canvas.uniform(0, 6.28))
        put = Frame(canvas, pose)
        a = canvas.uniform(3, 45)
        kind = canvas.pick(("slab", "blot", "track", "stripe"))
        colour = canvas.vary(grounds.choose(canvas.rng, (*grounds.SOIL, *grounds.CONCRETE, *grounds.GRASS))[1], 0.1)
        if kind == "slab":
            shape = put(rectangle(a, a * canvas.uniform(0.3, 0.9)))
        elif kind == "blot":
            turn = np.linspace(0, 2 * np.pi, 18, endpoint=False)
            r = a * 0.5 * (1 + 0.25 * canvas.rng.standard_normal(18))
            shape = put(np.column_stack([r * np.cos(turn), r * np.sin(turn) * 0.7]))
        elif kind == "track":
            canvas.line(put(np.column_stack([np.linspace(-2 * a, 2 * a, 12), np.cumsum(canvas.rng.standard_normal(12)) * a * 0.06])),
                        colour, canvas.uniform(1, 3) * canvas.scale)
            continue
        else:
            shape = put(rectangle(a * 2, canvas.uniform(0.5, 2)))
        if canvas.free(shape):
            box = canvas.window(shape)
            if box is not None:
                mask = cv2.GaussianBlur(canvas.stencil([shape], box), (0, 0), canvas.uniform(0.5, 2.5))
                canvas.blend(box, (mask * np.float32(canvas.uniform(0.3, 0.9))).astype(np.uint8), colour)
                canvas.weather([shape], 0.08)
