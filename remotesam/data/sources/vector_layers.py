"""Objects of vector layers, brought to the pixels of a raster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.data.sources.geo import Raster
from remotesam.data.sources.problems import Problems, SourceError

if TYPE_CHECKING:
    import geopandas
    import shapely

CLASS_COLUMNS = ("class", "class_name", "classname", "category", "label", "type", "kind")
"""Names of the column that tells the class, in any case, the first that is there."""


@dataclass(frozen=True)
class Feature:
    """One object of a layer.

    Attributes:
        id: Unique within its layer.
        category: Its class.
        geometry: Polygon or MultiPolygon, valid and with an area.
        attributes: Further columns.
    """

    id: str
    category: str
    geometry: shapely.Geometry
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Layer:
    """One layer of a vector file.

    Attributes:
        path: The file.
        name: The layer.
        crs: Its coordinate reference system, None where it has none.
        features: Its objects, in its own coordinates.
    """

    path: Path
    name: str
    crs: Any
    features: tuple[Feature, ...]


def read_layers(
    path: Path,
    problems: Problems,
    *,
    layer: str | None = None,
    class_column: str | None = None,
    category: str | None = None,
    attribute_columns: Sequence[str] = (),
) -> list[Layer]:
    """Reads the layers of a vector file.

    Args:
        path: GeoPackage, GeoJSON, Shapefile or FlatGeobuf.
        problems: Takes files that cannot be read, empty layers, and objects that cannot be used: without a class,
            geometry or area, lines and points, repeated ones; and notes crossing outlines, which are repaired.
        layer: Only this layer.
        class_column: The column that tells the class; found among :data:`CLASS_COLUMNS` if None.
        category: The class of all objects, in place of a column.
        attribute_columns: Columns to keep as attributes.

    Raises:
        SourceError: There is no such layer or column, or none that tells the class; or ``problems`` stops.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    # Rings that are not closed and the like come as missing geometries.
    options: dict[str, Any] = {"on_invalid": "ignore", "fid_as_index": True}
    try:
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
        chosen = [name for name, kind in listed if kind is not None and layer in (None, name)]
        frames = [(name, pyogrio.read_dataframe(path, layer=name, **options)) for name in chosen]
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        problems.add(path, "", f"the vector file cannot be read ({error})", "unreadable")
        return []
    if layer is not None and not chosen:
        names = ", ".join(repr(name) for name, _ in listed)
        raise SourceError(f"{path}: there is no layer {layer!r} with geometries; there are {names}")
    layers = []
    for name, frame in frames:
        if frame.empty:
            problems.add(path, f"layer {name}", "is empty", "missing")
            continue
        column = None if category is not None else _class_column(frame, path, class_column)
        unknown = [wanted for wanted in attribute_columns if wanted not in frame.columns]
        if unknown:
            raise SourceError(f"{path}, layer {name}: there is no column {unknown[0]!r}; there are {_columns(frame)}")
        classes = [category] * len(frame) if column is None else [_class_name(value) for value in frame[column]]
        attributes = [
            {wanted: str(value) for wanted, value in zip(attribute_columns, row, strict=True)}
            for row in frame[list(attribute_columns)].itertuples(index=False)
        ]
        features = _features(frame, classes, attributes, path, f"layer {name}", problems)
        layers.append(Layer(path, name, frame.crs, features))
    return layers


