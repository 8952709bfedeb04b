"""Boxes hold their masks, oriented ones are never larger than horizontal ones, and both turn with the image."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from remotesam.tasks.boxes import mask_box, min_area_box

MASKS = hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(np.any)


def pixel_corners(mask: np.ndarray) -> np.ndarray:
    """The four corners of every set pixel, (4 n, 2) x, y."""
    y, x = np.nonzero(mask)
    return np.concatenate([np.stack([x + dx, y + dy], axis=1) for dx in (0, 1) for dy in (0, 1)])


def ellipse(shape: tuple[int, int], centre: tuple[int, int], axes: tuple[int, int], angle: float) -> np.ndarray:
    return cv2.ellipse(np.zeros(shape, np.uint8), centre, axes, angle, 0, 360, 1, -1).astype(bool)


@pytest.mark.parametrize(
    ("pixels", "box"),
    [
        ([(0, 0)], (0, 0, 1, 1)),
        ([(3, 4)], (4, 3, 5, 4)),  # the last pixel of a 4 x 5 mask
        ([(1, 0), (1, 4)], (0, 1, 5, 2)),
        ([(0, 2), (3, 1)], (1, 0, 3, 4)),
        ([(0, 0), (0, 4), (3, 0), (3, 4)], (0, 0, 5, 4)),
    ],
)
def test_eq_2_by_hand(pixels: list[tuple[int, int]], box: tuple[int, int, int, int]) -> None:
    mask = np.zeros((4, 5), dtype=bool)
    mask[tuple(np.array(pixels).T)] = True
    answer = mask_box(mask)
    assert answer == box
    assert all(type(edge) is int for edge in answer)


@given(MASKS)
@settings(max_examples=100)
def test_a_box_is_the_smallest_that_holds_its_mask(mask: np.ndarray) -> None:
    x1, y1, x2, y2 = mask_box(mask)
    assert mask.sum() == mask[y1:y2, x1:x2].sum()
    for edge in (mask[y1], mask[y2 - 1], mask[:, x1], mask[:, x2 - 1]):
        assert edge.any()


@given(MASKS)
@settings(max_examples=300)
def test_an_oriented_box_holds_its_pixels_and_is_not_larger_than_the_horizontal_one(mask: np.ndarray) -> None:
    box = min_area_box(mask)
    x1, y1, x2, y2 = mask_box(mask)
    assert mask.sum() - 1e-9 <= box.area <= (x2 - x1) * (y2 - y1) + 1e-9
    assert 1 - 1e-9 <= box.height <= box.width
    assert box.area <= math.prod(cv2.minAreaRect(pixel_corners(mask).astype(np.float32))[1]) * (1 + 1e-5)
    angle = math.radians(box.angle)
    frame = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    inside = np.abs((pixel_corners(mask) - [box.x, box.y]) @ frame) - np.array([box.width, box.height]) / 2
    assert inside.max() <= 1e-9


@given(MASKS)
@settings(max_examples=200)
def test_boxes_turn_with_the_image(mask: np.ndarray) -> None:
    width = mask.shape[1]
    turned = np.rot90(mask)
    x1, y1, x2, y2 = mask_box(mask)
    assert mask_box(turned) == (y1, width - x2, y2, width - x1)
    box, after = min_area_box(mask), min_area_box(turned)
    assert (after.x, after.y) == pytest.approx((box.y, width - box.x), abs=1e-9)
    assert (after.width, after.height) == pytest.approx((box.width, box.height), abs=1e-9)
    expected = np.stack([box.corners[:, 1], width - box.corners[:, 0]], axis=1)
    np.testing.assert_allclose(sorted(after.corners.round(6).tolist()), sorted(expected.round(6).tolist()), atol=2e-6)


@pytest.mark.parametrize(
    ("mask", "centre", "size", "angle"),
    [
        (np.ones((1, 1)), (0.5, 0.5), (1, 1), 0),  # one pixel
        (np.ones((1, 7)), (3.5, 0.5), (7, 1), 0),  # lines
        (np.ones((7, 1)), (0.5, 3.5), (7, 1), -90),
        (np.ones((6, 6)), (3, 3), (6, 6), 0),  # squares and discs stay upright
        (ellipse((41, 41), (20, 20), (15, 15), 0), (20.5, 20.5), (31, 31), 0),
        (np.pad(np.ones((2, 4)), 3), (5, 4), (4, 2), 0),
    ],
)
def test_oriented_boxes_by_hand(
    mask: np.ndarray, centre: tuple[float, float], size: tuple[float, float], angle: float
) -> None:
    box = min_area_box(mask.astype(bool))
    assert (box.x, box.y, box.width, box.height, box.angle) == pytest.approx((*centre, *size, angle), abs=1e-9)


@pytest.mark.parametrize("angle", [-60, -30, -7, 12, 45, 81])
def test_the_direction_of_a_long_object(angle: float) -> None:
    box = min_area_box(ellipse((400, 400), (200, 200), (150, 20), angle))
    assert box.angle == pytest.approx(angle, abs=1.5)
    assert (box.width, box.height) == pytest.approx((301, 41), abs=3)


def test_a_diagonal_is_three_times_smaller_than_its_horizontal_box() -> None:
    # 50 pixels on the diagonal: 50 sqrt(2) long and sqrt(2) wide, the pixels' corners included.
    box = min_area_box(np.eye(50, dtype=bool))
    assert (box.width, box.height, box.angle) == pytest.approx((50 * math.sqrt(2), math.sqrt(2), 45), abs=1e-6)


@pytest.mark.parametrize("function", [mask_box, min_area_box])
@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((4, 5), dtype=bool), r"mask of \(4, 5\) has no pixel set"),
        (np.zeros((0, 5), dtype=bool), r"mask of \(0, 5\) has no pixel set"),
        (np.ones((4, 5)), r"float64 of \(4, 5\); give a numpy array \(H, W\) of bool"),
        (np.ones(4, dtype=bool), r"bool of \(4,\)"),
        ([[True]], "a list"),
    ],
)
def test_what_is_no_mask_is_refused(function: object, mask: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(mask)  # type: ignore[operator]
