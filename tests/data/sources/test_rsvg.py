"""RSVG and DIOR-RSVG: expressions with boxes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from remotesam.data.sources import SourceError, open_source
from tests.data_factories.pictures import save_noise
from tests.data_factories.referring import HEIGHT, WIDTH, write_dior_rsvg

OBJECTS = {
    "00002": [("ship", (1, 2, 5, 6), "A ship"), ("harbor", (0, 0, 30, 20), "The harbor of the ship")],
    "00010": [("dam", (3, 3, 9, 9), "A grey  dam")],
    "00003": [("ship", (1, 2, 5, 6), "Another ship")],
}
SPLITS = {"train": [0, 3], "val": [1], "test": [2]}


def test_running_numbers_follow_the_order_of_the_names(tmp_path: Path) -> None:
    write_dior_rsvg(tmp_path, OBJECTS, SPLITS)
    found = {
        split: [
            (r.id, e.text, r.by_id[e.targets[0]].box, r.by_id[e.targets[0]].category)
            for r in records
            for e in r.expressions
        ]
        for split in SPLITS
        if (records := open_source("dior-rsvg", tmp_path, split=split, on_error="raise"))
    }
    assert found == {
        "train": [("00002", "A ship", (1, 2, 5, 6), "ship"), ("00010", "A grey dam", (3, 3, 9, 9), "dam")],
        "val": [("00002", "The harbor of the ship", (0, 0, 30, 20), "harbor")],
        "test": [("00003", "Another ship", (1, 2, 5, 6), "ship")],
    }
    records = open_source("dior-rsvg", tmp_path)
    assert records.categories == ("ship", "harbor", "dam")
    assert not any(annotation.has_mask for record in records for annotation in record.annotations)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (("ship", (5, 6, 5, 9), "no width"), "area"),
        (("ship", (90, 6, 95, 9), "far away"), "outside"),
        (("ship", ("x", 6, 95, 9), "no number"), "format"),
        (("ship", (1, 2, 5, 6), ""), "format"),
        (("ship", (1, 2, 5, 6), "A ship"), "duplicate"),
    ],
)
def test_bad_objects_are_told(tmp_path: Path, entry: Any, kind: str) -> None:
    write_dior_rsvg(tmp_path, {"00002": [OBJECTS["00002"][0], entry]}, {"train": [0, 1]})
    records = open_source("dior-rsvg", tmp_path)
    assert [(problem.kind, problem.item) for problem in records.problems] == [(kind, "object 1")]
    assert [e.text for e in records[0].expressions] == ["A ship"]
    with pytest.raises(SourceError, match="object 1"):
        open_source("dior-rsvg", tmp_path, on_error="raise")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "Annotations" / "00003.xml").write_text("<annotation>"), "get it again"),
        (lambda root: (root / "Annotations" / "00003.xml").unlink(), "hold 3 objects, .* count up to 3"),
        (lambda root: [p.unlink() for p in (root / "Annotations").glob("*")], "holds no XML file; there is nothing"),
        (lambda root: (root / "train.txt").unlink(), "no split 'train'; there are 'val', 'test'"),
        (lambda root: (root / "JPEGImages").rename(root / "images"), "no images of DIOR-RSVG"),
    ],
)
def test_what_would_shift_the_numbers_is_fatal(tmp_path: Path, change: Callable[[Path], object], message: str) -> None:
    write_dior_rsvg(tmp_path, OBJECTS, SPLITS)
    change(tmp_path)
    with pytest.raises(SourceError, match=message):
        open_source("dior-rsvg", tmp_path, on_error="skip")


def test_bad_numbers_and_images_are_told(tmp_path: Path) -> None:
    write_dior_rsvg(tmp_path, OBJECTS, {"train": [0, 1, 2, 3]})
    with (tmp_path / "train.txt").open("a") as file:
        file.write("two\n3\n")
    (tmp_path / "JPEGImages" / "00002.jpg").unlink()
    save_noise(tmp_path / "JPEGImages" / "00003.jpg", HEIGHT, WIDTH + 1)
    records = open_source("dior-rsvg", tmp_path)
    assert [problem.kind for problem in records.problems] == ["format", "duplicate", "missing", "missing", "size"]
    assert [record.id for record in records] == ["00010"]


def write_rsvg(root: Path, entries: Any) -> None:
    save_noise(root / "images" / "a.png", HEIGHT, WIDTH)
    torch.save(entries, root / "rsvg_train.pth")


def test_rsvg_gives_boxes_and_expressions(tmp_path: Path) -> None:
    write_rsvg(
        tmp_path,
        [
            ("a.png", [1.0, 2.0, 5.0, 6.0], "The pitch", ["NN"], 1),
            ["a.png", [1.0, 2.0, 5.0, 6.0], "the green pitch"],
            ("a.png", [0, 0, 3, 3], "the tank"),
        ],
    )
    records = open_source("rsvg", tmp_path, on_error="raise")
    (record,) = records
    assert [(e.text, record.by_id[e.targets[0]].box) for e in record.expressions] == [
        ("The pitch", (1, 2, 5, 6)),
        ("the green pitch", (1, 2, 5, 6)),
        ("the tank", (0, 0, 3, 3)),
    ]
    assert len(record.annotations) == 2


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("a.png", "format"),
        (("a.png", [1, 2, 3], "x"), "format"),
        (("a.png", None, "x"), "format"),
        (("a.png", [1, 2, 1, 3], "x"), "area"),
        (("a.png", [1, 2, 3, 4], " "), "format"),
        (("b.png", [1, 2, 3, 4], "x"), "missing"),
    ],
)
def test_bad_entries_of_rsvg_are_told(tmp_path: Path, entry: Any, kind: str) -> None:
    write_rsvg(tmp_path, [("a.png", [0, 0, 3, 3], "the tank"), entry])
    records = open_source("rsvg", tmp_path)
    assert [(problem.kind, problem.item) for problem in records.problems] == [(kind, "entry 1")]
    assert len(records) == 1


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_malicious_file_of_rsvg_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    write_rsvg(tmp_path, [Trap(tmp_path / "trace")])
    with pytest.raises(SourceError, match="refused or damaged"):
        open_source("rsvg", tmp_path)
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_damaged_file_of_rsvg_is_fatal(tmp_path: Path, content: bytes) -> None:
    write_rsvg(tmp_path, [])
    (tmp_path / "rsvg_train.pth").write_bytes(content)
    with pytest.raises(SourceError, match=r"rsvg_train\.pth"):
        open_source("rsvg", tmp_path)


def test_rsvg_takes_a_list(tmp_path: Path) -> None:
    write_rsvg(tmp_path, {"a": 1})
    with pytest.raises(SourceError, match="holds a dict"):
        open_source("rsvg", tmp_path)
