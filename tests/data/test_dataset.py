import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from remotesam.data.coco import CocoScenes, SceneError
from remotesam.data.dataset import (
    UNKNOWN_CATEGORY,
    TripletDataset,
    collate,
    draw_categories,
    draw_contours,
    worker_init,
)
from remotesam.data.scene import Instance, Scene
from remotesam.data.transforms import Augmentation
from remotesam.data.vocabulary import CATEGORIES
from tests.data.scenes import box, random_scene, write_coco


class RandomScenes:
    """Scenes drawn on demand; ``broken`` ones cannot be read."""

    def __init__(self, length: int = 20, *, broken: int = 0, skip: bool = True) -> None:
        self.length, self.broken, self.skip = length, broken, skip

    def __len__(self) -> int:
        return self.length

    def scene(self, index: int, seed: int) -> Scene:
        if index < self.broken:
            raise SceneError(f"scene {index} is broken", skip=self.skip)
        return random_scene(index)


def dataset(**options: Any) -> TripletDataset:
    values: dict[str, Any] = {
        "sources": [RandomScenes()],
        "weights": [1.0],
        "length": 12,
        "size": 64,
        "sentences": 3,
        "seed": 5,
        "augment": Augmentation(long_side=(50, 150)),
    }
    return TripletDataset(**{**values, **options})


