"""From a connected component of the blended map to its objects, in grid pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remotesam.rasters.polygons import pixel_polygons
from remotesam.rasters.tile_store import LEVELS, NO_DATA, TileStore
from remotesam.tasks.objects import ObjectRules, component_pieces


@dataclass(frozen=True)
class RasterObject:
    """One object.

    Attributes:
        sentence: The number of the sentence that names it, from 0.
        row: Of its first pixel, row by row.
        column: Of its first pixel.
        pixels: How many it has.
        score: The mean probability of its pixels, in [0, 1].
        tiles: How many tiles with data its pixels lie in.
        polygon: Its outline along the edges of pixels, in pixels of the grid; None before it was drawn.
    """

    sentence: int
    row: int
    column: int
    pixels: int
    score: float
    tiles: int
    polygon: Any = None


@dataclass(frozen=True)
class Gate:
    """Which objects there are, by the presence scores of the tiles in which they lie.

    An object is there where its highest probability is above the presence threshold and where, of the tiles that hold
    some of its pixels, the map of at least one passes the gate (``remotesam.presence.presence_score``). It stands or
    falls as a whole, so no seam shows; on a raster of one tile this is the gate of ``remotesam.tasks``.

    Attributes:
        store: The answers.
        thresholds: The presence threshold of each sentence, in [0, 1].
    """

    store: TileStore
    thresholds: Sequence[float]

    def tiles_of(self, mask: np.ndarray, left: int, top: int) -> list[int]:
        """The tiles with data that hold at least one pixel of a mask whose corner is given."""
        height, width = mask.shape
        tiles = self.store.tiling.touching(left, top, width, height)
        return [tile for tile in tiles if self._holds(tile, mask, left, top)]

    def passes(self, sentence: int, highest: int, tiles: Sequence[int]) -> bool:
        """Whether an object is there.

        Args:
            sentence: The number of its sentence.
            highest: Its highest probability, in 254ths.
            tiles: The tiles that hold some of it.
        """
        threshold = self.thresholds[sentence]
        if highest / LEVELS <= threshold:
            return False
        return any(self.store.entry(tile)["presence"][sentence] > threshold for tile in tiles)

    def may_pass(self, sentence: int, highest: int, mask: np.ndarray, left: int, top: int) -> bool:
        """Whether an object that is part of a mask whose corner is given can be there."""
        if highest / LEVELS <= self.thresholds[sentence]:
            return False
        return self.passes(sentence, highest, self.tiles_of(mask, left, top))

    def _holds(self, tile: int, mask: np.ndarray, left: int, top: int) -> bool:
        if self.store.entry(tile)["status"] not in ("whole", "partial"):
            return False
        x, y, width, height = self.store.tiling.tiles[tile]
        part = mask[max(0, y - top) : max(0, y + height - top), max(0, x - left) : max(0, x + width - left)]
        return bool(part.any())


def objects_of(
    component: np.ndarray,
    values: np.ndarray,
    contour: np.ndarray | None,
    *,
    sentence: int,
    left: int,
    top: int,
    rules: ObjectRules,
    gate: Gate,
) -> Iterator[tuple[RasterObject, np.ndarray, int, int]]:
    """Parts a component along contours and keeps what is there.

    Args:
        component: (h, w) bool, 4-connected.
        values: (h, w) uint8, its probabilities in 254ths.
        contour: (h, w) uint8 likewise (255 where there is no data), or None: then the component is one object.
        sentence: The number of its sentence.
        left: Column of the grid where the crop begins.
        top: Row of the grid where the crop begins.
        rules: What counts as one object.
        gate: Which objects there are.

    Yields:
        The objects that are large and sure enough, by their first pixel: each without its outline, its mask (h, w) bool
        and the left and top of that in the grid.
    """
    # No part has what the whole has not; and parting takes time.
    inside = values[component]
    if inside.size < rules.min_area or not gate.may_pass(sentence, int(inside.max()), component, left, top):
        return
    outline = None if contour is None else np.where(contour == NO_DATA, 0, contour).astype(np.float32) / LEVELS
    for piece, x, y in component_pieces(component, outline, rules):
        height, width = piece.shape
        inside = values[y : y + height, x : x + width][piece]
        if inside.size < rules.min_area:
            continue
        tiles = gate.tiles_of(piece, left + x, top + y)
        if not gate.passes(sentence, int(inside.max()), tiles):
            continue
        one = RasterObject(
            sentence=sentence,
            row=top + y,
            column=left + x + int(np.argmax(piece[0])),
            pixels=inside.size,
            score=int(inside.sum(dtype=np.int64)) / (inside.size * LEVELS),
            tiles=len(tiles),
        )
        yield one, piece, left + x, top + y


def drawn(objects: Iterable[tuple[RasterObject, np.ndarray, int, int]]) -> list[RasterObject]:
    """Objects of ``objects_of`` with their outlines."""
    found = list(objects)
    outlines = pixel_polygons([mask for _, mask, _, _ in found], [(left, top) for _, _, left, top in found])
    return [replace(one, polygon=polygon) for (one, _, _, _), polygon in zip(found, outlines, strict=True)]
