"""Objects as features of a vector file: written as a stream, so that memory does not grow with their number."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from remotesam.rasters.errors import RasterError
from remotesam.rasters.measure import Measurer
from remotesam.rasters.outlines import Outliner

DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".shp": "ESRI Shapefile",
    ".parquet": "Parquet",
}
LAYER = "objects"
_SIDECARS = (".shx", ".dbf", ".prj", ".cpg")
_SHORT = {"perimeter_m": "perim_m"}  # a Shapefile's names have at most ten characters
_DATE = "1970-01-01"  # so that the same answer makes the same file


@dataclass(frozen=True)
class Layer:
    """What of one raster becomes features.

    Attributes:
        batches: Gives the record batches of its objects, as often as called.
        outliner: Draws their outlines.
        measurer: Measures them.
        source: What the column of that name says.
        texts: For each sentence what the user named, the column ``class``.
        sentences: For each sentence how it was asked.
        first_id: The number of its first object.
    """

    batches: Callable[[], Iterable[Any]]
    outliner: Outliner
    measurer: Measurer
    source: str
    texts: tuple[str, ...]
    sentences: tuple[str, ...]
    first_id: int = 1


def feature_schema() -> Any:
    """The Arrow schema of features."""
    import pyarrow as pa

    return pa.schema(
        [
            ("id", pa.int64()),
            ("sentence", pa.string()),
            ("class", pa.string()),
            ("score", pa.float64()),
            ("area_m2", pa.float64()),
            ("perimeter_m", pa.float64()),
            ("pixels", pa.int64()),
            ("tiles", pa.int32()),
            ("source", pa.string()),
            pa.field("geometry", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"}),
        ]
    )


def write_vectors(path: Path, layers: Iterable[Layer], *, crs: str | None) -> None:
    """Writes a vector file, whole or not at all.

    Args:
        path: The file; its extension is one of ``DRIVERS``.
        layers: What it holds, in order.
        crs: That of all outlines, as WKT.

    Raises:
        RasterError: GDAL cannot write it.
        OSError: The disk is full, or the place cannot be written to.
    """
    import pyarrow as pa

    short = path.suffix.lower() == ".shp"
    schema = feature_schema()
    if short:
        schema = pa.schema([field.with_name(_SHORT.get(field.name, field.name)) for field in schema])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in _features(layers))
    with _whole_files(path) as temporary:
        if path.suffix.lower() == ".parquet":
            _write_parquet(temporary, batches, schema, crs)
        else:
            _write_gdal(temporary, pa.RecordBatchReader.from_batches(schema, batches), crs, layers)


def _features(layers: Iterable[Layer]) -> Iterator[Any]:
    import pyarrow as pa
    import shapely

    for layer in layers:
        number = layer.first_id
        for batch in layer.batches():
            polygons, moved = layer.outliner(np.asarray(shapely.from_wkb(batch["wkb"].to_numpy(zero_copy_only=False))))
            areas, perimeters = layer.measurer(polygons)
            kinds = batch["sentence"].to_pylist()
            columns = [
                pa.array(range(number, number + len(batch)), pa.int64()),
                pa.array([layer.sentences[kind] for kind in kinds], pa.string()),
                pa.array([layer.texts[kind] for kind in kinds], pa.string()),
                batch["score"],
                pa.array(areas, pa.float64(), from_pandas=True),
                pa.array(perimeters, pa.float64(), from_pandas=True),
                batch["pixels"],
                batch["tiles"],
                pa.array([layer.source] * len(batch), pa.string()),
                pa.array(shapely.to_wkb(moved), pa.binary()),
            ]
            number += len(batch)
            yield pa.RecordBatch.from_arrays(columns, schema=feature_schema())


def _write_gdal(path: Path, reader: Any, crs: str | None, layers: Iterable[Layer]) -> None:
    import warnings

    import pyogrio

    driver = DRIVERS[path.suffix.lower()]
    options: dict[str, Any] = {}
    if driver == "GeoJSON":
        options = {"RFC7946": "NO"}  # which would bring it to WGS 84
    elif driver == "ESRI Shapefile":
        options = {"ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": _DATE}
    with _fixed_date(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*crs.*was not provided|'crs' was not provided.*")
        try:
            pyogrio.write_arrow(
                reader,
                path,
                layer=path.stem if driver == "ESRI Shapefile" else LAYER,
                driver=driver,
                geometry_name="geometry",
                geometry_type="Polygon",
                crs=crs,
                layer_options=options,
            )
        except (pyogrio.errors.DataSourceError, RuntimeError) as error:
            if "is full" in str(error) or shutil.disk_usage(path.parent).free < 2**20:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise RasterError(f"{path.name}: cannot be written ({error}); is there space enough?") from error


@contextmanager
def _fixed_date() -> Iterator[None]:
    """A GeoPackage notes when it was last changed; the same answer is to make the same file."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_DATE}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_parquet(path: Path, batches: Iterable[Any], schema: Any, crs: str | None) -> None:
    """GeoParquet 1.1 (geoparquet.org): WKB, and the CRS as PROJJSON in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyproj

    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [],
        "crs": pyproj.CRS.from_wkt(crs).to_json_dict() if crs else None,
    }
    about = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    plain = pa.schema([pa.field(field.name, field.type) for field in schema])
    with pq.ParquetWriter(path, plain.with_metadata({"geo": json.dumps(about)}), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=plain))


@contextmanager
def _whole_files(path: Path) -> Iterator[Path]:
    """A path of the same name in a temporary folder beside, whose files come to the place of ``path`` at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.stem[:40]}-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        try:
            yield temporary
        except OSError as error:  # users know the name that they asked for
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        sidecars = [temporary.with_suffix(suffix) for suffix in _SIDECARS] if path.suffix.lower() == ".shp" else []
        for made in (*sidecars, temporary):
            if made.exists():
                os.replace(made, path.with_name(made.name))
