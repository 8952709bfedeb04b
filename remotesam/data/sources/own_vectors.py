"""One's own data: georeferenced rasters and polygons of a vector layer with a class column, as records of windows.

Rasters are what GDAL reads through rasterio (rasterio.readthedocs.io), vectors what it reads through pyogrio
(pyogrio.readthedocs.io): GeoPackage, GeoJSON (RFC 7946: WGS 84 unless it says otherwise), Shapefile, FlatGeobuf. Both
are the optional extra ``geo``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from remotesam.data.sources.drafts import box_around
from remotesam.data.sources.geo import Raster, require_geo
from remotesam.data.sources.layout import ALL, check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, Record, RecordSet
from remotesam.data.sources.vector_layers import Feature, Layer, outlines, pixel_features, read_layers
from remotesam.data.sources.windows import Window, cover

RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img")
VECTORS = (".gpkg", ".geojson", ".shp", ".fgb")
_SMALL = 4.0  # square pixels of overlap below which an object may cover no pixel's centre


def read_own_vectors(
    root: Path,
    *,
    split: str = ALL,
    on_error: OnError = "skip",
    rasters: Sequence[str] | None = None,
    vectors: Sequence[str] | None = None,
    layer: str | None = None,
    class_column: str | None = None,
    category: str | None = None,
    attribute_columns: Sequence[str] = (),
    window_size: int = 512,
    overlap: int | None = None,
    complete: bool = False,
    licence: str = "one's own",
) -> RecordSet:
    """Reads rasters and polygons.

    A single vector file belongs to all rasters; of several, each to the raster whose name its own begins with.

    Args:
        root: Folder of the files.
        split: "all"; there are no splits.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        rasters: Names of the rasters below ``root``; all that lie in it if None.
        vectors: Names of the vector files below ``root``, each of which belongs to all rasters.
        layer: Only this layer of the vector files; all if None.
        class_column: The column that tells the class; found if None.
        category: The class of all objects, in place of a column.
        attribute_columns: Columns to keep as attributes of the objects.
        window_size: Side of a window in pixels.
        overlap: How many pixels neighbouring windows share at least; an eighth of a window if None.
        complete: Whether the layers hold every object of their classes on the rasters: only then may a window be said
            to show none.
        licence: The terms of the data, in words.

    Returns:
        A record a window that holds data, row by row. ``window`` is (left, top, width, height) in the raster;
        annotations are in pixels from the window's corner, whole even where they reach beyond it.

    Raises:
        SourceError: A library, the folder, the files, the layer or the column are not there; with
            ``on_error="raise"``, anything that is wrong in them.
        ValueError: The windows' size or overlap make no sense.
    """
    root = checked_root(root, "one's own rasters and vectors")
    check_split(split, (ALL,), root)
    require_geo()
    overlap = window_size // 8 if overlap is None else overlap
    cover(1, 1, size=window_size, overlap=overlap)

    problems = Problems(on_error)
    pairs = _pairs(root, rasters, vectors, problems)
    layers = {
        path: read_layers(
            path,
            problems,
            layer=layer,
            class_column=class_column,
            category=category,
            attribute_columns=attribute_columns,
        )
        for path in dict.fromkeys(path for _, paths in pairs for path in paths)
    }
    everything = [one for found in layers.values() for one in found]
    categories = tuple(sorted({feature.category for one in everything for feature in one.features}))
    records: list[Record] = []
    touched: dict[int, set[str]] = {}
    for path, paths in pairs:
        chosen = [one for file in paths for one in layers[file]]
        raster = _open(path, problems) if chosen else None
        if raster is None:
            continue
        features = []
        for one in chosen:
            found = pixel_features(one, raster, problems)
            if found is not None:
                touched.setdefault(id(one), set()).update(feature.id for feature in found)
                start = f"{one.path.stem}:{one.name}:" if len(chosen) > 1 else ""
                features += [(start + feature.id, feature) for feature in found]
        if features:
            windows = _windows(raster, window_size, overlap, problems)
            records += _records(raster, windows, features, categories if complete else ())
    for one in everything:
        _tell_outside(one, touched.get(id(one)), problems)
    return RecordSet(records, name=root.name, split=split, licence=licence, categories=categories, problems=problems)


def _pairs(
    root: Path, rasters: Sequence[str] | None, vectors: Sequence[str] | None, problems: Problems
) -> list[tuple[Path, list[Path]]]:
    images = _files(root, rasters, RASTERS, "rasters")
    layers = _files(root, vectors, VECTORS, "vector files")
    if vectors is not None or len(layers) == 1:
        return [(image, layers) for image in images]
    owners: dict[Path, list[Path]] = {image: [] for image in images}
    for path in layers:
        fitting = [image for image in images if _begins(path.stem, image.stem)]
        if fitting:
            owners[max(fitting, key=lambda image: len(image.stem))].append(path)
        else:
            problems.add(path, "", f"belongs to none of the rasters in {root}, going by its name", "missing")
    for image, paths in owners.items():
        if not paths:
            problems.add(image, "", f"there is no vector file whose name begins with {image.stem!r}", "missing")
    return [(image, paths) for image, paths in owners.items() if paths]


def _begins(name: str, start: str) -> bool:
    return name == start or (name.startswith(start) and not name[len(start)].isalnum())


def _files(root: Path, names: Sequence[str] | None, suffixes: Sequence[str], what: str) -> list[Path]:
    if names is not None:
        paths = [root / name for name in names]
        missing = [str(path) for path in paths if not path.is_file()]
        if missing:
            raise SourceError(f"{', '.join(missing)}: there is no such file; in {root} there {contents(root)}")
        return paths
    paths = sorted(path for path in root.iterdir() if path.suffix.lower() in suffixes)
    if not paths:
        raise SourceError(f"{root}: holds no {what} ({', '.join(suffixes)}); there {contents(root)}")
    return paths


def _open(path: Path, problems: Problems) -> Raster | None:
    try:
        return Raster.open(path)
    except OSError as error:
        problems.add(path, "", f"the raster cannot be read ({error})", "unreadable")
        return None


def _tell_outside(layer: Layer, touched: set[str] | None, problems: Problems) -> None:
    """Objects beside every raster are normal in a layer of a whole town; a layer all beside them is not."""
    if touched is None or not layer.features:
        return
    beside = len(layer.features) - len(touched)
    if not touched:
        message = f"none of its {beside} objects lies on a raster; check the CRS of both"
        problems.add(layer.path, f"layer {layer.name}", message, "outside")
    elif beside:
        problems.note(layer.path, f"layer {layer.name}", f"{beside} objects lie beside the rasters", "outside")


def _windows(raster: Raster, size: int, overlap: int, problems: Problems) -> list[Window]:
    windows = cover(*raster.size, size=size, overlap=overlap)
    try:
        empty = raster.without_data(windows)
    except OSError as error:
        problems.add(raster.path, "", f"the raster cannot be decoded ({error})", "unreadable")
        return []
    if empty:
        message = f"{len(empty)} of {len(windows)} windows hold no data and are left out"
        problems.note(raster.path, "", message, "nodata")
    return [window for window in windows if window not in empty]


def _records(
    raster: Raster, windows: Iterable[Window], features: Sequence[tuple[str, Feature]], exhaustive: tuple[str, ...]
) -> list[Record]:
    import shapely

    geometries = np.array([feature.geometry for _, feature in features], object)
    tree = shapely.STRtree(geometries)
    records = []
    for left, top, width, height in windows:
        frame = shapely.box(left, top, left + width, top + height)
        found = np.sort(tree.query(frame, predicate="intersects"))
        areas = shapely.area(shapely.intersection(geometries[found], frame))
        annotations = [
            _annotation(*features[int(number)], (left, top, width, height), sure=bool(area >= _SMALL))
            for number, area in zip(found, areas, strict=True)
            if area > 0
        ]
        records.append(
            Record(
                f"{raster.path.stem}_{left}_{top}",
                raster.path,
                (height, width),
                annotations=tuple(one for one in annotations if one is not None),
                exhaustive=exhaustive,
                window=(left, top, width, height),
            )
        )
    return records


def _annotation(identifier: str, feature: Feature, window: Window, *, sure: bool) -> Annotation | None:
    """The object in a window, None where it covers no pixel of it."""
    left, top, width, height = window
    polygons, holes = outlines(feature.geometry, left, top)
    annotation = Annotation(
        identifier,
        feature.category,
        box_around(polygons),
        polygons=polygons,
        holes=holes,
        maker="annotator",
        attributes=feature.attributes,
    )
    return annotation if sure or annotation.mask(height, width).any() else None
