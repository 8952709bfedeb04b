"""Images and masks that the look-alikes are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def save_noise(path: Path, height: int, width: int, *, seed: int = 0) -> Path:
    """Writes an RGB image of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return save(path, pixels)


def save(path: Path, pixels: np.ndarray) -> Path:
    """Writes an array as an image, losslessly where the format can."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def rectangle(height: int, width: int, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """A mask, (height, width) bool, True in the rectangle."""
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask


def ring(height: int, width: int) -> np.ndarray:
    """A mask with a hole and a second part."""
    mask = rectangle(height, width, 2, 2, 12, 10)
    mask[4:8, 5:9] = False
    mask[height - 3 :, width - 4 :] = True
    return mask
