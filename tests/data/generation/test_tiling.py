import numpy as np
import pytest

from remotesam.data.generation.tiling import Tiling, tiles
from remotesam.data.scene import Instance, Scene
from tests.data.scenes import box, scene_of


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": 16}, "at least 32"),
        ({"size": 100, "overlap": 100}, "overlap"),
        ({"size": 100, "overlap": -1}, "overlap"),
        ({"size": 100, "overlap": 0, "whole_up_to": 50}, "whole_up_to"),
        ({"min_visible": 1.5}, "min_visible"),
    ],
)
def test_settings_that_make_no_sense(fields: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tiling(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("height", "width", "count"),
    [(10, 10, 1), (64, 64, 1), (96, 64, 1), (97, 64, 2), (128, 128, 9), (112, 112, 4), (64, 640, 13)],
)
def test_windows_cover_the_image(height: int, width: int, count: int) -> None:
    windows = Tiling(size=64, overlap=16).windows(height, width)
    covered = np.zeros((height, width), int)
    for left, top, w, h in windows:
        assert left >= 0 and left + w <= width and top >= 0 and top + h <= height
        covered[top : top + h, left : left + w] += 1
    assert len(windows) == count and covered.min() == 1


def test_a_small_image_stays_as_it_is() -> None:
    scene = scene_of([("ship", (10, 10, 20, 20), None)])
    assert list(tiles(scene, Tiling(size=64, overlap=0, whole_up_to=100))) == [((0, 0, 100, 100), scene)]


def cut(share: float, *, regions: tuple[str, ...] = (), category: str = "ship") -> Scene:
    """The left tile of a picture with an object of which a share lies in it, and a harbor on both sides."""
    left = 64 - 40 * share
    boxes: list[tuple[str, tuple[float, float, float, float], str | None]] = [
        (category, (left, 10, 40, 20), None),
        ("harbor", (5, 40, 20, 20), None),
        ("harbor", (100, 40, 20, 20), None),
    ]
    scene = scene_of(boxes, annotated=["ship", "harbor", "truck", "vehicle", "airplane"], size=128)
    (window, tile), *_ = tiles(scene, Tiling(size=64, overlap=0, min_visible=0.4), regions=regions)
    assert window == (0, 0, 64, 64)
    return tile


@pytest.mark.parametrize(("share", "kept"), [(0.0, False), (0.25, False), (0.375, False), (0.5, True), (1.0, True)])
def test_a_scrap_is_cut_away_and_its_category_unknown(share: float, kept: bool) -> None:
    tile = cut(share)
    assert ("ship" in [instance.category for instance in tile.instances]) == kept
    assert ("ship" in tile.annotated) == (kept or share == 0)
    assert {"harbor", "airplane"} <= set(tile.annotated)
    assert [i.category for i in tile.instances].count("harbor") == 1


def test_a_scrap_of_a_truck_makes_vehicles_unknown() -> None:
    assert {"truck", "vehicle"}.isdisjoint(cut(0.25, category="truck").annotated)


def test_land_cover_is_cut_without_further_ado() -> None:
    tile = cut(0.125, regions=("ship",))
    assert "ship" in tile.annotated
    assert sum(i.mask(64, 64).sum() for i in tile.instances if i.category == "ship") == 5 * 20


def test_every_pixel_is_where_it_was() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (150, 200, 3), np.uint8)
    hole = np.array([[60, 60], [70, 60], [70, 70], [60, 70]], np.float32)
    instance = Instance("ship", (box(40, 40, 80, 80),), holes=(hole,))
    scene = Scene(image, (instance,), ("ship",), "a")
    whole = instance.mask(150, 200)
    for (left, top, width, height), tile in tiles(scene, Tiling(size=64, overlap=32, min_visible=0)):
        part = np.s_[top : top + height, left : left + width]
        assert (tile.image == image[part]).all()
        drawn = np.any([i.mask(height, width) for i in tile.instances] or [np.zeros((height, width), bool)], axis=0)
        assert (drawn == whole[part]).all()
