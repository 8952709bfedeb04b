"""Colours: as many as asked for, each told from the others."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2lab

from remotesam.visualize import COLOURS, category_colours, colour_at
from remotesam.visualize.colours import ink_on, rgb


def test_the_first_are_those_chosen_by_hand() -> None:
    assert tuple(colour_at(index) for index in range(len(COLOURS))) == COLOURS


def test_a_thousand_categories_have_a_thousand_colours() -> None:
    colours = category_colours([f"category {number}" for number in range(1000)])
    assert len(set(colours.values())) == 1000
    assert colour_at(70_000) in {colour_at(index) for index in range(1024)}


@pytest.mark.parametrize(("count", "distance"), [(10, 25), (20, 25), (40, 22), (100, 12)])
def test_colours_lie_apart_for_the_eye(count: int, distance: float) -> None:
    lab = rgb2lab(np.stack([rgb(colour_at(index)) for index in range(count)])[None] / 255)[0]
    between = np.linalg.norm(lab[:, None] - lab[None], axis=2) + 1e3 * np.eye(count)
    assert between.min() > distance


def test_given_colours_are_kept() -> None:
    assert category_colours(["a", "b", "c"], {"b": "#123456", "z": "#000000"}) == {
        "a": COLOURS[0],
        "b": "#123456",
        "c": COLOURS[2],
    }


@pytest.mark.parametrize("bad", ["blue", "#12345", "#12345g", "123456", "", None, 7])
def test_a_colour_of_another_form_is_told(bad: object) -> None:
    with pytest.raises(ValueError, match=r"colours\['ship'\] is .*; give a colour as '#rrggbb'"):
        category_colours(["ship"], {"ship": bad})  # type: ignore[dict-item]


@pytest.mark.parametrize("index", range(60))
def test_letters_can_be_read_on_every_colour(index: int) -> None:
    def luminance(colour: str) -> float:
        linear = (rgb(colour) / 255.0) ** 2.2
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(colour_at(index)), luminance(ink_on(colour_at(index)))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 4.5
