"""Tiles and rasters that fail are tried again, gone past and listed, or stop the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest

from remotesam import RemoteSAM
from remotesam.rasters.ask import TileError
from remotesam.rasters.errors import RasterError
from tests.data_factories.mosaics import KINDS, KnownSegmenter, Mosaic, make_mosaic
from tests.data_factories.vectors import write_raster

OPTIONS: dict[str, Any] = {"tile_size": 64, "overlap": 0, "min_area": 1}


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    """3 x 3 tiles."""
    return make_mosaic(tmp_path_factory.mktemp("mosaic") / "mosaic.tif", size=(192, 192), objects=60)


class Unsteady(KnownSegmenter):
    """Fails at some calls."""

    def __init__(self, failing: Sequence[int]) -> None:
        super().__init__()
        self.failing = failing

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """As ``KnownSegmenter``, but for some calls."""
        if self.calls in self.failing:
            self.calls += 1
            raise RuntimeError("CUDA error: unspecified launch failure")
        return super().segment(image, expressions)


def test_tries_again(mosaic: Mosaic, tmp_path: Path) -> None:
    segmenter = Unsteady([2, 5, 6])
    result = RemoteSAM(segmenter).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", **OPTIONS)
    assert result.ok
    assert segmenter.calls == 9 + 3
    assert sum(result.counts.values()) == mosaic.count


def test_lists_what_failed_and_asks_it_again_the_next_time(mosaic: Mosaic, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    result = RemoteSAM(Unsteady([4, 5, 6])).raster(mosaic.path, KINDS, path, attempts=3, **OPTIONS)
    assert not result.ok
    (failure,) = result.failures
    assert "column 64, row 64" in failure
    assert "unspecified launch failure" in failure
    assert 0 < len(geopandas.read_file(path)) < mosaic.count
    again = KnownSegmenter()
    result = RemoteSAM(again).raster(mosaic.path, KINDS, path, **OPTIONS)
    assert result.ok
    assert again.calls == 4  # the unit of the tile that failed
    assert len(geopandas.read_file(path)) == mosaic.count


def test_stops_where_told(mosaic: Mosaic, tmp_path: Path) -> None:
    with pytest.raises(TileError, match="column 64, row 64"):
        RemoteSAM(Unsteady([4, 5, 6])).raster(
            mosaic.path, KINDS, tmp_path / "out.gpkg", attempts=3, on_error="fail", **OPTIONS
        )
    assert not (tmp_path / "out.gpkg").exists()


@pytest.mark.parametrize("answer", [np.full((3, 64, 64), np.nan, np.float32), np.zeros((3, 64, 63), np.float32), None])
def test_broken_segmenter(answer: Any, mosaic: Mosaic, tmp_path: Path) -> None:
    class Broken(KnownSegmenter):
        def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
            return answer  # type: ignore[no-any-return]

    with pytest.raises(RasterError, match=r"Broken\.segment returned .* all other tiles"):
        RemoteSAM(Broken()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", **OPTIONS)


def damaged(mosaic: Mosaic, path: Path) -> Path:
    """The mosaic in uncompressed blocks of 64 pixels, cut off after about two thirds of them."""
    write_raster(path, pixels=mosaic.masks.astype(np.uint8) * 255, tiled=True, blockxsize=64, blockysize=64)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    return path


def test_truncated_tiff(mosaic: Mosaic, tmp_path: Path) -> None:
    raster = damaged(mosaic, tmp_path / "cut.tif")
    result = RemoteSAM(KnownSegmenter()).raster(raster, KINDS, tmp_path / "out.gpkg", **OPTIONS)
    assert 1 <= len(result.failures) < 9
    assert all("cut.tif: tile at column" in failure for failure in result.failures)
    assert result.work is not None
    assert result.work.exists()
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    assert 0 < len(frame) < mosaic.count
    with pytest.raises(TileError, match="cannot be read"):
        RemoteSAM(KnownSegmenter()).raster(raster, KINDS, tmp_path / "out.gpkg", on_error="fail", **OPTIONS)


@pytest.mark.parametrize("content", [b"", b"II*\0", b"no picture at all"])
def test_unreadable_raster(content: bytes, mosaic: Mosaic, tmp_path: Path) -> None:
    folder = tmp_path / "rasters"
    folder.mkdir()
    (folder / "bad.tif").write_bytes(content)
    (folder / "good.tif").write_bytes(mosaic.path.read_bytes())
    model = RemoteSAM(KnownSegmenter())
    with pytest.raises(RasterError, match=r"bad\.tif"):
        model.raster(folder / "bad.tif", KINDS, tmp_path / "out.gpkg", **OPTIONS)
    result = model.raster(folder, KINDS, tmp_path / "out.gpkg", **OPTIONS)
    assert result.rasters == 1
    assert len(result.failures) == 1
    assert set(geopandas.read_file(tmp_path / "out.gpkg").source) == {"good.tif"}
    with pytest.raises(RasterError, match=r"bad\.tif"):
        model.raster(folder, KINDS, tmp_path / "out.gpkg", on_error="fail", **OPTIONS)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"tile_size": 64, "overlap": 33}, "overlap"),
        ({"tile_size": 0}, "tile_size"),
        ({"batch": 0}, "batch"),
        ({"simplify": -1.0}, "simplify"),
        ({"regularize": "round"}, "regularize"),
        ({"measure": "guessed"}, "measure"),
        ({"engine": "spark"}, "engine"),
        ({"on_error": "ignore"}, "on_error"),
        ({"to_crs": "EPSG:0"}, "to_crs"),
        ({"devices": ["cpu"], "workers": 2}, "devices"),
        ({"devices": ["cpu"]}, "cannot be moved"),
        ({"threshold": 2.0}, "threshold"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], match: str, mosaic: Mosaic, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=match):
        RemoteSAM(KnownSegmenter()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", **options)


def test_unknown_option(mosaic: Mosaic, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="colour"):
        RemoteSAM(KnownSegmenter()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", colour=1)  # type: ignore[call-arg]
