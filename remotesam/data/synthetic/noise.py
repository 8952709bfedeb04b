"""Cheap random fields: small random arrays enlarged at several octaves."""

from __future__ import annotations

import cv2
import numpy as np


def octave(rng: np.random.Generator, height: int, width: int, *, cell: tuple[float, float]) -> np.ndarray:
    """One octave of value noise.

    Args:
        rng: source of randomness.
        height: rows of the result.
        width: columns of the result.
        cell: (x, y) distance in pixels between independent values; 1 gives white noise.

    Returns:
        (height, width) float32, about uniform in [0, 1].
    """
    cell_x, cell_y = max(cell[0], 1.0), max(cell[1], 1.0)
    rows, columns = int(np.ceil(height / cell_y)) + 3, int(np.ceil(width / cell_x)) + 3
    values = np.frombuffer(rng.bytes(rows * columns), np.uint8).reshape(rows, columns).astype(np.float32) / 255
    # Sampling by an affine map gives a sub-cell offset, so that the lattice never aligns with the image.
    matrix = np.array([[1 / cell_x, 0, 1 + rng.random()], [0, 1 / cell_y, 1 + rng.random()]], np.float64)
    flags = cv2.INTER_LINEAR if max(cell_x, cell_y) < 3 else cv2.INTER_CUBIC
    return cv2.warpAffine(
        values, matrix, (width, height), flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101
    )


def fractal(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cell: float,
    octaves: int = 5,
    gain: float = 0.55,
    stretch: float = 1.0,
) -> np.ndarray:
    """Sum of octaves with halving cells and falling amplitude, standardised.

    Args:
        rng: source of randomness.
        height: rows of the result.
        width: columns of the result.
        cell: coarsest cell in pixels.
        octaves: number of octaves; those with cells under one pixel are left out.
        gain: amplitude ratio of one octave to the coarser one before it.
        stretch: horizontal cells are this many times the vertical ones.

    Returns:
        (height, width) float32 of mean 0 and standard deviation 1.
    """
    total = np.zeros((height, width), np.float32)
    amplitude = 1.0
    for _ in range(octaves):
        if cell < 1:
            break
        layer = octave(rng, height, width, cell=(cell * stretch, cell))
        cv2.scaleAdd(layer, amplitude, total, total)
        amplitude *= gain
        cell /= 2
    mean, deviation = cv2.meanStdDev(total)
    return (total - np.float32(mean[0, 0])) / np.float32(deviation[0, 0] + 1e-6)


def colourise(field: np.ndarray, colours: list[tuple[float, float, float]]) -> np.ndarray:
    """Map a standardised field onto a ramp of colours.

    Args:
        field: (H, W) float32 of about unit standard deviation; -2 is the first colour and +2 the last.
        colours: two or more RGB colours in 0..255.

    Returns:
        (H, W, 3) uint8.
    """
    ramp = np.asarray(colours, np.float32)
    position = np.linspace(0, len(ramp) - 1, 256)
    table = np.stack([np.interp(position, np.arange(len(ramp)), ramp[:, k]) for k in range(3)], axis=1)
    index = cv2.convertScaleAbs(field * np.float32(64) + np.float32(128)) if field.min() > -2 else np.clip(
        field * np.float32(64) + np.float32(128), 0, 255
    ).astype(np.uint8)
    lut = np.clip(table, 0, 255).astype(np.uint8)[None]
    return cv2.LUT(cv2.merge([index, index, index]), lut.transpose(1, 0, 2))


def emboss(field: np.ndarray, sun: tuple[float, float], *, distance: float) -> np.ndarray:
    """Light a height field from the side opposite to the shadows.

    Args:
        field: (H, W) float32 heights.
        sun: unit vector (x, y) in which shadows fall.
        distance: pixels over which the slope is taken.

    Returns:
        (H, W) float32 slope towards the light, unscaled.
    """
    shift = np.array([[1, 0, sun[0] * distance], [0, 1, sun[1] * distance]], np.float64)
    height, width = field.shape
    moved = cv2.warpAffine(field, shift, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return field - moved
