from collections.abc import Callable
from pathlib import Path

import pytest

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.nwpu import CATEGORIES, read_nwpu
from tests.data_factories.objects import HEIGHT, PICTURES, WIDTH, write_nwpu


def test_outlines_equal_the_drawn_ones(tmp_path: Path) -> None:
    write_nwpu(tmp_path)
    records = open_source("NWPU_VHR-10", tmp_path, split="positive", on_error="raise")
    for record, objects in zip(records, PICTURES.values(), strict=True):
        assert [annotation.category for annotation in record.annotations] == [drawn.category for drawn in objects]
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert (annotation.mask(HEIGHT, WIDTH) == drawn.mask).all()


def test_boxes_equal_the_drawn_ones(tmp_path: Path) -> None:
    write_nwpu(tmp_path)
    records = read_nwpu(tmp_path, split="positive", form="boxes", on_error="raise")
    assert records.categories == CATEGORIES and all(record.exhaustive == CATEGORIES for record in records)
    found = {record.id: [(a.category, a.box) for a in record.annotations] for record in records}
    assert found == {stem: [(drawn.category, drawn.box) for drawn in objects] for stem, objects in PICTURES.items()}


def test_negative_images_have_nothing_of_any_category(tmp_path: Path) -> None:
    write_nwpu(tmp_path)
    [record] = read_nwpu(tmp_path, split="negative", on_error="raise")
    assert not record.annotations and record.exhaustive == CATEGORIES


def test_splits_are_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_nwpu(tmp_path / "gone")
    write_nwpu(tmp_path)
    with pytest.raises(SourceError, match="no split 'train'; there are 'positive', 'negative'"):
        read_nwpu(tmp_path)
    (tmp_path / "annotations.json").rename(tmp_path / "instances_train.json")
    assert len(read_nwpu(tmp_path, on_error="raise")) == 3
    assert len(read_nwpu(tmp_path, form="boxes", on_error="raise")) == 3
    with pytest.raises(SourceError, match="no COCO file of the split 'positive'"):
        read_nwpu(tmp_path, split="positive")


def _append(line: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text() + line)


@pytest.mark.parametrize(
    ("fault", "kind", "message", "complete"),
    [
        (_append("(1,2),(3,4),11\n"), "category", "unknown category 11; it takes 1 to 10", 10),
        (_append("(9,2),(3,4),2\n"), "area", "line 4: has a box without area", 9),
        (_append("(900,2),(930,4),2\n"), "outside", "lies outside its image", 9),
        (_append("(1,2),(3,4)\n"), "format", r"line 4: is '\(1,2\),\(3,4\)'; it takes \(x1,y1\),", 0),
        (_append("(70,5),(110,60),8\n"), "duplicate", "repeats another object", 10),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "unreadable", "cannot be read", 0),
        (Path.unlink, "missing", "0001.txt: is missing", 0),
    ],
)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[Path], object], kind: str, message: str, complete: int
) -> None:
    write_nwpu(tmp_path)
    fault(tmp_path / "ground truth" / "0001.txt")
    with pytest.raises(SourceError, match=message):
        read_nwpu(tmp_path, split="positive", form="boxes", on_error="raise")
    records = read_nwpu(tmp_path, split="positive", form="boxes")
    assert [problem.kind for problem in records.problems] == [kind]
    assert len(records[0].exhaustive) == complete and len(records[1].exhaustive) == 10


def test_a_missing_image_is_listed(tmp_path: Path) -> None:
    write_nwpu(tmp_path)
    (tmp_path / "positive image set" / "0002.jpg").unlink()
    records = read_nwpu(tmp_path, split="positive", form="boxes")
    assert [record.id for record in records] == ["0001", "0003"] and records.problems[0].kind == "missing"
