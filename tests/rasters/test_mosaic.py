"""Objects of a mosaic that is known: number, identity and outline are exact, whatever the tiles and blocks."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio.features

from remotesam import RemoteSAM
from remotesam.rasters import blocks, merge
from tests.data_factories.mosaics import KINDS, KnownSegmenter, Mosaic, make_mosaic

SIZE = (1200, 1500)
OBJECTS = 5000


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    """5,000 objects, half of them on seams of tiles and blocks, and six that run across all tiles."""
    path = tmp_path_factory.mktemp("mosaic") / "mosaic.tif"
    return make_mosaic(path, size=SIZE, objects=OBJECTS - 6, seams=(112, 128, 224, 240, 256, 448, 512, 896), long=6)


def assert_exact(frame: geopandas.GeoDataFrame, mosaic: Mosaic) -> None:
    """Every component of the truth is one feature, of its very pixels."""
    assert len(frame) == mosaic.count
    assert frame.id.tolist() == list(range(1, len(frame) + 1))
    assert frame.geometry.is_valid.all()
    with rasterio.open(mosaic.path) as dataset:
        transform = dataset.transform
    for kind, name in enumerate(KINDS):
        own = frame[frame["class"] == name]
        labels, count = mosaic.components(kind)
        labels = labels.astype(np.int64)
        assert len(own) == count
        burnt = rasterio.features.rasterize(
            zip(own.geometry, own.id, strict=True), out_shape=SIZE, transform=transform, dtype=np.int32
        )
        pairs = np.stack(np.divmod(np.unique(labels.ravel() * 100_000 + burnt.ravel()), 100_000))
        assert pairs.shape[1] == count + 1, "an object is cut, or two are one"
        assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == count + 1
        areas = np.bincount(labels.ravel())
        by_id = dict(zip(own.id, own.pixels, strict=True))
        assert all(by_id[one] == areas[label] for label, one in pairs.T[1:].tolist())


@pytest.mark.parametrize(
    ("tile_size", "overlap", "block", "whole"),
    [
        (256, 32, 512, 2048**2),
        (128, 0, 256, 2048**2),
        (100, 50, 301, 2048**2),
        (512, 64, 256, 100),  # every object across an edge is put together from the outlines of its pieces
        (2048, 16, 2048, 2048**2),  # one tile, one block
    ],
)
def test_exact(
    tile_size: int,
    overlap: int,
    block: int,
    whole: int,
    mosaic: Mosaic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(merge, "WHOLE_PIXELS", whole)
    path = tmp_path / "out.gpkg"
    model = RemoteSAM(KnownSegmenter())
    result = model.raster(mosaic.path, KINDS, path, tile_size=tile_size, overlap=overlap, min_area=1)
    assert result.ok
    assert sum(result.counts.values()) == mosaic.count == OBJECTS
    assert_exact(geopandas.read_file(path), mosaic)
