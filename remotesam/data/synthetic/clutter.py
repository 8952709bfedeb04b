"""What fills a scene and is not asked for: trees, scattered houses, patches of other ground."""

from __future__ import annotations

import cv2
import numpy as np

from . import grounds
from .buildings import plan, raise_houses
from .canvas import Canvas
from .frame import Frame
from .noise import fractal, to_bytes
from .shapes import f32, mix, rectangle


def blob(canvas: Canvas, *, cell: float, cover: float) -> np.ndarray:
    """Random patches (S, S) uint8 covering about this share of the image."""
    field = fractal(canvas.rng, canvas.height, canvas.width, cell=cell, octaves=5, gain=0.6)
    level = float(np.quantile(field[::8, ::8], 1 - cover))
    return to_bytes(field, gain=900, offset=128 - 900 * level)


def trees(
    canvas: Canvas, *, mask: np.ndarray | None = None, crowns: np.ndarray | None = None, crown: float = 7.0
) -> None:
    """Plant a wood where `mask` is set and single crowns (n, 3: x, y, radius in pixels), with their shadows.

    Occupied ground stays free of trunks; crowns may overhang its edge.
    """
    cover = np.zeros((canvas.height, canvas.width), np.uint8)
    if crowns is not None and len(crowns):
        lobes = np.repeat(crowns, 4, axis=0)
        jitter = canvas.rng.normal(0, 1, lobes.shape) * lobes[:, 2:]
        lobes = lobes + jitter * f32([0.36, 0.36, 0.16])
        lobes[:, 2] = np.maximum(lobes[:, 2] * 0.62, 0.7)
        for x, y, radius in np.round(lobes * 16).astype(int).tolist():
            cv2.circle(cover, (x, y), radius, 255, -1, cv2.LINE_AA, 4)
    if mask is not None:
        cover = cv2.max(cover, mask)
    cover[canvas.occupied > 0] = 0
    if not cover.any():
        return
    length = max(float(np.hypot(*canvas.shadow)), 1e-3)
    sun = (-canvas.shadow[0] / length, -canvas.shadow[1] / length)
    spread = max(0.22 * crown * canvas.scale, 0.8)
    coarse = cv2.resize(cover, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(coarse, (0, 0), spread / 2)
    dome = cv2.resize(coarse, (canvas.width, canvas.height)).astype(np.float32) * f32(1 / 255)
    texture = grounds.canopy(canvas.rng, canvas.size, crown=max(crown * canvas.scale, 2.5), sun=sun, dome=dome)
    # Ragged edges: the grain eats into the soft rim that a blur gives the crowns.
    cover = cv2.GaussianBlur(cover, (0, 0), max(0.10 * crown * canvas.scale, 0.6))
    rim = cv2.subtract(cv2.add(cover, canvas.grain[0], dtype=cv2.CV_16S), canvas.grain[1], dtype=cv2.CV_16S)
    cover = cv2.addWeighted(rim, 1.2, cover.astype(np.int16), 4.0, -560, dtype=cv2.CV_8U)
    height = crown * canvas.uniform(0.7, 1.3)
    fall = np.zeros_like(cover)
    for step in (0.5, 1.0):
        move = f32([[1, 0, canvas.shadow[0] * height * step], [0, 1, canvas.shadow[1] * height * step]])
        fall = cv2.max(fall, cv2.warpAffine(cover, move, (canvas.width, canvas.height), flags=cv2.INTER_NEAREST))
    canvas.darken_mask((0, 0, canvas.width, canvas.height), fall, canvas.darkness)
    canvas.image[...] = mix(canvas.image, texture, cover)


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


def houses(
    canvas: Canvas,
    count: int,
    *,
    label: bool,
    length: tuple[float, float] = (9, 18),
    angle: float | None = None,
    gabled: bool | None = None,
) -> None:
    """Buildings where there is room."""
    angle = canvas.uniform(0, np.pi) if angle is None else angle
    found = []
    for _ in range(count):
        a = canvas.uniform(*length)
        pose = (
            canvas.uniform(0, canvas.size),
            canvas.uniform(0, canvas.size),
            angle + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.06, 0.06),
        )
        found.append(
            plan(
                canvas,
                pose,
                a,
                a * canvas.uniform(0.5, 0.9),
                label=label,
                gabled=canvas.chance(0.6) if gabled is None else gabled,
                height=canvas.uniform(3, 8) if a < 25 else canvas.uniform(6, 14),
            )
        )
    raise_houses(canvas, [house for house in found if house], label=label)


def patches(canvas: Canvas, count: int, *, kinds: tuple[str, ...] = ("slab", "blot", "track", "stripe")) -> None:
    """Distractors: unlabelled slabs, stains, tracks and stripes of other ground, at sizes of objects."""
    for _ in range(count):
        pose = (canvas.uniform(0, canvas.size), canvas.uniform(0, canvas.size), canvas.uniform(0, 6.28))
        put = Frame(canvas, pose)
        a = canvas.uniform(3, 45)
        kind = canvas.pick(kinds)
        colour = canvas.vary(grounds.choose(canvas.rng, (*grounds.SOIL, *grounds.CONCRETE, *grounds.GRASS))[1], 0.1)
        if kind == "slab":
            shape = put(rectangle(a, a * canvas.uniform(0.3, 0.9)))
        elif kind == "blot":
            turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
            waves = canvas.rng.normal(0, 0.16, 4), canvas.rng.uniform(0, 6.28, 4)
            r = a * 0.5 * (1 + sum(w * np.sin((k + 2) * turn + p) for k, (w, p) in enumerate(zip(*waves, strict=True))))
            shape = put(np.column_stack([r * np.cos(turn), r * np.sin(turn) * 0.7]))
        elif kind == "track":
            sway = np.cumsum(canvas.rng.standard_normal(12)) * a * 0.06
            way = put(np.column_stack([np.linspace(-2 * a, 2 * a, 12), sway]))
            index = np.clip(way, 0, canvas.size - 1).astype(int)
            if not canvas.occupied[index[:, 1], index[:, 0]].any():
                canvas.line(way, colour, canvas.uniform(0.4, 2) * canvas.scale)
            continue
        else:
            shape = put(rectangle(a * 2, canvas.uniform(0.5, 2)))
        if canvas.free(shape):
            box = canvas.window(shape)
            if box is not None:
                mask = cv2.GaussianBlur(canvas.stencil([shape], box), (0, 0), canvas.uniform(0.5, 2.5))
                canvas.blend(box, (mask * f32(canvas.uniform(0.3, 0.9))).astype(np.uint8), colour)
                canvas.weather([shape], 0.08)
