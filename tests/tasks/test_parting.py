"""Parting touching objects: nothing is lost, nothing crosses, and shapes that touch come apart whole."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from remotesam.tasks.parting import part_mask

SHAPES = st.tuples(st.integers(1, 14), st.integers(1, 14))


def components(mask: np.ndarray) -> tuple[int, np.ndarray]:
    count, labels = cv2.connectedComponents(np.ascontiguousarray(mask, np.uint8), connectivity=4)
    return count - 1, labels


@st.composite
def masks_and_contours(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    mask = draw(hnp.arrays(bool, shape))
    steps = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 8)))
    return mask, (steps / 8).astype(np.float32)


@given(masks_and_contours(), st.sampled_from([0.0, 0.25, 0.6, 1.0]), st.sampled_from([0.0, 0.2, 0.7, 1.0]))
@settings(max_examples=150)
def test_watershed_partitions_the_mask(
    example: tuple[np.ndarray, np.ndarray], threshold: float, min_share: float
) -> None:
    mask, contour = example
    before = mask.copy(), contour.copy()
    labels = part_mask(mask, contour, threshold=threshold, min_share=min_share)
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels > 0, mask)  # no pixel lost, none added
    _, components_of_mask = components(mask)
    first_pixels = []
    for label in range(1, labels.max() + 1):
        piece = labels == label
        assert components(piece)[0] == 1
        assert len(np.unique(components_of_mask[piece])) == 1  # it stays within one component of the mask
        first_pixels.append(np.flatnonzero(piece)[0])
    assert first_pixels == sorted(first_pixels)
    np.testing.assert_array_equal(labels, part_mask(mask, contour, threshold=threshold, min_share=min_share))
    np.testing.assert_array_equal(mask, before[0])
    np.testing.assert_array_equal(contour, before[1])


@given(masks_and_contours(), st.sampled_from([0.0, 0.25, 0.6]), st.sampled_from([0.0, 0.2, 1.0]))
@settings(max_examples=100)
def test_cut_leaves_the_markers_that_watershed_floods_from(
    example: tuple[np.ndarray, np.ndarray], threshold: float, min_share: float
) -> None:
    mask, contour = example
    flooded = part_mask(mask, contour, threshold=threshold, min_share=min_share)
    cut = part_mask(mask, contour, mode="cut", threshold=threshold, min_share=min_share)
    assert cut.max() == flooded.max()
    assert not cut[~mask].any()
    low = mask & (contour <= threshold)
    _, of_low = components(low)
    for label in range(1, cut.max() + 1):
        piece = cut == label
        assert len(np.unique(flooded[piece])) == 1  # it only grows
        whole = components(mask)[1] == components(mask)[1][piece][0]
        if (low & whole).any():
            np.testing.assert_array_equal(piece, of_low == of_low[piece][0])
        else:
            np.testing.assert_array_equal(piece, whole)  # contour everywhere: one object, whole
    if min_share == 0:
        np.testing.assert_array_equal((cut > 0) & low, low)  # every marker counts


@given(hnp.arrays(bool, SHAPES), st.randoms(use_true_random=False), st.integers(1, 3))
@settings(max_examples=60)
def test_turning_the_image_turns_the_parts(mask: np.ndarray, random: Any, turns: int) -> None:
    values = list(range(mask.size))
    random.shuffle(values)  # every height once: no ties
    contour = (np.array(values, np.float64).reshape(mask.shape) / mask.size).astype(np.float32)
    turned = part_mask(np.rot90(mask, turns), np.rot90(contour, turns), min_share=0)
    assert partition(np.rot90(turned, -turns)) == partition(part_mask(mask, contour, min_share=0))


def partition(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in range(1, labels.max() + 1)}


def rectangle(x: float, y: float, width: float, height: float, angle: float = 0.0) -> np.ndarray:
    return cv2.boxPoints(((x, y), (width, height), angle))


def draw(polygons: list[np.ndarray], size: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """The labels (H, W) of shapes and their outlines, two to three pixels wide."""
    truth = np.zeros((size, size), np.int32)
    contour = np.zeros((size, size), np.uint8)
    for label, polygon in enumerate(polygons, start=1):
        cv2.fillPoly(truth, [np.round(polygon).astype(np.int32)], label)
    for label in range(1, len(polygons) + 1):
        shape = (truth == label).astype(np.uint8)
        contour |= shape - cv2.erode(shape, np.ones((3, 3), np.uint8))
    return truth, contour.astype(np.float32)


def disc(x: float, y: float, radius: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def box_iou(one: np.ndarray, other: np.ndarray) -> float:
    (x1, y1, w1, h1), (x2, y2, w2, h2) = (cv2.boundingRect(mask.astype(np.uint8)) for mask in (one, other))
    width = max(0, min(x1 + w1, x2 + w2) - max(x1, x2))
    height = max(0, min(y1 + h1, y2 + h2) - max(y1, y2))
    return width * height / (w1 * h1 + w2 * h2 - width * height)


TOUCHING = {
    "two rectangles": [rectangle(30, 60, 40, 24), rectangle(70, 60, 40, 24)],
    "rectangles side by side": [rectangle(60, 14 + 16 * i, 60, 16) for i in range(6)],
    "rectangles of different sizes": [rectangle(30, 40, 40, 40), rectangle(71, 40, 42, 20), rectangle(30, 76, 20, 32)],
    "two discs": [disc(36, 60, 22), disc(80, 60, 22)],
    "four discs": [disc(38 + 44 * x, 38 + 44 * y, 22) for x in (0, 1) for y in (0, 1)],
    "rotated rectangles": [
        rectangle(60 + 20 * i * np.cos(np.pi / 6), 60 + 20 * i * np.sin(np.pi / 6), 20, 50, 30) for i in (-1, 0, 1)
    ],
    "rotated rectangle and disc": [rectangle(40, 50, 50, 20, 45), disc(74, 42, 20)],
}


@pytest.mark.parametrize("polygons", TOUCHING.values(), ids=TOUCHING.keys())
def test_touching_shapes_come_apart_whole(polygons: list[np.ndarray]) -> None:
    truth, contour = draw(polygons)
    mask = truth > 0
    assert components(mask)[0] == 1  # they do touch
    best = {}
    for mode in ("watershed", "cut"):
        labels = part_mask(mask, contour, mode=mode)
        assert labels.max() == len(polygons)
        best[mode] = [
            max(box_iou(labels == label, truth == number) for label in range(1, labels.max() + 1))
            for number in range(1, len(polygons) + 1)
        ]
    assert min(best["watershed"]) >= 0.95
    assert max(best["cut"]) < 0.95  # every box shrinks
    assert np.mean(best["cut"]) < np.mean(best["watershed"]) - 0.05


def test_cut_shrinks_by_the_width_of_the_contour() -> None:
    truth, contour = draw(TOUCHING["two rectangles"])
    labels = part_mask(truth > 0, contour, mode="cut")
    for label in (1, 2):
        _, _, width, height = cv2.boundingRect((truth == label).astype(np.uint8))
        assert cv2.boundingRect((labels == label).astype(np.uint8))[2:] == (width - 2, height - 2)


def test_the_contour_decides_where_the_border_runs() -> None:
    contour = np.array([[0.0, 0.3, 0.5, 0.9, 0.4, 0.0]], np.float32)
    np.testing.assert_array_equal(part_mask(np.ones((1, 6), bool), contour)[0, [0, 1, 2, 4, 5]], [1, 1, 1, 2, 2])


@pytest.mark.parametrize("mode", ["watershed", "cut"])
def test_no_contour_leaves_plain_components(mode: Any) -> None:
    mask = np.random.default_rng(0).random((40, 60)) < 0.6
    labels = part_mask(mask, np.zeros((40, 60), np.float32), mode=mode)
    assert partition(labels) == partition(components(mask)[1])


@pytest.mark.parametrize("mode", ["watershed", "cut"])
@pytest.mark.parametrize("height", [1.0, 0.3])
def test_contour_everywhere_leaves_plain_components(mode: Any, height: float) -> None:
    mask = np.zeros((6, 9), bool)
    mask[1:3, :4], mask[4:, 6:] = True, True
    labels = part_mask(mask, np.full((6, 9), height, np.float32), mode=mode)
    np.testing.assert_array_equal(labels, mask * np.where(np.arange(6)[:, None] < 3, 1, 2))


@pytest.mark.parametrize("mode", ["watershed", "cut"])
@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (np.zeros((3, 4), bool), 0),
        (np.ones((1, 1), bool), 1),
        (np.ones((1, 7), bool), 1),
        (np.ones((5, 5), bool), 1),
        (np.eye(4, dtype=bool), 4),  # corners do not connect
        (np.pad(np.zeros((2, 2), bool), 1, constant_values=True), 1),  # a hole
    ],
    ids=["empty", "one pixel", "one row", "full", "diagonal", "ring"],
)
def test_plain_masks(mask: np.ndarray, expected: int, mode: Any) -> None:
    labels = part_mask(mask, np.zeros(mask.shape, np.float32), mode=mode)
    assert labels.max() == expected
    np.testing.assert_array_equal(labels > 0, mask)


def test_views_are_taken_as_they_are() -> None:
    mask = np.ones((8, 12), bool)[::2, ::-1]
    contour = np.zeros((12, 4), np.float64).T
    contour[:, 5:7] = 1
    assert part_mask(mask, contour).max() == 2


def test_a_marker_too_small_makes_no_object() -> None:
    contour = np.array([[0, 0, 0, 0, 0.9, 0, 0.4, 0, 0, 0, 0]], np.float32)
    mask = np.ones_like(contour, bool)
    at = [0, 3, 5, 7, 10]
    np.testing.assert_array_equal(part_mask(mask, contour, min_share=0)[0, at], [1, 1, 2, 3, 3])
    np.testing.assert_array_equal(part_mask(mask, contour, min_share=0.25)[0, at], [1, 1, 2, 3, 3])
    # It joins the neighbour behind the lower barrier.
    np.testing.assert_array_equal(part_mask(mask, contour, min_share=0.5)[0, at], [1, 1, 2, 2, 2])
    np.testing.assert_array_equal(part_mask(mask, contour, min_share=0.5, mode="cut")[0, at], [1, 1, 0, 2, 2])


def test_a_thin_marker_makes_no_object() -> None:
    contour = np.zeros((20, 40), np.float32)
    contour[:, 2] = 1  # between the edge of the mask and the contour remain 2 columns of 20 pixels
    mask = np.ones_like(contour, bool)
    assert part_mask(mask, contour, min_share=0.0).max() == 2
    assert part_mask(mask, contour, min_share=0.02).max() == 1
    assert part_mask(mask[:, :16], contour[:, :16], min_share=0.13).max() == 1  # 40 of 260 pixels, but thin


def test_markers_are_measured_against_their_own_component() -> None:
    mask = np.zeros((12, 20), bool)
    mask[:, :12], mask[:3, 14:] = True, True
    contour = np.zeros((12, 20), np.float32)
    contour[:, 16] = 1  # two markers of 6 and 9 pixels beside one of 144
    assert part_mask(mask, contour, min_share=0.2).max() == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mask": np.ones((4, 5), np.uint8)}, r"mask is uint8 of \(4, 5\); give a numpy array \(H, W\) of bool"),
        ({"mask": np.ones((1, 4, 5), bool)}, r"mask is bool of \(1, 4, 5\)"),
        ({"mask": np.ones((0, 5), bool)}, "at least one pixel"),
        ({"mask": [[True]]}, "mask is a list"),
        ({"contour": np.zeros((5, 4), np.float32)}, r"contour is \(5, 4\) for a mask of \(4, 5\)"),
        ({"contour": np.zeros((4, 5), np.uint8)}, "contour has the type uint8"),
        ({"contour": np.zeros((4, 5, 1), np.float32)}, r"contour has the shape \(4, 5, 1\)"),
        ({"contour": np.full((4, 5), np.nan, np.float32)}, "contour has values from nan"),
        ({"contour": np.full((4, 5), 1.5, np.float32)}, "contour has values from 1.5"),
        ({"contour": None}, "contour is a NoneType"),
        ({"mode": "slice"}, "mode is 'slice'; use one of watershed, cut"),
        ({"threshold": -0.1}, r"threshold is -0.1; use a number in \[0, 1\]"),
        ({"threshold": 1.1}, "threshold is 1.1"),
        ({"threshold": float("nan")}, "threshold is nan"),
        ({"min_share": 2}, r"min_share is 2; use a number in \[0, 1\]"),
    ],
)
def test_bad_input_is_told(change: dict[str, Any], told: str) -> None:
    arguments: dict[str, Any] = {"mask": np.ones((4, 5), bool), "contour": np.zeros((4, 5), np.float32)} | change
    with pytest.raises(ValueError, match=told):
        part_mask(arguments.pop("mask"), arguments.pop("contour"), **arguments)
