"""On the real data sets, where they are there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from remotesam.data.record_scenes import open_scenes
from remotesam.data.sources import RecordSet, open_source
from remotesam.data.sources.maskers import PolygonFill, make_masks
from remotesam.data.sources.maskers.apply import box_iou
from remotesam.data.sources.nwpu import read_nwpu

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"


def need(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"../shared/data/{name} is not there")
    return DATA / name


def test_nwpu_has_all_instances_but_those_held_back() -> None:
    """Its COCO file numbers 3,921 instances in 650 images from 0; 150 images with 869 instances are not here."""
    root = need("nwpu_vhr10")
    parts = [open_source("nwpu-vhr-10", root, split=split, on_error="raise") for split in ("train", "val")]
    assert [len(records) for records in parts] == [400, 100]
    numbers = sorted(int(a.id) for records in parts for record in records for a in record.annotations)
    assert len(numbers) == len(set(numbers)) == 3921 - 869 and numbers[-1] == 3920
    images = {int(record.id) for records in parts for record in records}
    assert len(images) == 500 and max(images) == 649


@pytest.mark.parametrize("split", ["train", "val"])
def test_nwpu_agrees_with_its_own_coco_file(split: str) -> None:
    root = need("nwpu_vhr10")
    reference = COCO(root / f"instances_{split}.json")
    records = read_nwpu(root, split=split)
    assert sum(len(record.annotations) for record in records) == len(reference.anns)
    for record in records[::9]:
        for annotation in record.annotations:
            entry = reference.anns[int(annotation.id)]
            assert reference.cats[entry["category_id"]]["name"] == annotation.category
            assert (annotation.mask(*record.size) == reference.annToMask(entry).astype(bool)).all()


def _matched(outlines: RecordSet, boxes: RecordSet, least: float) -> tuple[int, int, int]:
    """Annotations with an outline, with a box, and pairs of one category that overlap at least so much."""
    pairs = 0
    for first, second in zip(outlines, boxes, strict=True):
        assert first.image == second.image
        overlap = np.zeros((len(first.annotations), len(second.annotations)))
        for row, a in enumerate(first.annotations):
            for column, b in enumerate(second.annotations):
                assert a.box is not None and b.box is not None
                if a.category.replace("_", " ") == b.category:
                    overlap[row, column] = box_iou(a.box, b.box, first.size[1], first.size[0])
        while overlap.size and overlap.max() >= least:
            row, column = np.unravel_index(overlap.argmax(), overlap.shape)
            overlap[row], overlap[:, column] = 0, 0
            pairs += 1
    return sum(len(r.annotations) for r in outlines), sum(len(r.annotations) for r in boxes), pairs


def test_nwpu_boxes_agree_with_the_outlines() -> None:
    root = need("nwpu_vhr10")
    counts = np.zeros(3, int)
    for split in ("train", "val"):
        outlines, boxes = read_nwpu(root, split=split), read_nwpu(root, split=split, form="boxes", on_error="raise")
        counts += _matched(outlines, boxes, 0.5)
    assert counts.tolist() == [3052, 3030, 2805]


def test_dota_samples_have_their_objects_and_no_image_for_two_texts() -> None:
    records = open_source("dota", need("dota_samples"), split="all")
    assert {r.id: (len(r.annotations), sum(a.difficult for a in r.annotations)) for r in records} == {
        "P0706": (536, 6),
        "P1888": (64, 0),
    }
    assert [problem.kind for problem in records.problems] == ["missing"] * 2
    made, agreements = make_masks(records[1], PolygonFill())
    assert all(annotation.has_mask for annotation in made.annotations)
    assert np.median([agreement.iou for agreement in agreements]) > 0.95


def test_isaid_instances_are_those_of_the_pictures() -> None:
    records = open_source("isaid", need("isaid_samples"), split="all", on_error="raise")
    assert {record.id: len(record.annotations) for record in records} == {"P0003": 59, "P0004": 116, "P0005": 131}
    for record in records:
        codes = np.asarray(Image.open(f"{record.image.with_suffix('')}_instance_id_RGB.png")).astype(int)
        codes = codes @ [65536, 256, 1]
        for annotation in record.annotations[::5]:
            assert (annotation.mask(*record.size) == (codes == int(annotation.id, 16))).all()


@pytest.mark.parametrize(
    ("name", "folder", "split", "images", "objects"),
    [
        ("hrplanes", "hrplanes", "train", 600, 3511),
        ("hrplanes", "hrplanes", "valid", 100, 752),
        ("coco", "dior_mini", "all", 4, 34),
        ("coco", "hotosm_buildings", "train", 150, 689),
    ],
)
def test_the_others_are_without_fault(name: str, folder: str, split: str, images: int, objects: int) -> None:
    records = open_source(name, need(folder), split=split, on_error="raise")
    assert (len(records), sum(len(record.annotations) for record in records)) == (images, objects)
    assert all(record.exhaustive == records.categories for record in records)


def test_scenes_of_oriented_boxes_can_be_trained_on() -> None:
    scenes = open_scenes("dota", need("dota_samples"), split="all", fill_boxes=True)
    scene = scenes.scene(0)
    assert len(scene.instances) == 536 and {"ship", "harbor"} <= set(scene.annotated)
