"""``remotesam detect``, ``count`` and ``ground``: objects, their numbers, and the one that a sentence names."""

from __future__ import annotations

import csv
import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam import RemoteSAM
from remotesam.cli.ground import ground
from tests.cli.conftest import Run


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """An image of a red bar of 4 x 30 pixels, a red square of 15 x 15 and a blue one."""
    image = np.zeros((50, 80, 3), dtype=np.uint8)
    image[5:9, 10:40, 0] = 255
    image[20:35, 50:65, 0] = 255
    image[20:35, 10:25, 2] = 255
    path = tmp_path / "pair.png"
    Image.fromarray(image).save(path)
    return path


def test_detect_lists_every_object(run: Run, pair: Path) -> None:
    code, out, err = run("detect", pair, "red", "blue", "purple")
    assert (code, err) == (0, "")
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["category", "score", "x1", "y1", "x2", "y2", "area"]
    assert sorted(rows) == [
        ["blue", "1.00", "10", "20", "25", "35", "225"],
        ["red", "1.00", "10", "5", "40", "9", "120"],
        ["red", "1.00", "50", "20", "65", "35", "225"],
    ]


def test_detect_oriented_adds_the_turned_box(run: Run, pair: Path, tmp_path: Path) -> None:
    code, out, _ = run("detect", pair, "red", "--oriented", "-o", tmp_path / "boxes.csv", "--min-area", "200")
    assert code == 0
    assert out.split("wrote")[0].splitlines()[0].split()[-3:] == ["length", "width", "angle"]
    (row,) = csv.DictReader((tmp_path / "boxes.csv").open())
    assert {name: row[name] for name in ("image", "category", "x1", "area")} == {
        "image": "pair.png",
        "category": "red",
        "x1": "50",
        "area": "225",
    }
    assert row["corners"] == "50 20 65 20 65 35 50 35"
    assert (float(row["length"]), float(row["width"]), float(row["angle"])) == (15, 15, 0)


def test_nothing_there_is_said(run: Run, pair: Path) -> None:
    assert run("detect", pair, "purple")[:2] == (0, "nothing found\n")


@pytest.mark.parametrize("contours", ["auto", "gradient", "none"])
@pytest.mark.parametrize("mode", ["watershed", "cut"])
def test_every_way_to_part_objects_is_taken(run: Run, pair: Path, contours: str, mode: str) -> None:
    code, out, _ = run("count", pair, "red", "--contours", contours, "--contour-mode", mode, "--json")
    assert code == 0
    assert json.loads(out)["counts"] == {"red": 2}


def test_contours_that_a_model_lacks_are_told(run: Run, pair: Path) -> None:
    code, _, err = run("detect", pair, "red", "--contours", "model")
    assert code == 1
    assert "no contours" in err


def test_count_has_a_number_for_each_category(run: Run, pair: Path, tmp_path: Path) -> None:
    code, out, _ = run("count", pair, "purple", "red", "-o", tmp_path / "counts.csv")
    assert code == 0
    assert [line.split() for line in out.splitlines()[:3]] == [["category", "count"], ["purple", "0"], ["red", "2"]]
    assert (tmp_path / "counts.csv").read_text() == "image,category,count\npair.png,purple,0\npair.png,red,2\n"


@pytest.mark.parametrize(
    ("options", "box"), [(["--box", "union"], ["10", "5", "65", "35"]), ([], ["50", "20", "65", "35"])]
)
def test_ground_gives_one_box(run: Run, pair: Path, options: list[str], box: list[str]) -> None:
    code, out, _ = run("ground", pair, "the red ones", *options)
    assert code == 0
    header, row = out.splitlines()
    assert header.split() == ["sentence", "found", "score", "x1", "y1", "x2", "y2", "area"]
    assert row.split()[3:9] == ["yes", "1.00", *box]


def test_the_box_of_ground_is_that_of_the_method_unless_told() -> None:
    defaults = [inspect.signature(function).parameters["box"].default for function in (ground, RemoteSAM.ground)]
    assert defaults[0].value == defaults[1]


def test_ground_says_that_there_is_none(run: Run, pair: Path) -> None:
    assert run("ground", pair, "a purple one")[1].split()[-4:] == ["a", "purple", "one", "no"]
    document = json.loads(run("ground", pair, "a purple one", "--json")[1])
    assert (document["found"], document["instance"]) == (False, None)
    assert json.loads(run("ground", pair, "the blue one", "--json")[1])["instance"]["box"] == [10, 20, 25, 35]
