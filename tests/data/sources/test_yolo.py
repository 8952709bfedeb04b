import json
from collections.abc import Callable
from pathlib import Path

import pytest

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.yolo import read_hrplanes, read_yolo
from tests.data_factories.objects import HEIGHT, PICTURES, WIDTH, coco_document, draw, write_yolo

NAMES = ("ship", "harbor", "airplane")


@pytest.mark.parametrize("layout", ["ultralytics", "roboflow", "darknet"])
def test_boxes_equal_the_drawn_ones(tmp_path: Path, layout: str) -> None:
    write_yolo(tmp_path, layout=layout)
    records = open_source("yolo", tmp_path, split="train", on_error="raise")
    assert [record.id for record in records] == list(PICTURES) and records.categories == NAMES
    for record, objects in zip(records, PICTURES.values(), strict=True):
        assert record.exhaustive == NAMES
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert annotation.category == drawn.category and annotation.box == pytest.approx(drawn.box, abs=1e-4)


def test_oriented_boxes_equal_the_drawn_ones(tmp_path: Path) -> None:
    write_yolo(tmp_path, corners=True)
    for record, objects in zip(read_yolo(tmp_path, on_error="raise"), PICTURES.values(), strict=True):
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert annotation.corners == pytest.approx(drawn.corners, abs=1e-4) and not annotation.has_mask


def test_lines_of_points_can_be_outlines(tmp_path: Path) -> None:
    write_yolo(tmp_path, corners=True)
    records = read_yolo(tmp_path, outlines="always", on_error="raise")
    for annotation, drawn in zip(records[0].annotations, PICTURES["0001"], strict=True):
        assert (annotation.mask(HEIGHT, WIDTH) != drawn.mask).mean() < 1e-3 and annotation.maker == "annotator"


def test_folders_without_splits_are_one(tmp_path: Path) -> None:
    write_yolo(tmp_path, layout="darknet")
    (tmp_path / "obj.names").rename(tmp_path / "train" / "classes.txt")
    records = read_yolo(tmp_path / "train", split="all", on_error="raise")
    assert len(records) == 3 and records.categories == NAMES


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("names: [ship, harbor, airplane]", None),
        ("names: {0: ship, 2: airplane}", r"numbers of `names` are \[0, 2\]"),
        ("names: {0: [", "no YAML that can be read"),
        ("train: images", "no class names; give classes="),
    ],
)
def test_class_names(tmp_path: Path, names: str, message: str | None) -> None:
    write_yolo(tmp_path)
    (tmp_path / "data.yaml").write_text(names)
    if message is None:
        assert read_yolo(tmp_path).categories == NAMES
    else:
        with pytest.raises(SourceError, match=message):
            read_yolo(tmp_path)
    assert read_yolo(tmp_path, classes=["a", "b", "c"]).categories == ("a", "b", "c")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_yolo(tmp_path / "gone")
    with pytest.raises(SourceError, match="no images with labels/"):
        read_yolo(tmp_path)
    labels = write_yolo(tmp_path)
    with pytest.raises(SourceError, match="no split 'val'; there are 'train'"):
        read_yolo(tmp_path, split="val")
    for path in labels.iterdir():
        path.unlink()
    with pytest.raises(SourceError, match="no text file that belongs to an image"):
        read_yolo(tmp_path)


def _append(line: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text() + "\n" + line)


@pytest.mark.parametrize(
    ("fault", "kind", "message", "complete"),
    [
        (_append("3 0.5 0.5 0.1 0.1"), "category", "line 4: has the unknown class 3; there are 0 to 2", 3),
        (_append("0.5 0.5 0.5 0.1 0.1"), "category", "unknown class 0.5", 3),
        (_append("0 0.5 0.5 0.1"), "format", "3 numbers after the class; it takes 4 of a box or 8", 2),
        (_append("0 0.5 0.5 0.1 0.1 0.99"), "format", "5 numbers after the class", 2),
        (_append("0 60 40 10 10"), "format", "from 10 to 60; they are shares of the image", 2),
        (_append("0 0.5 0.5 x 0.1"), "format", "'x' where a finite number", 0),
        (_append("0 0.5 0.5 0 0.1"), "area", "a box without area", 2),
        (_append("0 0 0 1 0 1 0 0 0"), "area", "zero area", 2),
        (_append("1 0.75 0.40625 0.33333333 0.6875"), "duplicate", "repeats another object", 3),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "unreadable", "cannot be read", 0),
        (lambda path: path.rename(path.with_name("0009.txt")), "missing", "there is no image 0009", 3),
    ],
)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[Path], object], kind: str, message: str, complete: int
) -> None:
    fault(write_yolo(tmp_path) / "0001.txt")
    with pytest.raises(SourceError, match=message):
        read_yolo(tmp_path, on_error="raise")
    records = read_yolo(tmp_path)
    assert [problem.kind for problem in records.problems] == [kind]
    assert len(records[0].exhaustive) == complete and len(records[1].exhaustive) == 3


def test_hrplanes_is_read_in_both_forms(tmp_path: Path) -> None:
    labels = write_yolo(tmp_path / "yolo")
    (labels / "0001.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (labels / "0002.txt").unlink()
    records = open_source("hrplanes", tmp_path / "yolo", on_error="raise")
    assert records.categories == ("airplane",) and len(records[0].annotations) == 1
    for stem in PICTURES:
        draw(tmp_path / "coco" / "images" / f"{stem}.png")
    (tmp_path / "coco" / "boxes_train.json").write_text(json.dumps(coco_document(PICTURES, "boxes")))
    assert len(read_hrplanes(tmp_path / "coco", on_error="raise")[0].annotations) == 3
