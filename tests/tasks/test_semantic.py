"""A class map holds the most probable of the categories that pass the gate, whatever their order and number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.presence import presence_score
from remotesam.tasks import segment_referring, semantic_map

# Few values, so that equal ones are common.
_LEVELS = np.array([0, 0.25, 0.5, 0.75, 1], dtype=np.float32)


def row(*values: float) -> np.ndarray:
    """(1, W) float32."""
    return np.array([values], dtype=np.float32)


@st.composite
def questions(draw: st.DrawFn) -> tuple[np.ndarray, list[str]]:
    """Maps (N, H, W) with N categories."""
    count, height, width = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(1, 6))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    maps = _LEVELS[generator.integers(0, len(_LEVELS), (count, height, width))]
    names = draw(st.permutations(["ship", "harbor", "tennis court", "court", "bridge"]))
    return maps, names[:count]


@pytest.mark.parametrize(
    ("maps", "options", "classes"),
    [
        # Eq. 1 by hand. P(c|I) of such small maps is their maximum.
        ([row(0.0, 0.0)], {}, [[0, 0]]),
        ([row(0.9, 0.2)], {}, [[1, 0]]),
        ([row(0.5, 0.6)], {}, [[0, 1]]),  # a pixel has to be above the threshold
        ([row(0.9, 0.6), row(0.8, 0.7)], {}, [[1, 2]]),
        ([row(0.9, 0.6), row(0.8, 0.7)], {"presence_threshold": 0.85}, [[1, 1]]),  # the gate shuts harbor out
        ([row(0.9, 0.6), row(0.8, 0.7)], {"presence_threshold": 0.9}, [[0, 0]]),  # 0.9 in float32 is below 0.9
        ([row(0.9, 0.6), row(0.8, 0.7)], {"threshold": 0.65}, [[1, 2]]),
        ([row(0.9, 0.6), row(0.8, 0.7)], {"threshold": 0.75}, [[1, 0]]),
        ([row(0.3, 0.0), row(0.2, 0.0)], {"threshold": 0.0}, [[1, 0]]),
        ([row(0.9, 0.6), row(0.8, 0.7)], {"confidences": [0.2, 0.9], "presence_threshold": 0.5}, [[2, 2]]),
        ([row(0.9), row(0.95)], {"confidences": {"harbor": 0.2, "ship": 0.9}, "presence_threshold": 0.5}, [[1]]),
        ([row(0.9, 0.6), row(0.8, 0.7)], {"confidences": [0.0, 0.0]}, [[0, 0]]),
        ([row(1.0, 1.0), row(1.0, 1.0)], {}, [[2, 2]]),  # equal everywhere: "harbor" comes before "ship"
    ],
)  # fmt: skip
def test_equation_1_by_hand(maps: list[np.ndarray], options: dict[str, object], classes: list[list[int]]) -> None:
    found = semantic_map(maps, ["ship", "harbor"][: len(maps)], **options)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.classes, classes)
    assert found.classes.dtype == np.uint8
    np.testing.assert_array_equal(found.probabilities, np.stack(maps))


def test_a_category_may_be_present_and_yet_have_no_pixel() -> None:
    found = semantic_map([row(0.9, 0.2), row(0.8, 0.2), row(0.4, 0.3)], ["ship", "boat", "harbor"])
    assert found.present.tolist() == [True, True, False]
    assert found.areas == {"ship": 1, "boat": 0, "harbor": 0}
    assert found.confidences.tolist() == pytest.approx([0.9, 0.8, 0.4])


@given(questions(), st.sampled_from([0.0, 0.25, 0.5, 0.6]), st.sampled_from([0.0, 0.5, 0.75, 1.0]))
@settings(max_examples=150)
def test_every_pixel_has_the_most_probable_of_what_is_present(
    question: tuple[np.ndarray, list[str]], threshold: float, gate: float
) -> None:
    maps, names = question
    found = semantic_map(maps, names, threshold=threshold, presence_threshold=gate)
    present = [
        segment_referring(name, one, threshold=threshold, presence_threshold=gate).present
        for name, one in zip(names, maps, strict=True)
    ]
    assert found.present.tolist() == present, "as segment says"
    assert found.confidences.tolist() == [presence_score(one) for one in maps]
    for (y, x), number in np.ndenumerate(found.classes):
        candidates = [
            (-maps[i, y, x], name) for i, name in enumerate(names) if present[i] and maps[i, y, x] > threshold
        ]
        assert number == (names.index(min(candidates)[1]) + 1 if candidates else 0)


@given(questions(), st.data())
@settings(max_examples=50)
def test_the_order_of_categories_changes_nothing(question: tuple[np.ndarray, list[str]], data: st.DataObject) -> None:
    maps, names = question
    order = data.draw(st.permutations(range(len(names))))
    first = semantic_map(maps, names, presence_threshold=0.6)
    second = semantic_map(maps[order], [names[i] for i in order], presence_threshold=0.6)
    for name in names:
        np.testing.assert_array_equal(first.mask(name), second.mask(name))


def test_an_iterable_is_gone_through_once_and_one_map_at_a_time() -> None:
    alive: list[int] = []

    def maps() -> Iterator[np.ndarray]:
        shared = np.empty((2, 3), dtype=np.float32)
        for number in range(300):
            alive.append(number)
            shared[:] = number / 300
            yield shared  # the same memory each time: what is kept has to be copied

    found = semantic_map(maps(), [f"class {i}" for i in range(300)])
    assert alive == list(range(300))
    np.testing.assert_array_equal(found.classes, np.full((2, 3), 300))
    assert found.classes.dtype == np.uint16
    np.testing.assert_allclose(found.probabilities[:, 1, 2], np.arange(300) / 300, rtol=1e-6)


@pytest.mark.parametrize(("count", "dtype"), [(1, np.uint8), (255, np.uint8), (256, np.uint16)])
def test_the_type_of_the_class_map_holds_every_number(count: int, dtype: type) -> None:
    maps = (row(0.5 + 0.5 * (i + 1) / count) for i in range(count))
    found = semantic_map(maps, [f"class {i}" for i in range(count)])
    assert found.classes.dtype == dtype
    assert found.classes.tolist() == [[count]]


def test_all_foreground_and_single_pixels_and_the_border() -> None:
    everything = np.ones((5, 7), dtype=np.float32)
    corner = np.zeros((5, 7), dtype=np.float32)
    corner[0, 0] = corner[4, 6] = 1
    found = semantic_map([everything, corner], ["ship", "buoy"])
    assert found.areas == {"ship": 33, "buoy": 2}
    assert found.classes[0, 0] == found.classes[4, 6] == 2


def test_maps_in_a_file_answer_as_those_in_memory() -> None:
    maps = np.random.default_rng(0).random((6, 40, 50)).astype(np.float32)
    names = list("abcdef")
    kept, filed = semantic_map(maps, names), semantic_map(maps, names, memory_limit=0)
    np.testing.assert_array_equal(kept.classes, filed.classes)
    np.testing.assert_array_equal(kept.probabilities, filed.probabilities)
    assert isinstance(filed.probabilities, np.memmap)
    assert not isinstance(kept.probabilities, np.memmap)
    assert kept.probabilities is not maps


@pytest.mark.parametrize(
    ("maps", "categories", "options", "message"),
    [
        ([], [], {}, "categories is empty"),
        ([row(0.5)], "ship", {}, "list of names"),
        ([row(0.5), row(0.5)], ["ship", "Ship "], {}, "the same as"),
        ([], ["ship"], {}, "0 maps for 1"),
        ([row(0.5)], ["ship", "harbor"], {}, "1 maps for 2"),
        ([row(0.5), row(0.5)], ["ship"], {}, "more maps than the 1"),
        ([row(np.nan)], ["ship"], {}, "the map of 'ship' has values from nan"),
        ([row(0.5), row(3.0)], ["ship", "harbor"], {}, "the map of 'harbor' has values from 3"),
        ([row(-0.5)], ["ship"], {}, "finite probabilities"),
        ([row(0.5), row(0.5, 0.5)], ["ship", "harbor"], {}, "give one size"),
        ([np.zeros((2, 2, 2))], ["ship"], {}, r"give \(H, W\)"),
        ([np.zeros((0, 2))], ["ship"], {}, "at least one pixel"),
        ([np.zeros((2, 2), dtype=bool)], ["ship"], {}, "the type bool"),
        (np.zeros((2, 2)), ["ship"], {}, r"give \(N, H, W\)"),
        ([row(0.5)], ["ship"], {"threshold": 1.5}, "threshold is 1.5"),
        ([row(0.5)], ["ship"], {"presence_threshold": float("nan")}, "presence_threshold is nan"),
        ([row(0.5)], ["ship"], {"confidences": [0.5, 0.5]}, "2 confidences for 1"),
        ([row(0.5)], ["ship"], {"confidences": [1.5]}, "the confidence of 'ship' is 1.5"),
        ([row(0.5)], ["ship"], {"confidences": {"boat": 0.5}}, r"none for \['ship'\]"),
        ([row(0.5)], [f"class {i}" for i in range(65_536)], {}, "at most 65535"),
    ],
)
def test_bad_input_is_named(maps: object, categories: list[str], options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        semantic_map(maps, categories, **options)  # type: ignore[arg-type]
