import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.coco import read_coco
from tests.data_factories.objects import HEIGHT, PICTURES, WIDTH, coco_document, draw, write_coco

ALL = ("airplane", "harbor", "ship")


@pytest.mark.parametrize("form", ["polygons", "counts", "compressed"])
def test_masks_and_boxes_equal_the_drawn_ones(tmp_path: Path, form: str) -> None:
    write_coco(tmp_path, form=form)
    records = open_source("coco", tmp_path, split="train", on_error="raise")
    assert [record.id for record in records] == ["0", "1", "2"] and records.categories == ALL
    for record, objects in zip(records, PICTURES.values(), strict=True):
        assert record.size == (HEIGHT, WIDTH) and record.image.is_file() and record.exhaustive == ALL
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert (annotation.category, annotation.box, annotation.maker) == (drawn.category, drawn.box, "annotator")
            assert (annotation.mask(HEIGHT, WIDTH) == drawn.mask).all()


def test_boxes_alone_give_no_masks(tmp_path: Path) -> None:
    write_coco(tmp_path, form="boxes")
    records = read_coco(tmp_path, on_error="raise")
    assert [annotation.box for annotation in records[0].annotations] == [drawn.box for drawn in PICTURES["0001"]]
    assert not any(annotation.has_mask or annotation.maker for annotation in records[0].annotations)
    with pytest.raises(SourceError, match="no segmentation"):
        read_coco(tmp_path, on_error="raise", masks="required")


