"""Files of predictions: every task in every format, and what is wrong in them by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from remotesam.evaluation.data import EvaluationData, open_data
from remotesam.evaluation.mask_counts import decoded
from remotesam.evaluation.predictions import PredictionError, Predictions
from remotesam.evaluation.questions import Question
from tests.evaluation.coloured import HEIGHT, NAMES, WIDTH, write_coloured

SIZE = [(HEIGHT, WIDTH)]
FULL = {"size": [HEIGHT, WIDTH], "counts": [0, HEIGHT * WIDTH]}


@pytest.fixture
def data(tmp_path) -> EvaluationData:
    return open_data(str(write_coloured(tmp_path / "data")))


def ask(identifier: str) -> Question:
    return Question(identifier, "", "", "image", lambda: None, NAMES)


def write(folder: Path, entries: list[Any], *, name: str = "predictions.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def read(data: EvaluationData, folder: Path, task: str, entry: Any) -> Any:
    predictions = Predictions(write(folder, [{"id": "1", **entry}]), task, data, categories=NAMES)
    return predictions.answer(ask("1"), SIZE)


def test_an_empty_file_has_no_prediction(data, tmp_path):
    predictions = Predictions(write(tmp_path, []), "ref", data, categories=NAMES)
    assert len(predictions) == 0
    assert predictions.answer(ask("1"), SIZE) is None


@pytest.mark.parametrize(
    ("entry", "identifier"),
    [
        ({"id": "1|the red one"}, "1|the red one"),
        ({"image": 1, "expression": "the red one"}, "1|the red one"),
        ({"image_id": "1", "question": "the red one"}, "1|the red one"),
        ({"image": 1}, "1"),
    ],
)
def test_samples_are_named_by_id_or_by_image_and_sentence(data, tmp_path, entry, identifier):
    predictions = Predictions(write(tmp_path, [entry | {"rle": None}]), "ref", data, categories=NAMES)
    assert predictions.answer(ask(identifier), SIZE) is not None


def test_missing_repeated_and_unknown_samples_are_named(data, tmp_path):
    lines = [{"id": name, "rle": None} for name in ("a", "b", "b", "c")]
    predictions = Predictions(write(tmp_path, lines), "ref", data, categories=NAMES)
    wanted = ["a", "b", *(f"m{number}" for number in range(12))]
    with pytest.raises(PredictionError) as told:
        predictions.check(wanted)
    message = str(told.value)
    assert "of 14 samples have more than one prediction: 'b'" in message
    assert "predicted samples are unknown to the data: 'c'" in message
    assert "12 of 14 samples have no prediction: 'm0', 'm1'" in message and "'m9', ..." in message
    assert "'m10'" not in message and "--allow-missing" in message


def test_missing_samples_may_be_allowed_but_no_others(data, tmp_path):
    predictions = Predictions(write(tmp_path, [{"id": "a", "rle": None}]), "ref", data, categories=NAMES)
    assert predictions.check(["a", "b"], allow_missing=True) == ["b"]
    with pytest.raises(PredictionError, match="unknown to the data: 'a'"):
        predictions.check(["b"], allow_missing=True)


def test_masks_come_as_run_lengths_or_pictures(data, tmp_path):
    assert read(data, tmp_path, "ref", {"rle": None}).mask is None
    answer = read(data, tmp_path, "ref", {"rle": FULL, "score": 0.25})
    assert decoded(answer.mask, "answer").all() and answer.presence == 0.25
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[3:5, 6:9] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read(data, tmp_path, "ref", {"mask": "mask.png"}).mask, mask > 0)


def test_class_maps_come_as_pictures_or_run_lengths(data, tmp_path):
    classes = np.zeros((HEIGHT, WIDTH), np.uint8)
    classes[:5], classes[5:7] = 2, 255
    Image.fromarray(classes).save(tmp_path / "classes.png")
    np.testing.assert_array_equal(read(data, tmp_path, "seg", {"class_map": "classes.png"}).class_map, classes)
    assert (read(data, tmp_path, "seg", {"rles": {"Green": FULL}}).class_map == 2).all()


def test_other_answers_are_read(data, tmp_path):
    box = [1, 2.5, 3, 4]
    assert read(data, tmp_path, "vg", {"box": box}).box.tolist() == box
    assert read(data, tmp_path, "vg", {"box": None}).box is None
    found = read(data, tmp_path, "det", {"boxes": [box], "categories": ["red"], "scores": [0.5]})
    assert (found.boxes.tolist(), found.categories, found.scores.tolist()) == ([box], ["red"], [0.5])
    assert read(data, tmp_path, "det", {"boxes": [], "categories": []}).boxes.shape == (0, 4)
    corners = [[[0, 0], [2, 0], [2, 2], [0, 2]]]
    turned = read(data, tmp_path, "obb", {"corners": corners, "categories": ["red"], "scores": [1]})
    assert turned.corners.tolist() == corners
    flat = read(data, tmp_path, "obb", {"corners": [[0, 0, 2, 0, 2, 2, 0, 2]], "categories": ["red"], "scores": [1]})
    assert flat.corners.tolist() == corners
    assert read(data, tmp_path, "cnt", {"counts": {"red": 2}}).counts == {"red": 2}
    labels = read(data, tmp_path, "mlc", {"labels": ["RED"], "scores": {"red": 0.9}})
    assert (labels.labels, labels.scores) == ({"red"}, {"red": 0.9})
    assert read(data, tmp_path, "mcc", {"label": "blue"}).label == "blue"
    assert read(data, tmp_path, "cap", {"caption": "a ship"}).text == "a ship"


@pytest.mark.parametrize(
    ("task", "entry", "told"),
    [
        ("ref", {}, "has no field 'rle'"),
        ("ref", {"rle": "abc"}, "run lengths take size"),
        ("ref", {"rle": {"size": [2, 2], "counts": [4]}}, "rle is 2 x 2 pixels; it takes 64 x 48"),
        ("ref", {"rle": {"size": [HEIGHT, WIDTH], "counts": "0"}}, "rle"),
        ("ref", {"rle": None, "score": 1.5}, "score is 1.5; it takes a number from 0 to 1"),
        ("ref", {"mask": "nowhere.png"}, "nowhere.png cannot be read"),
        ("vg", {"box": [1, 2, 3]}, "lists of 4 finite numbers"),
        ("vg", {"box": [1, 2, 3, "x"]}, "lists of 4 finite numbers"),
        ("seg", {"rles": {"purple": FULL}}, "rles names 'purple'; the categories are red, green, blue"),
        ("det", {"boxes": [[0, 0, 1, 1]], "categories": []}, "one for each of 1 objects"),
        ("det", {"boxes": [[0, 0, 1, 1]], "categories": ["red"], "scores": []}, "scores is"),
        ("obb", {"corners": [[0, 0, 1, 1]], "categories": ["red"]}, "lists of 8 finite numbers"),
        ("cnt", {"counts": {"red": 1.5}}, "counts.red is 1.5"),
        ("cnt", {"counts": [1]}, "counts is"),
        ("mlc", {"labels": "red"}, "labels is red"),
        ("mlc", {"labels": [], "scores": {"red": "high"}}, "scores.red is 'high'"),
        ("mcc", {"label": "farm"}, "label names 'farm'"),
        ("cap", {"caption": 3}, "caption is 3"),
    ],
)
def test_wrong_fields_are_told_with_their_place(data, tmp_path, task, entry, told):
    with pytest.raises(PredictionError) as error:
        read(data, tmp_path, task, entry)
    assert told in str(error.value)
    assert "predictions.jsonl, line 1, '1'" in str(error.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "line 1: is no JSON"), ("[1]", "line 1: holds no object"), ('\n{"rle": null}', "line 2: has no id")],
)
def test_lines_that_cannot_be_read_are_told(data, tmp_path, content, told):
    path = tmp_path / "p.jsonl"
    path.write_text(content)
    with pytest.raises(PredictionError, match=told):
        Predictions(path, "ref", data, categories=NAMES)


@pytest.mark.parametrize(
    ("name", "task", "told"),
    [
        ("missing.jsonl", "ref", "no such file of predictions"),
        ("there.csv", "ref", r"come as \.jsonl, \.parquet"),
        ("there.json", "ref", r"come as \.jsonl, \.parquet$"),
        ("there.parquet", "ref", "cannot be read as parquet"),
        ("there.json", "det", "is no JSON"),
    ],
)
def test_files_of_another_kind_are_refused(data, tmp_path, name, task, told):
    for there in ("there.csv", "there.json", "there.parquet"):
        (tmp_path / there).write_text("x")
    with pytest.raises(PredictionError, match=told):
        Predictions(tmp_path / name, task, data, categories=NAMES)


@pytest.mark.parametrize("form", ["struct", "map", "text"])
def test_parquet_has_objects_as_structs_maps_or_text(data, tmp_path, form):
    counts = {"red": 2, "blue": 1}
    column = {
        "struct": pa.array([counts, {"green": 1}]),
        "map": pa.array([list(counts.items()), [("green", 1)]], pa.map_(pa.string(), pa.int64())),
        "text": pa.array([json.dumps(counts), '{"green": 1}']),
    }[form]
    pq.write_table(pa.table({"image": [1, 2], "counts": column}), tmp_path / "p.parquet")
    predictions = Predictions(tmp_path / "p.parquet", "cnt", data, categories=NAMES)
    assert predictions.answer(ask("1"), SIZE).counts == counts
    assert predictions.answer(ask("2"), SIZE).counts == {"green": 1}


def test_coco_results_are_gathered_by_image(data, tmp_path):
    records = [
        {"image_id": 1, "category_id": 20, "bbox": [1, 2, 3, 4], "score": 0.5},
        {"image_id": 2, "category_id": 10, "bbox": [0, 0, 1, 1], "score": 0.4},
        {"image_id": 1, "category_id": 10, "bbox": [5, 5, 2, 2], "score": 0.9},
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(records))
    predictions = Predictions(path, "det", data, categories=NAMES)
    answer = predictions.answer(ask("1"), SIZE)
    assert answer.boxes.tolist() == [[1, 2, 4, 6], [5, 5, 7, 7]]
    assert (answer.categories, answer.scores.tolist()) == (["green", "red"], [0.5, 0.9])
    assert predictions.check(["1", "2", "3"]) == []  # an image without a record is one without a detection
    with pytest.raises(PredictionError, match="unknown to the data: '2'"):
        predictions.check(["1", "3"])


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"category_id": 10}, "record 0: has no image_id"),
        ({"image_id": 1, "category_id": 11}, r"category_id is 11; there are 10: red, 20: green"),
        ({"image_id": 1, "category_id": 10, "bbox": [1, 2]}, r"bbox is \[1, 2\]"),
        ({"image_id": 1, "category_id": 10, "bbox": [1, 2, 3, 4]}, "score is None"),
    ],
)
def test_wrong_coco_records_are_told(data, tmp_path, record, told):
    path = tmp_path / "results.json"
    path.write_text(json.dumps([record]))
    with pytest.raises(PredictionError, match=told):
        Predictions(path, "det", data, categories=NAMES)
