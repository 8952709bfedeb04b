"""``remotesam demo``: what it asks, how it judges, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam import RemoteSAM
from remotesam.cli.showcase import Answers, Questions, ask, box_iou, matched, questions_about, verdicts
from remotesam.data.scene import Instance as Outline
from remotesam.data.scene import Scene
from remotesam.data.synthetic import generate_scene
from remotesam.results import Caption, Classification, Counts, Instance, Segmentation, SemanticMap
from tests.cli.conftest import Run
from tests.fakes import ColourSegmenter, three_squares


def test_demo_writes_pictures_and_says_where(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("demo", "-o", tmp_path / "demo", "--seed", "3")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == ["results.json", "scene.png", "tasks.png"]
    assert str(tmp_path / "demo" / "tasks.png") in out
    # The colour segmenter finds no category: what is absent is right, what is there is missed.
    assert "rightly nothing" in out
    assert "missed" in out
    assert "0 of" in out


def test_the_panel_has_nine_cells_and_the_document_every_task(run: Run, tmp_path: Path) -> None:
    run("demo", "-o", tmp_path, "--seed", "3")
    with Image.open(tmp_path / "tasks.png") as picture:
        assert 3 * 400 < picture.width < 3 * 400 + 60
        assert picture.height > 3 * 400
    document = json.loads((tmp_path / "results.json").read_text())
    tasks = {"segment", "semantic", "detect", "count", "ground", "classify", "caption"}
    assert tasks < document.keys()
    assert document["compared"].keys() == tasks - {"caption"}
    assert (document["image"], document["height"], document["width"]) == ("scene.png", 512, 512)
    assert document["ground"] is None


def test_a_file_is_no_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    code, _, err = run("demo", "-o", tmp_path / "demo")
    assert code == 2
    assert "name a folder" in err


@pytest.mark.parametrize("seed", range(6))
def test_it_asks_about_things_that_are_there_and_some_that_are_not(seed: int) -> None:
    questions = questions_about(generate_scene(seed, size=256))
    assert [triplet.mask.any() for triplet in questions.sentences] == [True, False]
    assert questions.reference.mask.any()
    assert len(set(questions.categories)) == len(questions.categories) >= 3
    there = {one.category for one in questions.objects}
    assert questions.sentences[0].category in there
    assert questions.sentences[-1].category in set(questions.categories) - there
    assert all(one.image_size == (256, 256) for one in questions.objects)
    shown = {questions.categories[number - 1] for number in np.unique(questions.classes) if number}
    assert shown <= there


def test_a_scene_without_objects_is_told() -> None:
    scene = Scene(np.zeros((64, 64, 3), dtype=np.uint8), (), ("ship",), "an empty sea")
    with pytest.raises(ValueError, match="an empty sea shows no object of its categories; choose another --seed"):
        questions_about(scene)


def right_answers(questions: Questions) -> Answers:
    """The truth in the form of answers."""
    objects = questions.objects
    names = questions.categories
    there = tuple(dict.fromkeys(one.category for one in objects))
    flags = np.array([name in there for name in names])
    classes = questions.classes.astype(np.uint8)
    shape = (len(names), *objects.image_size)
    return Answers(
        segment=[
            Segmentation(one.expression, one.mask, one.mask.astype(np.float32), bool(one.mask.any()), 1.0)
            for one in questions.sentences
        ],
        semantic=SemanticMap(classes, np.zeros(shape, np.float32), names, flags * 1.0, flags),
        contour=np.zeros(objects.image_size, dtype=np.float32),
        detect=objects,
        count=Counts({name: len(objects.of(name)) for name in names}, objects),
        ground=Instance.from_mask(questions.reference.expression, 1.0, questions.reference.mask),
        classify=Classification(there, dict(zip(names, flags * 1.0, strict=True)), there[0], True),
        caption=Caption("The truth.", {}),
    )


@pytest.mark.parametrize("seed", [5, 9])
def test_the_truth_is_found_right(seed: int) -> None:
    questions = questions_about(generate_scene(seed, size=256))
    compared = verdicts(questions, right_answers(questions))
    count = len(questions.objects)
    assert "IoU 1.00; all " in compared["segment"]
    assert compared["segment"].endswith("rightly nothing")
    assert compared["semantic"].startswith("mean IoU 1.00 over")
    assert compared["detect"].startswith(f"{count} of {count} objects found, 0 ")
    assert compared["ground"].endswith("box IoU 1.00")
    assert compared["classify"].startswith(f"{len(questions.categories)} of {len(questions.categories)} ")
    for line in compared["count"].split(", "):
        _, number, _, truth = line.replace(")", "").rsplit(" ", 3)
        assert number == truth


def test_each_box_finds_one_object() -> None:
    mask = np.zeros((20, 20), dtype=bool)
    mask[2:8, 2:8] = True
    ship, car = Instance.from_mask("ship", 0.9, mask), Instance.from_mask("car", 0.9, mask)
    away = Instance.from_mask("ship", 0.9, mask[::-1, ::-1])
    assert matched([ship, ship], [ship]) == 1
    assert matched([ship], [ship, ship]) == 1
    assert matched([car], [ship]) == 0
    assert matched([away], [ship]) == 0
    assert matched([away, ship], [ship, away]) == 2
    assert matched([], [ship]) == matched([ship], []) == 0


@pytest.mark.parametrize(
    ("other", "iou"), [((0, 0, 4, 4), 1.0), ((2, 0, 6, 4), 1 / 3), ((4, 0, 8, 4), 0.0), ((0, 0, 2, 2), 0.25)]
)
def test_box_iou_by_hand(other: tuple[int, int, int, int], iou: float) -> None:
    assert box_iou((0, 0, 4, 4), other) == pytest.approx(iou)


def test_asking_uses_every_method() -> None:
    square = np.array([[5, 10], [15, 10], [15, 20], [5, 20]], np.float32)
    scene = Scene(three_squares(), (Outline("ship", (square,)),), ("ship", "harbor"), "a square")
    answers = ask(RemoteSAM(ColourSegmenter()), scene.image, questions_about(scene))
    assert list(answers.count) == list(answers.semantic.categories) == ["ship", "harbor"]
    assert answers.contour.shape == (40, 60)
    json.dumps(answers.to_dict(), allow_nan=False)
