"""Masks to polygons along the edges of pixels, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def pixel_polygons(labels: np.ndarray, left: int, top: int) -> dict[int, Any]:
    """The outlines of labelled regions along the edges of their pixels, holes kept.

    Args:
        labels: (h, w) int32, 0 outside; each region 4-connected.
        left: Column of the grid where it begins.
        top: Row of the grid where it begins.

    Returns:
        For each label a valid shapely Polygon in pixels of the grid, without points in the middle of straight edges;
        the same region always has the same points in the same order.

    Example:
        >>> pixel_polygons(np.array([[0, 7, 7]], dtype=np.int32), 10, 20)
        {7: <POLYGON ((11 20, 11 21, 13 21, 13 20, 11 20))>}
    """
    import shapely
    from rasterio import Affine
    from rasterio.features import shapes

    found: dict[int, list[Any]] = {}
    for geometry, label in shapes(labels, mask=labels > 0, connectivity=4, transform=Affine.translation(left, top)):
        found.setdefault(int(label), []).append(geometry["coordinates"])
    # One call for all polygons: they are many and small.
    rings = [ring for parts in found.values() for part in parts for ring in part]
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    lines = shapely.linearrings(np.array([point for ring in rings for point in ring]).reshape(-1, 2), indices=owners)
    polygons, at = [], 0
    for parts in found.values():
        own = []
        for part in parts:
            own.append(shapely.Polygon(lines[at], lines[at + 1 : at + len(part)]) if len(part) > 1 else lines[at])
            at += len(part)
        polygons.append(own[0] if len(own) == 1 else shapely.union_all([shapely.Polygon(one) for one in own]))
    whole = np.array(polygons, dtype=object)
    plain = shapely.get_type_id(whole) == shapely.GeometryType.LINEARRING
    whole[plain] = shapely.polygons(whole[plain])
    return dict(zip(found, canonical(whole), strict=True))


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
