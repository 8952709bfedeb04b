"""Oriented boxes in the convention le90, from corners and back."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.results import OrientedBox


def same_rectangle(one: np.ndarray, other: np.ndarray) -> bool:
    distances = np.linalg.norm(one[:, None] - other[None], axis=2)
    return bool((distances.min(axis=1) < 1e-6).all() and (distances.min(axis=0) < 1e-6).all())


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        ([[0, 0], [4, 0], [4, 2], [0, 2]], (2, 1, 4, 2, 0)),
        ([[0, 0], [0, 2], [4, 2], [4, 0]], (2, 1, 4, 2, 0)),  # the other way round
        ([[4, 2], [0, 2], [0, 0], [4, 0]], (2, 1, 4, 2, 0)),  # from another corner
        ([[0, 0], [2, 0], [2, 6], [0, 6]], (1, 3, 6, 2, -90)),
        ([[1, 0], [3, 2], [2, 3], [0, 1]], (1.5, 1.5, 2 * math.sqrt(2), math.sqrt(2), 45)),
        ([[2, 0], [3, 1], [1, 3], [0, 2]], (1.5, 1.5, 2 * math.sqrt(2), math.sqrt(2), -45)),
        ([[0, 0], [3, 0], [3, 3], [0, 3]], (1.5, 1.5, 3, 3, 0)),  # a square
        ([[1, 0], [2, 1], [1, 2], [0, 1]], (1, 1, math.sqrt(2), math.sqrt(2), -45)),
        ([[2, 3], [2, 3], [2, 3], [2, 3]], (2, 3, 0, 0, 0)),
    ],
)
def test_from_corners_by_hand(corners: list[list[float]], expected: tuple[float, ...]) -> None:
    box = OrientedBox.from_corners(np.array(corners))
    assert (box.x, box.y, box.width, box.height, box.angle) == pytest.approx(expected, abs=1e-9)
    assert same_rectangle(box.corners, np.array(corners, dtype=float))


@given(
    st.tuples(*[st.floats(-50, 50)] * 2),
    st.floats(0.5, 60),
    st.floats(0.05, 1),
    st.floats(-360, 360),
    st.integers(0, 3),
    st.booleans(),
)
@settings(max_examples=200)
def test_corners_there_and_back(
    centre: tuple[float, float], width: float, ratio: float, angle: float, first: int, backwards: bool
) -> None:
    corners = np.roll(OrientedBox(*centre, width, width * ratio, angle).corners, first, axis=0)
    box = OrientedBox.from_corners(corners[::-1] if backwards else corners)
    assert same_rectangle(box.corners, corners)
    assert box.width >= box.height
    assert box.area == pytest.approx(width * width * ratio)
    for value in (box.angle, box.to_dict()["angle"]):
        assert -90 <= value < 90


@given(st.floats(-180, 180))
@settings(max_examples=100)
def test_corners_go_clockwise_from_the_topmost(angle: float) -> None:
    corners = OrientedBox(5, 5, 4, 2, angle).corners
    x, y = corners.T
    assert np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0  # clockwise where y points down
    assert y[0] <= y.min() + 1e-6
    assert x[0] <= x[y <= y.min() + 1e-7].min() + 1e-6  # of two topmost the left one


@pytest.mark.parametrize(("angle", "side", "expected"), [(89.99999, 2, -90.0), (44.99999, 4, -45.0), (-90.0, 2, -90.0)])
def test_rounding_leaves_no_angle_outside_its_range(angle: float, side: float, expected: float) -> None:
    document = OrientedBox(0, 0, 4, side, angle).to_dict()
    assert document["angle"] == expected
    assert json.loads(json.dumps(document)) == {"x": 0, "y": 0, "width": 4, "height": side, "angle": expected}


@pytest.mark.parametrize("corners", [np.zeros((3, 2)), np.zeros(8), [[0, 0], [1, 0], [1, math.nan], [0, 1]]])
def test_what_is_no_rectangle_is_refused(corners: object) -> None:
    with pytest.raises(ValueError, match=r"give the x, y of four points, \(4, 2\)"):
        OrientedBox.from_corners(corners)  # type: ignore[arg-type]
