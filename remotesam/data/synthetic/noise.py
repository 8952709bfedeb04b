"""Cheap random fields: small random arrays, enlarged octave by octave."""

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
    rows, columns = int(np.ceil(height / max(cell[1], 1.0))) + 1, int(np.ceil(width / max(cell[0], 1.0))) + 1
    values = _bytes(rng, rows, columns).astype(np.float32)
    values *= np.float32(1 / 255)
    if (rows, columns) == (height + 1, width + 1):
        return values[:height, :width]
    smooth = cv2.INTER_LINEAR if max(cell) < 3 else cv2.INTER_CUBIC
    return cv2.resize(values, (width, height), interpolation=smooth)


def _bytes(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return np.frombuffer(rng.bytes(rows * columns), np.uint8).reshape(rows, columns)


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

    Each octave is added at its own resolution and the sum doubled, so that the cost is near that of one octave.

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
    cell = max(cell, 1.0)
    octaves = max(min(octaves, int(np.log2(cell)) + 1), 1)
    finest = cell / 2 ** (octaves - 1)
    total = None
    amplitude = 1.0
    for k in range(octaves):
        step = 2 ** (octaves - 1 - k)
        rows, columns = int(height / (finest * step)) + 3, int(width / (finest * step * stretch)) + 3
        layer = _bytes(rng, rows, columns).astype(np.float32)
        if total is None:
            total = layer
        else:
            # Doubled rows or columns may exceed the next lattice by a few; both start at the image's corner.
            grown = cv2.resize(total, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)[:rows, :columns]
            layer = layer[: grown.shape[0], : grown.shape[1]]
            total = cv2.scaleAdd(layer, amplitude, np.ascontiguousarray(grown))
        amplitude *= gain
    assert total is not None
    rows, columns = (
        min(int(np.ceil(height / finest)), total.shape[0]),
        min(int(np.ceil(width / (finest * stretch))), total.shape[1]),
    )
    field = cv2.resize(
        total[:rows, :columns], (width, height), interpolation=cv2.INTER_LINEAR if finest < 3 else cv2.INTER_CUBIC
    )
    mean, deviation = cv2.meanStdDev(field)
    field -= np.float32(mean[0, 0])
    field *= np.float32(1 / (deviation[0, 0] + 1e-6))
    return field


def colourise(field: np.ndarray, colours: list[tuple[float, float, float]]) -> np.ndarray:
    """Map a standardised field onto a ramp of colours.

    Args:
        field: (H, W) float32 of about unit standard deviation; -2 is the first colour and +2 the last.
        colours: two or more RGB colours in 0..255.

    Returns:
        (H, W, 3) uint8.
    """
    ramp = np.clip(np.asarray(colours, np.float32), 0, 255)
    position = np.linspace(0, len(ramp) - 1, 256)
    table = np.stack([np.interp(position, np.arange(len(ramp)), ramp[:, k]) for k in range(3)], axis=1)
    index = to_bytes(field, gain=64, offset=128)
    return cv2.LUT(cv2.merge([index, index, index]), table.astype(np.uint8)[:, None])


def to_bytes(field: np.ndarray, *, gain: float, offset: float) -> np.ndarray:
    """field * gain + offset, rounded and saturated to uint8."""
    return cv2.addWeighted(field, gain, field, 0, offset, dtype=cv2.CV_8U)


def emboss(field: np.ndarray, sun: tuple[float, float], *, distance: float) -> np.ndarray:
    """Light a height field from one side.

    Args:
        field: (H, W) float32 heights.
        sun: unit vector (x, y) towards the light.
        distance: pixels over which the slope is taken.

    Returns:
        (H, W) float32, positive on slopes that face the light, unscaled.
    """
    dx, dy = round(sun[0] * distance), round(sun[1] * distance)
    if dx == dy == 0:
        dx = 1
    height, width = field.shape
    padded = cv2.copyMakeBorder(field, abs(dy), abs(dy), abs(dx), abs(dx), cv2.BORDER_REFLECT_101)
    moved = padded[abs(dy) + dy : abs(dy) + dy + height, abs(dx) + dx : abs(dx) + dx + width]
    return cv2.subtract(field, moved)
