"""Instances have a mask, boxes and forms that others read: JSON, COCO, supervision."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import supervision as sv
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from remotesam.results import Instance, Instances, OrientedBox
from remotesam.results.rle import encode_mask
from remotesam.tasks.boxes import min_area_box

SIZE = (40, 60)


def square(category: str, x: int, y: int, side: int, *, score: float = 0.9, oriented: bool = False) -> Instance:
    mask = np.zeros(SIZE, dtype=bool)
    mask[y : y + side, x : x + side] = True
    return Instance.from_mask(category, score, mask, oriented=min_area_box(mask) if oriented else None)


def harbor(*, oriented: bool = False) -> Instances:
    return Instances(
        [
            square("ship", 3, 4, 10, score=0.9, oriented=oriented),
            square("ship", 30, 20, 12, score=0.8, oriented=oriented),
            square("harbor", 45, 0, 15, score=0.7, oriented=oriented),
        ],
        image_size=SIZE,
        categories=["harbor", "ship", "airplane"],
    )


def evaluate(dataset: dict[str, Any], results: list[dict[str, Any]], kind: str, folder: Path) -> COCOeval:
    path = folder / "dataset.json"
    path.write_text(json.dumps(dataset))
    (folder / "results.json").write_text(json.dumps(results))
    truth = COCO(str(path))
    evaluation = COCOeval(truth, truth.loadRes(str(folder / "results.json")), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)).filter(np.any))
@settings(max_examples=200)
def test_the_mask_comes_back_in_every_form(mask: np.ndarray) -> None:
    instance = Instance.from_mask("ship", 0.5, mask)
    np.testing.assert_array_equal(instance.mask, mask)
    assert instance.rle == encode_mask(mask)
    np.testing.assert_array_equal(coco_mask.decode(json.loads(json.dumps(instance.to_dict()))["rle"]), mask)
    assert instance.area == mask.sum() == coco_mask.area(instance.rle)
    x1, y1, x2, y2 = instance.box
    assert [x1, y1, x2 - x1, y2 - y1] == coco_mask.toBbox(instance.rle).tolist() == instance.to_coco()["bbox"]


def test_an_instance_keeps_the_crop_alone() -> None:
    mask = np.zeros((2000, 2000), dtype=bool)
    mask[1000:1010, 500:520] = True
    instance = Instance.from_mask("ship", 0.5, mask)
    assert instance.crop.shape == (10, 20)
    assert instance.crop.base is None
    assert instance.box == (500, 1000, 520, 1010)
    mask[1000, 500] = False
    assert instance.area == 200


def test_the_json_form() -> None:
    plain, oriented = square("ship", 3, 4, 2).to_dict(), square("ship", 3, 4, 2, oriented=True).to_dict()
    assert plain == {
        "category": "ship",
        "score": 0.9,
        "box": [3, 4, 5, 6],
        "corners": [[3, 4], [5, 4], [5, 6], [3, 6]],
        "area": 4,
        "rle": encode_mask(square("ship", 3, 4, 2).mask),
    }
    assert oriented == plain | {"oriented_box": {"x": 4, "y": 5, "width": 2, "height": 2, "angle": 0}}
    json.dumps(oriented)


def test_numbers_of_numpy_do_no_harm() -> None:
    one = Instance("ship", np.float32(0.5), np.ones((2, 3), bool), np.int64(1), np.int64(2), (8, 8))  # type: ignore[arg-type]
    assert json.loads(json.dumps(one.to_dict()))["box"] == [1, 2, 4, 4]
    assert json.loads(json.dumps(one.to_coco()))["score"] == 0.5


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((4, 5), dtype=bool), r"mask of \(4, 5\) has no pixel set"),
        (np.zeros((0, 5), dtype=bool), r"mask of \(0, 5\) has no pixel set"),
        (np.full((4, 5), 0.3), r"mask is float64 of \(4, 5\).*of probabilities, p > 0.5"),
        (np.ones((1, 4, 5), dtype=bool), r"bool of \(1, 4, 5\)"),
    ],
)
def test_what_is_no_mask_is_refused(mask: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Instance.from_mask("ship", 0.9, mask)


def test_integers_make_a_mask() -> None:
    assert Instance.from_mask("ship", 0.9, np.array([[0, 2], [0, 1]], dtype=np.uint8)).box == (1, 0, 2, 2)


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_coco_s_own_evaluation_finds_perfect_answers_perfect(kind: str, tmp_path: Path) -> None:
    found = harbor()
    assert evaluate(found.to_coco_dataset(file_name="a.jpg"), found.to_coco(), kind, tmp_path).stats[
        0
    ] == pytest.approx(1)


def test_coco_s_own_evaluation_finds_wrong_answers_wrong(tmp_path: Path) -> None:
    found = harbor()
    half = Instances([one for one in found if one.box[0] == 3], image_size=SIZE, categories=found.categories)
    stats = evaluate(found.to_coco_dataset(file_name="a.jpg"), half.to_coco(), "bbox", tmp_path).stats
    assert stats[0] == pytest.approx(0.25, abs=0.01)  # one of two ships, no harbor


def test_coco_ids() -> None:
    found = harbor()
    assert [record["category_id"] for record in found.to_coco()] == [2, 2, 1]
    assert [record["category_id"] for record in found.to_coco(category_ids={"ship": 7, "harbor": 9})] == [7, 7, 9]
    assert {record["image_id"] for record in found.to_coco(image_id="a")} == {"a"}
    with pytest.raises(ValueError, match=r"category_ids has no id for \['harbor'\]; it has \['ship'\]"):
        found.to_coco(category_ids={"ship": 7})


def test_supervision() -> None:
    detections = harbor(oriented=True).to_supervision()
    np.testing.assert_array_equal(detections.xyxy, [[3, 4, 13, 14], [30, 20, 42, 32], [45, 0, 60, 15]])
    np.testing.assert_array_equal(detections.mask, [one.mask for one in harbor()])
    np.testing.assert_array_equal(detections.class_id, [1, 1, 0])
    np.testing.assert_allclose(detections.confidence, [0.9, 0.8, 0.7])
    assert detections.data["class_name"].tolist() == ["ship", "ship", "harbor"]
    assert detections.data[sv.config.ORIENTED_BOX_COORDINATES].shape == (3, 4, 2)
    assert sv.config.ORIENTED_BOX_COORDINATES not in harbor().to_supervision().data
    assert harbor().to_supervision(masks=False).mask is None


@pytest.mark.parametrize("oriented", [False, True])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_supervision_s_annotators_draw_them(number: int, oriented: bool) -> None:
    detections = harbor(oriented=oriented)[:number].to_supervision()
    annotators = [sv.BoxAnnotator(), sv.MaskAnnotator(), sv.LabelAnnotator()]
    for annotator in [*annotators, sv.OrientedBoxAnnotator()] if oriented else annotators:
        picture = annotator.annotate(np.zeros((*SIZE, 3), dtype=np.uint8), detections)
        assert picture.any() == bool(number)


def test_the_oriented_box_is_where_supervision_draws_it() -> None:
    box = OrientedBox(30, 20, 30, 8, 30)
    mask = np.zeros(SIZE, dtype=bool)
    mask[18:22, 28:32] = True
    detections = Instance.from_mask("ship", 0.9, mask, oriented=box).to_supervision()
    picture = sv.OrientedBoxAnnotator(thickness=1).annotate(np.zeros((*SIZE, 3), dtype=np.uint8), detections)
    y, x = np.nonzero(picture.any(axis=2))
    corners = box.corners
    assert (x.min(), x.max()) == pytest.approx((corners[:, 0].min(), corners[:, 0].max()), abs=1.5)
    assert (y.min(), y.max()) == pytest.approx((corners[:, 1].min(), corners[:, 1].max()), abs=1.5)


def test_one_category_of_many() -> None:
    found = harbor()
    assert [one.box[0] for one in found.of("ship")] == [3, 30]
    assert found.of("airplane") == []
    assert found.of("ship").categories == ("ship",)
    with pytest.raises(ValueError, match="'court' is none of the categories asked for: harbor, ship, airplane"):
        found.of("court")


def test_it_is_a_list_that_keeps_what_it_knows() -> None:
    found = harbor()
    assert len(found) == 3
    assert found[0].category == "ship"
    for same in (found[:], copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert isinstance(same, Instances)
        assert (same.image_size, same.categories) == (SIZE, ("harbor", "ship", "airplane"))
        assert [one.to_dict() for one in same] == [one.to_dict() for one in found]
    document = json.loads(json.dumps(found.to_dict()))
    assert document["categories"] == ["harbor", "ship", "airplane"]
    assert len(document["instances"]) == 3


def test_nothing_found() -> None:
    nothing = Instances(image_size=SIZE, categories=["ship"])
    assert nothing.to_dict() == {"categories": ["ship"], "instances": []}
    assert nothing.to_coco() == []
    assert nothing.to_coco_dataset(file_name="a.jpg")["annotations"] == []
    assert len(nothing.to_supervision()) == 0


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match=r"instances of \['ship'\]; the categories are \['harbor'\]"):
        Instances([square("ship", 3, 4, 2)], image_size=SIZE, categories=["harbor"])
    with pytest.raises(ValueError, match=r"images of \[\(40, 60\)\]; image_size is \(8, 8\)"):
        Instances([square("ship", 3, 4, 2)], image_size=(8, 8))
