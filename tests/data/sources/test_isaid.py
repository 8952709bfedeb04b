import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam.data.sources import SourceError, open_source
from remotesam.data.sources.isaid import CATEGORIES, read_isaid
from tests.data_factories.objects import HEIGHT, ISAID_NAMES, PICTURES, WIDTH, coco_document, draw, write_isaid


@pytest.mark.parametrize("apart", [False, True])
def test_instances_of_the_pictures_equal_the_drawn_ones(tmp_path: Path, apart: bool) -> None:
    write_isaid(tmp_path, apart=apart)
    records = open_source("isaid", tmp_path, split="train", on_error="raise")
    assert [record.id for record in records] == list(PICTURES) and records.categories == CATEGORIES
    for record, objects in zip(records, PICTURES.values(), strict=True):
        assert record.exhaustive == CATEGORIES and len(record.annotations) == len(objects)
        for annotation, drawn in zip(record.annotations, objects, strict=True):
            assert annotation.category == ISAID_NAMES[drawn.category] and annotation.maker == "annotator"
            assert (annotation.mask(HEIGHT, WIDTH) == drawn.mask).all()


def test_an_instance_in_parts_with_a_hole_stays_one(tmp_path: Path) -> None:
    folder = write_isaid(tmp_path)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[5:30, 5:30] = mask[50:60, 90:100] = True
    mask[10:20, 10:20] = False
    mask[14:16, 14:16] = True
    for end, colour in (("id", (75, 0, 150)), ("color", (0, 63, 63))):
        Image.fromarray((mask[:, :, None] * np.array(colour)).astype(np.uint8)).save(
            folder / f"0003_instance_{end}_RGB.png"
        )
    [annotation] = read_isaid(tmp_path, on_error="raise")[2].annotations
    assert annotation.category == "storage_tank" and (annotation.mask(HEIGHT, WIDTH) == mask).all()


@pytest.mark.parametrize(
    "file", ["Annotations/iSAID_train.json", "iSAID_train.json", "instancesonly_filtered_train.json"]
)
def test_the_coco_form_is_taken_where_it_is_there(tmp_path: Path, file: str) -> None:
    write_isaid(tmp_path)
    path = tmp_path / "train" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(coco_document(PICTURES)))
    records = read_isaid(tmp_path, on_error="raise")
    assert records.categories == ("airplane", "harbor", "ship") and len(records[0].annotations) == 3
    assert read_isaid(tmp_path, form="pictures").categories == CATEGORIES


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_isaid(tmp_path / "gone")
    write_isaid(tmp_path)
    draw(tmp_path / "test" / "images" / "P0006.png")
    with pytest.raises(SourceError, match="no split 'val'; there are 'test', 'train'"):
        read_isaid(tmp_path, split="val")
    with pytest.raises(SourceError, match="withholds those of the test split"):
        read_isaid(tmp_path, split="test")
    with pytest.raises(SourceError, match="no COCO file of iSAID"):
        read_isaid(tmp_path, form="coco")


def _paint(end: str, where: tuple[slice, slice], colour: tuple[int, int, int]) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / f"0001_instance_{end}_RGB.png"
        pixels = np.array(Image.open(path))
        pixels[where] = colour
        Image.fromarray(pixels).save(path)

    return change


HARBOR = (slice(5, 60), slice(70, 110))


@pytest.mark.parametrize(
    ("fault", "kind", "message", "complete"),
    [
        (_paint("id", HARBOR, (0, 0, 0)), "missing", "2200 pixels of Harbor belong to no instance", 14),
        (_paint("color", HARBOR, (0, 0, 0)), "category", "instance 4b0a96: has no category on 2200 of its 2200", 0),
        (lambda f: (f / "0001_instance_id_RGB.png").unlink(), "missing", "the image is missing", None),
        (lambda f: (f / "0001_instance_color_RGB.png").write_bytes(b""), "unreadable", "cannot be read", None),
        (lambda f: draw(f / "0001_instance_id_RGB.png", (9, 9)), "size", r"have the sizes .*\(9, 9\)", None),
    ],
)
def test_faults_are_listed_or_fatal(
    tmp_path: Path, fault: Callable[[Path], object], kind: str, message: str, complete: int | None
) -> None:
    fault(write_isaid(tmp_path))
    with pytest.raises(SourceError, match=message):
        read_isaid(tmp_path, on_error="raise")
    records = read_isaid(tmp_path)
    assert [problem.kind for problem in records.problems] == [kind]
    first = [len(record.exhaustive) for record in records if record.id == "0001"]
    assert first == ([] if complete is None else [complete]) and len(records[-1].exhaustive) == 15


def test_pixels_of_another_category_and_strange_colours_are_noted(tmp_path: Path) -> None:
    folder = write_isaid(tmp_path)
    _paint("color", (slice(5, 6), slice(70, 80)), (0, 0, 63))(folder)
    _paint("color", (slice(0, 1), slice(0, 2)), (1, 2, 3))(folder)
    records = read_isaid(tmp_path, on_error="raise")
    assert [problem.message for problem in records.problems] == [
        "2 pixels have the undocumented colour (1, 2, 3)",
        "is Harbor on 2190 of its 2200 pixels only; kept as that",
    ]
    assert len(records[0].annotations) == 3
