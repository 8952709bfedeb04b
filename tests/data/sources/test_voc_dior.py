from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.dior import CATEGORIES, read_dior, read_dior_r
from remotesam.data.sources.voc import HRRSD_CATEGORIES, read_hrrsd, read_voc
from tests.data_factories.objects import HEIGHT, PICTURES, draw, write_dior, write_voc

DRAWN = {stem: [(d.category, d.box, d.difficult) for d in objects] for stem, objects in PICTURES.items()}


@pytest.mark.parametrize(
    ("name", "write", "categories"),
    [
        ("hrrsd", write_voc, HRRSD_CATEGORIES),
        ("voc", write_voc, ("airplane", "harbor", "ship")),
        ("dior", write_dior, CATEGORIES),
        ("dior-r", write_dior, CATEGORIES),
    ],
)
def test_boxes_equal_the_drawn_ones(
    tmp_path: Path, name: str, write: Callable[[Path], Any], categories: tuple[str, ...]
) -> None:
    write(tmp_path)
    records = open_source(name, tmp_path, split="train", on_error="raise")
    found = {record.id: [(a.category, a.box, a.difficult) for a in record.annotations] for record in records}
    assert found == DRAWN and records.categories == categories
    assert all(record.exhaustive == categories for record in records)


def test_oriented_boxes_have_corners(tmp_path: Path) -> None:
    write_dior(tmp_path)
    corners = [annotation.corners for record in read_dior_r(tmp_path) for annotation in record.annotations]
    drawn = [drawn.corners for objects in PICTURES.values() for drawn in objects]
    for found, expected in zip(corners, drawn, strict=True):
        assert found is not None and (found == expected).all()


def test_names_are_found_in_other_spellings(tmp_path: Path) -> None:
    write_dior(tmp_path)
    path = tmp_path / "Annotations" / "Horizontal Bounding Boxes" / "0002.xml"
    path.write_text(path.read_text().replace("airplane", "expressway toll station"))
    assert read_dior(tmp_path, on_error="raise")[1].annotations[0].category == "Expressway-toll-station"


@pytest.mark.parametrize("read", [read_voc, read_hrrsd, read_dior, read_dior_r])
def test_what_is_not_there_is_named(tmp_path: Path, read: Callable[..., Any]) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read(tmp_path / "gone")
    with pytest.raises(SourceError, match="Annotations"):
        read(tmp_path)
    write_dior(tmp_path) if read in (read_dior, read_dior_r) else write_voc(tmp_path)
    with pytest.raises(SourceError, match="no split 'val'; there are 'train'"):
        read(tmp_path, split="val")


def test_trainval_joins_train_and_val(tmp_path: Path) -> None:
    write_dior(tmp_path)
    lists = tmp_path / "ImageSets" / "Main"
    (lists / "train.txt").write_text("0001\n0002\n")
    (lists / "val.txt").write_text("0003\n")
    assert [record.id for record in read_dior(tmp_path, split="trainval")] == ["0001", "0002", "0003"]


def test_xml_files_without_lists_are_one_split(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    (folder.parent / "ImageSets" / "Main" / "train.txt").unlink()
    (folder.parent / "ImageSets" / "Main").rmdir()
    assert len(read_voc(tmp_path, split="all", on_error="raise")) == 3


def _replace(old: str, new: str) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("fault", "kind", "message", "complete"),
    [
        (_replace("<name>harbor</name>", "<name>tram</name>"), "category", "object 2: has the unknown category", 13),
        (_replace("<name>harbor</name>", ""), "format", "object 2: lacks <name>", 0),
        (_replace("<xmin>17</xmin>", ""), "format", "object 1: lacks <bndbox><xmin>", 12),
        (_replace("<xmin>17</xmin>", "<xmin>left</xmin>"), "format", "'left' where a finite number", 12),
        (_replace("<xmin>17</xmin>", "<xmin>60</xmin>"), "area", "a box without area: x 59 to 50", 12),
        (
            _replace("<xmin>71</xmin><ymin>6</ymin><xmax>110", "<xmin>171</xmin><ymin>6</ymin><xmax>190"),
            "outside",
            "outside its image",
            12,
        ),
        (_replace(f"<height>{HEIGHT}</height>", "<height>81</height>"), "size", "says 120 x 81 pixels", None),
        (_replace("</annotation>", ""), "unreadable", "no valid XML, perhaps truncated", None),
        (Path.unlink, "missing", "0001.xml, 0001: is missing", None),
        (lambda path: (path.parents[1] / "JPEGImages" / "0001.jpg").unlink(), "missing", "the image is missing", None),
    ],
)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[Path], object], kind: str, message: str, complete: int | None
) -> None:
    fault(write_voc(tmp_path) / "0001.xml")
    with pytest.raises(SourceError, match=message):
        read_hrrsd(tmp_path, on_error="raise")
    records = read_hrrsd(tmp_path)
    assert [problem.kind for problem in records.problems] == [kind]
    first = [len(record.exhaustive) for record in records if record.id == "0001"]
    assert first == ([] if complete is None else [complete]) and len(records[-1].exhaustive) == 13


def test_entities_of_an_xml_file_do_not_explode(tmp_path: Path) -> None:
    path = write_voc(tmp_path) / "0001.xml"
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(f'<!DOCTYPE a [<!ENTITY e0 "boom">{layers}]><annotation><size>&e11;</size></annotation>')
    assert read_hrrsd(tmp_path).problems[0].kind == "unreadable"


def test_crossed_corners_are_a_fault(tmp_path: Path) -> None:
    write_dior(tmp_path)
    path = tmp_path / "Annotations" / "Oriented Bounding Boxes" / "0002.xml"
    text = path.read_text().replace("left_top", "swap").replace("right_top", "left_top").replace("swap", "right_top")
    path.write_text(text)
    records = read_dior_r(tmp_path)
    assert records.problems[0].kind == "crossing" and not records[1].annotations
    assert "airplane" not in records[1].exhaustive and len(records[1].exhaustive) == 19


def test_several_data_sets_in_one_folder_have_to_be_told_apart(tmp_path: Path) -> None:
    write_voc(tmp_path)
    draw(tmp_path / "VOC2012" / "Annotations" / "0001.jpg")
    with pytest.raises(SourceError, match="several folders with Annotations"):
        read_voc(tmp_path)
