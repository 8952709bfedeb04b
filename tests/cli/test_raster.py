"""``remotesam raster``."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.data_factories.vectors import write_raster


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A GeoTIFF of two red squares and a green one."""
    pixels = np.zeros((3, 80, 120), np.uint8)
    for band, left in ((0, 10), (0, 50), (1, 90)):
        pixels[band, 20:40, left : left + 20] = 255
    write_raster(tmp_path / "scene.tif", pixels=pixels)
    return tmp_path / "scene.tif"


def test_outlines_maps_and_a_page(run: Run, scene: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "deep" / name for name in ("out.gpkg", "out.tif", "out.parquet")]
    page = tmp_path / "out.html"
    code, out, err = run(
        "raster",
        scene,
        "red",
        "green",
        "purple",
        *(part for path in outputs for part in ("-o", path)),
        "--preview",
        page,
    )
    assert code == 0, err
    assert [line.split() for line in out.splitlines()[1:4]] == [["red", "2"], ["green", "1"], ["purple", "0"]]
    for path in (*outputs, page, tmp_path / "deep" / "out.instances.tif"):
        assert f"wrote {path}" in out
        assert path.exists()
    assert "Mpx" in err
    frame = geopandas.read_file(outputs[0])
    assert frame["class"].tolist() == ["red", "red", "green"]
    assert frame.sentence.tolist() == [f"{name} in the image" for name in frame["class"]]
    assert (frame.pixels == 400).all()


def test_every_option(run: Run, scene: Path, tmp_path: Path) -> None:
    options = (
        "--bands 1,2,3 --value-range 0 255 --gsd 0.5 --bbox 733601 3725099 733661 3725139 --bbox-crs EPSG:32616 "
        "--tile-size 48 --overlap 6 --batch 2 --contours none --contour-mode watershed --min-area 5 --min-share 0.1 "
        "--simplify 0.4 --regularize orthogonal --measure projected --to-crs EPSG:4326 --engine local --workers 1 "
        f"--on-error fail --attempts 2 --work {tmp_path}/work --keep-work --threshold 0.4 --presence-threshold 0.2 "
        "--template {category}"
    )
    code, _, err = run("raster", scene, "all red things", "-o", tmp_path / "out.fgb", *options.split())
    assert code == 0, err
    frame = geopandas.read_file(tmp_path / "out.fgb")
    assert frame.sentence.tolist() == ["all red things"] * 2
    assert (tmp_path / "work" / "objects.arrow").exists()


def test_a_folder_goes_past_bad_files(run: Run, scene: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scenes"
    folder.mkdir()
    scene.rename(folder / "good.tif")
    (folder / "bad.tif").write_text("no raster")
    code, out, err = run("raster", folder, "red", "-o", tmp_path / "out.geojson")
    assert code == 1
    assert "1 failed:" in err
    assert "bad.tif" in err
    assert f"wrote {tmp_path / 'out.geojson'}" in out
    assert set(geopandas.read_file(tmp_path / "out.geojson").source) == {"good.tif"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["red"], 2, "--output"),
        (["red", "-o", "out.xyz"], 1, "out.xyz"),
        (["", "-o", "out.gpkg"], 2, "sentence 1 is empty"),
        (["red", "-o", "out.gpkg", "--bands", "1,2"], 1, "one (grey) or three"),
        (["red", "-o", "out.gpkg", "--engine", "spark"], 2, "spark"),
        (["red", "red", "-o", "out.gpkg"], 1, "each name once"),
    ],
)
def test_bad_usage(
    arguments: list[str], code: int, told: str, run: Run, scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done, _, err = run("raster", scene, *arguments)
    assert done == code
    assert told in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene.tif"]


def test_missing_raster(run: Run, tmp_path: Path) -> None:
    code, _, err = run("raster", tmp_path / "missing.tif", "red", "-o", tmp_path / "out.gpkg")
    assert code == 1
    assert "missing.tif" in err
