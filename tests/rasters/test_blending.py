"""No seam shows: a smooth map comes back smooth, and objects stand or fall whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio

from remotesam import RemoteSAM
from remotesam.calibration import Calibration
from remotesam.rasters import blocks
from remotesam.rasters.tiles import Tiling
from tests.data_factories.vectors import write_raster


class Smooth:
    """The first band as probability, wrong by an offset that differs from call to call and towards the tile's edges."""

    threshold, presence_threshold, identity = 0.5, 0.0, "smooth"

    def __init__(self, error: float) -> None:
        self._error = error
        self._calls = 0

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """(N, H, W)."""
        self._calls += 1
        offset = self._error * (1 if self._calls % 2 else -1)
        answer = np.clip(image[:, :, 0].astype(np.float32) / 255 + offset, 0, 1)
        return np.stack([answer] * len(expressions))


def probability(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        assert file.nodata == 255
        assert file.scales == (1 / 254,)
        return file.read(1) / 254  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def slope(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A raster whose answer is a smooth wave between 0.2 and 0.8."""
    path = tmp_path_factory.mktemp("slope") / "slope.tif"
    y, x = np.mgrid[:300, :410]
    wave = np.rint(255 * (0.5 + 0.3 * np.sin(x / 60) * np.cos(y / 70))).astype(np.uint8)
    write_raster(path, pixels=np.stack([wave] * 3))
    return path, wave / 255


@pytest.mark.parametrize(("tile_size", "overlap"), [(64, 0), (64, 16), (100, 50), (128, 8), (512, 64)])
def test_a_smooth_answer_is_met(tile_size: int, overlap: int, slope: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, truth = slope
    RemoteSAM(Smooth(0.0)).raster(path, "slope", tmp_path / "out.probability.tif", tile_size=tile_size, overlap=overlap)
    assert np.abs(probability(tmp_path / "out.probability.tif") - truth).max() <= 1 / 254


def test_tiles_that_disagree_leave_no_seam(slope: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, truth = slope
    steps = {}
    for overlap in (0, 32):
        RemoteSAM(Smooth(0.1)).raster(path, "slope", tmp_path / "out.probability.tif", tile_size=96, overlap=overlap)
        error = probability(tmp_path / "out.probability.tif") - truth
        assert np.abs(error).max() <= 0.1 + 1 / 254
        steps[overlap] = max(np.abs(np.diff(error, axis=axis)).max() for axis in (0, 1))
    assert steps[0] > 0.19, "without an overlap the tiles' difference of 0.2 shows"
    assert steps[32] < 0.2 / 32 * np.pi / 2 + 2 / 254, "a step is at most the slope of the weights"


@pytest.mark.parametrize(
    ("size", "overlap", "length"), [(64, 16, 208), (10, 5, 30), (7, 0, 7), (64, 16, 500), (64, 32, 97)]
)
def test_weights(size: int, overlap: int, length: int) -> None:
    tiling = Tiling(length, 50, size, overlap)
    total = np.zeros(length)
    for tile, left in enumerate(tiling.lefts):
        share = tiling.shares(tile)[1]
        assert share.min() > 0
        if overlap and (length - size) % (size - overlap) == 0:
            assert np.abs(np.diff(share)).max() <= np.pi / 2 / overlap + 1e-6, "it is smooth"
        total[left : left + size] += share
    np.testing.assert_allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize(
    ("window", "expected"), [((0, 0, 1, 1), [0]), ((60, 0, 1, 1), [0, 1]), ((0, 0, 1000, 1000), list(range(6)))]
)
def test_touching(window: tuple[int, int, int, int], expected: list[int]) -> None:
    tiling = Tiling(160, 100, 64, 8)
    assert len(tiling.tiles) == 6
    assert tiling.touching(*window) == expected
    for place in ((0, 0, 160, 100), (30, 30, 40, 50)):
        left, top, width, height = place
        meant = [
            number
            for number, (x, y, w, h) in enumerate(tiling.tiles)
            if x < left + width and left < x + w and y < top + height and top < y + h
        ]
        assert tiling.touching(*place) == meant


class Spots:
    """The first band as probability; the presence of a tile depends on it."""

    threshold, identity = 0.5, "spots"

    def __init__(self, presence_threshold: float) -> None:
        self.presence_threshold = presence_threshold

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """(N, H, W)."""
        return np.stack([image[:, :, 0].astype(np.float32) / 255] * len(expressions))


@pytest.mark.parametrize("presence_threshold", [0.0, 0.7, 0.85, 0.95])
def test_one_tile_is_answered_as_an_image(presence_threshold: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = np.zeros((3, 100, 120), np.uint8)
    for value in (140, 190, 220, 250):
        row, column = rng.integers(0, 80, 2)
        pixels[:, row : row + 12, column : column + 9] = value
    write_raster(tmp_path / "a.tif", pixels=pixels)
    model = RemoteSAM(Spots(presence_threshold))
    found = model.detect(np.moveaxis(pixels, 0, 2), ["spot"], max_overlap=1)
    result = model.raster(tmp_path / "a.tif", "spot", tmp_path / "out.gpkg", tile_size=128)
    assert result.counts == {"spot": len(found)}
    if found:
        frame = geopandas.read_file(tmp_path / "out.gpkg")
        assert sorted(frame.pixels) == sorted(one.area for one in found)
        np.testing.assert_allclose(sorted(frame.score), sorted(one.score for one in found), atol=0.5 / 254)


def test_a_long_object_stands_or_falls_whole(tmp_path: Path) -> None:
    """Sure in one tile, unsure in the others: a gate for each tile would cut it off at a seam."""
    pixels = np.zeros((3, 40, 400), np.uint8)
    pixels[:, 15:25, 5:395] = 150
    pixels[:, 15:25, 20:40] = 250
    write_raster(tmp_path / "a.tif", pixels=pixels)
    for gate, count in ((0.9, 1), (0.99, 0)):
        result = RemoteSAM(Spots(gate)).raster(
            tmp_path / "a.tif", "road", tmp_path / "out.gpkg", tile_size=64, overlap=8
        )
        assert result.counts == {"road": count}
        frame = geopandas.read_file(tmp_path / "out.gpkg")
        assert frame.pixels.tolist() == [3900] * count
        assert frame.tiles.tolist() == [7] * count


def test_categories_may_have_gates_of_their_own(tmp_path: Path) -> None:
    """Spots within a block and across blocks: a ship is told from 0.9 on, a harbor from 0.6."""
    pixels = np.zeros((3, 90, 150), np.uint8)
    for column, value in ((10, 200), (70, 200), (110, 250)):  # the second lies on the edge at column 75
        pixels[:, 10:20, column : column + 10] = value
    write_raster(tmp_path / "a.tif", pixels=pixels)
    segmenter = Spots(0.5)
    odds = {"ship": np.log(0.1 / 0.9), "harbor": np.log(0.4 / 0.6)}
    segmenter.calibration = Calibration(kind="logistic", offsets=odds)  # type: ignore[attr-defined]
    model = RemoteSAM(segmenter)
    assert model.limits("detect", ["ship", "harbor"])["presence_threshold"] == pytest.approx([0.9, 0.6])
    for block in (75, 2048):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(blocks, "BLOCK", block)
            result = model.raster(tmp_path / "a.tif", ["ship", "harbor"], tmp_path / "out.gpkg", tile_size=50)
        assert result.counts == {"ship": 1, "harbor": 3}


class Outlined(Spots):
    """Tells outlines by the second band."""

    has_contour = True

    def contour(self, image: np.ndarray) -> np.ndarray:
        """(H, W)."""
        return image[:, :, 1].astype(np.float32) / 255


@pytest.mark.parametrize("tile_size", [48, 64, 256])
@pytest.mark.parametrize("block", [50, 2048])
def test_touching_objects_part_across_seams(
    tile_size: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from remotesam.rasters import blocks

    monkeypatch.setattr(blocks, "BLOCK", block)
    pixels = np.zeros((3, 90, 200), np.uint8)
    pixels[0, 10:80, 10:170] = 230
    pixels[1, :, ::30] = 255  # outlines every 30 columns
    write_raster(tmp_path / "a.tif", pixels=pixels)
    options: dict[str, Any] = {"tile_size": tile_size, "overlap": 8}
    model = RemoteSAM(Outlined(0.0))
    parted = model.raster(tmp_path / "a.tif", "car", tmp_path / "out.gpkg", **options)
    assert parted.counts == {"car": 6}
    frame = geopandas.read_file(tmp_path / "out.gpkg")
    assert frame.pixels.sum() == 70 * 160, "a watershed loses no pixel"
    expected = model.detect(np.moveaxis(pixels, 0, 2), ["car"], max_overlap=1)
    assert sorted(frame.pixels) == sorted(one.area for one in expected)
    whole = model.raster(tmp_path / "a.tif", "car", tmp_path / "out.gpkg", contours="none", **options)
    assert whole.counts == {"car": 1}
