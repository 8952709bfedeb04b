"""Counts are a mapping, with the objects behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from remotesam.results import Counts, Instance, Instances


def counts() -> Counts:
    ship = Instance("ship", 0.9, np.ones((2, 5), dtype=bool), left=1, top=2, image_size=(8, 8))
    return Counts({"ship": 1, "harbor": 0}, Instances([ship], image_size=(8, 8), categories=["ship", "harbor"]))


def test_a_mapping() -> None:
    answer = counts()
    assert isinstance(answer, Mapping)
    assert answer == {"ship": 1, "harbor": 0}
    assert list(answer) == ["ship", "harbor"]
    assert len(answer) == 2
    assert answer["ship"] == 1
    assert "court" not in answer
    assert repr(answer) == "Counts({'ship': 1, 'harbor': 0})"
    with pytest.raises(KeyError):
        answer["court"]


def test_the_json_form() -> None:
    document = json.loads(json.dumps(counts().to_dict()))
    assert document["counts"] == {"ship": 1, "harbor": 0}
    assert [one["box"] for one in document["instances"]] == [[1, 2, 6, 4]]


def test_the_other_forms_are_those_of_the_objects() -> None:
    answer = counts()
    assert answer.to_coco(image_id=7, category_ids={"ship": 3}) == answer.instances.to_coco(
        image_id=7, category_ids={"ship": 3}
    )
    assert answer.to_supervision() == answer.instances.to_supervision()
