"""Pictures of results: every mask visible in a colour of its own, at every size."""

from __future__ import annotations

import numpy as np
import pytest

from remotesam.results import Segmentation
from remotesam.tasks.referring import segment_referring
from remotesam.visualize import COLOURS, overlay
from tests.visualize.conftest import grey


def result_of(mask: np.ndarray, expression: str = "all ships") -> Segmentation:
    return segment_referring(expression, mask.astype(np.float32), threshold=0.5, presence_threshold=0.0)


def test_nothing_asked_changes_nothing() -> None:
    image = np.full((30, 40, 3), 90, dtype=np.uint8)
    np.testing.assert_array_equal(overlay(image, []), image)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (64, 64), (200, 333), (1500, 900)])
def test_only_the_mask_is_drawn_and_the_input_kept(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 90, dtype=np.uint8)
    mask = np.zeros(size, dtype=bool)
    mask[: size[0] // 2 + 1, : size[1] // 2 + 1] = True
    drawn = overlay(image, [result_of(mask)], legend=False)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (image == 90).all()
    changed = (drawn != image).any(axis=2)
    assert changed[mask].all()
    reach = 2 + max(size) // 200
    assert not changed[mask.shape[0] // 2 + 1 + reach :, :].any()
    np.testing.assert_array_equal(overlay(image, [result_of(~mask & mask)], legend=False), image)


def test_colours_are_those_of_the_palette_in_order() -> None:
    image = np.zeros((60, 60 * len(COLOURS), 3), dtype=np.uint8)
    masks = []
    for index in range(len(COLOURS)):
        mask = np.zeros(image.shape[:2], dtype=bool)
        mask[20:40, 60 * index + 20 : 60 * index + 40] = True
        masks.append(mask)
    drawn = overlay(image, [result_of(mask) for mask in masks], legend=False)
    for index, colour in enumerate(COLOURS):
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
        shown = drawn[30, 60 * index + 30].astype(float)
        assert np.dot(shown, wanted) / np.linalg.norm(shown) / np.linalg.norm(wanted) > 0.99
    assert len({tuple(drawn[30, 60 * index + 30]) for index in range(len(COLOURS))}) == len(COLOURS)


@pytest.mark.parametrize("side", [1, 64, 256, 1024])
@pytest.mark.parametrize("expression", ["a ship", "x" * 10_000, "a ship " * 1000, "左边的船", "корабль 🚢", "\x00"])
def test_the_legend_is_a_strip_of_bounded_height(side: int, expression: str) -> None:
    image = np.full((side, side, 3), 90, dtype=np.uint8)
    results = [result_of(np.ones((side, side)), expression), result_of(np.zeros((side, side)), expression)]
    drawn = overlay(image, results)
    factor = -(-480 // side) if side < 480 else 1
    assert drawn.shape[1] == max(320, side * factor)
    strip = drawn[side * factor :]
    assert 20 < strip.shape[0] < drawn.shape[1]
    assert strip.max() > 150  # there is writing on it


def test_a_mask_of_another_image_is_told() -> None:
    with pytest.raises(ValueError, match=r"'all ships' is \(4, 4\).*\(8, 8\)"):
        overlay(np.zeros((8, 8, 3), dtype=np.uint8), [result_of(np.ones((4, 4)))])


@pytest.mark.parametrize("bad", [np.zeros((8, 8)), np.zeros((8, 8, 4), np.uint8), np.zeros((0, 8, 3), np.uint8), None])
def test_an_image_that_cannot_be_drawn_on_is_told(bad: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match=r"image is .*; give"):
        overlay(bad, [])  # type: ignore[arg-type]


def test_sentences_keep_the_colours_they_are_given() -> None:
    image = grey(40, 80)
    mask = np.zeros((40, 80), dtype=bool)
    mask[10:30, 10:30] = True
    results = [result_of(mask, "all ships"), result_of(mask[:, ::-1], "all ships"), result_of(~mask & mask, "all cars")]
    drawn = overlay(image, results, legend=False, colours={"all ships": "#0000ff"})
    blue, other = drawn[20, 20], drawn[20, 60]
    np.testing.assert_array_equal(blue, other)
    assert blue[2] > blue[0] == blue[1]


def test_holes_stay_open_and_single_pixels_are_seen() -> None:
    mask = np.zeros((100, 100), dtype=bool)
    mask[20:80, 20:80] = True
    mask[40:60, 40:60] = False
    mask[5, 5] = True
    drawn = overlay(grey(100, 100), [result_of(mask)], legend=False)
    assert (drawn[44:56, 44:56] == 90).all()
    assert (drawn[5, 5] != 90).any()


def test_the_legend_names_each_sentence_with_its_score(said: list[str]) -> None:
    mask = np.ones((20, 20))
    overlay(grey(20, 20), [result_of(mask, "all ships"), result_of(0 * mask, "all\ncars")])
    assert said == ["all ships · 1.00", "all cars · absent (pale)"]


def test_many_sentences_are_summed_up(said: list[str]) -> None:
    nothing = np.zeros((20, 20))
    results = [result_of(nothing, f"sentence {number}") for number in range(999)]
    drawn = overlay(grey(20, 20), [*results, result_of(nothing + 1, "the last")])
    assert len(said) == 60
    assert said[-2:] == ["the last · 1.00", "... and 941 more, absent (pale)"]
    assert drawn.shape[0] < 2000
