"""A run that was cut off goes on, and its output is that of one that was not, to the last byte."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest

from remotesam import RemoteSAM
from remotesam.rasters import blocks
from remotesam.rasters.errors import RasterError
from remotesam.rasters.tile_store import TileStore
from tests.data_factories.mosaics import KINDS, KnownSegmenter, Mosaic, make_mosaic

OPTIONS: dict[str, Any] = {"tile_size": 64, "overlap": 8, "min_area": 1, "batch": 2}
OUTPUTS = ("out.gpkg", "out.geojson", "out.fgb", "out.parquet", "out.shp", "out.tif")
WRITTEN = (*OUTPUTS[:5], "out.dbf", "out.shx", "out.prj", "out.tif", "out.probability.tif", "out.instances.tif")
RUN = """
import sys, time
from remotesam import RemoteSAM
from remotesam.rasters import blocks
from tests.data_factories.mosaics import KINDS, KnownSegmenter

blocks.BLOCK = 100

class Slow(KnownSegmenter):
    def segment(self, image, expressions):
        time.sleep(0.1)
        return super().segment(image, expressions)

RemoteSAM(Slow()).raster(sys.argv[1], KINDS, sys.argv[2:], tile_size=64, overlap=8, min_area=1, batch=2)
"""


class CountingSegmenter(KnownSegmenter):
    """Fails after a number of tiles, as a process that is killed."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """As ``KnownSegmenter``, until the limit."""
        if self.calls >= self.limit:
            raise KeyboardInterrupt
        return super().segment(image, expressions)


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    """A small mosaic of 200 objects."""
    return make_mosaic(tmp_path_factory.mktemp("mosaic") / "mosaic.tif", size=(240, 300), objects=200, seams=(56, 112))


def run(mosaic: Mosaic, folder: Path, segmenter: KnownSegmenter | None = None, **options: Any) -> Any:
    model = RemoteSAM(segmenter or KnownSegmenter())
    return model.raster(mosaic.path, KINDS, [folder / name for name in OUTPUTS], **{**OPTIONS, **options})


@pytest.fixture(scope="module")
def whole(mosaic: Mosaic, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that was not cut off."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(mosaic, folder).ok
    assert sorted(path.name for path in folder.iterdir()) == sorted((*WRITTEN, "out.cpg")), "something was left over"
    return {name: (folder / name).read_bytes() for name in WRITTEN}


def assert_same(folder: Path, whole: dict[str, bytes]) -> None:
    assert [name for name in WRITTEN if (folder / name).read_bytes() != whole[name]] == []


@pytest.mark.parametrize("limit", [1, 7, 20])
def test_goes_on_after_an_interruption(limit: int, mosaic: Mosaic, whole: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(mosaic, tmp_path, CountingSegmenter(limit))
    assert not any((tmp_path / name).exists() for name in WRITTEN)
    again = KnownSegmenter()
    result = run(mosaic, tmp_path, again)
    assert again.calls + limit >= 30  # of 5 x 6 tiles
    assert again.calls <= 30 - limit + 2 * OPTIONS["batch"] + 2, "what was done was done again"
    assert result.work is None
    assert_same(tmp_path, whole)


def test_killed_at_three_random_points(mosaic: Mosaic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 100)  # as in the process below
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run(mosaic, whole)
    command = [sys.executable, "-c", RUN, str(mosaic.path), *(str(killed / name) for name in OUTPUTS)]
    for units in sorted(np.random.default_rng().choice(np.arange(1, 15), 3, replace=False).tolist()):
        process = subprocess.Popen(command)
        while process.poll() is None and len(list(killed.glob("*.work/tiles/*.tiles"))) < units:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not (killed / "out.gpkg").exists()
    again = KnownSegmenter()
    run(mosaic, killed, again)
    assert again.calls < 30
    assert sorted(path.name for path in killed.iterdir()) == sorted(path.name for path in whole.iterdir())
    for path in sorted(whole.iterdir()):
        assert (killed / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("place", ["remotesam.rasters.raster_run.write_block", "remotesam.rasters.run.write_map"])
def test_goes_on_after_an_interruption_later_on(
    place: str, mosaic: Mosaic, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, stop)
        with pytest.raises(KeyboardInterrupt):
            run(mosaic, tmp_path)
    again = KnownSegmenter()
    run(mosaic, tmp_path, again)
    assert again.calls == 0
    assert_same(tmp_path, whole)


def test_other_questions_ask_anew_and_other_thresholds_do_not(mosaic: Mosaic, tmp_path: Path) -> None:
    first = KnownSegmenter()
    run(mosaic, tmp_path, first, keep_work=True)
    for options, calls in (
        ({"min_area": 30}, 0),
        ({"simplify": 1.0}, 0),
        ({"tile_size": 128}, 3 * 2 + 3),
    ):
        again = KnownSegmenter()
        run(mosaic, tmp_path, again, keep_work=True, **options)
        assert (again.calls > 0) == (calls > 0), options
    other = KnownSegmenter("another network")
    run(mosaic, tmp_path, other, tile_size=128)
    assert other.calls > 0


def test_a_job_about_many_rasters_goes_on_with_the_next(mosaic: Mosaic, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.tif", "b.tif", "c.tif"):
        (folder / name).write_bytes(mosaic.path.read_bytes())
    outputs = [tmp_path / "all.gpkg", f"{tmp_path}/each/"]
    whole = RemoteSAM(KnownSegmenter()).raster(folder, KINDS, outputs, **OPTIONS)
    made = [*sorted((tmp_path / "each").iterdir()), tmp_path / "all.gpkg"]
    before = {path: path.read_bytes() for path in made}
    assert [path.name for path in made] == ["a.gpkg", "b.gpkg", "c.gpkg", "all.gpkg"]
    assert whole.counts == {kind: 3 * mosaic.components(number)[1] for number, kind in enumerate(KINDS)}
    for path in made:
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        RemoteSAM(CountingSegmenter(40)).raster(folder, KINDS, outputs, **OPTIONS)
    states = sorted((tmp_path / "all.gpkg.work").iterdir())
    assert len(states) == 2
    assert sum((state / "tiles").exists() for state in states) == 1, "the answers of a finished raster are not kept"
    again = KnownSegmenter()
    RemoteSAM(again).raster(folder, KINDS, outputs, **OPTIONS)
    assert again.calls <= 90 - 40 + 2 * OPTIONS["batch"] + 2
    assert [path.name for path in made if path.read_bytes() != before[path]] == []
    assert not (tmp_path / "all.gpkg.work").exists()


def test_refuses_a_folder_of_others(mosaic: Mosaic, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    with pytest.raises(RasterError, match="no working folder"):
        run(mosaic, tmp_path, work=str(tmp_path / "photos"))
    assert (tmp_path / "photos" / "holiday.jpg").exists()


def test_full_disk_keeps_what_was_done(
    mosaic: Mosaic, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TileStore.write

    def full(store: TileStore, unit: int, content: bytes) -> None:
        if unit >= 6:
            raise OSError(errno.ENOSPC, "No space left on device", str(store.path(unit)))
        write(store, unit, content)

    with monkeypatch.context() as patch:
        patch.setattr(TileStore, "write", full)
        with pytest.raises(OSError, match="No space left"):
            run(mosaic, tmp_path)
    assert len(list((tmp_path / "out.gpkg.work" / "tiles").iterdir())) == 6
    again = KnownSegmenter()
    run(mosaic, tmp_path, again)
    assert again.calls == 30 - 6 * 2
    assert_same(tmp_path, whole)


def test_older_output_stays_until_the_new_one_is_whole(mosaic: Mosaic, tmp_path: Path) -> None:
    run(mosaic, tmp_path)
    before = (tmp_path / "out.gpkg").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        run(mosaic, tmp_path, CountingSegmenter(3))
    assert (tmp_path / "out.gpkg").read_bytes() == before
    assert len(geopandas.read_file(tmp_path / "out.gpkg")) == mosaic.count
