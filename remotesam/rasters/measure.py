"""Areas and perimeters of outlines in metres."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

Measure = Literal["geodesic", "projected"]
_LONGEST_METRES, _LONGEST_DEGREES = 1000.0, 0.01  # of a straight edge: beyond, it and the geodesic differ


class Measurer:
    """Measures polygons of one CRS.

    Args:
        crs: As WKT; None measures nothing.
        how: "geodesic" measures on the ellipsoid of the CRS, whatever its projection does to areas (Karney, 2013,
            through pyproj); "projected" in the plane of the CRS, in its unit brought to metres.

    Raises:
        ValueError: "projected" was asked of a CRS that is not.
    """

    def __init__(self, crs: str | None, how: Measure = "geodesic") -> None:
        if how not in ("geodesic", "projected"):
            raise ValueError(f"measure is {how!r}; use 'geodesic' or 'projected'")
        self._crs: Any = None
        self.how = how
        if crs is None:
            return
        import pyproj

        self._crs = pyproj.CRS.from_wkt(crs)
        if how == "projected":
            if not self._crs.is_projected:
                raise ValueError(f"measure is 'projected', but {self._crs.name} is not projected; use 'geodesic'")
            self._factor = self._crs.axis_info[0].unit_conversion_factor
            return
        geodetic = self._crs.geodetic_crs
        if geodetic is None:  # an engineering CRS has no place on the Earth
            self._crs = None
            return
        self._geod = geodetic.get_geod()
        self._to_degrees = pyproj.Transformer.from_crs(self._crs, geodetic, always_xy=True)
        unit = self._crs.axis_info[0].unit_conversion_factor
        self._longest = _LONGEST_DEGREES if self._crs.is_geographic else _LONGEST_METRES / unit

    @property
    def statement(self) -> str:
        """How it measures, in words."""
        if self._crs is None:
            return "not measured: there is no CRS"
        if self.how == "projected":
            return f"in the plane of {self._crs.name}"
        return f"geodesic, on the ellipsoid {self._crs.ellipsoid.name}"

    def __call__(self, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Measures.

        Args:
            polygons: (n,) objects, shapely polygons or multipolygons in the CRS.

        Returns:
            (n,) float64 areas in m² and perimeters in m, holes counted as such; NaN without a CRS.
        """
        import shapely

        if self._crs is None:
            return np.full(len(polygons), np.nan), np.full(len(polygons), np.nan)
        if self.how == "projected":
            return shapely.area(polygons) * self._factor**2, shapely.length(polygons) * self._factor
        dense = shapely.segmentize(polygons, self._longest)
        degrees = shapely.transform(dense, lambda points: np.stack(self._to_degrees.transform(*points.T), axis=1))
        areas, perimeters = np.zeros(len(polygons)), np.zeros(len(polygons))
        rings, owners = shapely.get_rings(degrees, return_index=True)
        exterior = _exteriors(degrees)
        for ring, owner, outer in zip(rings, owners, exterior, strict=True):
            longitude, latitude = shapely.get_coordinates(ring).T
            area, length = self._geod.polygon_area_perimeter(longitude, latitude)
            areas[owner] += abs(area) if outer else -abs(area)
            perimeters[owner] += length
        return areas, perimeters


def _exteriors(polygons: np.ndarray) -> list[bool]:
    """For every ring, in the order of ``shapely.get_rings``, whether it is an outer one."""
    import shapely

    holes = shapely.get_num_interior_rings(shapely.get_parts(polygons))
    return [first for count in holes.tolist() for first in (True, *[False] * count)]
