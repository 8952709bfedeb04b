"""Pictures of objects: near them and nowhere else, and no label hides one."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from remotesam.results import Counts, Instance, Instances
from remotesam.visualize import COLOURS, draw_counts, draw_grounding, draw_instances
from remotesam.visualize.colours import rgb
from tests.visualize.conftest import GREY, grey, rectangle


def spread(size: int, columns: int, *, turned: bool = False, categories: int = 3) -> Instances:
    """Objects in a square grid, each as wide as a third of its cell."""
    cell = size // columns
    side = max(1, cell // 3)
    found = [
        rectangle(
            f"category {(row + column) % categories}",
            column * cell + side,
            row * cell + side,
            side,
            side,
            size=(size, size),
            turned=20.0 * column if turned else None,
        )
        for row in range(columns)
        for column in range(columns)
    ]
    return Instances(found, image_size=(size, size), categories=[f"category {i}" for i in range(categories)])


def boxes_of(instances: list[Instance], margin: int) -> np.ndarray:
    """(H, W) bool: within so many pixels of a box, oriented ones by the rectangle around them."""
    near = np.zeros(instances[0].image_size, dtype=bool)
    for instance in instances:
        x1, y1 = np.maximum(np.floor(instance.corners.min(axis=0)).astype(int) - margin, 0)
        x2, y2 = np.ceil(instance.corners.max(axis=0)).astype(int) + margin
        near[y1:y2, x1:x2] = True
    return near


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("size", "columns"), [(16, 1), (16, 3), (100, 2), (256, 5), (512, 1), (1500, 8), (4000, 2)])
def test_only_the_objects_and_their_surroundings_change(size: int, columns: int, turned: bool) -> None:
    image = grey(size, size)
    found = spread(size, columns, turned=turned)
    drawn = draw_instances(image, found, legend=False)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (image == GREY).all()
    changed = (drawn != GREY).any(axis=2)
    assert not (changed & ~boxes_of(found, 5 + size // 250)).any()
    for instance in found:
        assert changed[instance.mask].all()


@pytest.mark.parametrize("size", [30, 256, 900, 2400])
def test_the_box_lies_around_the_object_not_on_it(size: int) -> None:
    one = rectangle("ship", size // 3, size // 3, size // 4, size // 3, size=(size, size))
    drawn = draw_instances(grey(size, size), [one], legend=False)
    x1, y1, x2, y2 = one.box
    inside = drawn[y1:y2, x1:x2].reshape(-1, 3)
    assert (inside == inside[0]).all()  # the tint alone
    np.testing.assert_allclose(inside[0], 0.4 * rgb(COLOURS[0]) + 0.6 * GREY, atol=1)
    for y, x in ((y1 - 2, x1), (y2 + 1, x1), (y1, x1 - 2), (y1, x2 + 1)):
        assert (drawn[y - 2 : y + 3, x - 2 : x + 3] == rgb(COLOURS[0])).all(axis=2).any()


@pytest.mark.parametrize(
    ("left", "top", "width", "height"),
    [(0, 0, 5, 5), (95, 95, 5, 5), (0, 40, 3, 20), (40, 99, 20, 1), (0, 0, 100, 100), (99, 0, 1, 100)],
)
@pytest.mark.parametrize("turned", [None, 30.0])
@pytest.mark.parametrize("legend", [False, True])
def test_objects_at_the_border_are_seen(
    left: int, top: int, width: int, height: int, turned: float | None, legend: bool
) -> None:
    one = rectangle("ship", left, top, width, height, size=(100, 100), turned=turned)
    drawn = draw_instances(grey(100, 100), [one], legend=legend)
    factor = 5 if legend else 1
    if turned is None:
        # The line is there on every side, also where the object ends with the image.
        yellow = (drawn[: 100 * factor] == rgb(COLOURS[0])).all(axis=2)
        rows, columns = np.flatnonzero(yellow.any(axis=1)), np.flatnonzero(yellow.any(axis=0))
        assert rows[0] <= max(top * factor, 3)
        assert rows[-1] >= min((top + height) * factor, 100 * factor - 4) - 1
        assert columns[0] <= max(left * factor, 3)
        assert columns[-1] >= min((left + width) * factor, 100 * factor - 4) - 1
    assert (drawn[top * factor, left * factor] != GREY).any()


@pytest.mark.parametrize(("size", "count"), [(256, 1), (256, 60), (512, 5), (512, 120), (1500, 5), (1500, 60)])
@pytest.mark.parametrize("turned", [False, True])
def test_no_label_covers_an_object(size: int, count: int, turned: bool) -> None:
    rng = np.random.default_rng(count)
    side = size // 25
    cells = rng.permutation(12 * 12)[:count]
    found = [
        rectangle(
            f"a long name {cell % 3}",
            int(cell % 12 * size / 12 + side / 2),
            int(cell // 12 * size / 12 + side / 2),
            side,
            side,
            size=(size, size),
            turned=20.0 if turned else None,
        )
        for cell in cells
    ]
    image = grey(size, size)
    drawn = draw_instances(image, found)
    factor = -(-480 // size)
    plain = draw_instances(
        image.repeat(factor, 0).repeat(factor, 1), [_enlarged(one, factor) for one in found], legend=False
    )
    labelled = (drawn[: size * factor] != plain).any(axis=2)
    assert labelled.any()
    for one in found:
        assert not labelled[_enlarged(one, factor).mask].any()


def _enlarged(one: Instance, factor: int) -> Instance:
    crop = one.crop.repeat(factor, 0).repeat(factor, 1)
    height, width = one.image_size
    oriented = one.oriented
    if oriented is not None:
        values = (oriented.x, oriented.y, oriented.width, oriented.height)
        oriented = type(oriented)(*(factor * value for value in values), oriented.angle)
    size = (height * factor, width * factor)
    return Instance(one.category, one.score, crop, one.left * factor, one.top * factor, size, oriented)


def test_a_label_on_an_object_that_fills_the_image_covers_no_smaller_one() -> None:
    size = (512, 512)
    small = [rectangle("ship", 60 * i, 0, 20, 20, size=size) for i in range(8)]
    image = grey(*size)
    drawn = draw_instances(image, [rectangle("harbor", 0, 0, 512, 512, size=size), *small])
    plain = draw_instances(image, [rectangle("harbor", 0, 0, 512, 512, size=size), *small], legend=False)
    labelled = (drawn[:512] != plain).any(axis=2)
    assert labelled.any()
    assert not any(labelled[one.mask].any() for one in small)


@pytest.mark.parametrize("size", [16, 64, 256, 480, 1500])
def test_the_legend_is_a_strip_below_the_enlarged_image(size: int) -> None:
    image = grey(size, size)
    factor = -(-480 // size)
    nothing = draw_instances(image, Instances(image_size=(size, size), categories=["ship", "harbor"]))
    assert nothing.shape[1] == size * factor
    assert 15 < nothing.shape[0] - size * factor < 120
    assert (nothing[: size * factor] == GREY).all()


def test_the_legend_counts_every_category_asked_for(said: list[str]) -> None:
    found = Instances(
        [rectangle(category, 10, 10, 5, 5, size=(64, 64)) for category in ("ship", "ship", "car")],
        image_size=(64, 64),
        categories=["harbor", "car", "ship"],
    )
    draw_instances(grey(64, 64), found)
    assert said == ["harbor · 0 (pale)", "car · 1", "ship · 2"]
    said.clear()
    draw_counts(grey(64, 64), Counts({"ship": 2, "harbor": 0, "car": 1}, found))
    assert said == ["ship: 2", "harbor: 0 (pale)", "car: 1"]


def test_forty_categories_get_a_colour_and_a_line_each(said: list[str]) -> None:
    size = (600, 600)
    found = [rectangle(f"category {i}", 70 * (i % 8) + 20, 70 * (i // 8) + 20, 30, 30, size=size) for i in range(40)]
    drawn = draw_instances(grey(*size), found)
    assert len(said) == 40
    tints = {tuple(drawn[one.top + 15, one.left + 15]) for one in found}
    assert len(tints) == 40


def test_colours_are_those_asked_for() -> None:
    one = rectangle("ship", 20, 20, 30, 30, size=(80, 80))
    drawn = draw_instances(grey(80, 80), [one], legend=False, colours={"ship": "#0000ff"})
    np.testing.assert_allclose(drawn[35, 35], [54, 54, 156], atol=1)


@pytest.mark.parametrize("category", ["船", "корабль 🚢", "a\nb\x00c", "x" * 500, "%s {0} <b>", "‏שלום"])
@pytest.mark.parametrize("size", [40, 700])
def test_any_name_can_be_written(category: str, size: int) -> None:
    one = rectangle(category, size // 2, size // 2, size // 8, size // 8, size=(size, size))
    for drawn in (draw_instances(grey(size, size), [one]), draw_grounding(grey(size, size), one)):
        assert drawn.shape[0] < 2 * max(size, 480)


def test_hundreds_of_objects_on_a_large_image_need_little_memory() -> None:
    size = 2000
    found = spread(size, 12)
    image = grey(size, size)
    draw_instances(grey(20, 20), [rectangle("ship", 5, 5, 5, 5, size=(20, 20))])  # imports
    tracemalloc.start()
    started = time.perf_counter()
    draw_instances(image, found)
    took = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 144  # whole masks would be 576 MB
    assert peak < 4 * image.nbytes
    assert took < 60


def test_grounding_says_what_was_found(said: list[str]) -> None:
    one = rectangle("the ship on the left", 10, 10, 20, 20, size=(64, 64))
    found = draw_grounding(grey(64, 64), one)
    assert (found[:480] != GREY).any()
    assert (draw_grounding(grey(64, 64), None)[:480] == GREY).all()
    draw_grounding(grey(64, 64), None, sentence="all cars")
    assert said == ["the ship on the left · 0.90", "not found (pale)", "all cars · not found (pale)"]


def test_objects_of_another_image_are_told() -> None:
    one = rectangle("ship", 1, 1, 2, 2, size=(8, 8))
    whole = Instances([one], image_size=(8, 8))
    for draw in (draw_instances, draw_counts, draw_grounding):
        result = {"draw_counts": Counts({"ship": 1}, whole), "draw_grounding": one}.get(draw.__name__, whole)
        with pytest.raises(ValueError, match=r"\(8, 8\), the image \(8, 9\) \(height, width\); draw results on"):
            draw(grey(8, 9), result)  # type: ignore[operator]
