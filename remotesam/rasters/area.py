"""The part of a raster that is asked about: a box of coordinates, the polygons of a vector file, or both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.rasters.errors import RasterError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

    from remotesam.rasters.grid import Grid

_DENSE = 32  # points along each side of a box that is reprojected


@dataclass(frozen=True)
class Area:
    """Polygons over pixels.

    Attributes:
        wkb: The polygons as WKB, in pixels (column, row) from the corner of the raster or grid.
        window: (left, top, width, height) of whole pixels around them, cut to the raster.
    """

    wkb: bytes
    window: tuple[int, int, int, int]

    def on_grid(self, grid: Grid) -> Area:
        """The same area in pixels of a grid."""
        import shapely

        def move(points: np.ndarray) -> np.ndarray:
            return (points - (grid.left, grid.top)) / (grid.step_x, grid.step_y)

        polygons = shapely.transform(shapely.from_wkb(self.wkb), move)
        return Area(shapely.to_wkb(polygons), (0, 0, grid.width, grid.height))

    def mask(self, left: int, top: int, width: int, height: int) -> np.ndarray:
        """Which pixels of a window have their centre in the area: (height, width) bool."""
        import shapely
        from rasterio import Affine
        from rasterio.features import rasterize

        part = shapely.clip_by_rect(shapely.from_wkb(self.wkb), left - 1, top - 1, left + width + 1, top + height + 1)
        if shapely.is_empty(part):
            return np.zeros((height, width), dtype=bool)
        burnt = rasterize([part], out_shape=(height, width), transform=Affine.translation(left, top), dtype=np.uint8)
        return burnt.astype(bool)


def find_area(
    dataset: DatasetReader,
    *,
    bbox: tuple[float, float, float, float] | None = None,
    bbox_crs: str | None = None,
    aoi: str | None = None,
) -> Area | None:
    """Brings a box and polygons to the pixels of a raster.

    Args:
        dataset: The raster.
        bbox: (left, bottom, right, top) in coordinates.
        bbox_crs: Their CRS, as "EPSG:4326"; the raster's if None.
        aoi: A vector file of polygons, in any CRS.

    Returns:
        Where both lie, None where neither is given.

    Raises:
        RasterError: A box or file makes no sense or lies beside the raster, or a CRS cannot be brought to the raster's.
    """
    import shapely

    parts = []
    if bbox is not None:
        left, bottom, right, top = bbox
        if not (left < right and bottom < top and all(map(math.isfinite, bbox))):
            raise RasterError(f"bbox is {bbox}; give left, bottom, right and top, left and bottom the smaller ones")
        box = shapely.segmentize(shapely.box(*bbox), max(right - left, top - bottom) / _DENSE)
        parts.append(("bbox", shapely.transform(box, _to_raster(dataset, bbox_crs, "bbox_crs"))))
    if aoi is not None:
        parts.append((aoi, _polygons(dataset, aoi)))
    if not parts:
        return None
    inverse = ~dataset.transform
    frame = shapely.box(0, 0, dataset.width, dataset.height)
    area: Any = frame
    for name, polygons in parts:
        area = shapely.intersection(area, shapely.transform(polygons, lambda points: _applied(inverse, points)))
        if not shapely.area(area) > 0:
            raise RasterError(f"{name}: lies beside {dataset.name}, which covers {_extent(dataset)}; check its CRS")
    left, top, right, bottom = shapely.bounds(area).tolist()
    # Coordinates that are meant to lie on the edge of a pixel miss it by rounding.
    columns = math.floor(left + 1e-6), math.ceil(right - 1e-6)
    rows = math.floor(top + 1e-6), math.ceil(bottom - 1e-6)
    window = (columns[0], rows[0], max(1, columns[1] - columns[0]), max(1, rows[1] - rows[0]))
    return Area(shapely.to_wkb(area), window)


def _extent(dataset: DatasetReader) -> str:
    bounds = ", ".join(f"{value:.8g}" for value in dataset.bounds)
    return f"{bounds} in {dataset.crs.to_string()[:40] if dataset.crs else 'no CRS'}"


def _applied(transform: Any, points: np.ndarray) -> np.ndarray:
    columns, rows = points.T
    a, b, c, d, e, f = transform[:6]
    return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=1)


def _to_raster(dataset: DatasetReader, crs: Any, name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Brings (n, 2) coordinates of a CRS to the raster's."""
    if crs is None:
        return lambda points: points
    import pyproj
    from pyproj.exceptions import CRSError

    if not dataset.crs:
        raise RasterError(f"{dataset.name}: has no CRS, so nothing can be brought to it; leave {name} out")
    try:
        transformer = pyproj.Transformer.from_crs(crs, dataset.crs.to_wkt(), always_xy=True)
    except CRSError as error:
        raise RasterError(f"{name} is {crs!r}, which is no CRS ({error}); give one as 'EPSG:4326'") from error
    return lambda points: np.stack(transformer.transform(*points.T), axis=1)


def _polygons(dataset: DatasetReader, path: str) -> Any:
    import geopandas
    import shapely

    try:
        frame = geopandas.read_file(path)
    except Exception as error:  # pyogrio's and GDAL's own errors have no common class
        raise RasterError(f"{path}: cannot be read as a vector file ({error})") from error
    shapes = [shape for shape in frame.geometry if shape is not None and shape.area > 0]
    if not shapes:
        raise RasterError(f"{path}: holds no polygons; give the outline of the area of interest")
    crs = frame.crs if dataset.crs else None  # without a CRS both are taken for the same space
    return shapely.transform(shapely.union_all(shapely.make_valid(shapes)), _to_raster(dataset, crs, path))
