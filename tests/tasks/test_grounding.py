"""Grounding: one box or none; specks and certain dots do not win over the object that is meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from remotesam.tasks.boxes import mask_box
from remotesam.tasks.grounding import ground_sentence


@st.composite
def maps(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    levels = draw(hnp.arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 3, 6, 9])))
    return (levels / 10).astype(np.float32)


def ship_and_specks() -> np.ndarray:
    """A large object of 0.8, a smaller one of 0.9 and a certain speck."""
    probability = np.zeros((30, 40), dtype=np.float32)
    probability[5:15, 4:20] = 0.8
    probability[20:26, 25:33] = 0.9
    probability[28:30, 38:40] = 1.0
    return probability


@given(maps())
@settings(max_examples=100)
def test_union_is_the_box_of_the_mask(probability: np.ndarray) -> None:
    mask = probability > 0.5
    found = ground_sentence("the ship", probability, box="union", oriented=True)
    if not mask.any():
        assert found is None
        return
    assert found is not None and found.oriented is not None
    assert found.box == mask_box(mask)
    np.testing.assert_array_equal(found.mask, mask)
    assert found.score == pytest.approx(probability[mask].mean(dtype=np.float64))
    assert found.category == "the ship"


@given(maps(), st.booleans())
@settings(max_examples=100)
def test_best_is_the_object_with_the_most_probability(probability: np.ndarray, parted: bool) -> None:
    contour = np.random.default_rng(0).random(probability.shape).astype(np.float32) if parted else None
    found = ground_sentence("the ship", probability, contour=contour, min_area=1)
    union = ground_sentence("the ship", probability, box="union")
    assert (found is None) == (union is None)
    if found is not None and union is not None:
        assert not (found.mask & ~union.mask).any()
        assert found.score * found.area <= union.score * union.area + 1e-9
        if not parted:
            x1, y1, x2, y2 = found.box
            ring = np.pad(union.mask, 1)[y1 : y2 + 2, x1 : x2 + 2].copy()
            ring[1:-1, 1:-1] &= ~found.crop
            grown = np.pad(found.crop, 1)
            near = grown[:-2, 1:-1], grown[2:, 1:-1], grown[1:-1, :-2], grown[1:-1, 2:]
            assert not (np.logical_or.reduce(near) & ring[1:-1, 1:-1]).any()  # it is a whole component


@pytest.mark.parametrize(
    ("options", "box"),
    [
        ({}, (4, 5, 20, 15)),
        ({"box": "union"}, (4, 5, 40, 30)),
        ({"threshold": 0.85}, (25, 20, 33, 26)),
        ({"threshold": 0.95}, None),  # the speck is below the minimum area
        ({"threshold": 0.95, "min_area": 4}, (38, 28, 40, 30)),
        ({"presence_threshold": 0.85}, (25, 20, 33, 26)),  # the gate holds for every object
        ({"presence_threshold": 0.85, "box": "union"}, (4, 5, 40, 30)),
        ({"threshold": 1.0}, None),
        ({"threshold": 1.0, "box": "union"}, None),
    ],
)
def test_by_hand(options: dict[str, Any], box: tuple[int, int, int, int] | None) -> None:
    found = ground_sentence("the ship", ship_and_specks(), **options)
    assert (found.box if found else None) == box


@pytest.mark.parametrize("box", ["best", "union"])
def test_nothing_there(box: Any) -> None:
    probability = ship_and_specks()
    assert ground_sentence("the ship", probability * 0.5, box=box) is None
    assert ground_sentence("the ship", probability * 0.9, box=box, presence_threshold=0.94) is None


def test_contours_part_the_best_object_from_what_it_touches() -> None:
    probability = np.full((12, 30), 0.9, dtype=np.float32)
    contour = np.zeros((12, 30), dtype=np.float32)
    contour[:, 18] = 1
    found = ground_sentence("the ship", probability, contour=contour)
    assert found is not None and found.box[:2] == (0, 0) and found.box[2] in (18, 19)
    union = ground_sentence("the ship", probability, contour=contour, box="union")
    assert union is not None and union.box == (0, 0, 30, 12)


def test_the_oriented_box_is_there_where_asked_for() -> None:
    probability = np.tri(20, dtype=np.float32)
    plain, oriented = (ground_sentence("the ship", probability, oriented=flag) for flag in (False, True))
    assert plain is not None and plain.oriented is None
    assert oriented is not None and oriented.oriented is not None
    assert oriented.oriented.area < 20 * 20 + 1e-9


@pytest.mark.parametrize(
    ("sentence", "probability", "options", "message"),
    [
        (" ", np.ones((4, 4)), {}, "sentence is ' '"),
        (None, np.ones((4, 4)), {}, "sentence is None"),
        ("the ship", np.full((4, 4), np.nan), {}, "the map of 'the ship' has values from nan"),
        ("the ship", np.full((4, 4), 7.0), {}, "sigmoid"),
        ("the ship", np.ones((1, 4, 4)), {}, r"shape \(1, 4, 4\)"),
        ("the ship", np.ones((4, 4)), {"box": "all"}, "box is 'all'; use one of best, union"),
        ("the ship", np.ones((4, 4)), {"contour": np.ones((5, 4))}, r"contour is \(5, 4\) for maps of \(4, 4\)"),
        ("the ship", np.ones((4, 4)), {"threshold": 2}, "threshold is 2"),
        ("the ship", np.ones((4, 4)), {"min_area": 0}, "min_area is 0"),
    ],
)
def test_bad_input(sentence: Any, probability: np.ndarray, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ground_sentence(sentence, probability, **options)
