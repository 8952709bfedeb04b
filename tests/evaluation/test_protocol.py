import json
from collections.abc import Sequence

import numpy as np
import pytest

from remotesam.data.scene import Scene
from remotesam.data.triplets import unique_triplets
from remotesam.evaluation.protocol import answers, count, summary, table
from tests.training.lookalike import Squares


class Bright:
    """Answers every sentence with the bright pixels, at strength 0.9 for ships and 0.6 for everything else."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        self.asked.append(list(expressions))
        bright = (image[..., 0] > 128).astype(np.float32)
        return np.stack([bright * (0.9 if "ship" in expression else 0.6) for expression in expressions])


def test_every_annotated_category_is_asked_in_one_call_per_image():
    segmenter = Bright()
    found = list(answers(Squares(length=3), segmenter))
    assert segmenter.asked == [["ship in the image", "bridge in the image"]] * 3
    assert [answer.scene.name for answer in found] == ["square-0", "square-1", "square-2"]
    assert [bool(triplet.mask.any()) for triplet in found[0].triplets] == [True, False]


@pytest.mark.parametrize(("gate", "expected"), [(0.5, (1.0, 0.0)), (0.7, (1.0, 1.0)), (0.95, (0.0, 1.0))])
def test_the_gate_decides_between_found_and_nothing(gate, expected):
    rows = table([row for answer in answers(Squares(length=3), Bright()) for row in count(answer)])
    assert rows.column("id")[1].as_py() == "square-0|bridge in the image"
    figures = summary(rows, presence_threshold=gate, gates=(0.5,))
    assert (figures["mIoU"], figures["N-acc"]) == expected
    assert figures["samples"] == 6 and figures["targeted"] == 3
    assert figures["IoU/ship"] == expected[0] and "IoU/bridge" not in figures
    assert (figures["gate 0.5/mIoU"], figures["gate 0.5/N-acc"]) == (1.0, 0.0)
    json.dumps(figures, allow_nan=False)


def test_indices_choose_the_scenes():
    assert [a.scene.name for a in answers(Squares(length=9), Bright(), indices=range(1, 9, 4))] == [
        "square-1",
        "square-5",
    ]


def test_a_scene_with_nothing_to_ask_is_passed_over():
    segmenter = Bright()

    def ask(scene: Scene) -> list:
        return [] if scene.name == "square-0" else unique_triplets(scene, 0)

    found = list(answers(Squares(length=2), segmenter, ask=ask))
    assert [answer.scene.name for answer in found] == ["square-1"]
    assert all(triplet.kind == "one-to-one" for triplet in found[0].triplets)


def test_no_scene_gives_no_figures():
    figures = summary(table([]), presence_threshold=0.5)
    assert figures["mIoU"] is None and figures["samples"] == 0
