"""Masks to polygons along the edges of pixels, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_ATLAS_WIDTH, _ATLAS_PIXELS = 1024, 2**22


def pixel_polygons(masks: Sequence[np.ndarray], corners: Sequence[tuple[int, int]]) -> list[Any]:
    """The outlines of masks along the edges of their pixels, holes kept.

    Args:
        masks: (h, w) bool each, 4-connected, with at least one pixel.
        corners: (left, top) of each in the grid.

    Returns:
        For each a valid shapely Polygon in pixels of the grid, without points in the middle of straight edges; the same
        shape always has the same points in the same order.

    Example:
        >>> pixel_polygons([np.array([[True, True]])], [(10, 20)])
        [<POLYGON ((10 20, 10 21, 12 21, 12 20, 10 20))>]
    """
    outlines: list[Any] = []
    start, pixels = 0, 0
    for index, mask in enumerate(masks):
        if index > start and pixels + mask.size > _ATLAS_PIXELS:
            outlines += _outlined(masks[start:index], corners[start:index])
            start, pixels = index, 0
        pixels += mask.size
    return outlines + (_outlined(masks[start:], corners[start:]) if masks else [])


def _outlined(masks: Sequence[np.ndarray], corners: Sequence[tuple[int, int]]) -> list[Any]:
    """Outlines of masks that are put side by side into one picture: a call for each would take longer."""
    import shapely
    from rasterio.features import shapes

    places, (height, width) = _packed(masks)
    atlas = np.zeros((height, width), dtype=np.int32)
    for number, (mask, (x, y)) in enumerate(zip(masks, places, strict=True), start=1):
        atlas[y : y + mask.shape[0], x : x + mask.shape[1]][mask] = number
    rings: list[list[tuple[float, float]]] = []
    first: list[tuple[int, int, int]] = []  # mask, its exterior among the rings, and the end of its holes
    for geometry, number in shapes(atlas, mask=atlas > 0, connectivity=4):
        first.append((int(number) - 1, len(rings), len(rings) + len(geometry["coordinates"])))
        rings += geometry["coordinates"]
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    moves = np.subtract(corners, places)
    by_ring = np.repeat([number for number, _, _ in first], [end - start for _, start, end in first])
    points = np.concatenate([np.array(ring) for ring in rings]) + moves[by_ring][owners]
    lines = shapely.linearrings(points, indices=owners)
    whole = shapely.polygons(lines[[start for _, start, _ in first]])
    for index, (_, start, end) in enumerate(first):
        if end - start > 1:
            whole[index] = shapely.Polygon(lines[start], lines[start + 1 : end])
    outlines: list[list[Any]] = [[] for _ in masks]
    for (number, _, _), polygon in zip(first, canonical(whole), strict=True):
        outlines[number].append(polygon)
    return [own[0] if len(own) == 1 else joined(own) for own in outlines]


def _packed(masks: Sequence[np.ndarray]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """(left, top) of each mask in a picture that holds them in rows, and its (height, width)."""
    width = max(_ATLAS_WIDTH, *(mask.shape[1] for mask in masks))
    places = []
    x = y = deepest = 0
    for mask in masks:
        if x + mask.shape[1] > width:
            x, y, deepest = 0, y + deepest, 0
        places.append((x, y))
        x, deepest = x + mask.shape[1], max(deepest, mask.shape[0])
    return places, (y + deepest, width)


def joined(parts: Sequence[Any]) -> Any:
    """The union of outlines that touch along edges of pixels, as ``pixel_polygon`` would give it for all at once."""
    import shapely

    # Without a tolerance only points on straight edges go, which the seams between parts left behind.
    return canonical(np.array([shapely.simplify(shapely.union_all(list(parts)), 0)]))[0]


def canonical(polygons: np.ndarray) -> np.ndarray:
    """Valid polygons with rings and points in one order."""
    import shapely

    broken = ~shapely.is_valid(polygons)
    polygons[broken] = shapely.make_valid(polygons[broken], method="structure", keep_collapsed=False)
    return shapely.normalize(polygons)


def burn(polygons: Sequence[Any], values: Sequence[int], left: int, top: int, width: int, height: int) -> np.ndarray:
    """The pixels of a window under polygons along pixel edges: (height, width) uint32 of the values, 0 elsewhere."""
    import shapely
    from rasterio import Affine
    from rasterio.features import rasterize

    out = np.zeros((height, width), dtype=np.uint32)
    clipped = shapely.clip_by_rect(np.asarray(polygons, dtype=object), left, top, left + width, top + height)
    pairs = [(shape, value) for shape, value in zip(clipped, values, strict=True) if shapely.area(shape) > 0]
    if pairs:
        rasterize(pairs, out=out, transform=Affine.translation(left, top), dtype=np.uint32)
    return out
