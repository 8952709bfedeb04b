"""Detection: every object of the maps once, whatever the order of the categories, and bad maps are refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from remotesam.results import Instances
from remotesam.tasks.counting import count_instances
from remotesam.tasks.detection import detect_instances
from remotesam.tasks.parting import part_mask

NAMES = ("airplane", "court", "ship", "tennis court")


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Maps (4, H, W) of few levels, so that there are regions and equal scores, and a contour without equal values."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    levels = draw(hnp.arrays(np.uint8, (4, *shape), elements=st.sampled_from([0, 0, 6, 9])))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    contour = rng.permutation(np.prod(shape)).reshape(shape) / np.prod(shape)
    return (levels / 10).astype(np.float32), contour.astype(np.float32)


def described(found: Instances) -> list[tuple[Any, ...]]:
    return [(one.category, one.score, one.box, one.mask.tobytes()) for one in found]


@given(scenes(), st.booleans(), st.sampled_from([1, 4]))
@settings(max_examples=100)
def test_objects_are_the_parts_of_the_masks(scene: tuple[np.ndarray, np.ndarray], parted: bool, min_area: int) -> None:
    maps, contour = scene
    found = detect_instances(
        maps, NAMES, contour=contour if parted else None, min_area=min_area, max_overlap=1.0, oriented=True
    )
    for category, probability in zip(NAMES, maps, strict=True):
        mask = probability > 0.5
        labels = part_mask(mask, contour) if parted else ndimage.label(mask)[0]
        expected = [labels == label for label in range(1, labels.max() + 1)]
        kept = {part.tobytes() for part in expected if part.sum() >= min_area}
        assert {one.mask.tobytes() for one in found.of(category)} == kept
        assert len(found.of(category)) == len(kept)
    for one in found:
        probability = maps[NAMES.index(one.category)]
        assert one.score == pytest.approx(probability[one.mask].mean(dtype=np.float64))
        x1, y1, x2, y2 = one.box
        assert one.mask.sum() == one.mask[y1:y2, x1:x2].sum() == one.area >= min_area
        assert one.oriented is not None
        assert one.area - 1e-9 <= one.oriented.area <= (x2 - x1) * (y2 - y1) + 1e-9
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@given(scenes(), st.permutations(range(4)))
@settings(max_examples=60)
def test_the_order_of_the_categories_changes_nothing(scene: tuple[np.ndarray, np.ndarray], order: list[int]) -> None:
    maps, contour = scene
    found = detect_instances(maps, NAMES, contour=contour, min_area=1)
    again = detect_instances(maps[order], [NAMES[i] for i in order], contour=contour, min_area=1)
    assert described(again) == described(found)
    assert again.categories == tuple(NAMES[i] for i in order)
    assert count_instances(again) == dict(count_instances(found))


@given(scenes(), st.booleans())
@settings(max_examples=60)
def test_boxes_turn_with_the_image(scene: tuple[np.ndarray, np.ndarray], parted: bool) -> None:
    maps, contour = scene
    width = maps.shape[2]
    # Pieces of equal size merge from top to bottom, so without merging.
    options: dict[str, Any] = {"min_area": 1, "min_share": 0.0, "oriented": True}
    found = detect_instances(maps, NAMES, contour=contour if parted else None, **options)
    outline = np.rot90(contour) if parted else None
    turned = detect_instances(np.rot90(maps, axes=(1, 2)), NAMES, contour=outline, **options)
    expected = {(one.category, one.score, np.rot90(one.mask).tobytes()): one for one in found}
    assert {(one.category, one.score, one.mask.tobytes()) for one in turned} == expected.keys()
    for after in turned:
        before = expected[after.category, after.score, after.mask.tobytes()]
        x1, y1, x2, y2 = before.box
        assert after.box == (y1, width - x2, y2, width - x1)
        corners = np.stack([before.corners[:, 1], width - before.corners[:, 0]], axis=1)
        np.testing.assert_allclose(
            sorted(after.corners.round(6).tolist()), sorted(corners.round(6).tolist()), atol=2e-6
        )


@given(scenes(), st.sampled_from([0.0, 0.3, 0.5]))
@settings(max_examples=60)
def test_counts_are_the_numbers_of_objects(scene: tuple[np.ndarray, np.ndarray], max_overlap: float) -> None:
    maps, contour = scene
    found = detect_instances(maps, NAMES, contour=contour, min_area=1, max_overlap=max_overlap)
    counts = count_instances(found, NAMES)
    assert sum(counts.values()) == len(found) == len(counts.instances)
    assert all(count == len(found.of(category)) for category, count in counts.items())


def blob(shape: tuple[int, int], box: tuple[int, int, int, int], value: float) -> np.ndarray:
    x1, y1, x2, y2 = box
    probability = np.full(shape, 0.1, dtype=np.float32)
    probability[y1:y2, x1:x2] = value
    return probability


@pytest.mark.parametrize(
    ("options", "boxes"),
    [
        ({}, [(2, 2, 8, 6), (10, 1, 14, 5)]),
        ({"threshold": 0.75}, [(2, 2, 8, 6)]),
        ({"threshold": 0.9}, []),  # strictly above
        ({"presence_threshold": 0.75}, [(2, 2, 8, 6)]),  # eq. 1: the second category is not there
        ({"presence_threshold": 0.85}, []),
        ({"min_area": 24}, [(2, 2, 8, 6)]),
        ({"min_area": 25}, []),
    ],
)
def test_gate_threshold_and_area_by_hand(options: dict[str, Any], boxes: list[tuple[int, int, int, int]]) -> None:
    maps = [blob((8, 16), (2, 2, 8, 6), 0.8), blob((8, 16), (10, 1, 14, 5), 0.7)]
    assert [one.box for one in detect_instances(maps, ["ship", "harbor"], **options)] == boxes


def test_the_gate_holds_for_every_object() -> None:
    probability = np.maximum(blob((9, 30), (1, 1, 8, 8), 0.97), blob((9, 30), (12, 1, 20, 8), 0.8))
    probability[4, 25:29] = probability[5, 25:29] = [0.6, 0.6, 0.96, 0.6]
    gated = detect_instances([probability], ["ship"], presence_threshold=0.94, min_area=8)
    assert [one.box for one in gated] == [(1, 1, 8, 8), (25, 4, 29, 6)]  # a weak score is no reason, a weak peak is
    assert len(detect_instances([probability], ["ship"], min_area=8)) == 3


def test_touching_objects_part_where_there_is_a_contour() -> None:
    probability = blob((10, 20), (2, 2, 18, 8), 0.9)
    contour = np.zeros((10, 20), dtype=np.float32)
    contour[:, 9:11] = 0.9
    boxes = {
        mode: sorted(one.box for one in detect_instances([probability], ["ship"], contour=contour, contour_mode=mode))
        for mode in ("watershed", "cut")
    }
    assert boxes == {"watershed": [(2, 2, 10, 8), (10, 2, 18, 8)], "cut": [(2, 2, 9, 8), (11, 2, 18, 8)]}
    assert [one.box for one in detect_instances([probability], ["ship"])] == [(2, 2, 18, 8)]
    assert len(detect_instances([probability], ["ship"], contour=contour, contour_threshold=0.95)) == 1


def test_one_thing_under_two_names_is_there_once() -> None:
    maps = [blob((20, 20), (2, 2, 12, 9), 0.7), blob((20, 20), (2, 2, 12, 10), 0.8)]
    (found,) = detect_instances(maps, ["court", "tennis court"])
    assert (found.category, found.box) == ("tennis court", (2, 2, 12, 10))
    assert len(detect_instances(maps, ["court", "tennis court"], max_overlap=0.9)) == 2


@pytest.mark.parametrize(
    ("mask", "boxes"),
    [
        (np.ones((6, 9)), [(0, 0, 9, 6)]),  # everything is foreground
        (np.zeros((6, 9)), []),
        (np.pad(np.zeros((4, 7)), 1, constant_values=1), [(0, 0, 9, 6)]),  # the border, with a hole
        (np.pad(np.ones((1, 1)), ((1, 1), (2, 2))), [(2, 1, 3, 2)]),  # one pixel
        (np.eye(3), [(0, 0, 1, 1), (1, 1, 2, 2), (2, 2, 3, 3)]),  # corners do not connect
        (np.ones((1, 1)), [(0, 0, 1, 1)]),
    ],
)
@pytest.mark.parametrize("contour", [None, 0.0, 1.0])
def test_odd_masks(mask: np.ndarray, boxes: list[tuple[int, int, int, int]], contour: float | None) -> None:
    outline = None if contour is None else np.full(mask.shape, contour, dtype=np.float32)
    found = detect_instances([mask.astype(np.float32)], ["ship"], contour=outline, min_area=1, oriented=True)
    assert [one.box for one in found] == boxes
    assert sum(one.area for one in found) == mask.sum()  # a hole stays a hole


def test_scores_are_numbers_that_json_takes() -> None:
    (found,) = detect_instances(np.ones((1, 6, 9), dtype=np.float16), ["ship"])
    assert (type(found.score), found.score) == (float, 1.0)


def test_a_thousand_categories_need_the_memory_of_one() -> None:
    count, side = 1000, 256

    def maps() -> Iterator[np.ndarray]:
        for index in range(count):
            yield blob((side, side), (index % 200, 10, index % 200 + 20, 30), 0.6 + 0.3 * index / count)

    contour = np.zeros((side, side), dtype=np.float32)
    tracemalloc.start()
    found = detect_instances(maps(), [f"kind {i}" for i in range(count)], contour=contour)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.image_size == (side, side)
    assert len(found.categories) == count
    assert len(found) > 10
    assert peak < 12e6  # all maps together have 262e6 bytes


BAD_MAP = blob((8, 8), (1, 1, 5, 5), 0.9)


@pytest.mark.parametrize(
    ("maps", "categories", "message"),
    [
        ([BAD_MAP, np.full((8, 8), np.nan, np.float32)], ["a", "b"], "the map of 'b' has values from nan to nan"),
        ([BAD_MAP * 2], ["a"], r"the map of 'a' has values from 0.2 to 1.8.*sigmoid"),
        ([BAD_MAP - 1], ["a"], "values from -0.9 to -0.1"),
        ([BAD_MAP > 0.5], ["a"], "the map of 'a' has the type bool"),
        ([BAD_MAP[0]], ["a"], r"the map of 'a' has the shape \(8,\)"),
        ([BAD_MAP, BAD_MAP[:4]], ["a", "b"], r"the map of 'b' is \(4, 8\), those before it are \(8, 8\)"),
        (BAD_MAP, ["a"], r"maps has the shape \(8, 8\)"),
        ([BAD_MAP], ["a", "b"], "there are 1 maps for 2 categories"),
        ([BAD_MAP, BAD_MAP], ["a"], "more maps than the 1 categories"),
        ([], [], "categories is empty"),
        ([BAD_MAP], "ship", r"give a list of names"),
        ([BAD_MAP, BAD_MAP], ["ship", "Ship "], r"categories\[1\] is 'Ship '"),
        ([BAD_MAP], [" "], r"categories\[0\] is blank"),
    ],
)
def test_bad_maps_and_categories(maps: Any, categories: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        detect_instances(maps, categories)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.5}, "threshold is 1.5"),
        ({"presence_threshold": float("nan")}, "presence_threshold is nan"),
        ({"contour_threshold": -1}, "contour_threshold is -1"),
        ({"min_share": 2}, "min_share is 2"),
        ({"max_overlap": "0.5"}, "max_overlap is '0.5'"),
        ({"min_area": 0}, "min_area is 0; use a whole number of pixels, at least 1"),
        ({"min_area": 2.5}, "min_area is 2.5"),
        ({"min_area": True}, "min_area is True"),
        ({"min_area": "4"}, "min_area is '4'"),
        ({"contour_mode": "epoc"}, "contour_mode is 'epoc'; use one of watershed, cut"),
        ({"contour": np.zeros((4, 8), np.float32)}, r"contour is \(4, 8\) for maps of \(8, 8\)"),
        ({"contour": np.full((8, 8), np.nan)}, "contour has values from nan to nan"),
        ({"contour": np.zeros((8, 8), np.uint8)}, "contour has the type uint8"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        detect_instances([BAD_MAP], ["a"], **options)


def test_the_maps_stay_as_they_are() -> None:
    maps = np.stack([BAD_MAP, BAD_MAP])
    contour = np.where(BAD_MAP > 0.5, np.float32(0.6), np.float32(0))
    before = maps.copy(), contour.copy()
    detect_instances(maps, ["a", "b"], contour=contour)
    np.testing.assert_array_equal(maps, before[0])
    np.testing.assert_array_equal(contour, before[1])
