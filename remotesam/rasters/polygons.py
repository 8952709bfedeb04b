"""Masks to polygons along the edges of pixels, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def pixel_polygon(mask: np.ndarray, left: int, top: int) -> Any:
    """The outline of a mask along the edges of its pixels, holes kept.

    Args:
        mask: (h, w) bool with at least one pixel.
        left: Column of the grid where it begins.
        top: Row of the grid where it begins.

    Returns:
        A valid shapely Polygon (MultiPolygon where the mask is not 4-connected) in pixels of the grid, without points
        in the middle of straight edges; the same shape always has the same points in the same order.
    """
    import shapely
    from rasterio import Affine
    from rasterio.features import shapes

    found = shapes(mask.view(np.uint8), mask=mask, connectivity=4, transform=Affine.translation(left, top))
    polygons = [shapely.Polygon(geometry["coordinates"][0], geometry["coordinates"][1:]) for geometry, _ in found]
    return canonical(polygons[0] if len(polygons) == 1 else shapely.union_all(polygons))


def joined(parts: Sequence[Any]) -> Any:
    """The union of outlines that touch along edges of pixels, as ``pixel_polygon`` would give it for all at once."""
    import shapely

    # Without a tolerance only points on straight edges go, which the seams between parts left behind.
    return canonical(shapely.simplify(shapely.union_all(list(parts)), 0))


def canonical(polygon: Any) -> Any:
    """A valid polygon with rings and points in one order, exteriors anticlockwise (RFC 7946) with y upwards."""
    import shapely

    if not shapely.is_valid(polygon):
        polygon = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    return shapely.normalize(polygon)


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
