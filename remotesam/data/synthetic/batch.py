"""Many small boxes at once: all their shadows in one pass, then their tops."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas
from .shapes import f32


def quads(
    centres: np.ndarray, lengths: np.ndarray | float, widths: np.ndarray | float, angles: np.ndarray | float
) -> np.ndarray:
    """Corners (n, 4, 2) float32 of rotated rectangles; centres (n, 2) and sizes in pixels, angles in radians."""
    centres = np.asarray(centres, np.float32).reshape(-1, 2)
    n = len(centres)
    a = np.broadcast_to(np.asarray(lengths, np.float32) / 2, n)
    b = np.broadcast_to(np.asarray(widths, np.float32) / 2, n)
    turn = np.broadcast_to(np.asarray(angles, np.float32), n)
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = along * a[:, None], across * b[:, None]
    return np.stack([centres - u - v, centres + u - v, centres + u + v, centres - u + v], axis=1).astype(np.float32)


def palette(rng: np.random.Generator, colours: np.ndarray | list, count: int, *, spread: float = 0.12) -> np.ndarray:
    """(count, 3) float32 colours drawn from a list, each varied in brightness and a little in hue."""
    table = np.asarray(colours, np.float32)
    chosen = table[rng.integers(len(table), size=count)]
    gain = 1 + spread * rng.uniform(-1.2, 1.2, (count, 1)) + spread * 0.3 * rng.uniform(-1, 1, (count, 3))
    return np.clip(chosen * gain, 0, 255).astype(np.float32)


def cast_all(canvas: Canvas, shapes: list[np.ndarray] | np.ndarray, heights: np.ndarray | float) -> None:
    """Shadows of convex shapes standing `heights` metres high, merged into one pass."""
    if not len(shapes):
        return
    offsets = np.broadcast_to(np.asarray(heights, np.float32), len(shapes))[:, None] * f32(canvas.shadow)
    everything = np.concatenate([p for shape, o in zip(shapes, offsets, strict=True) for p in (shape, shape + o)])
    box = canvas.window(everything)
    if box is None:
        return
    x0, y0, x1, y1 = box
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    corner = f32([x0, y0])
    for shape, offset in zip(shapes, offsets, strict=True):
        hull = cv2.convexHull(np.concatenate([shape, shape + offset]) - corner)
        cv2.fillConvexPoly(mask, canvas.fixed(hull), 255, cv2.LINE_AA, 4)
    canvas.darken_mask(box, mask, canvas.darkness)


def fill_all(canvas: Canvas, shapes: np.ndarray, colours: np.ndarray) -> None:
    """Fill convex shapes (n, k, 2) with their colours (n, 3)."""
    for shape, colour in zip(canvas.fixed(shapes), colours.tolist(), strict=True):
        cv2.fillConvexPoly(canvas.image, shape, colour, cv2.LINE_AA, 4)


def inside(canvas: Canvas, centres: np.ndarray, *, margin: float = 0.0) -> np.ndarray:
    """(n,) bool: centres within the image, or at most `margin` pixels outside."""
    return np.asarray(((centres > -margin) & (centres < canvas.size + margin)).all(axis=1))


def vacant(canvas: Canvas, shapes: np.ndarray) -> np.ndarray:
    """(n,) bool: quadrilaterals (n, 4, 2) with nothing marked at corners, edge middles, quarter points and centre."""
    middle = shapes.mean(axis=1, keepdims=True)
    samples = np.concatenate([shapes, (shapes + np.roll(shapes, 1, axis=1)) / 2, middle, (shapes + middle) / 2], axis=1)
    index = np.clip(samples.astype(np.int32), 0, canvas.size - 1)
    return np.asarray(~(canvas.occupied[index[..., 1], index[..., 0]] > 0).any(axis=1))