def pixel_features(layer: Layer, raster: Raster, problems: Problems) -> list[Feature] | None:
    """Brings the objects of a layer to the pixels of a raster, whatever the projection of the layer.

    Args:
        layer: The layer.
        raster: The raster.
        problems: Takes a CRS that is missing on one side only, and objects that the CRS of the raster cannot express.

    Returns:
        The objects that touch the raster, in the order of the layer; x runs to the right and y down, in pixels from
        the outer corner of the raster's first pixel. None where only one of the two has a CRS.

    Raises:
        SourceError: ``problems`` stops at the first.
    """
    import geopandas
    import shapely

    where = f"layer {layer.name}"
    if (layer.crs is None) != (raster.crs is None):
        lacking, other = (layer.path, raster.path) if layer.crs is None else (raster.path, layer.path)
        message = f"has no CRS, {other} has one: where they lie on each other cannot be told; assign it first"
        problems.add(lacking, where if lacking == layer.path else "", message, "crs")
        return None
    series = geopandas.GeoSeries([feature.geometry for feature in layer.features], crs=layer.crs)
    if layer.crs is not None:
        series = series.to_crs(raster.crs)
    to_pixels = ~raster.transform

    def convert(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        columns = to_pixels.a * x + to_pixels.b * y + to_pixels.c
        rows = to_pixels.d * x + to_pixels.e * y + to_pixels.f
        return np.stack([columns, rows], axis=1)

    height, width = raster.size
    frame = shapely.box(0, 0, width, height)
    touching = []
    for feature, geometry in zip(layer.features, shapely.transform(series.to_numpy(), convert), strict=True):
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            message = f"cannot be expressed in the CRS of {raster.path}"
            problems.add(layer.path, f"{where}, object {feature.id}", message, "crs")
            continue
        valid = geometry if geometry.is_valid else shapely.make_valid(geometry)  # the way there may cross thin parts
        if valid.intersects(frame):
            touching.append(Feature(feature.id, feature.category, valid, feature.attributes))
    return touching


def outlines(geometry: shapely.Geometry, left: float, top: float) -> tuple[tuple[np.ndarray, ...], ...]:
    """Outer outlines and holes of polygons, (n, 2) float32 each, in pixels from the corner of a window."""
    import shapely

    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [part.exterior for part in parts], [ring for part in parts for ring in part.interiors]
    return tuple(
        tuple((shapely.get_coordinates(ring)[:-1] - (left, top)).astype(np.float32) for ring in group)
        for group in rings
    )


def _columns(frame: geopandas.GeoDataFrame) -> str:
    return ", ".join(str(name) for name in frame.columns if name != frame.geometry.name) or "none"


def _class_column(frame: geopandas.GeoDataFrame, path: Path, wanted: str | None) -> str:
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    if wanted in columns:
        return wanted
    lower = {name.lower(): name for name in reversed(columns)}
    found = next((lower[name] for name in CLASS_COLUMNS if name in lower), None) if wanted is None else None
    if found is None:
        asked = "no column tells the class" if wanted is None else f"there is no column {wanted!r}"
        raise SourceError(
            f"{path}: {asked}; name it with class_column=..., or give the class of all objects with category=...; "
            f"there are {_columns(frame)}"
        )
    return found


def _class_name(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of whole numbers with a gap in it is read as float
    return str(value).strip() or None


def _features(
    frame: geopandas.GeoDataFrame,
    classes: Sequence[str | None],
    attributes: Sequence[Mapping[str, str]],
    path: Path,
    where: str,
    problems: Problems,
) -> tuple[Feature, ...]:
    import shapely

    features = []
    seen: dict[tuple[str, bytes], str] = {}
    for index, geometry, name, columns in zip(frame.index, frame.geometry, classes, attributes, strict=True):
        item = f"{where}, object {index}"
        if not name:
            problems.add(path, item, "has no class", "category")
            continue
        polygon = _polygon(geometry, path, item, problems)
        if polygon is None:
            continue
        twin = seen.setdefault((name, shapely.to_wkb(polygon)), str(index))
        if twin != str(index):
            problems.add(path, item, f"repeats object {twin}: same class, same outline", "duplicate")
        else:
            features.append(Feature(str(index), name, polygon, columns))
    return tuple(features)


def _polygon(geometry: Any, path: Path, item: str, problems: Problems) -> Any | None:
    """The geometry in two dimensions and valid, None where it has no area, which is told."""
    import shapely

    if geometry is None or geometry.is_empty:
        problems.add(path, item, "has no geometry, or one that cannot be read", "area")
        return None
    if geometry.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        problems.add(path, item, f"is a {geometry.geom_type}; polygons are read", "format")
        return None
    geometry = shapely.force_2d(geometry)
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        problems.add(path, item, "has a coordinate that is not finite", "format")
        return None
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        geometry = shapely.make_valid(geometry)
        problems.note(path, item, f"is invalid ({reason}); repaired by shapely.make_valid", "crossing")
    nested = [shapely.get_parts(part) for part in shapely.get_parts(geometry)]
    parts = [part for group in nested for part in group if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        problems.add(path, item, "has no area", "area")
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
