"""Results decide by their thresholds and have a JSON form that gives the mask back."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from rich.console import Console

from remotesam.results import Segmentation
from remotesam.tasks.referring import segment_referring


def result_of(probability: np.ndarray, *, threshold: float = 0.5, presence_threshold: float = 0.5) -> Segmentation:
    return segment_referring(
        "the ship", probability.astype(np.float32), threshold=threshold, presence_threshold=presence_threshold
    )


@pytest.mark.parametrize(
    ("values", "threshold", "presence_threshold", "present", "area"),
    [
        ([[0.0]], 0.5, 0.0, False, 0),
        ([[0.9]], 0.5, 0.5, True, 1),
        ([[0.5]], 0.5, 0.0, False, 0),  # strictly above
        ([[0.9, 0.6], [0.1, 0.0]], 0.5, 0.5, True, 2),
        ([[0.9, 0.6], [0.1, 0.0]], 0.5, 0.95, False, 0),  # present pixels, but nothing is there
        ([[0.9, 0.6], [0.1, 0.0]], 0.95, 0.5, False, 0),  # a high score, but no pixel
        ([[0.9, 0.6], [0.1, 0.0]], 0.0, 0.0, True, 3),
    ],
)
def test_presence(
    values: list[list[float]], threshold: float, presence_threshold: float, present: bool, area: int
) -> None:
    result = result_of(np.array(values), threshold=threshold, presence_threshold=presence_threshold)
    assert (result.present, result.area) == (present, area)
    assert result.mask.dtype == np.bool_
    assert result.mask.sum() == area
    assert result.score == pytest.approx(max(max(row) for row in values))


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40, 60)])
def test_the_json_form_gives_the_mask_back(shape: tuple[int, int]) -> None:
    probability = np.random.default_rng(0).random(shape)
    probability[0, 0] = 1
    result = result_of(probability)
    values = json.loads(json.dumps(result.to_dict()))
    np.testing.assert_array_equal(coco_mask.decode(values["rle"]).astype(bool), result.mask)
    assert values["rle"]["size"] == list(shape)
    assert values["area"] == coco_mask.area(values["rle"]) == result.area
    assert (values["expression"], values["present"]) == ("the ship", True)
    assert type(values["score"]) is float


def test_an_absent_answer_encodes_an_empty_mask() -> None:
    assert coco_mask.decode(result_of(np.zeros((3, 4))).rle).sum() == 0


def test_the_coco_form_has_one_record_or_none() -> None:
    probability = np.zeros((4, 6))
    probability[1:3, 2:5] = 0.75
    (record,) = json.loads(json.dumps(result_of(probability).to_coco(image_id=7, category_id=3)))
    assert (record["image_id"], record["category_id"], record["score"]) == (7, 3, 0.75)
    assert (record["bbox"], record["area"]) == ([2, 1, 3, 2], 6)
    assert coco_mask.area(record["segmentation"]) == 6
    assert result_of(np.zeros((4, 6))).to_coco() == []


def test_the_supervision_form_has_one_mask_or_none() -> None:
    probability = np.zeros((4, 6))
    probability[1:3, 2:5] = 0.75
    result = result_of(probability)
    detections = result.to_supervision()
    np.testing.assert_array_equal(detections.mask, [result.mask])
    assert detections.xyxy.tolist() == [[2, 1, 5, 3]]
    assert (detections["class_name"].tolist(), detections.confidence.tolist()) == (["the ship"], [0.75])
    assert len(result_of(np.zeros((4, 6))).to_supervision()) == 0


def test_a_result_does_not_change_and_prints_on_one_line() -> None:
    result = result_of(np.ones((300, 300)))
    with pytest.raises(AttributeError):
        result.present = False  # type: ignore[misc]
    assert repr(result) == "Segmentation('the ship', present, score 1.00, 90000 of 90000 pixels)"
    out = io.StringIO()
    Console(file=out, width=200).print(result)
    assert "present=True" in out.getvalue()
    assert "\n" not in out.getvalue().strip()