@pytest.mark.parametrize(
    ("file", "images", "split"),
    [
        ("instances_val.json", "images", "val"),
        ("val.json", "images/val", "val"),
        ("boxes_valid.json", "images", "valid"),
        ("annotations/instances_train2017.json", "train2017", "train"),
        ("test/_annotations.coco.json", "test", "test"),
        ("train/annotations.json", "train/images", "train"),
        ("instances.json", "images", "all"),
        ("annotations/instances_val.json", "val", "val"),
    ],
)
def test_usual_layouts_are_found(tmp_path: Path, file: str, images: str, split: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(json.dumps(coco_document(PICTURES)))
    for stem in PICTURES:
        draw(tmp_path / images / f"{stem}.png")
    records = read_coco(tmp_path, split=split, on_error="raise")
    assert len(records) == 3 and records.split == split
    with pytest.raises(SourceError, match=f"no split 'other'; there are '{split}'"):
        read_coco(tmp_path, split="other")


def test_two_files_of_one_split_have_to_be_named(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    (path.parent / "boxes_train.json").write_text(path.read_text())
    with pytest.raises(SourceError, match=r"several files .*: annotations/boxes_train.json.*annotation_file"):
        read_coco(tmp_path)
    assert len(read_coco(tmp_path, annotation_file="annotations/boxes_train.json", image_folder="train2017")) == 3


@pytest.mark.parametrize("on_error", ["skip", "raise"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no JSON file"),
        ("", "no valid JSON"),
        ('{"images": [{"id": 1, "file_', "no valid JSON, perhaps truncated"),
        ("[1, 2]", "holds a list"),
        ("[" * 100_000, "no valid JSON"),
        ('{"images": [], "categories": []}', "lacks the list `annotations`"),
        ('{"images": [], "annotations": [], "categories": []}', "no usable image"),
        (
            '{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []}',
            "no usable image .1 missing",
        ),
    ],
)
def test_a_file_that_is_none_is_always_an_error(
    tmp_path: Path, content: str | None, message: str, on_error: Any
) -> None:
    if content is not None:
        (tmp_path / "train.json").write_text(content)
    with pytest.raises(SourceError, match=message if on_error == "skip" else f"{message}|is missing"):
        read_coco(tmp_path, on_error=on_error)


def test_a_missing_root_is_always_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_coco(tmp_path / "gone")


def _annotation(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["annotations"][0].update(changes)


def _image(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["images"][0].update(changes)


def _repeat(field: str) -> Callable[[dict[str, Any]], None]:
    return lambda document: document[field].append(dict(document[field][0]))


BOW_TIE = [[10, 10, 40, 40, 40, 10, 10, 40]]
FAULTS: list[tuple[Callable[[dict[str, Any]], None], str, str, tuple[str, ...] | None]] = [
    # what is wrong, kind, message, what stays exhaustive in the first image (None: the image is left out)
    (_repeat("images"), "duplicate", "image id 0 appears twice", ALL),
    (_repeat("categories"), "duplicate", "category id 1 appears twice", ALL),
    (_repeat("annotations"), "duplicate", "annotation 1 of image 0: repeats the id", ("airplane", "harbor")),
    (lambda d: d["categories"].append({"id": 7}), "format", "lacks an id or a name", ALL),
    (lambda d: d["images"].append({"id": 7}), "format", "lacks an id or a file_name", ALL),
    (lambda d: d["images"].append(5), "format", "lacks an id or a file_name", ALL),
    (_image(file_name="gone.png"), "missing", "gone.png: the image of id 0 is missing", None),
    (_image(height=HEIGHT + 1), "size", f"says {WIDTH} x {HEIGHT + 1}", None),
    (_annotation(category_id=9), "category", "unknown category id 9", ALL),
    (_annotation(image_id=99), "missing", "belongs to no image", ALL),
    (lambda d: d["annotations"][0].pop("category_id"), "format", "lacks an image_id or a category_id", ()),
    (lambda d: d["annotations"].append("ship"), "format", "lacks an image_id", ALL),
    (_annotation(segmentation=[[1, 1, 5, 5, 9, 9]]), "area", "zero area", ("airplane", "harbor")),
    (_annotation(segmentation=[[200, 1, 220, 5, 200, 9]]), "outside", "outside its image", ("airplane", "harbor")),
    (_annotation(segmentation={"size": [5, 5], "counts": [20, 5]}), "size", "for 5 x 5 pixels", ("airplane", "harbor")),
    (_annotation(segmentation=[], bbox=[1, 2, 0, 4]), "area", "box without area", ("airplane", "harbor")),
    (_annotation(segmentation=[], bbox=[900, 2, 9, 4]), "outside", "lies outside", ("airplane", "harbor")),
    (_annotation(segmentation=[], bbox=[1, 2]), "format", r"bbox \[1, 2\]", ("airplane", "harbor")),
    (_annotation(segmentation=[], bbox=[1, 2, "a", 4]), "format", "'a' where a finite number", ("airplane", "harbor")),
    (_annotation(segmentation=None, bbox=None), "missing", "neither a segmentation nor a bbox", ("airplane", "harbor")),
]


@pytest.mark.parametrize(("fault", "kind", "message", "exhaustive"), FAULTS)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[dict[str, Any]], None], kind: str, message: str, exhaustive: tuple[str, ...] | None
) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    fault(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SourceError, match=message) as caught:
        read_coco(tmp_path, on_error="raise")
    assert "on_error='skip'" in str(caught.value)
    records = read_coco(tmp_path, on_error="skip")
    found = records.problems[0]
    assert found.kind == kind and found.file in (str(path), str(tmp_path / "train2017" / Path(found.file).name))
    assert str(found) in str(caught.value)
    first = [record for record in records if record.id == "0"]
    assert [record.exhaustive for record in first] == ([] if exhaustive is None else [exhaustive])
    assert records[-1].exhaustive == ALL


def test_a_crowd_is_kept_but_its_category_is_not_complete(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["iscrowd"] = 1
    path.write_text(json.dumps(document))
    records = read_coco(tmp_path, on_error="raise")
    assert [annotation.crowd for annotation in records[0].annotations] == [True, False, False]
    assert records[0].exhaustive == ("airplane", "harbor") and records[1].exhaustive == ALL


def test_outlines_that_cross_themselves_are_listed_and_kept_or_left_out(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"] = BOW_TIE
    path.write_text(json.dumps(document))
    kept = read_coco(tmp_path, on_error="raise")
    assert len(kept[0].annotations) == 3 and kept[0].exhaustive == ALL
    assert [(problem.kind, problem.item) for problem in kept.problems] == [("crossing", "annotation 1 of image 0")]
    left = read_coco(tmp_path, crossing="leave out")
    assert len(left[0].annotations) == 2 and left[0].exhaustive == ("airplane", "harbor")
    with pytest.raises(SourceError, match="crosses itself"):
        read_coco(tmp_path, crossing="leave out", on_error="raise")


def test_annotations_of_an_image_that_is_left_out_are_counted(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    (tmp_path / "train2017" / "0001.png").unlink()
    records = read_coco(tmp_path)
    assert [record.id for record in records] == ["1", "2"]
    assert [problem.message for problem in records.problems] == [
        "the image of id 0 is missing",
        "is left out with its 3 annotations",
    ]
    assert records.problems[1].file == str(path)


@pytest.mark.parametrize("damage", [b"", b"\x89PNG\r\n\x1a\n broken"])
def test_images_that_are_none_are_listed(tmp_path: Path, damage: bytes) -> None:
    write_coco(tmp_path)
    (tmp_path / "train2017" / "0001.png").write_bytes(damage)
    records = read_coco(tmp_path)
    assert len(records) == 2 and records.problems[0].kind == "unreadable"
    assert len(read_coco(tmp_path, check_images=False)) == 3


def test_sizes_come_from_the_images_where_the_file_has_none(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    for entry in document["images"]:
        del entry["height"], entry["width"]
    path.write_text(json.dumps(document))
    assert {record.size for record in read_coco(tmp_path, on_error="raise")} == {(HEIGHT, WIDTH)}


def test_attributes_are_kept_as_words(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["attributes"] = {"colour": "white", "stern": 3}
    path.write_text(json.dumps(document))
    assert read_coco(tmp_path)[0].annotations[0].attributes == {"colour": "white", "stern": "3"}


def test_exif_does_not_turn_the_size(tmp_path: Path) -> None:
    write_coco(tmp_path)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).save(tmp_path / "train2017" / "0001.png", exif=exif)
    assert read_coco(tmp_path, on_error="raise")[0].size == (HEIGHT, WIDTH)
