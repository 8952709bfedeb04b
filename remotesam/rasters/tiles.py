"""The tiles that cover a grid, how their answers are weighted where they overlap, and the units they are asked in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from remotesam.data.sources.windows import Window, cover
from remotesam.rasters.errors import RasterError


@dataclass(frozen=True)
class Tiling:
    """Square tiles over a grid, row by row; the last of a row or column is moved back to end with the grid.

    Attributes:
        width: Of the grid, in pixels.
        height: Of the grid, in pixels.
        size: Side of a tile in pixels.
        overlap: How many pixels neighbours share at least.
        batch: How many tiles make a unit, which is asked and stored as one.
    """

    width: int
    height: int
    size: int
    overlap: int
    batch: int = 4

    def __post_init__(self) -> None:
        if self.size < 1 or not 0 <= self.overlap <= self.size // 2:
            raise RasterError(
                f"tile_size is {self.size} and overlap {self.overlap}; give an overlap from 0 to half a tile, in pixels"
            )
        if self.batch < 1:
            raise RasterError(f"batch is {self.batch}; give a number of tiles, at least 1")

    def __reduce__(self) -> tuple[type[Tiling], tuple[int, ...]]:
        return Tiling, (self.width, self.height, self.size, self.overlap, self.batch)  # without what can be computed

    @cached_property
    def tiles(self) -> list[Window]:
        """(left, top, width, height) of each tile."""
        return cover(self.height, self.width, size=self.size, overlap=self.overlap)

    @cached_property
    def lefts(self) -> list[int]:
        """Where the columns of tiles begin."""
        return sorted({left for left, *_ in self.tiles})

    @cached_property
    def tops(self) -> list[int]:
        """Where the rows of tiles begin."""
        return sorted({top for _, top, *_ in self.tiles})

    @property
    def units(self) -> int:
        """How many units there are."""
        return -(-len(self.tiles) // self.batch)

    def unit(self, number: int) -> range:
        """The tiles of a unit."""
        return range(number * self.batch, min((number + 1) * self.batch, len(self.tiles)))

    def touching(self, left: int, top: int, width: int, height: int) -> list[int]:
        """The tiles that share a pixel with a window, in order."""
        side_x, side_y = min(self.size, self.width), min(self.size, self.height)
        columns = range(bisect_right(self.lefts, left - side_x), bisect_left(self.lefts, left + width))
        rows = range(bisect_right(self.tops, top - side_y), bisect_left(self.tops, top + height))
        return [row * len(self.lefts) + column for row in rows for column in columns]

    def shares(self, tile: int) -> tuple[np.ndarray, np.ndarray]:
        """How much the rows and the columns of a tile count where tiles overlap, float32 in (0, 1].

        From the edge of a tile its weight rises as sin² over the overlap; divided by the sum over all tiles, the shares
        of all tiles of a pixel (a pixel's is the product of its row's and its column's) add up to 1, and no edge shows.
        """
        row, column = divmod(tile, len(self.lefts))
        return self._row_shares[row], self._column_shares[column]

    @cached_property
    def _row_shares(self) -> list[np.ndarray]:
        return _shares(self.tops, self.height, min(self.size, self.height), self.overlap)

    @cached_property
    def _column_shares(self) -> list[np.ndarray]:
        return _shares(self.lefts, self.width, min(self.size, self.width), self.overlap)


def _shares(starts: list[int], length: int, side: int, overlap: int) -> list[np.ndarray]:
    rise = _rise(side, overlap)
    total = np.zeros(length)
    for start in starts:
        total[start : start + side] += rise
    return [(rise / total[start : start + side]).astype(np.float32) for start in starts]


def _rise(length: int, overlap: int) -> np.ndarray:
    position = np.arange(length) + 0.5
    distance = np.minimum(position, length - position)
    if overlap == 0:
        return np.ones(length)
    return np.asarray(np.sin(np.pi / 2 * np.minimum(distance / overlap, 1)) ** 2)
