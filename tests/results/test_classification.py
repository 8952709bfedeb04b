"""Labels and scores in every form."""

from __future__ import annotations

import json

import numpy as np
import pytest

from remotesam.results import Classification
from remotesam.tasks import classify_maps

MAPS = np.array([[[0.75, 0.75]], [[0.0, 0.0]], [[1.0, 1.0]]], dtype=np.float32)
NAMES = ["ship", "harbor", "bridge"]


@pytest.mark.parametrize(("multi_label", "labels"), [(True, ["bridge", "ship"]), (False, ["bridge"])])
def test_the_json_form(multi_label: bool, labels: list[str]) -> None:
    document = json.loads(json.dumps(classify_maps(MAPS, NAMES, multi_label=multi_label).to_dict()))
    assert document == {
        "labels": labels,
        "scores": {"ship": 0.75, "harbor": 0.0, "bridge": 1.0},
        "scene": "bridge",
        "multi_label": multi_label,
    }
    assert list(document["scores"]) == NAMES


def test_the_supervision_form() -> None:
    classifications = classify_maps(MAPS, NAMES).to_supervision()
    assert classifications.class_id.tolist() == [0, 1, 2]
    assert classifications.confidence.tolist() == [0.75, 0.0, 1.0]
    best, _ = classifications.get_top_k(1)
    assert [NAMES[number] for number in best] == ["bridge"]


def test_nothing_present() -> None:
    nothing = classify_maps(MAPS[1:2], ["harbor"])
    assert json.loads(json.dumps(nothing.to_dict())) == {
        "labels": [], "scores": {"harbor": 0.0}, "scene": None, "multi_label": True,
    }  # fmt: skip


def test_it_does_not_change() -> None:
    found = Classification(labels=("ship",), scores={"ship": 0.75}, scene="ship", multi_label=True)
    with pytest.raises(AttributeError):
        found.scene = None  # type: ignore[misc]
