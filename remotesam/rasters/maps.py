"""Class map, probabilities and instance identifiers as cloud-optimised GeoTIFFs, written block by block."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from remotesam.files import atomic_path
from remotesam.rasters.blend import blended
from remotesam.rasters.blocks import Blocks
from remotesam.rasters.errors import RasterError, quiet_gdal
from remotesam.rasters.grid import Grid
from remotesam.rasters.polygons import burn
from remotesam.rasters.tile_store import LEVELS, NO_DATA, TileStore
from remotesam.visualize.colours import listed_colours, rgb

MapKind = Literal["classes", "probability", "instances"]
MAP_KINDS: tuple[MapKind, ...] = ("classes", "probability", "instances")
MOST_CLASSES = NO_DATA - 1
_TILE = 512


@dataclass(frozen=True)
class MapSource:
    """What maps are made of.

    Attributes:
        store: The answers of the tiles.
        blocks: The blocks of the grid.
        grid: Where it lies.
        texts: For each sentence what the user named.
        batches: Gives the record batches of the objects, as often as called.
        first_id: The number of the first object.
    """

    store: TileStore
    blocks: Blocks
    grid: Grid
    texts: tuple[str, ...]
    batches: Callable[[], Iterable[Any]]
    first_id: int = 1


def write_map(path: Path, kind: MapKind, source: MapSource, *, to_crs: str | None = None) -> None:
    """Writes a cloud-optimised GeoTIFF with overviews, whole or not at all.

    Args:
        path: The file.
        kind: "classes": one uint8 band, 0 where nothing was found, i + 1 for the sentence i whose object there is the
            most probable, 255 where there is no data. "probability": a uint8 band a sentence, in 254ths (the band's
            scale says so), 255 where there is no data. "instances": a uint32 band a sentence, the ``id`` of the object,
            else 0.
        source: What it is made of.
        to_crs: Bring it to this CRS, by nearest neighbour.

    Raises:
        RasterError: There are too many sentences for a class map.
        OSError: The disk is full, or the place cannot be written to.
    """
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    if kind == "classes" and len(source.texts) > MOST_CLASSES:
        raise RasterError(f"{path}: a class map holds {MOST_CLASSES} sentences, there are {len(source.texts)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_name(f".{path.name}.plain.tif")
    try:
        with quiet_gdal(), atomic_path(path) as temporary:
            _write_plain(plain, kind, source)
            _write_cog(plain, temporary, kind, to_crs)
    except (RasterioError, CPLE_BaseError) as error:
        if shutil.disk_usage(path.parent).free < 2**20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise RasterError(f"{path}: cannot be written ({error}); is there space enough?") from error
    finally:
        plain.unlink(missing_ok=True)


def _write_cog(plain: Path, path: Path, kind: MapKind, to_crs: str | None) -> None:
    import rasterio
    from rasterio.shutil import copy
    from rasterio.vrt import WarpedVRT

    options = {
        "driver": "COG",
        "compress": "DEFLATE",
        "blocksize": _TILE,
        "overview_resampling": "AVERAGE" if kind == "probability" else "NEAREST",
        "bigtiff": "IF_SAFER",
    }
    with rasterio.open(plain) as dataset:
        if to_crs is None:
            copy(dataset, path, **options)
            return
        with WarpedVRT(dataset, crs=to_crs) as warped:
            copy(warped, path, **options)


def _write_plain(path: Path, kind: MapKind, source: MapSource) -> None:
    import rasterio
    from rasterio.windows import Window

    bands = 1 if kind == "classes" else len(source.texts)
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "width": source.grid.width,
        "height": source.grid.height,
        "count": bands,
        "dtype": "uint32" if kind == "instances" else "uint8",
        "nodata": 0 if kind == "instances" else NO_DATA,
        "crs": source.grid.crs,
        "transform": source.grid.transform,
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "DEFLATE",
        "zlevel": 1,
        "interleave": "band",
        "bigtiff": "IF_SAFER",
    }
    with rasterio.open(path, "w", **profile) as dataset:
        for number, name in enumerate(["class"] if kind == "classes" else source.texts, start=1):
            dataset.set_band_description(number, name)
        if kind == "probability":
            dataset.scales = (1 / LEVELS,) * bands
        if kind == "classes":
            colours = [tuple(rgb(colour).tolist()) for colour in listed_colours(source.texts)]
            dataset.write_colormap(1, {0: (0, 0, 0, 0), **dict(enumerate(colours, start=1))})
            dataset.update_tags(**{f"class_{number}": text for number, text in enumerate(source.texts, start=1)})
        boxes = None if kind == "probability" else ObjectBoxes(source)
        for number in range(source.blocks.count):
            left, top, width, height = source.blocks.window(number)
            pixels = _block(kind, source, boxes, (left, top, width, height))
            dataset.write(pixels, window=Window(left, top, width, height))


def _block(
    kind: MapKind, source: MapSource, boxes: ObjectBoxes | None, window: tuple[int, int, int, int]
) -> np.ndarray:
    """(bands, h, w) of one block."""
    sentences = range(len(source.texts))
    if kind == "probability":
        return np.stack([blended(source.store, sentence, *window) for sentence in sentences])
    assert boxes is not None
    if kind == "instances":
        return np.stack([boxes.burnt(sentence, *window) for sentence in sentences])
    classes = np.zeros(window[:1:-1], dtype=np.uint8)
    best = np.zeros(classes.shape, dtype=np.int16)
    known = np.zeros(classes.shape, dtype=bool)
    for sentence in sentences:
        values = blended(source.store, sentence, *window)
        known |= values != NO_DATA
        better = (boxes.burnt(sentence, *window) > 0) & (values > best)
        classes[better] = sentence + 1
        best[better] = values[better]
    classes[~known] = NO_DATA
    return classes[None]


class ObjectBoxes:
    """Finds the objects in a window without holding their outlines.

    Args:
        source: Whose objects they are; their boxes are kept, 20 bytes an object.
    """

    def __init__(self, source: MapSource) -> None:
        self._source = source
        boxes, sentences, places = [], [], []
        for number, batch in enumerate(source.batches()):
            boxes.append(shapely.bounds(_outlines(batch)).astype(np.int32))
            sentences.append(batch["sentence"].to_numpy())
            places.append(np.full(len(batch), number, dtype=np.int32))
        self._boxes = np.concatenate(boxes) if boxes else np.zeros((0, 4), dtype=np.int32)
        self._sentences = np.concatenate(sentences) if sentences else np.zeros(0, dtype=np.int32)
        self._places = np.concatenate(places) if places else np.zeros(0, dtype=np.int32)

    def burnt(self, sentence: int, left: int, top: int, width: int, height: int) -> np.ndarray:
        """(height, width) uint32: the identifiers of a sentence's objects, 0 elsewhere."""
        x0, y0, x1, y1 = self._boxes.T
        near = (x0 < left + width) & (x1 > left) & (y0 < top + height) & (y1 > top) & (self._sentences == sentence)
        wanted = np.flatnonzero(near)
        polygons: list[Any] = []
        needed = set(self._places[wanted].tolist())
        for number, batch in enumerate(self._source.batches()):
            if number in needed:
                rows = wanted[self._places[wanted] == number] - int(np.searchsorted(self._places, number))
                polygons += _outlines(batch.take(rows)).tolist()
        return burn(polygons, (wanted + self._source.first_id).tolist(), left, top, width, height)


def _outlines(batch: Any) -> np.ndarray:
    return np.asarray(shapely.from_wkb(batch["wkb"].to_numpy(zero_copy_only=False)), dtype=object)
