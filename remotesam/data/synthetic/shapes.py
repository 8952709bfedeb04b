"""Colours, outlines and the way from local coordinates to the image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike

Colour = tuple[float, float, float]

# Typical sunlit surface colours (RGB) of each colour word.
COLOURS: dict[str, Colour] = {
    "white": (226, 226, 222),
    "red": (163, 48, 42),
    "blue": (52, 84, 150),
    "green": (64, 112, 76),
    "yellow": (206, 184, 66),
    "black": (38, 38, 42),
    "grey": (128, 128, 126),
    "brown": (112, 82, 62),
    "orange": (206, 118, 52),
}


def f32(values: ArrayLike) -> np.ndarray:
    """Numbers, pairs or arrays as a float32 array."""
    return np.asarray(values, np.float32)


def transform(points: ArrayLike, *, centre: ArrayLike, angle: float, scale: float) -> np.ndarray:
    """Local points (x forward, y left to right) to the image: scaled, rotated by `angle` radians, moved to `centre`.

    Returns:
        (n, 2) float32 pixels.
    """
    c, s = scale * float(np.cos(angle)), scale * float(np.sin(angle))
    return f32(points) @ f32([[c, s], [-s, c]]) + f32(centre)


def rectangle(length: float, width: float, *, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """Corners (4, 2) of an axis-aligned rectangle around (x, y)."""
    a, b = length / 2, width / 2
    return np.array([(x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b)], np.float32)


def ellipse(
    radius_x: float,
    radius_y: float,
    *,
    x: float = 0.0,
    y: float = 0.0,
    count: int = 32,
    start: float = 0.0,
    stop: float = 2 * np.pi,
) -> np.ndarray:
    """Points (count, 2) on an elliptic arc, the end point left out for a full turn."""
    turn = np.linspace(start, stop, count, endpoint=stop - start < 2 * np.pi - 1e-6)
    return np.stack([x + radius_x * np.cos(turn), y + radius_y * np.sin(turn)], axis=1).astype(np.float32)


def shade(colour: Colour, factor: float) -> Colour:
    """`colour` made lighter or darker by `factor`."""
    return (min(colour[0] * factor, 255), min(colour[1] * factor, 255), min(colour[2] * factor, 255))


def mix(image: np.ndarray, other: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Per-pixel mixture of two (H, W, 3) uint8 images by a (H, W) uint8 mask, 255 giving `other`."""
    share = cv2.merge([mask, mask, mask])
    return cv2.add(
        cv2.multiply(image, cv2.bitwise_not(share), scale=1 / 255), cv2.multiply(other, share, scale=1 / 255)
    )


def mirrored(points: list[tuple[float, float]]) -> np.ndarray:
    """Close a half outline (y >= 0) by its mirror image."""
    half = np.asarray(points, np.float32)
    return np.concatenate([half, (half * f32([1, -1]))[::-1]])
