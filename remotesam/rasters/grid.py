"""The grid of pixels that is worked on: a part of a raster, at its own or another ground sampling distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from remotesam.rasters.errors import RasterError

if TYPE_CHECKING:
    from rasterio import Affine
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

_MOST_SCALING = 64.0  # beyond that the wanted resolution is a mistake in the unit


@dataclass(frozen=True)
class Grid:
    """A rectangle of pixels over a raster.

    Attributes:
        width: In grid pixels.
        height: In grid pixels.
        left: Column of the raster where it begins.
        top: Row of the raster where it begins.
        step_x: Raster pixels in a grid pixel, across; 1 where nothing is resampled.
        step_y: The same, down.
        coefficients: a, b, c, d, e, f: x = a * column + b * row + c and y = d * column + e * row + f, of grid pixels.
        crs: Of x and y, as WKT; None where the raster has none.
    """

    width: int
    height: int
    left: int
    top: int
    step_x: float
    step_y: float
    coefficients: tuple[float, float, float, float, float, float]
    crs: str | None

    @property
    def transform(self) -> Affine:
        """From grid pixels (column, row) to coordinates."""
        from rasterio import Affine

        return Affine(*self.coefficients)

    @property
    def resampled(self) -> bool:
        """Whether grid pixels are other than the raster's."""
        return (self.step_x, self.step_y) != (1.0, 1.0)

    def source_window(self, left: int, top: int, width: int, height: int) -> Window:
        """The part of the raster under a window of the grid, in raster pixels."""
        from rasterio.windows import Window

        if not self.resampled:
            return Window(self.left + left, self.top + top, width, height)
        return Window(
            self.left + left * self.step_x, self.top + top * self.step_y, width * self.step_x, height * self.step_y
        )


def make_grid(
    dataset: DatasetReader, *, window: tuple[int, int, int, int] | None = None, gsd: float | None = None
) -> Grid:
    """Lays a grid over a raster or a window of it.

    Args:
        dataset: The raster.
        window: (left, top, width, height) in its pixels; the whole if None.
        gsd: The wanted side of a pixel on the ground in metres; the raster's own if None.

    Returns:
        The grid. Resampled, it covers the window exactly, so that its pixels may differ from ``gsd`` by less than one
        part in its width or height.

    Raises:
        RasterError: ``gsd`` is no length that fits the raster, or the raster has no CRS to tell lengths by.
    """
    left, top, width, height = window or (0, 0, dataset.width, dataset.height)
    columns, rows = width, height
    if gsd is not None:
        if not (gsd > 0 and math.isfinite(gsd)):
            raise RasterError(f"gsd is {gsd}; give the side of a pixel on the ground in metres, above 0")
        own = ground_sampling_distance(dataset)
        if own is None:
            raise RasterError(
                f"{dataset.name}: has no CRS or no transform, so the size of its pixels on the ground is unknown; "
                "leave --gsd out"
            )
        if not 1 / _MOST_SCALING <= gsd / own[0] <= _MOST_SCALING:
            raise RasterError(
                f"{dataset.name}: its pixels are {own[0]:.3g} m wide and gsd asks for {gsd:g} m; give one within "
                f"{_MOST_SCALING:g} times of that, in metres"
            )
        columns, rows = max(1, round(width * own[0] / gsd)), max(1, round(height * own[1] / gsd))
    step_x, step_y = width / columns, height / rows
    a, b, c, d, e, f = dataset.transform[:6]
    corner = (a * left + b * top + c, d * left + e * top + f)
    coefficients = (a * step_x, b * step_y, corner[0], d * step_x, e * step_y, corner[1])
    crs = dataset.crs.to_wkt() if dataset.crs else None
    return Grid(columns, rows, left, top, step_x, step_y, coefficients, crs)


def ground_sampling_distance(dataset: DatasetReader) -> tuple[float, float] | None:
    """The width and height of the pixel in the middle of a raster on the ground, in metres along geodesics.

    Web Mercator's pixels, for one, are smaller on the ground than their coordinates say.

    Returns:
        (width, height), or None where the raster has no CRS or its transform is the identity.
    """
    if not dataset.crs or dataset.transform.is_identity:
        return None
    import pyproj

    crs = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    geodetic = crs.geodetic_crs
    geod = geodetic.get_geod() if geodetic else None
    if geodetic is None or geod is None:
        return None
    to_degrees = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
    column, row = dataset.width / 2, dataset.height / 2
    a, b, c, d, e, f = dataset.transform[:6]
    columns, rows = np.array([column, column + 1, column]), np.array([row, row, row + 1])
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    longitude, latitude = to_degrees.transform(x, y)
    across = geod.inv(longitude[0], latitude[0], longitude[1], latitude[1])[2]
    down = geod.inv(longitude[0], latitude[0], longitude[2], latitude[2])[2]
    return (across, down) if across > 0 and down > 0 and math.isfinite(across + down) else None