def same(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    return bool(first == second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": [], "weights": []}, "one weight per source"),
        ({"weights": [1.0, 2.0]}, "one weight per source"),
        ({"weights": [0.0]}, "not all zero"),
        ({"weights": [-1.0]}, "non-negative"),
        ({"length": 0}, "length must be at least 1"),
        ({"size": 0}, "size must be at least 1"),
        ({"sentences": -1}, "sentences must be at least 0"),
        ({"misspelt": 2.0}, "misspelt is a share"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataset(**options)


@pytest.mark.parametrize("index", [-1, 12])
def test_there_are_as_many_items_as_said(index: int) -> None:
    assert len(dataset()) == 12
    with pytest.raises(IndexError):
        dataset()[index]


@pytest.mark.parametrize("augment", [None, Augmentation(long_side=(50, 150))])
def test_an_item_has_the_promised_form(augment: Augmentation | None) -> None:
    data = dataset(augment=augment)
    for index in range(len(data)):
        item = data[index]
        assert item["image"].shape == (3, 64, 64) and item["image"].dtype == torch.uint8
        assert item["masks"].shape == (3, 64, 64) and item["masks"].dtype == torch.uint8 and item["masks"].max() <= 1
        assert item["contour"].shape == (64, 64) and item["contour"].dtype == torch.uint8 and item["contour"].max() <= 1
        assert len(item["expressions"]) == len(item["kinds"]) == len(item["categories"]) == 3
        assert item["id"] == "test"
        for mask, kind in zip(item["masks"], item["kinds"], strict=True):
            assert bool(mask.any()) == (kind != "one-to-zero")


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_items_do_not_depend_on_the_workers(workers: int) -> None:
    data = dataset()
    loader: DataLoader[Any] = DataLoader(
        data, batch_size=4, collate_fn=collate, num_workers=workers, worker_init_fn=worker_init
    )
    for number, batch in enumerate(loader):
        expected = collate([data[index] for index in range(4 * number, 4 * number + 4)])
        assert all(same(batch[key], expected[key]) for key in expected)


def test_items_depend_on_seed_epoch_and_index_alone() -> None:
    first, second = dataset(), dataset()
    _ = [second[index] for index in (7, 3, 9)]
    assert all(same(first[3][key], second[3][key]) for key in first[3])
    second.set_epoch(1)
    assert not same(first[3]["image"], second[3]["image"])
    second.set_epoch(0)
    assert same(first[3]["image"], second[3]["image"])
    assert not same(first[3]["image"], dataset(seed=6)[3]["image"])
    assert not same(first[3]["image"], first[4]["image"])


def test_weights_decide_between_sources() -> None:
    data = dataset(sources=[RandomScenes(broken=20, skip=False), RandomScenes()], weights=[0.0, 1.0], length=20)
    assert all(data[index]["id"] == "test" for index in range(20))


def test_scenes_that_may_be_skipped_are_replaced_by_the_same_ones(caplog: pytest.LogCaptureFixture) -> None:
    data = dataset(sources=[RandomScenes(broken=10)], length=10)
    with caplog.at_level(logging.WARNING):
        items = [data[index] for index in range(10)]
    assert "is broken" in caplog.text
    assert all(same(item["image"], data[index]["image"]) for index, item in enumerate(items))


def test_scenes_that_may_not_be_skipped_stop() -> None:
    data = dataset(sources=[RandomScenes(broken=20, skip=False)])
    with pytest.raises(SceneError, match="is broken"):
        data[0]


def test_nothing_but_broken_scenes_stops() -> None:
    with pytest.raises(SceneError, match="in a row could not be read"):
        dataset(sources=[RandomScenes(broken=20)])[0]


def test_a_coco_file_can_be_trained_on(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, [random_scene(seed) for seed in range(4)])
    scenes = CocoScenes(annotation_file=path, image_folder=images, cache=True)
    data = dataset(sources=[scenes], length=6)
    assert {data[index]["id"] for index in range(6)} <= {f"{number}.png" for number in range(4)}


def test_collate_says_to_which_image_a_sentence_belongs() -> None:
    data = dataset()
    batch = collate([data[0], data[1]])
    assert batch["image_index"].tolist() == [0, 0, 0, 1, 1, 1] and batch["image_index"].dtype == torch.int64
    assert batch["images"].shape == (2, 3, 64, 64) and batch["contours"].shape == (2, 64, 64)
    assert batch["masks"].shape == (6, 64, 64) and len(batch["expressions"]) == len(batch["kinds"]) == 6
    assert torch.equal(batch["masks"][3:], data[1]["masks"])


def test_without_sentences_pictures_and_their_categories_remain() -> None:
    asked, silent = dataset(), dataset(sentences=0)
    batch = collate([silent[0], silent[1]])
    assert batch["expressions"] == [] and batch["masks"].shape == (0, 64, 64)
    assert batch["image_index"].dtype == batch["sentence_categories"].dtype == torch.int64
    for name in ("images", "contours", "category_maps", "annotated"):
        assert torch.equal(batch[name], collate([asked[0], asked[1]])[name])


def test_misspelt_sentences_are_as_many_as_asked() -> None:
    none, every = dataset(misspelt=0.0), dataset(misspelt=1.0)
    for index in range(6):
        pairs = zip(none[index]["expressions"], every[index]["expressions"], strict=True)
        assert none[index]["kinds"] == every[index]["kinds"] and all(right != wrong for right, wrong in pairs)


def test_contours_follow_outlines_and_not_the_border() -> None:
    hole = Instance("ship", (box(10, 10, 20, 20),), (box(16, 16, 8, 8),))
    cut = Instance("ship", (box(-10, 40, 20, 10),))
    contour = draw_contours([hole, cut], 64, 64)
    mask = hole.mask(64, 64)
    assert contour.dtype == np.uint8 and set(np.unique(contour)) == {0, 1}
    assert contour[10, 12:28].all() and contour[16, 17:23].all() and not contour[13, 13] and not contour[20, 20]
    assert mask[13, 13] and not mask[20, 20]
    assert not contour[43:48, 0:6].any() and contour[40, 2:8].all()
    assert not draw_contours([], 8, 8).any()


def test_category_map_numbers_the_vocabulary_and_keeps_small_things_on_top() -> None:
    square = np.array([[0, 0], [8, 0], [8, 8], [0, 8]], np.float32)
    names = list(CATEGORIES)
    instances = [
        Instance(category="vehicle", polygons=(square / 4 + 2,)),
        Instance(category="bridge", polygons=(square,)),
        Instance(category="wibble", polygons=(square / 8,)),
    ]
    drawn = draw_categories(instances, 8, 10)
    assert drawn[3, 3] == names.index("vehicle") + 1
    assert drawn[6, 6] == names.index("bridge") + 1
    assert drawn[0, 0] == UNKNOWN_CATEGORY
    assert drawn[4, 9] == 0
