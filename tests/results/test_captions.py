"""A caption reads as its text and carries its facts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from remotesam.results import Caption, Instance, Instances
from remotesam.tasks import caption_instances


def answer() -> Caption:
    ship = Instance("ship", 0.9, np.ones((2, 3), dtype=bool), 1, 1, (90, 90))
    return caption_instances(Instances([ship], image_size=(90, 90)))


def test_it_reads_as_its_text() -> None:
    caption = answer()
    assert str(caption) == f"{caption}" == caption.text
    assert "a ship" in caption.text.lower()


def test_the_json_form() -> None:
    caption = answer()
    document = json.loads(json.dumps(caption.to_dict()))
    assert document["text"] == caption.text
    assert document["facts"]["counts"] == {"ship": 1}
    assert " ".join(sentence["text"] for sentence in document["facts"]["sentences"]) == caption.text
    assert document["facts"] == caption.facts


def test_it_does_not_change() -> None:
    with pytest.raises(AttributeError):
        answer().text = "There is nothing."  # type: ignore[misc]
