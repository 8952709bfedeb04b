"""Any window of the seamless map, blended from the tiles that touch it; so memory depends on the window alone."""

from __future__ import annotations

import numpy as np

from remotesam.rasters.tile_store import NO_DATA, TileStore


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
    sums = np.zeros((height, width), dtype=np.float32)
    weights = np.zeros((height, width), dtype=np.float32)
    down, across = store.tiling.weights
    for tile in store.tiling.touching(left, top, width, height):
        status = store.entry(tile)["status"]
        if status in ("empty", "failed"):
            continue
        x, y, w, h = store.tiling.tiles[tile]
        x0, x1 = max(left, x), min(left + width, x + w)
        y0, y1 = max(top, y), min(top + height, y + h)
        values = store.layer(tile, layer)[y0 - y : y1 - y, x0 - x : x1 - x]
        weight = np.multiply.outer(down[y0 - y : y1 - y], across[x0 - x : x1 - x])
        if status == "partial":
            weight *= values != NO_DATA
        here = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        weights[here] += weight
        weight *= values
        sums[here] += weight
    known = weights > 0
    np.divide(sums, weights, out=sums, where=known)
    np.rint(sums, out=sums)
    return np.where(known, sums, NO_DATA).astype(np.uint8)
