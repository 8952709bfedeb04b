from collections.abc import Callable
from pathlib import Path

import pytest

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.dota import CATEGORIES, read_dota
from tests.data_factories.objects import PICTURES, draw, write_dota


@pytest.mark.parametrize("labels", ["labelTxt", "labelTxt-v1.0", "labelTxt-v1.0/labelTxt", "annotations/version1.0"])
def test_oriented_boxes_equal_the_drawn_ones(tmp_path: Path, labels: str) -> None:
    write_dota(tmp_path, labels=labels)
    records = open_source("dota", tmp_path, split="train", on_error="raise")
    assert [record.id for record in records] == list(PICTURES) and records.categories == CATEGORIES["1.0"]
    for record, objects in zip(records, PICTURES.values(), strict=True):
        assert record.exhaustive == CATEGORIES["1.0"]
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert annotation.category == drawn.category.replace("airplane", "plane")
            assert annotation.corners is not None and (annotation.corners == drawn.corners).all()
            assert (annotation.box, annotation.difficult) == (drawn.box, drawn.difficult) and not annotation.has_mask


def test_a_folder_without_splits_is_one(tmp_path: Path) -> None:
    write_dota(tmp_path)
    assert len(read_dota(tmp_path / "train", split="all", on_error="raise")) == 3


@pytest.mark.parametrize(("version", "known"), [("1.0", 15), ("1.5", 16), ("2.0", 18)])
def test_the_version_says_what_is_annotated(tmp_path: Path, version: str, known: int) -> None:
    folder = write_dota(tmp_path)
    path = folder / "0003.txt"
    path.write_text("1 1 9 1 9 9 1 9 container-crane 0\n21 1 29 1 29 9 21 9 helipad 1\n41 1 49 1 49 9 41 9 ship\n")
    records = read_dota(tmp_path, version=version)  # type: ignore[arg-type]
    assert len(records.problems) == {15: 2, 16: 1, 18: 0}[known]
    assert all(problem.kind == "category" for problem in records.problems)
    assert len(records[2].exhaustive) == known and not records[2].annotations[-1].difficult


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "val"}, "no split 'val'; there are 'train'"),
        ({"version": "3.0"}, "version is '3.0'; use 1.0, 1.5, 2.0"),
        ({"label_folder": "texts"}, "no such folder of text files"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, options: dict[str, str], message: str) -> None:
    write_dota(tmp_path)
    with pytest.raises(SourceError, match=message):
        read_dota(tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="no such folder"):
        read_dota(tmp_path / "gone")


def _append(line: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text() + line)


@pytest.mark.parametrize(
    ("fault", "kind", "message", "complete"),
    [
        (
            _append("1 1 9 1 9 9 1 9 tram 0\n"),
            "category",
            "line 6: has the unknown category 'tram'; known are plane",
            15,
        ),
        (_append("1 1 9 1 9 9 1 ship 0\n"), "format", "line 6: has 'ship' where a finite number", 0),
        (_append("1 1 9 1 9 9 1 9 ship 0 0 0\n"), "format", "it takes x1 y1", 0),
        (_append("1 1 9 1 9 9 1 y ship 0\n"), "format", "'y' where a finite number", 14),
        (_append("1 1 9 1 9 9 1 nan ship 0\n"), "format", "'nan' where a finite number", 14),
        (_append("5 5 5 5 5 5 5 5 ship 0\n"), "area", "zero area", 14),
        (_append("1 1 9 9 9 1 1 9 ship 0\n"), "crossing", "not in order around the box", 14),
        (_append("501 1 509 1 509 9 501 9 ship 0\n"), "outside", "outside its image", 14),
        (_append("70 5 110 5 110 60 70 60 harbor 0\n"), "duplicate", "repeats another object", 15),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "unreadable", "cannot be read", 0),
        (Path.unlink, "missing", "the image has no text file", None),
        (lambda path: draw(path.parents[1] / "images" / "more.png"), "missing", "more.txt, more: the image has no", 15),
    ],
)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[Path], object], kind: str, message: str, complete: int | None
) -> None:
    folder = write_dota(tmp_path)
    fault(folder / "0001.txt")
    with pytest.raises(SourceError, match=message):
        read_dota(tmp_path, on_error="raise")
    records = read_dota(tmp_path)
    assert [problem.kind for problem in records.problems] == [kind]
    first = [len(record.exhaustive) for record in records if record.id == "0001"]
    assert first == ([] if complete is None else [complete]) and len(records[-1].exhaustive) == 15


def test_a_text_without_an_image_is_listed(tmp_path: Path) -> None:
    folder = write_dota(tmp_path)
    (folder / "0009.txt").write_text("")
    records = read_dota(tmp_path)
    assert len(records) == 3 and "there is no image 0009.*" in records.problems[0].message
