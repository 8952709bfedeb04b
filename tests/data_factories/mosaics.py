"""Rasters whose right answer is known, and segmenters that read it from their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from tests.data_factories.vectors import NORTH_UP, UTM, Transform, write_raster

KINDS = ("red", "green", "blue")


@dataclass(frozen=True)
class Mosaic:
    """A raster of plain objects.

    Attributes:
        path: The GeoTIFF.
        masks: (3, H, W) bool: where the objects of each of ``KINDS`` are.
    """

    path: Path
    masks: np.ndarray

    def components(self, kind: int) -> tuple[np.ndarray, int]:
        """The objects of a kind, numbered from 1, and how many they are."""
        labels, count = ndimage.label(self.masks[kind])
        return labels, int(count)

    @property
    def count(self) -> int:
        """How many objects there are."""
        return sum(self.components(kind)[1] for kind in range(len(KINDS)))


def make_mosaic(
    path: Path,
    *,
    size: tuple[int, int],
    objects: int,
    seams: Sequence[int] = (),
    long: int = 0,
    transform: Transform = NORTH_UP,
    crs: object = UTM,
    seed: int = 0,
) -> Mosaic:
    """Draws objects that never touch one of their own kind: blocks, rings (with a hole), diagonals and stairs.

    Args:
        path: Where to write the GeoTIFF.
        size: (height, width) in pixels.
        objects: How many small ones there are, of all kinds together.
        seams: Rows and columns on which, and on whose crossings, half of the objects are put.
        long: How many long objects run across, as roads do.
        transform: Of the raster.
        crs: Of the raster.
        seed: Of the places.
    """
    rng = np.random.default_rng(seed)
    height, width = size
    masks = np.zeros((len(KINDS), height, width), dtype=bool)
    taken = np.zeros((len(KINDS), height, width), dtype=bool)  # objects with a rim of one pixel
    for number in range(long):
        kind, row = number % len(KINDS), int((number + 0.5) * height / long)
        rows = row + (4 * np.sin(np.arange(width) / 23)).astype(int)
        for offset in range(3):
            masks[kind, np.clip(rows + offset, 0, height - 1), np.arange(width)] = True
        taken[kind] |= ndimage.binary_dilation(masks[kind], np.ones((3, 3)))
    placed = 0
    while placed < objects:
        shape = _shape(rng)
        h, w = shape.shape
        row, column = int(rng.integers(0, height - h)), int(rng.integers(0, width - w))
        if seams and rng.random() < 0.5:
            row = min(height - h, max(0, int(rng.choice(seams)) - h // 2))
            if rng.random() < 0.5:  # on a crossing of seams, else on one
                column = min(width - w, max(0, int(rng.choice(seams)) - w // 2))
        kind = int(rng.integers(len(KINDS)))
        rim = np.s_[max(0, row - 1) : row + h + 1, max(0, column - 1) : column + w + 1]
        if taken[kind][rim].any():
            if rng.random() < 0.5:
                continue
            kind = (kind + 1) % len(KINDS)
            if taken[kind][rim].any():
                continue
        masks[kind, row : row + h, column : column + w] |= shape
        taken[kind][rim] = True
        placed += 1
    write_raster(
        path, pixels=masks.astype(np.uint8) * 255, transform=transform, crs=crs, tiled=True, compress="deflate"
    )
    return Mosaic(path, masks)


def _shape(rng: np.random.Generator) -> np.ndarray:
    """A 4-connected mask of at least 16 pixels."""
    side = int(rng.integers(6, 14))
    kind = rng.integers(4)
    shape = np.zeros((side, side), dtype=bool)
    if kind == 0:
        return np.ones((side, int(rng.integers(4, 14))), dtype=bool)
    if kind == 1:  # a ring
        shape[:] = True
        shape[2:-2, 2:-2] = False
    elif kind == 2:  # stairs
        for step in range(side):
            shape[step, step : step + 3] = True
    else:  # a C that closes diagonally: its hole touches the outside at a corner
        shape[:] = True
        shape[1:-1, 1:-1] = False
        shape[side - 1, side - 1] = False
    return shape


class KnownSegmenter:
    """Answers "red", "green" and "blue" by the bands of the image: the ideal segmenter of a mosaic.

    Args:
        identity: What tells it from another one.
    """

    threshold = 0.5
    presence_threshold = 0.0

    def __init__(self, identity: str = "known") -> None:
        self.identity = identity
        self.calls = 0

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """The band that each sentence names, as probabilities."""
        self.calls += 1
        bands = [next(index for index, kind in enumerate(KINDS) if kind in text) for text in expressions]
        return np.moveaxis(image[:, :, bands], 2, 0).astype(np.float32) / 255
