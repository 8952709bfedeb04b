"""Any window of the seamless map, blended from the tiles that touch it; so memory depends on the window alone."""

from __future__ import annotations

import numpy as np

from remotesam.rasters.tile_store import NO_DATA, TileStore

_STRIP = 512


def blended(store: TileStore, layer: int, left: int, top: int, width: int, height: int) -> np.ndarray:
    """The weighted mean of all tiles over a window, the same whatever the window and the order of the answers.

    A pixel that is without data in one tile counts as such there only: where a tile failed, its neighbours answer as
    far as they reach.

    Args:
        store: The answers.
        layer: Which layer: the number of a sentence, or the contour map after them.
        left: Column of the grid.
        top: Row of the grid.
        width: In pixels.
        height: In pixels.

    Returns:
        (height, width) uint8: probabilities in 254ths, 255 where no tile has data.
    """
    values = np.empty((height, width), dtype=np.uint8)
    for start in range(0, height, _STRIP):  # sums take eight times the memory of what comes out
        rows = min(_STRIP, height - start)
        values[start : start + rows] = _strip(store, layer, left, top + start, width, rows)
    return values


def _strip(store: TileStore, layer: int, left: int, top: int, width: int, height: int) -> np.ndarray:
    sums = np.zeros((height, width), dtype=np.float32)
    part = np.empty((height, width), dtype=np.float32)
    lacking: list[tuple[tuple[slice, slice], np.ndarray]] = []
    for tile in store.tiling.touching(left, top, width, height):
        status = store.entry(tile)["status"]
        x, y, w, h = store.tiling.tiles[tile]
        x0, x1 = max(left, x), min(left + width, x + w)
        y0, y1 = max(top, y), min(top + height, y + h)
        here = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        down, across = store.tiling.shares(tile)
        down, across = down[y0 - y : y1 - y, None], across[None, x0 - x : x1 - x]
        if status in ("empty", "failed"):
            lacking.append((here, down * across))
            continue
        values = store.layer(tile, layer)[y0 - y : y1 - y, x0 - x : x1 - x]
        product = part[: y1 - y0, : x1 - x0]
        np.multiply(values, across, out=product)
        product *= down
        if status == "partial":
            missing = values == NO_DATA
            product[missing] = 0
            lacking.append((here, missing * (down * across)))
        sums[here] += product
    if not lacking:
        return np.rint(sums, out=sums).astype(np.uint8)
    absent = np.zeros((height, width), dtype=np.float32)
    for here, weight in lacking:
        absent[here] += weight
    known = absent < 1 - 1e-5
    np.divide(sums, 1 - absent, out=sums, where=known & (absent > 0))
    return np.where(known, np.rint(sums), NO_DATA).astype(np.uint8)
