"""One method a task, over a segmenter whose answers are known: what each gives, and what it says to bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from remotesam import RemoteSAM
from tests.fakes import ColourSegmenter, three_squares

CATEGORIES = ["red", "green", "blue", "violet"]
Call = Callable[..., Any]


@pytest.fixture
def model() -> RemoteSAM:
    return RemoteSAM(ColourSegmenter())


def touching() -> np.ndarray:
    """(40, 60, 3) uint8: two red squares that touch, of 200 and 100 pixels, with a dark seam that is red too."""
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    image[10:20, 10:30, 0] = 255
    image[10:20, 30:40, 0] = 255
    return image


def seam(image: np.ndarray) -> np.ndarray:
    """A contour at the columns where the squares of ``touching`` meet."""
    contour = np.zeros(image.shape[:2], dtype=np.float32)
    contour[:, 29:31] = 1
    return contour


def test_semantic_numbers_categories_from_one(model: RemoteSAM) -> None:
    result = model.semantic(three_squares(), CATEGORIES)
    assert result.categories == tuple(CATEGORIES)
    assert result.classes.dtype == np.uint8
    assert [result.classes[15, x] for x in (10, 30, 50, 0)] == [1, 2, 3, 0]
    assert result.probabilities.shape == (4, 40, 60)
    assert result.areas == {"red": 100, "green": 100, "blue": 100, "violet": 0}


def test_detect_gives_masks_and_boxes(model: RemoteSAM) -> None:
    instances = model.detect(three_squares(), CATEGORIES)
    assert isinstance(instances, list)
    assert {one.category: one.box for one in instances} == {
        "red": (5, 10, 15, 20),
        "green": (25, 10, 35, 20),
        "blue": (45, 10, 55, 20),
    }
    for one in instances:
        assert one.mask.shape == (40, 60)
        assert one.mask.dtype == np.bool_
        assert one.area == one.mask.sum() == 100
        assert one.corners.shape == (4, 2)
        assert one.score == pytest.approx(1)


def test_all_categories_are_one_question(model: RemoteSAM) -> None:
    model.detect(three_squares(), CATEGORIES)
    assert model.segmenter.calls == [[f"{category} in the image" for category in CATEGORIES]]


def test_the_template_asks() -> None:
    model = RemoteSAM(ColourSegmenter(), template="All {category} in the image")
    model.count(three_squares(), ["red"])
    assert model.segmenter.calls == [["All red in the image"]]


@pytest.mark.parametrize(
    ("contours", "boxes"), [("none", [(10, 10, 40, 20)]), (seam, [(10, 10, 30, 20), (30, 10, 40, 20)])]
)
def test_contours_part_touching_objects(model: RemoteSAM, contours: Any, boxes: list[tuple[int, ...]]) -> None:
    instances = model.detect(touching(), ["red"], contours=contours)
    assert sorted(one.box for one in instances) == boxes


def test_the_segmenters_own_contours_are_used() -> None:
    class Outlined(ColourSegmenter):
        def contour(self, image: np.ndarray) -> np.ndarray:
            return seam(image)

    model = RemoteSAM(Outlined())
    assert model.count(touching(), ["red"]) == {"red": 2}
    assert model.count(touching(), ["red"], contours="none") == {"red": 1}


def test_without_contours_of_its_own_nothing_parts(model: RemoteSAM) -> None:
    assert model.count(touching(), ["red"]) == {"red": 1}
    assert [one.category for one in model.detect(three_squares(), ["red"], contours="gradient")] == ["red"]


def test_count_has_zeros_and_instances(model: RemoteSAM) -> None:
    counts = model.count(three_squares(), CATEGORIES)
    assert counts == {"red": 1, "green": 1, "blue": 1, "violet": 0}
    assert len(counts.instances) == sum(counts.values())


def test_ground_gives_one_box_or_none(model: RemoteSAM) -> None:
    found = model.ground(three_squares(), "the green square")
    assert found is not None
    assert found.box == (25, 10, 35, 20)
    assert model.ground(three_squares(), "the violet square") is None


@pytest.mark.parametrize(("box", "expected"), [("union", (10, 10, 50, 20)), ("best", (10, 10, 30, 20))])
def test_ground_takes_the_union_or_the_best(model: RemoteSAM, box: Any, expected: tuple[int, ...]) -> None:
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    image[10:20, 10:30, 0] = 255
    image[10:20, 45:50, 0] = 200
    found = model.ground(image, "the red square", box=box)
    assert found is not None
    assert found.box == expected


def test_classify_labels_and_scene(model: RemoteSAM) -> None:
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    image[:, :, 0] = 255
    image[:2, :, 2] = 255
    result = model.classify(image, CATEGORIES)
    assert result.scores["red"] == pytest.approx(1)
    assert result.scores["blue"] == pytest.approx(0.5 * 0.2 + 0.5)  # eq. 3 with lambda 0.5
    assert set(result.labels) == {"red", "blue"}
    assert result.scene == "red"
    scene = model.classify(image, CATEGORIES, multi_label=False)
    assert scene.labels == ("red",)
    assert scene.scores["blue"] == pytest.approx(0.2)  # lambda 1
    assert model.classify(np.zeros((10, 10, 3), np.uint8), CATEGORIES).scene is None


def test_caption_names_what_is_there(model: RemoteSAM) -> None:
    caption = model.caption(three_squares(), CATEGORIES)
    assert all(word in caption.text for word in ("red", "green", "blue"))
    assert str(caption) == caption.text
    json.dumps(caption.facts)


CALLS: dict[str, Call] = {
    "semantic": RemoteSAM.semantic,
    "detect": RemoteSAM.detect,
    "count": RemoteSAM.count,
    "classify": RemoteSAM.classify,
    "caption": RemoteSAM.caption,
}


@pytest.mark.parametrize("task", CALLS)
@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ([], "categories is empty"),
        ("ship", "give a list of names"),
        (["ship", " "], r"categories\[1\] is blank"),
        (["ship", "Ship "], r"categories\[1\] is 'Ship '"),
        (["ship", 3], r"categories\[1\] is a int"),
    ],
)
def test_bad_categories(model: RemoteSAM, task: str, categories: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CALLS[task](model, three_squares(), categories)
    assert model.segmenter.calls == []


@pytest.mark.parametrize("task", CALLS)
def test_results_have_a_json_form(model: RemoteSAM, task: str) -> None:
    json.dumps(CALLS[task](model, three_squares(), CATEGORIES).to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"contours": "edges"}, ValueError, "contours is 'edges'"),
        ({"contours": "model"}, ValueError, "has no contours of its own"),
        ({"contour_mode": "melt"}, ValueError, "contour_mode is 'melt'"),
        ({"min_area": 0}, ValueError, "min_area is 0"),
        ({"threshold": 2}, ValueError, "threshold is 2"),
        ({"contour": "none"}, TypeError, r"unknown options \['contour'\]"),
    ],
)
def test_bad_options(model: RemoteSAM, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        model.detect(three_squares(), CATEGORIES, **options)


def test_a_segmenter_that_breaks_its_contract_is_named() -> None:
    class Broken(ColourSegmenter):
        def segment(self, image: np.ndarray, expressions: Any) -> np.ndarray:
            return np.full((len(expressions), *image.shape[:2]), np.nan, dtype=np.float32)

    with pytest.raises(ValueError, match=r"Broken\.segment returned values from nan"):
        RemoteSAM(Broken()).detect(three_squares(), ["red"], contours="none")


def test_many_categories_are_asked_in_chunks(model: RemoteSAM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remotesam.asking._CHUNK_BYTES", 3 * 4 * 40 * 60)
    names = [f"thing {number}" for number in range(7)] + ["red"]
    assert [one.category for one in model.detect(three_squares(), names, contours="none")] == ["red"]
    assert [len(call) for call in model.segmenter.calls] == [3, 3, 2]


def test_bad_templates() -> None:
    with pytest.raises(ValueError, match="placeholder"):
        RemoteSAM(ColourSegmenter(), template="ships")
