"""From outlines along pixel edges to outlines on the map: placed, simplified, regularised, brought to a CRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from remotesam.rasters.errors import RasterError
from remotesam.rasters.grid import Grid
from remotesam.rasters.orthogonal import squared

Regularize = Literal["none", "rectangle", "orthogonal"]


@dataclass(frozen=True, kw_only=True)
class OutlineOptions:
    """How outlines are drawn.

    Attributes:
        simplify: Points that move the outline by less than this go (Douglas and Peucker, topology kept), in units of
            the raster's CRS; 0 keeps the edges of pixels.
        regularize: "rectangle" puts the rectangle of least area around each object, "orthogonal" gives buildings right
            angles along their main direction; "none" leaves outlines as they are.
        to_crs: Bring them to this CRS, as "EPSG:4326"; None keeps the raster's.
    """

    simplify: float = 0.0
    regularize: Regularize = "none"
    to_crs: str | None = None

    def __post_init__(self) -> None:
        if not (self.simplify >= 0 and np.isfinite(self.simplify)):
            raise RasterError(f"simplify is {self.simplify}; give a tolerance in map units, at least 0")
        if self.regularize not in ("none", "rectangle", "orthogonal"):
            raise RasterError(f"regularize is {self.regularize!r}; use 'none', 'rectangle' or 'orthogonal'")


class Outliner:
    """Brings outlines from grid pixels to the map.

    Args:
        grid: The pixels they are in.
        options: How they are drawn.

    Raises:
        RasterError: There is a target CRS, but the raster has none, or the target is no CRS.
    """

    def __init__(self, grid: Grid, options: OutlineOptions) -> None:
        self._grid, self._options = grid, options
        self._reproject: Any = None
        self.crs = grid.crs
        if options.to_crs is not None:
            self._reproject, self.crs = transformer_to(grid.crs, options.to_crs)

    def __call__(self, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draws outlines.

        Args:
            polygons: (n,) objects, shapely polygons in grid pixels.

        Returns:
            (n,) objects: valid polygons in the raster's CRS, and the same in the CRS that was asked for.
        """
        import shapely

        a, b, c, d, e, f = self._grid.coefficients
        placed = shapely.transform(polygons, lambda p: np.stack([p @ (a, b) + c, p @ (d, e) + f], axis=1))
        if self._options.simplify:
            placed = _sound(shapely.simplify(placed, self._options.simplify, preserve_topology=True), placed)
        if self._options.regularize == "rectangle":
            placed = _sound(shapely.minimum_rotated_rectangle(placed), placed)
        elif self._options.regularize == "orthogonal":
            tolerance = self._options.simplify or 0.75 * float(np.hypot(a, d))  # what the steps of pixels need
            placed = np.array([squared(polygon, tolerance) for polygon in placed], dtype=object)
        placed = shapely.normalize(placed)
        if self._reproject is None:
            return placed, placed
        moved = shapely.transform(placed, lambda p: np.stack(self._reproject.transform(*p.T), axis=1))
        for index in np.flatnonzero(~shapely.is_valid(moved)):  # as at the edge of a projection
            parts = shapely.get_parts(shapely.make_valid(moved[index], method="structure", keep_collapsed=False))
            moved[index] = max(parts, key=shapely.area, default=shapely.Polygon())
        return placed, moved


def transformer_to(crs: str | None, target: str) -> tuple[Any, str]:
    """A pyproj Transformer from a CRS (WKT) to another, and that as WKT.

    Raises:
        RasterError: There is no CRS to begin with, or the target is none.
    """
    import pyproj
    from pyproj.exceptions import CRSError

    if crs is None:
        raise RasterError("the raster has no CRS, so nothing can be brought to another; leave --to-crs out")
    try:
        wanted = pyproj.CRS.from_user_input(target)
    except CRSError as error:
        raise RasterError(f"to_crs is {target!r}, which is no CRS; give one as 'EPSG:4326'") from error
    return pyproj.Transformer.from_crs(crs, wanted, always_xy=True), wanted.to_wkt()


def _sound(changed: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The changed outlines, but as before where nothing valid with an area is left."""
    import shapely

    return np.where(shapely.is_valid(changed) & (shapely.area(changed) > 0), changed, before)
