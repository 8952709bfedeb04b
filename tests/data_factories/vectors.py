"""Georeferenced rasters and vector layers of one's own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HEIGHT, WIDTH = 40, 60
UTM = "EPSG:32616"
Transform = Sequence[float]
"""a, b, c, d, e, f: x = a * column + b * row + c and y = d * column + e * row + f."""

NORTH_UP = (0.5, 0, 733601.0, 0, -0.5, 3725139.0)
TRANSFORMS = {
    "north up": NORTH_UP,
    "rotated": (0.433, -0.375, 733601.0, -0.25, -0.6495, 3725139.0),  # by 30 degrees, pixels higher than wide
    "south up": (0.5, 0, 733601.0, 0, 0.5, 3725139.0),
}


def write_raster(
    path: Path,
    *,
    transform: Transform = NORTH_UP,
    crs: Any = UTM,
    pixels: np.ndarray | None = None,
    **profile: Any,
) -> np.ndarray:
    """Writes a GeoTIFF of noise, (bands, height, width), or of the given pixels, and returns them."""
    import rasterio

    if pixels is None:
        pixels = np.random.default_rng(0).integers(1, 256, (3, HEIGHT, WIDTH), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    options = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": pixels.dtype}
    with rasterio.open(path, "w", **options, crs=crs, transform=rasterio.Affine(*transform), **profile) as file:
        file.write(pixels)
    return pixels


def to_world(transform: Transform, points: np.ndarray) -> np.ndarray:
    """Brings (n, 2) pixels to the coordinates of a raster."""
    a, b, c, d, e, f = transform[:6]
    x, y = points.T
    return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)


def write_layer(
    path: Path,
    geometries: Sequence[Any],
    columns: Mapping[str, Sequence[Any]],
    *,
    transform: Transform = NORTH_UP,
    crs: Any = UTM,
    written_crs: Any = "the same",
    layer: str | None = None,
) -> None:
    """Writes geometries that are drawn in pixels of a raster.

    Args:
        path: The file; its extension chooses the format.
        geometries: In pixels; None for a missing one.
        columns: Other columns.
        transform: That of the raster.
        crs: That of the raster.
        written_crs: The CRS to bring them to.
        layer: Name of the layer.
    """
    import geopandas
    import shapely

    world = [
        None if geometry is None else shapely.transform(geometry, lambda points: to_world(transform, points))
        for geometry in geometries
    ]
    frame = geopandas.GeoDataFrame(dict(columns), geometry=world, crs=crs)
    if not isinstance(written_crs, str) or written_crs != "the same":
        frame = frame.set_crs(None, allow_override=True) if written_crs is None else frame.to_crs(written_crs)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # that the CRS is missing, where it is meant to
        frame.to_file(path, engine="pyogrio", **({"layer": layer} if layer else {}))
