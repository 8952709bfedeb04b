"""Every engine gives the bytes of one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remotesam import RemoteSAM
from remotesam.rasters import blocks
from tests.data_factories.mosaics import KINDS, KnownSegmenter, Mosaic, make_mosaic

OPTIONS: dict[str, Any] = {"tile_size": 64, "overlap": 8, "min_area": 1, "batch": 2}
WRITTEN = ("out.gpkg", "out.tif", "out.probability.tif", "out.instances.tif")


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Mosaic:
    """A mosaic of 6 x 9 tiles with objects across all of them."""
    path = tmp_path_factory.mktemp("mosaic") / "mosaic.tif"
    path = tmp_path_factory.mktemp("mosaic") / "mosaic.tif"
    return make_mosaic(path, size=(300, 450), objects=300, seams=(56, 112), long=3)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 128)


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[None]:
    """A local cluster of two workers."""
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": "."}})
    yield
    ray.shutdown()


def run(mosaic: Mosaic, folder: Path, **options: Any) -> dict[str, bytes]:
    model = RemoteSAM(KnownSegmenter())
    result = model.raster(mosaic.path, KINDS, [folder / "out.gpkg", folder / "out.tif"], **OPTIONS, **options)
    assert result.ok
    assert sum(result.counts.values()) == mosaic.count
    return {name: (folder / name).read_bytes() for name in WRITTEN}


def test_processes(mosaic: Mosaic, tmp_path: Path) -> None:
    alone, together = run(mosaic, tmp_path / "alone"), run(mosaic, tmp_path / "together", workers=2)
    assert [name for name in WRITTEN if alone[name] != together[name]] == []


@pytest.mark.usefixtures("ray_cluster")
def test_ray(mosaic: Mosaic, tmp_path: Path) -> None:
    alone, together = run(mosaic, tmp_path / "alone"), run(mosaic, tmp_path / "together", engine="ray", workers=2)
    assert [name for name in WRITTEN if alone[name] != together[name]] == []


@pytest.mark.usefixtures("ray_cluster")
def test_ray_tells_what_failed(mosaic: Mosaic, tmp_path: Path) -> None:
    from remotesam.rasters.ask import TileError

    (tmp_path / "cut.tif").write_bytes(mosaic.path.read_bytes()[:3000])
    with pytest.raises((TileError, ValueError), match=r"cut\.tif"):
        RemoteSAM(KnownSegmenter()).raster(
            tmp_path / "cut.tif", KINDS, tmp_path / "out.gpkg", engine="ray", workers=2, on_error="fail", **OPTIONS
        )


def test_ray_missing(mosaic: Mosaic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ValueError, match=r"remotesam\[ray\]"):
        RemoteSAM(KnownSegmenter()).raster(mosaic.path, KINDS, tmp_path / "out.gpkg", engine="ray")
