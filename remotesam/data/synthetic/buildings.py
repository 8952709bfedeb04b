"""Buildings, one by one or by the town. Sizes in metres, poses in pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .batch import cast_all, fill_all, palette, quads, vacant
from .canvas import Canvas
from .frame import Frame, Pose
from .shapes import Colour, f32, rectangle, shade

ROOFS: tuple[tuple[str | None, Colour], ...] = (
    (None, (124, 118, 112)),
    (None, (98, 94, 92)),
    (None, (148, 128, 112)),
    ("red", (138, 86, 72)),
    ("brown", (112, 90, 76)),
    ("white", (214, 212, 206)),
    (None, (182, 176, 166)),
    (None, (84, 82, 84)),
    ("red", (152, 98, 82)),
    (None, (138, 142, 144)),
    ("blue", (84, 108, 140)),
    (None, (166, 156, 140)),
    ("white", (222, 222, 220)),
    (None, (110, 110, 112)),
)


@dataclass(frozen=True)
class House:
    """A building that found its place: parts (4, 2) in pixels, height in metres."""

    parts: tuple[np.ndarray, ...]
    height: float
    gabled: bool
    word: str | None
    paint: Colour


def plan(
    canvas: Canvas,
    pose: Pose,
    length: float,
    width: float,
    *,
    height: float,
    gabled: bool,
    label: bool = True,
    wings: float = 0.4,
) -> House | None:
    """Find room for a building of one or two wings and mark it; None where there is none."""
    put = Frame(canvas, pose)
    shapes = [rectangle(length, width)]
    if canvas.chance(wings):
        a, b = length * canvas.uniform(0.3, 0.5), width * canvas.uniform(0.5, 0.9)
        shapes.append(
            rectangle(a, b, x=canvas.pick((1, -1)) * (length - a) / 2, y=canvas.pick((1, -1)) * (width + b) / 2 * 0.92)
        )
    parts = tuple(put(s) for s in shapes)
    hull = cv2.convexHull(np.concatenate(parts))[:, 0] if len(parts) > 1 else parts[0]
    if label and not canvas.visible(hull, share=0.25, pixels=30):
        return None
    if not canvas.free(hull):
        return None
    canvas.occupy(hull, margin=max(1.5 * canvas.scale, 1))
    word, paint = canvas.pick(ROOFS)
    return House(parts, height, gabled, word, canvas.vary(paint, 0.12))


def raise_houses(canvas: Canvas, houses: list[House], *, label: bool) -> None:
    """Draw planned buildings: all shadows, then roofs with ridges or machinery.

    Without `label` buildings stop being exhaustively annotated.
    """
    if not houses:
        return
    parts = [part for house in houses for part in house.parts]
    cast_all(canvas, parts, f32([house.height for house in houses for _ in house.parts]))
    shapes = np.stack(parts)
    paints = np.clip([house.paint for house in houses for _ in house.parts], 0, 255).astype(np.float32)
    gabled = np.array([house.gabled for house in houses for _ in house.parts])
    fill_all(canvas, shapes, paints)
    _ridges(canvas, shapes[gabled], paints[gabled])
    flat = shapes[~gabled]
    for roof, paint in zip(
        flat * f32(0.94) + flat.mean(axis=1, keepdims=True) * f32(0.06), paints[~gabled], strict=True
    ):
        canvas.line(roof, shade(tuple(paint.tolist()), 0.82), 0.5 * canvas.scale, closed=True)
    _machinery(canvas, list(flat))
    for house in houses:
        canvas.weather(house.parts, 0.06, shift=int(house.parts[0][0, 0]) % 97)
        if label:
            canvas.add("building", house.parts, colour=house.word)
        else:
            canvas.clutter.add("building")


def _ridges(canvas: Canvas, shapes: np.ndarray, paints: np.ndarray) -> None:
    """Ridged roofs: the half that faces away from the sun darker, the ridge line lighter."""
    first, second = shapes[:, 1] - shapes[:, 0], shapes[:, 2] - shapes[:, 1]
    turned = (second**2).sum(axis=1) > (first**2).sum(axis=1)
    corner = np.where(turned[:, None, None], np.roll(shapes, -1, axis=1), shapes)
    start, stop = (corner[:, 0] + corner[:, 3]) / 2, (corner[:, 1] + corner[:, 2]) / 2
    across = corner[:, 3] - corner[:, 0]
    facing = across @ f32(canvas.shadow) / (np.linalg.norm(across, axis=1) * np.hypot(*canvas.shadow) + 1e-3)
    lower = np.stack([start, stop, corner[:, 2], corner[:, 3]], axis=1)
    upper = np.stack([corner[:, 0], corner[:, 1], stop, start], axis=1)
    dark = np.where((facing > 0)[:, None, None], lower, upper)
    fill_all(canvas, dark, paints * (0.95 - 0.38 * np.abs(facing))[:, None])
    width = max(0.35 * canvas.scale, 0.3)
    for ridge, paint in zip(np.stack([start, stop], axis=1), paints, strict=True):
        canvas.line(ridge, shade(tuple(paint.tolist()), 1.15), width)


def _machinery(canvas: Canvas, roofs: list[np.ndarray]) -> None:
    """Units, hatches and skylights on flat roofs."""
    centres, sizes, angles = [], [], []
    for roof in roofs:
        side = roof[1] - roof[0], roof[3] - roof[0]
        extent = min(float(np.linalg.norm(side[0])), float(np.linalg.norm(side[1])))
        if extent < 10:
            continue
        count = int(canvas.rng.integers(1, 8))
        where = canvas.rng.uniform(0.12, 0.88, (count, 2))
        if canvas.chance(0.4):
            where[:, 1] = where[0, 1]
        centres.append(roof[0] + where[:, :1] * side[0] + where[:, 1:] * side[1])
        sizes.append(canvas.rng.uniform(1.2, max(2.0, 0.12 * extent / canvas.scale), (count, 2)) * canvas.scale)
        angles.append(np.full(count, np.arctan2(side[0][1], side[0][0])))
    if not centres:
        return
    size = np.concatenate(sizes)
    shapes = quads(np.concatenate(centres), size[:, 0], size[:, 1], np.concatenate(angles))
    cast_all(canvas, shapes, 1.5)
    fill_all(
        canvas,
        shapes,
        palette(canvas.rng, [(196, 194, 188), (140, 140, 138), (96, 96, 96), (120, 128, 134)], len(shapes)),
    )


def building(
    canvas: Canvas, pose: Pose, length: float, width: float, *, height: float, gabled: bool, label: bool = True
) -> bool:
    """Draw one building if there is room."""
    house = plan(canvas, pose, length, width, height=height, gabled=gabled, label=label)
    raise_houses(canvas, [house] if house else [], label=label)
    return house is not None


def town(
    canvas: Canvas,
    *,
    angle: float,
    pitch: tuple[float, float],
    density: float,
    label: bool,
    gabled: float = 0.5,
    tall: float = 1.0,
) -> np.ndarray:
    """Fill vacant ground with a loose grid of buildings and lots; returns the centres (n, 2) of the gaps left.

    Args:
        canvas: where to draw.
        angle: direction of the grid in radians.
        pitch: metres between buildings along and across the grid.
        density: share of cells with a building.
        label: record them, else buildings are clutter.
        gabled: share of ridged roofs.
        tall: factor on heights.
    """
    rng, scale, size = canvas.rng, canvas.scale, canvas.size
    step = f32(pitch) * f32(scale)
    n = np.ceil(size * 0.75 / step).astype(int) + 1
    u, v = np.meshgrid(np.arange(-n[0], n[0] + 1), np.arange(-n[1], n[1] + 1))
    local = np.stack([u.ravel() * step[0], v.ravel() * step[1]], axis=1) + rng.uniform(-0.08, 0.08, (u.size, 2)) * step
    c, s = np.cos(angle), np.sin(angle)
    centres = (local @ np.array([[c, s], [-s, c]]) + size / 2).astype(np.float32)
    keep = ((centres > 0) & (centres < size)).all(axis=1)
    centres = centres[keep]
    extent = rng.uniform(0.45, 0.86, (len(centres), 2)) * step
    shapes = quads(centres, extent[:, 0], extent[:, 1], angle)
    free = vacant(canvas, quads(centres, extent[:, 0] * 1.25, extent[:, 1] * 1.25, angle))
    built = free & (rng.random(len(centres)) < density)
    houses = []
    for shape in shapes[built][:160]:
        word, paint = canvas.pick(ROOFS)
        houses.append(
            House((shape,), canvas.uniform(3.5, 9) * tall, canvas.chance(gabled), word, canvas.vary(paint, 0.14))
        )
        canvas.occupy(shape)
    raise_houses(canvas, houses, label=label)
    return centres[free & ~built]
