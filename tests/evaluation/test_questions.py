"""What is asked of each kind of data, and what is right."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from remotesam.data.record_scenes import RecordScenes
from remotesam.data.sources.problems import SourceError
from remotesam.data.triplets import evaluation_triplets, unique_triplets
from remotesam.data.vocabulary import CATEGORIES
from remotesam.evaluation.data import open_data
from remotesam.evaluation.mask_counts import decoded
from remotesam.evaluation.questions import TASKS, AskOptions, EvaluationError, make_questions, reasons_against
from tests.data_factories import objects, semantic
from tests.data_factories.labels import write_captions, write_scenes
from tests.data_factories.referring import ReferSet, write_dior_rsvg
from tests.data_factories.triplet_sets import write_set
from tests.evaluation.coloured import NAMES, SCENES, paint, write_coloured


@pytest.fixture
def coloured(tmp_path):
    return open_data(str(write_coloured(tmp_path)))


def refer(root):
    ReferSet().write(root)
    return open_data("refer", root=root, split="train")


def rsvg(root):
    objects = {"00001": [("ship", (3, 4, 9, 8), "the ship"), ("tree", (1, 1, 2, 2), "the tree")]}
    write_dior_rsvg(root, objects, {"train": [0, 1]})
    return open_data("dior-rsvg", root=root, split="train")


def dota(root):
    objects.write_dota(root)
    return open_data("dota", root=root, split="train")


def loveda(root):
    semantic.loveda(root)
    return open_data("loveda", root=root, split="train")


def scenes(root):
    write_scenes(root, {"port": ["1.png", "2.png"], "farm": ["3.png"]})
    return open_data("folders", root=root, split="all")


def captions(root):
    write_captions(root, "dataset.json", "imgs", {"1.tif": ("test", ["a ship .", "one ship ."])})
    return open_data("captions", root=root, split="test")


def triplets(root):
    write_set(root, units=5)
    return open_data(str(root), split="train")


SUPPORT = {
    "triplets": (triplets, {"ref", "reason", "vg"}),
    "refer": (refer, {"ref", "reason", "vg"}),
    "rsvg": (rsvg, {"vg"}),
    "dota": (dota, {"det", "obb", "cnt", "mlc"}),
    "loveda": (loveda, {"ref", "seg", "vg"}),
    "scenes": (scenes, {"mcc"}),
    "captions": (captions, {"cap"}),
}


@pytest.mark.parametrize("kind", SUPPORT)
def test_data_support_the_tasks_that_they_have_the_truth_for(kind, tmp_path):
    build, supported = SUPPORT[kind]
    data = build(tmp_path)
    assert {task for task, reason in reasons_against(data).items() if not reason} == supported
    for task in sorted(set(TASKS) - supported):
        with pytest.raises(EvaluationError, match=rf"does not support the task '{task}'.*it supports "):
            make_questions(data, task)


@pytest.mark.parametrize("kind", SUPPORT)
def test_ids_are_unique_and_pictures_are_numbered(kind, tmp_path):
    build, supported = SUPPORT[kind]
    data = build(tmp_path)
    for task in supported:
        questions = make_questions(data, task)
        pictures = [questions.picture(index) for index in range(len(questions))]
        ids = [question.id for picture in pictures for question in picture.questions]
        assert len(ids) == len(set(ids))
        assert ids or (kind, task) == ("loveda", "vg")  # its regions are too small to be told apart
        assert [picture.id for picture in pictures] == list(questions.pictures)
        assert all(picture.pixels().shape == (*picture.size, 3) for picture in pictures)


def test_generated_sentences_are_those_of_training_and_validation(coloured):
    questions = make_questions(coloured, "ref")
    scenes = RecordScenes(coloured.records)
    assert len(questions) == len(SCENES)
    for index in range(len(questions)):
        scene = scenes.scene(index)
        asked = questions.picture(index).questions
        wanted = evaluation_triplets(scene) + unique_triplets(scene, 0)
        assert [question.text for question in asked] == [triplet.expression for triplet in wanted]
        for question, triplet in zip(asked, wanted, strict=True):
            truth = question.truth()
            np.testing.assert_array_equal(decoded(truth.mask, "truth"), triplet.mask)
            assert question.asked == ("one-to-one" if triplet.kind == "one-to-one" else "category")
            assert question.category == triplet.category


def test_targets_are_counted(coloured):
    asked = make_questions(coloured, "ref", AskOptions(asked="categories")).picture(1).questions
    assert {question.category: question.truth().targets for question in asked} == {"red": 2, "green": 0, "blue": 1}
    assert {question.id for question in asked} == {f"2|{name} in the image" for name in NAMES}


@pytest.mark.parametrize(("asked", "kinds"), [("categories", {"category"}), ("one-to-one", {"one-to-one"})])
def test_one_kind_of_generated_sentences_can_be_asked(coloured, asked, kinds):
    questions = make_questions(coloured, "ref", AskOptions(asked=asked))
    found = {question.asked for index in range(len(questions)) for question in questions.picture(index).questions}
    assert found == kinds


@pytest.fixture
def shipyard(tmp_path):
    """One picture with an airplane and no ship."""
    triangle = [[10, 10, 50, 10, 50, 40]]
    document = {
        "images": [{"id": 1, "file_name": "1.png", "width": 64, "height": 48}],
        "categories": [{"id": 1, "name": "plane"}, {"id": 2, "name": "ship"}, {"id": 3, "name": "roundabout"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": triangle}],
    }
    Image.new("RGB", (64, 48)).save(tmp_path / "1.png")
    (tmp_path / "all.json").write_text(json.dumps(document))
    return open_data(str(tmp_path / "all.json"), images=tmp_path)


@pytest.mark.parametrize(
    ("synonyms", "wanted"),
    [
        (("aircraft",), {"airplane": {"airplane", "aircraft"}}),
        (("Plane", "boat", "plane"), {"airplane": {"airplane", "plane"}, "ship": {"ship", "boat"}}),
    ],
)
def test_synonyms_are_asked_beside_the_name_that_they_stand_for(shipyard, synonyms, wanted):
    asked = make_questions(shipyard, "ref", AskOptions(asked="synonyms", synonyms=synonyms)).picture(0).questions
    found: dict[str, set[str]] = {}
    for question in asked:
        found.setdefault(question.category, set()).add(question.text.removesuffix(" in the image"))
        assert question.asked == ("category" if question.text.startswith(question.category) else "synonym")
        assert decoded(question.truth().mask, "truth").any() == (question.category == "airplane")
    assert found == wanted


def test_without_names_every_synonym_of_the_vocabulary_is_asked(shipyard):
    asked = make_questions(shipyard, "ref", AskOptions(asked="synonyms")).picture(0).questions
    known = {single for name in ("airplane", "ship", "roundabout") for single, _ in CATEGORIES[name].synonyms}
    assert {q.text.removesuffix(" in the image") for q in asked if q.asked == "synonym"} == known


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("ref", {"asked": "synonyms", "synonyms": ("airplane",)}, "'airplane' is no other name of a category"),
        ("ref", {"asked": "synonyms", "synonyms": ("ball field",)}, "annotated here: airplane, ship, roundabout"),
        ("ref", {"synonyms": ("plane",)}, "--synonym goes with --questions synonyms"),
        ("vg", {"asked": "synonyms"}, "--questions synonyms goes with the task ref"),
    ],
)
def test_synonyms_of_nothing_are_told(shipyard, task, options, message):
    with pytest.raises(EvaluationError, match=message):
        make_questions(shipyard, task, AskOptions(**options))


def test_grounding_asks_sentences_about_one_object_for_its_box(coloured):
    questions = make_questions(coloured, "vg")
    asked = [question for index in range(len(questions)) for question in questions.picture(index).questions]
    assert asked and {question.asked for question in asked} == {"one-to-one"}
    (only,) = {tuple(q.truth().box) for q in make_questions(coloured, "vg").picture(2).questions}
    assert only == (10, 10, 50, 40)


def test_own_sentences_have_the_masks_that_were_drawn(tmp_path):
    drawn = ReferSet()
    drawn.write(tmp_path)
    questions = make_questions(open_data("refer", root=tmp_path, split="train"), "ref")
    truths = {question.text: question.truth() for question in questions.picture(0).questions}
    np.testing.assert_array_equal(decoded(truths["the ship"].mask, "truth"), drawn.masks[11])
    np.testing.assert_array_equal(decoded(truths["everything"].mask, "truth"), drawn.masks[11] | drawn.masks[12])
    assert not decoded(truths["the airplane"].mask, "truth").any()
    assert [truths[text].targets for text in ("the ship", "everything", "the airplane")] == [1, 2, 0]


def test_rows_of_a_triplet_set_are_gathered_by_picture(tmp_path):
    rows = [row for row in write_set(tmp_path, units=9) if row.split == "train"]
    questions = make_questions(open_data(str(tmp_path), split="train"), "ref")
    asked = [question for index in range(len(questions)) for question in questions.picture(index).questions]
    assert {(row.source, row.image) for row in rows} == {tuple(name.split("/", 1)) for name in questions.pictures}
    by_id = {question.id: question for question in asked}
    assert len(by_id) == len(rows)
    for row in rows:
        truth = by_id[f"{row.source}/{row.image}|{row.expression}"].truth()
        np.testing.assert_array_equal(decoded(truth.mask, "truth"), row.mask())
        assert truth.targets == {"one-to-one": 1, "one-to-zero": 0}.get(row.kind)


def test_grounding_leaves_out_sentences_about_several_objects_or_none(tmp_path):
    questions = make_questions(refer(tmp_path), "vg")
    assert {q.text for q in questions.picture(0).questions} == {"the ship", "the white ship on the left"}
    assert questions.left_out == {"sentences that do not mean one object with a box": 2}


def test_objects_have_boxes_of_their_outlines_or_as_annotated(tmp_path):
    path = write_coloured(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["bbox"] = [3, 3, 20, 20]  # loose
    path.write_text(json.dumps(document))
    data = open_data(str(path))
    boxes = {
        how: make_questions(data, "det", AskOptions(boxes=how)).picture(0).questions[0].truth()
        for how in ("outline", "annotated")
    }
    np.testing.assert_allclose(boxes["outline"].boxes, [[4, 4, 20, 20], [30, 26, 60, 44]])
    np.testing.assert_allclose(boxes["annotated"].boxes[0], [3, 3, 23, 23])
    assert boxes["outline"].categories == ["red", "green"]
    masks = make_questions(data, "det", AskOptions(shape="mask")).picture(0).questions[0].truth().masks
    np.testing.assert_array_equal(coco_mask.decode(masks[0]).astype(bool), paint(SCENES[0])[:, :, 0] > 0)


def test_a_crowd_is_one_in_detection_a_label_and_not_counted(tmp_path):
    path = write_coloured(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["iscrowd"] = 1
    path.write_text(json.dumps(document))
    data = open_data(str(path))
    assert make_questions(data, "det").picture(0).questions[0].truth().crowd.tolist() == [True, False]
    assert make_questions(data, "mlc").picture(0).questions[0].truth().labels == {"red", "green"}
    question = make_questions(data, "cnt").picture(0).questions[0]
    assert question.truth().counts == {"green": 1, "blue": 0} and question.categories == ("green", "blue")
    segmented = make_questions(data, "seg")
    assert "1" not in segmented.pictures
    assert sum(segmented.left_out.values()) == 1


def test_class_maps_are_painted_smaller_objects_above(tmp_path):
    scene = [("red", (10, 10, 20, 20)), ("green", (4, 4, 40, 40))]
    question = make_questions(open_data(str(write_coloured(tmp_path, [scene]))), "seg").picture(0).questions[0]
    painted = question.truth().class_map
    assert (painted[15, 15], painted[30, 30], painted[45, 60]) == (1, 2, 0)
    assert (painted == 1).sum() == 100 and (painted == 2).sum() == 36 * 36 - 100


def test_class_maps_of_a_data_set_have_its_background_first(tmp_path):
    indices = semantic.loveda(tmp_path)
    questions = make_questions(open_data("loveda", root=tmp_path, split="train"), "seg")
    assert questions.metric_settings["classes"][0] == "background"
    assert questions.metric_settings["background_rule"] == "counted"
    assert "background" not in questions.categories and len(questions.categories) == 6
    for index, name in enumerate(questions.pictures):
        truth = questions.picture(index).questions[0].truth().class_map
        np.testing.assert_array_equal(truth == 0, indices[name] == 0)  # LoveDA's first class is its background
        np.testing.assert_array_equal(truth == 255, indices[name] == 255)


def test_names_are_those_of_the_vocabulary(tmp_path):
    assert dota(tmp_path).names["plane"] == "airplane"


def test_numbers_of_categories_are_those_of_the_file(coloured):
    assert coloured.category_ids == {10: "red", 20: "green", 30: "blue"}


def test_the_checksum_follows_the_annotations(tmp_path):
    path = write_coloured(tmp_path)
    before = open_data(str(path)).sha256
    assert open_data("coco", root=tmp_path, split="val").sha256 == before
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"][0][0] += 1
    path.write_text(json.dumps(document))
    assert open_data(str(path)).sha256 != before


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        ("nowhere", {}, "unknown data 'nowhere'"),
        ("nwpu-vhr-10", {}, "needs its folder: --root"),
        (".", {}, "is no triplet set"),
        ("missing.json", {}, "no such file"),
        ("nwpu-vhr-10", {"root": ".", "images": "x"}, "--images goes with"),
        ("folders", {"root": ".", "options": {"colour": "red"}}, r"does not take the options \['colour'\]"),
    ],
)
def test_data_that_cannot_be_opened_are_told(data, options, told):
    with pytest.raises(SourceError, match=told):
        open_data(data, **options)


@pytest.mark.parametrize(
    ("task", "options", "told"),
    [
        ("seg", AskOptions(asked="own"), "--questions goes with"),
        ("ref", AskOptions(asked="own"), "has no sentences of its own"),
        ("ref", AskOptions(shape="mask"), "--shape mask goes with the task det"),
        ("det", AskOptions(categories=("ship",)), "--categories goes with the task cap"),
        ("fly", AskOptions(), "task is 'fly'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(coloured, task, options, told):
    with pytest.raises(EvaluationError, match=told):
        make_questions(coloured, task, options)
