"""A class map gives its masks back in every form."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from remotesam.results import SemanticMap
from remotesam.tasks import semantic_map


def answer() -> SemanticMap:
    """A ship of 6 pixels, a bridge of 2, no harbor."""
    maps = np.zeros((3, 4, 6), dtype=np.float32)
    maps[0, 1:3, 2:5] = 0.75
    maps[1] = 0.25
    maps[2, 3, 0:2] = 1
    return semantic_map(maps, ["ship", "harbor", "bridge"])


def test_masks_and_areas() -> None:
    found = answer()
    assert found.areas == {"ship": 6, "harbor": 0, "bridge": 2}
    assert found.mask("ship").sum() == 6
    assert found.mask("ship").dtype == np.bool_
    np.testing.assert_array_equal(found.mask("bridge"), found.classes == 3)
    assert not found.mask("harbor").any()
    with pytest.raises(ValueError, match="'boat' is none of the categories asked for: ship, harbor, bridge"):
        found.mask("boat")


def test_the_json_form_gives_the_map_back() -> None:
    found = answer()
    document = json.loads(json.dumps(found.to_dict()))
    assert document["image_size"] == [4, 6]
    classes = np.zeros((4, 6), dtype=int)
    for entry in document["categories"]:
        if entry["rle"] is not None:
            classes[coco_mask.decode(entry["rle"]).astype(bool)] = entry["id"]
    np.testing.assert_array_equal(classes, found.classes)
    ship, harbor, _ = document["categories"]
    assert (ship["category"], ship["confidence"], ship["present"]) == ("ship", 0.75, True)
    assert (ship["area"], ship["share"]) == (6, 0.25)
    assert (harbor["area"], harbor["rle"], harbor["present"]) == (0, None, False)


def test_the_coco_form_has_one_mask_for_each_category_with_pixels() -> None:
    records = json.loads(json.dumps(answer().to_coco(image_id=7)))
    assert [(one["image_id"], one["category_id"], one["score"]) for one in records] == [(7, 1, 0.75), (7, 3, 1.0)]
    assert [one["bbox"] for one in records] == [[2, 1, 3, 2], [0, 3, 2, 1]]
    assert [coco_mask.area(one["segmentation"]) for one in records] == [6, 2]
    chosen = answer().to_coco(category_ids={"ship": 40, "bridge": 50})
    assert [one["category_id"] for one in chosen] == [40, 50]
    with pytest.raises(ValueError, match=r"no id for \['bridge'\]"):
        answer().to_coco(category_ids={"ship": 40})


def test_the_supervision_form() -> None:
    found = answer()
    detections = found.to_supervision()
    assert detections.class_id.tolist() == [0, 2]
    assert detections["class_name"].tolist() == ["ship", "bridge"]
    assert detections.confidence.tolist() == [0.75, 1.0]
    np.testing.assert_array_equal(detections.mask, [found.mask("ship"), found.mask("bridge")])
    assert detections.xyxy.tolist() == [[2, 1, 5, 3], [0, 3, 2, 4]]  # the outer edges, as everywhere


def test_background_only() -> None:
    nothing = semantic_map(np.zeros((2, 4, 6), dtype=np.float32), ["ship", "harbor"])
    assert len(nothing.to_supervision()) == 0
    assert nothing.to_coco() == []
    assert repr(nothing) == "SemanticMap(4 x 6: background only)"
    assert json.loads(json.dumps(nothing.to_dict()))["categories"][1]["share"] == 0


def test_it_prints_on_one_line_and_does_not_change() -> None:
    found = answer()
    assert repr(found) == "SemanticMap(4 x 6: ship 25.0%, bridge 8.3%)"
    with pytest.raises(AttributeError):
        found.classes = found.classes + 1  # type: ignore[misc]
