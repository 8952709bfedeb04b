"""Roads, their markings and traffic, parking lots. Widths in metres, paths in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from . import grounds
from .batch import cast_all, fill_all, inside, palette, quads
from .canvas import Canvas
from .frame import Frame, Pose
from .objects_vehicles import CAR_COLOURS, truck, vehicle
from .shapes import COLOURS, Colour, f32, rectangle, shade, transform

CAR_TABLE = [COLOURS[word] for word in CAR_COLOURS]


def curve(
    canvas: Canvas, *, bend: float = 0.2, angle: float | None = None, through: tuple[float, float] | None = None
) -> np.ndarray:
    """A smooth path (n, 2) across the whole image."""
    angle = canvas.uniform(0, np.pi) if angle is None else angle
    size = canvas.size
    x, y = through if through is not None else (canvas.uniform(0.2, 0.8) * size, canvas.uniform(0.2, 0.8) * size)
    t = np.linspace(-1.2, 1.2, 33)
    sway = bend * size * np.sin(t * canvas.uniform(1.2, 3.0) + canvas.uniform(0, 6.28)) * canvas.uniform(0.3, 1)
    sway -= np.interp(0, t, sway)
    return transform(np.column_stack([t * size, sway]), centre=(x, y), angle=angle, scale=1.0)


def band(path: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """Outline (2n, 2) of a path `width` pixels wide; a width (n, 1) may vary along it."""
    normal = normals(path)
    width = np.asarray(width, np.float32)
    return np.concatenate([path + normal * (width / 2), (path - normal * (width / 2))[::-1]])


def normals(path: np.ndarray) -> np.ndarray:
    """Unit normals (n, 2) along a path."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-3)
    return np.stack([-along[:, 1], along[:, 0]], axis=1).astype(np.float32)


def road(
    canvas: Canvas,
    path: np.ndarray,
    *,
    width: float,
    traffic: float = 0.0,
    label: bool = False,
    colour: Colour | None = None,
    verge: bool = True,
) -> Colour:
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
        worn = path + normal * f32(wide * k)
        canvas.line(worn, shade(colour, canvas.uniform(0.93, 1.05)), wide * 0.12)
    white = (206, 204, 196)
    if wide > 4:
        for sign in (1, -1):
            canvas.line(path + normal * f32(sign * wide * 0.46), white, 0.14 * canvas.scale)
        dashed(canvas, path, white if canvas.chance(0.6) else (200, 172, 70), width=0.15)
    if width > 13:
        for sign in (1, -1):
            dashed(canvas, path + normal * f32(sign * wide * 0.23), white, width=0.14)
    cv2.fillPoly(canvas.occupied, [canvas.fixed(outline)], 255, cv2.LINE_8, 4)
    if traffic > 0:
        drive(canvas, path, width=width, traffic=traffic, label=label)
    return colour


def dashed(canvas: Canvas, path: np.ndarray, colour: Colour, *, width: float) -> None:
    """A dashed line along a path."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    step = max(9.0 * canvas.scale, 5.0)
    ends = np.arange(0, length[-1], step)[:, None] + f32([0, step * 0.38])
    segments = np.stack([np.interp(ends, length, path[:, 0]), np.interp(ends, length, path[:, 1])], axis=2)
    inside = (segments > 0).all(axis=(1, 2)) & (segments < canvas.size).all(axis=(1, 2))
    if inside.any():
        canvas.lines(list(segments[inside].astype(np.float32)), colour, width * canvas.scale)


def drive(canvas: Canvas, path: np.ndarray, *, width: float, traffic: float, label: bool) -> None:
    """Put cars on a road, on the right; `traffic` is cars per 100 m and lane."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    along = np.gradient(path, axis=0)
    poses = []
    for sign in (1, -1):
        for lane in (0.25,) if width < 13 else (0.13, 0.36):
            count = canvas.rng.poisson(traffic * length[-1] / canvas.scale / 100)
            s = np.sort(canvas.rng.random(count)) * length[-1]
            at = np.stack([np.interp(s, length, path[:, 0]), np.interp(s, length, path[:, 1])], axis=1)
            turn = np.arctan2(np.interp(s, length, along[:, 1]), np.interp(s, length, along[:, 0]))
            offset = sign * lane * width * canvas.scale * canvas.rng.uniform(0.9, 1.1, count)
            at += np.stack([-np.sin(turn), np.cos(turn)], axis=1) * offset[:, None]
            turn = turn + (0 if sign > 0 else np.pi) + canvas.rng.uniform(-0.04, 0.04, count)
            poses.append(np.column_stack([at, turn]))
    cars(canvas, np.concatenate(poses), label=label, trucks=0.1)


