"""On real imagery, where it is there."""

import time
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO

from remotesam.data.coco import CocoScenes
from remotesam.data.dataset import TripletDataset
from remotesam.data.geometry import SceneView
from remotesam.data.transforms import Augmentation
from remotesam.data.triplets import evaluation_triplets, unique_triplets

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
NWPU = DATA / "nwpu_vhr10"
pytestmark = pytest.mark.skipif(not NWPU.is_dir(), reason="../shared/data is not there")

SETS = [
    ("nwpu_vhr10/instances_train.json", "nwpu_vhr10/images", 400),
    ("nwpu_vhr10/instances_val.json", "nwpu_vhr10/images", 100),
    ("hotosm_buildings/instances_train.json", "hotosm_buildings/images", 150),
    ("dior_mini/instances.json", "dior_mini/images", 4),
]


@pytest.mark.parametrize(("annotations", "images", "count"), SETS)
def test_every_scene_is_without_fault(annotations: str, images: str, count: int) -> None:
    scenes = CocoScenes(annotation_file=DATA / annotations, image_folder=DATA / images)
    assert len(scenes) == count
    assert scenes.scene(0).image.shape[2] == 3


def test_evaluation_masks_are_those_of_pycocotools() -> None:
    scenes = CocoScenes(annotation_file=NWPU / "instances_val.json", image_folder=NWPU / "images")
    reference = COCO(NWPU / "instances_val.json")
    identifiers = {entry["name"].replace("_", " "): number for number, entry in reference.cats.items()}
    for index, image_id in list(enumerate(reference.imgs))[::10]:
        for triplet in evaluation_triplets(scenes.scene(index)):
            annotations = reference.imgToAnns[image_id]
            wanted = [a for a in annotations if a["category_id"] == identifiers[triplet.category]]
            masks = [reference.annToMask(annotation).astype(bool) for annotation in wanted]
            expected = np.any(masks, axis=0) if masks else np.zeros_like(triplet.mask)
            assert (triplet.mask == expected).all()


def test_unique_sentences_have_one_whole_instance() -> None:
    scenes = CocoScenes(annotation_file=NWPU / "instances_val.json", image_folder=NWPU / "images")
    found = 0
    for index in range(0, 100, 7):
        scene = scenes.scene(index)
        views = SceneView(scene).views
        for triplet in unique_triplets(scene, 0):
            assert any(
                (triplet.mask == view.mask).all() for view in views if view.instance.category == triplet.category
            )
            found += 1
    assert found > 15


def test_an_item_takes_milliseconds() -> None:
    scenes = CocoScenes(annotation_file=NWPU / "instances_val.json", image_folder=NWPU / "images", cache=True)
    data = TripletDataset(
        sources=[scenes], weights=[1.0], length=25, size=320, sentences=3, seed=0, augment=Augmentation()
    )
    times = []
    for index in range(25):
        start = time.process_time()
        data[index]
        times.append(time.process_time() - start)
    # Fifteen milliseconds on one free core; the limit allows for a busy machine.
    assert np.median(times) < 0.045
