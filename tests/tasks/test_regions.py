"""An object is where the centroid of its mask is."""

from __future__ import annotations

import numpy as np
import pytest

from remotesam.results import Instance
from remotesam.tasks.regions import PHRASES, region_of


def box(x1: int, y1: int, x2: int, y2: int, *, width: int = 90, height: int = 90) -> Instance:
    return Instance("ship", 0.9, np.ones((y2 - y1, x2 - x1), dtype=bool), x1, y1, (height, width))


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize(("width", "height"), [(90, 90), (300, 60)])
def test_three_by_three(row: int, column: int, width: int, height: int) -> None:
    names = [["upper left", "top", "upper right"], ["left", "middle", "right"], ["lower left", "bottom", "lower right"]]
    x, y = (2 * column + 1) * width // 6, (2 * row + 1) * height // 6
    for one in (
        box(x, y, x + 1, y + 1, width=width, height=height),
        box(x - 9, y - 9, x + 9, y + 9, width=width, height=height),
    ):
        assert region_of(one, 3) == names[row][column]


@pytest.mark.parametrize(
    ("one", "region"),
    [
        (box(0, 0, 1, 1), "upper left"),
        (box(89, 0, 90, 1), "upper right"),
        (box(0, 89, 1, 90), "lower left"),
        (box(89, 89, 90, 90), "lower right"),
        (box(40, 40, 50, 50), "middle"),  # centred: in none of the quarters
        (box(35, 35, 46, 46), "middle"),  # its centre is 4.5 = a twentieth away
        (box(34, 34, 45, 45), "upper left"),
        (box(40, 0, 50, 10), "upper right"),  # on the line: the right one
        (box(0, 40, 10, 50), "lower left"),  # on the line: the lower one
    ],
)
def test_two_by_two(one: Instance, region: str) -> None:
    assert region_of(one, 2) == region


@pytest.mark.parametrize(
    ("one", "region"),
    [
        (box(0, 0, 90, 90), "whole image"),
        (box(0, 0, 60, 60), "whole image"),  # two thirds each way
        (box(0, 0, 59, 90), "left"),  # its centre is at 29.5 of 90
        (box(29, 0, 30, 1), "upper left"),
        (box(29, 0, 31, 1), "top"),  # a third exactly: the right one
    ],
)
def test_the_lines_between(one: Instance, region: str) -> None:
    assert region_of(one, 3) == region


def test_the_centroid_is_that_of_the_mask_not_of_the_box() -> None:
    crop = np.zeros((10, 60), dtype=bool)
    crop[:, :20] = True
    crop[0] = True
    assert region_of(Instance("ship", 0.9, crop, 0, 0, (90, 90)), 3) == "upper left"
    assert region_of(box(0, 0, 60, 10), 3) == "top"


def test_every_region_has_its_phrase() -> None:
    found = {region_of(box(x, y, x + 1, y + 1), grid) for x in range(90) for y in range(0, 90, 7) for grid in (2, 3)}
    assert found == set(PHRASES) - {"whole image"}


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (2, 2)])
def test_tiny_images(size: tuple[int, int]) -> None:
    assert region_of(Instance("ship", 0.9, np.ones((1, 1), dtype=bool), 0, 0, size), 3) in PHRASES
    assert region_of(Instance("ship", 0.9, np.ones((1, 1), dtype=bool), 0, 0, size), 2) in PHRASES
