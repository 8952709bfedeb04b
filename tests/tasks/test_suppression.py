"""Of what was found twice, the best stays; what only touches or lies inside stays too."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.results import Instance
from remotesam.tasks.suppression import mask_iou, rank, suppress_overlaps

SIZE = (24, 24)


def rectangle(category: str, score: float, x: int, y: int, width: int, height: int) -> Instance:
    return Instance(category, score, np.ones((height, width), dtype=bool), x, y, SIZE)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    mask = np.zeros(SIZE, dtype=bool)
    y, x = rng.integers(0, 20, 2)
    mask[y : y + rng.integers(1, 12), x : x + rng.integers(1, 12)] = True
    mask &= rng.random(SIZE) < 0.9
    mask[y, x] = True
    return Instance.from_mask(draw(st.sampled_from("abc")), draw(st.sampled_from([0.5, 0.7, 0.9])), mask)


def one_by_one(found: list[Instance], max_overlap: float) -> list[Instance]:
    """The definition, on masks of the whole image."""
    kept: list[Instance] = []
    for one in sorted(found, key=rank):
        ious = [np.sum(one.mask & other.mask) / np.sum(one.mask | other.mask) for other in kept]
        if max(ious, default=0) <= max_overlap:
            kept.append(one)
    return kept


@given(st.lists(instances(), max_size=12), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
@settings(max_examples=150)
def test_it_is_the_greedy_choice_on_whole_masks(found: list[Instance], max_overlap: float) -> None:
    expected = [id(one) for one in one_by_one(found, max_overlap)]
    assert [id(one) for one in suppress_overlaps(found, max_overlap)] == expected


@given(instances(), instances())
@settings(max_examples=100)
def test_iou_is_that_of_the_whole_masks(one: Instance, other: Instance) -> None:
    expected = np.sum(one.mask & other.mask) / np.sum(one.mask | other.mask)
    assert mask_iou(one, other) == mask_iou(other, one) == expected
    assert mask_iou(one, one) == 1


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([], []),
        # one thing under two names, the one part of the other
        ([("court", 0.8, 0, 0, 9, 4), ("tennis court", 0.9, 0, 0, 10, 4)], ["tennis court"]),
        # equal scores: by name, whatever came first
        ([("vehicle", 0.9, 2, 2, 5, 5), ("truck", 0.9, 2, 2, 5, 5)], ["truck"]),
        # a ship in its harbor covers little of it
        ([("harbor", 0.9, 0, 0, 20, 20), ("ship", 0.8, 5, 5, 6, 3)], ["harbor", "ship"]),
        # IoU 1/2 is not above 1/2
        ([("a", 0.9, 0, 0, 4, 4), ("b", 0.8, 0, 0, 4, 2)], ["a", "b"]),
        ([("a", 0.9, 0, 0, 4, 4), ("b", 0.8, 0, 0, 4, 3)], ["a"]),
        # b goes because of a, so it takes nothing away from c
        ([("a", 0.9, 0, 0, 6, 9), ("b", 0.8, 0, 0, 9, 9), ("c", 0.7, 3, 0, 6, 9)], ["a", "c"]),
        # they touch
        ([("a", 0.9, 0, 0, 4, 4), ("b", 0.8, 4, 0, 4, 4)], ["a", "b"]),
    ],
)
def test_what_stays(found: list[tuple[str, float, int, int, int, int]], kept: list[str]) -> None:
    for order in (found, found[::-1]):
        assert [one.category for one in suppress_overlaps([rectangle(*one) for one in order])] == kept


def test_boxes_that_overlap_are_not_enough() -> None:
    lower = Instance.from_mask("a", 0.9, np.tri(20, k=-1, dtype=bool))
    upper = Instance.from_mask("b", 0.8, ~np.tri(20, k=-1, dtype=bool))
    assert len(suppress_overlaps([lower, upper], 0.0)) == 2


def test_two_thousand_instances_take_no_time() -> None:
    rng = np.random.default_rng(0)
    found = [
        Instance(
            f"{i % 20}", rng.random(), np.ones((30, 30), dtype=bool), *rng.integers(0, 990, 2).tolist(), (1024, 1024)
        )
        for i in range(2000)
    ]
    start = time.process_time()
    kept = suppress_overlaps(found)
    assert time.process_time() - start < 1  # 0.04 s on an idle machine
    assert 1000 < len(kept) < 2000


@pytest.mark.parametrize("max_overlap", [-0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(max_overlap: float) -> None:
    with pytest.raises(ValueError, match=r"max_overlap is .*\[0, 1\]"):
        suppress_overlaps([], max_overlap)


def test_instances_of_two_images_are_refused() -> None:
    here, there = (Instance("a", 0.9, np.ones((1, 1), dtype=bool), 0, 0, size) for size in ((4, 4), (5, 5)))
    with pytest.raises(ValueError, match=r"sizes \[\(4, 4\), \(5, 5\)\]"):
        suppress_overlaps([here, there])