def cars(canvas: Canvas, poses: np.ndarray, *, label: bool, trucks: float = 0.0) -> None:
    """Cars, and this share of trucks, at poses (n, 3) in pixels and radians where they do not overlap.

    Without `label` they are clutter: vehicles and trucks stop being exhaustively annotated.
    """
    poses = poses[inside(canvas, poses[:, :2])]
    if label:
        for x, y, turn in poses.tolist():
            if canvas.chance(trucks):
                truck(canvas, (x, y, turn), length=canvas.uniform(7, 12), crowd=canvas.cars)
            else:
                vehicle(canvas, (x, y, turn), crowd=canvas.cars)
        return
    if not len(poses):
        return
    canvas.clutter.update(("vehicle", "truck"))
    rng, n = canvas.rng, len(poses)
    long = np.where(rng.random(n) < trucks, rng.uniform(7, 14, n), rng.uniform(4, 5.2, n)).astype(np.float32)
    wide = np.where(long > 6, 2.6, 1.95).astype(np.float32) * canvas.scale
    bodies = quads(poses[:, :2], long * canvas.scale, wide, poses[:, 2])
    cast_all(canvas, bodies, np.where(long > 6, 3.0, 1.4))
    fill_all(canvas, bodies, palette(rng, CAR_TABLE, n))
    if canvas.scale > 1.3:
        glass = (long < 6) & (rng.random(n) < 0.8)
        heading = np.column_stack([np.cos(poses[:, 2]), np.sin(poses[:, 2])])
        screens = quads(
            poses[glass, :2] + heading[glass] * (0.8 * canvas.scale),
            0.9 * canvas.scale,
            wide[glass] * 0.8,
            poses[glass, 2],
        )
        fill_all(canvas, screens, palette(rng, [(52, 58, 66)], len(screens)))


def parking(canvas: Canvas, pose: Pose, *, rows: int, columns: int, label: bool, fill: float = 0.6) -> bool:
    """A parking lot: asphalt, bay lines, cars."""
    put = Frame(canvas, pose)
    bay, depth, aisle = 2.7, 5.2, 6.5
    pad = put(rectangle(columns * bay + 3, rows * (2 * depth + aisle)))
    if not canvas.visible(pad, share=0.3, pixels=60) or not canvas.free(pad):
        return False
    canvas.occupy(pad)
    canvas.fill(pad, grounds.choose(canvas.rng, grounds.ASPHALT)[1])
    canvas.weather([pad], 0.07)
    rng = canvas.rng
    row, sign, column = (g.ravel() for g in np.meshgrid(np.arange(rows), (1, -1), np.arange(columns), indexing="ij"))
    x = (column - (columns - 1) / 2) * bay
    y = (row - (rows - 1) / 2) * (2 * depth + aisle) + sign * (aisle + depth) / 2
    if canvas.scale > 1.2:
        marks = [put([(u - bay / 2, v - depth / 2), (u - bay / 2, v + depth / 2)]) for u, v in zip(x, y, strict=True)]
        canvas.lines(marks, (196, 194, 188), 0.12 * canvas.scale)
    taken = rng.random(len(x)) < fill
    n = int(taken.sum())
    at = put(np.column_stack([x[taken], y[taken] + rng.uniform(-0.3, 0.3, n)]))
    turn = pose[2] + np.pi / 2 * sign[taken] + np.pi * (rng.random(n) < 0.3) + rng.uniform(-0.04, 0.04, n)
    cars(canvas, np.column_stack([at, turn]), label=label)
    return True
