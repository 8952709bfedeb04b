import dataclasses
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from remotesam.data.dataset import UNKNOWN_CATEGORY, TripletDataset, collate, worker_init
from remotesam.data.photometric import Photometric
from remotesam.data.scene import SceneError
from remotesam.data.transforms import Augmentation
from remotesam.data.triplet_set import TripletRow, TripletSetWriter
from remotesam.data.triplet_set.choosing import choose
from remotesam.data.triplet_set.freedom import Freedom, freedom, is_about_all, needs_colours
from remotesam.data.triplet_set.placing import Wishes, fit, place, place_mask
from remotesam.data.triplet_set.training import TripletPictures
from remotesam.data.triplets import KIND_RATIO
from remotesam.data.vocabulary import CATEGORIES
from tests.data.scenes import random_scene
from tests.data_factories.pictures import save
from tests.data_factories.triplet_sets import HEIGHT, LARGE_SHIP, SHIP, TRUCK, WIDTH, picture, row, unit, write_set

PLAIN = Augmentation(long_side=(60, 250), max_zoom=3.0, photometric=None, boxes=0.0)
SIZE = 96


class Scenes:
    """Scenes to mix with."""

    def __len__(self) -> int:
        return 10

    def scene(self, index: int, seed: int) -> Any:
        return random_scene(index)


def one_picture(folder: Path, rows: list[TripletRow]) -> TripletPictures:
    """A set of one picture: a red ship, a larger blue one and a green truck."""
    save(folder / "images" / "0.png", picture([(SHIP, "red"), (LARGE_SHIP, "blue"), (TRUCK, "green")]))
    with TripletSetWriter(folder, settings={}, overwrite=True) as writer:
        writer.add(rows)
    return TripletPictures(folder, on_error="raise")


def dataset(*sources: Any, **options: Any) -> TripletDataset:
    values: dict[str, Any] = {"length": 40, "size": SIZE, "sentences": 3, "seed": 5, "augment": PLAIN, "misspelt": 0.0}
    return TripletDataset(sources=sources, weights=[1.0] * len(sources), **{**values, **options})


def is_colour(image: torch.Tensor, red: bool, blue: bool) -> np.ndarray:
    pixels = image.permute(1, 2, 0).numpy().astype(int)
    wanted = np.array([220, 30, 30] if red else [30, 60, 220] if blue else [40, 160, 60])
    return np.abs(pixels - wanted).sum(axis=2) < 120


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / max((one | other).sum(), 1)


@pytest.mark.parametrize(
    ("expression", "attributes", "category", "expected"),
    [
        ("all ships", (), "ship", "CROP"),
        ("ship in the image", (), "ship", "CROP"),
        ("the white ship", ("colour:white",), "ship", "CROP"),
        ("the white ship", (), "ship", "CROP"),
        ("the round storage tank", (), "storage tank", "CROP"),
        ("the largest ship", ("comparison:largest",), "ship", "TURN"),
        ("the large ships", (), "ship", "TURN"),
        ("the ship next to the pier", ("relation:next to",), "ship", "TURN"),
        ("two ships", (), "ship", "TURN"),
        ("the ship in the river", (), "ship", "TURN"),
        ("it", (), "", "TURN"),
        ("the ship on the left", ("position:left",), "ship", "STAY"),
        ("the ship on the left", (), "ship", "STAY"),
        ("the ship on the left", ("colour:white",), "ship", "STAY"),
        ("the ship", ("position:left",), "ship", "STAY"),
        ("the road above the river", (), "road", "STAY"),
        ("the vertical road", (), "road", "STAY"),
        ("the ship in the middle", (), "ship", "STAY"),
        ("the ship", ("mood:happy",), "ship", "STAY"),
    ],
)
def test_a_sentence_says_how_far_its_picture_may_change(expression, attributes, category, expected):
    assert freedom(row(expression, attributes=attributes, category=category)) == Freedom[expected]


def test_colours_matter_to_sentences_about_them():
    assert needs_colours(row("the red ship")) and needs_colours(row("the ship", attributes=("brightness:dark",)))
    assert not needs_colours(row("the largest ship"))


@pytest.mark.parametrize(
    ("expression", "boxes", "fields", "expected"),
    [
        ("all ships", [SHIP, LARGE_SHIP], {}, True),
        ("Ship in the image", [], {}, True),
        ("boats", [], {}, True),
        ("golf courses", [], {"category": "golf course"}, True),
        ("the ship", [SHIP], {}, False),
        ("all ships", [SHIP, LARGE_SHIP], {"attributes": ("colour:white",)}, False),
        ("all white ships", [], {}, False),
        ("all ships", [], {"category": ""}, False),
        ("the ships of the navy", [SHIP, LARGE_SHIP], {}, False),
    ],
)
def test_only_known_wordings_are_about_all_of_a_category(expression, boxes, fields, expected):
    assert is_about_all(row(expression, boxes, **fields)) is expected


@pytest.mark.parametrize("allowed", list(Freedom))
@pytest.mark.parametrize(
    "augmentation", [Augmentation(), PLAIN, Augmentation(long_side=(900, 1000), free_rotation=1.0)]
)
def test_places_keep_what_the_sentences_need(allowed, augmentation):
    rng = np.random.default_rng(0)
    for _ in range(200):
        height, width = (int(side) for side in rng.integers(40, 1200, 2))
        x1, y1 = (int(rng.integers(0, side - 1)) for side in (width, height))
        keep = (x1, y1, int(rng.integers(x1 + 1, width + 1)), int(rng.integers(y1 + 1, height + 1)))
        focus = (rng.uniform(keep[0], keep[2]), rng.uniform(keep[1], keep[3]))
        matrix = place((height, width), SIZE, augmentation, Wishes(allowed, keep, focus, 30), rng)
        inside = keep if allowed == Freedom.CROP else (0, 0, width, height)
        corners = np.array([[inside[i], inside[j]] for i in (0, 2) for j in (1, 3)]) @ matrix[:, :2].T + matrix[:, 2]
        assert corners.min() > -1e-6 and corners.max() < SIZE + 1e-6
        if allowed == Freedom.STAY:
            assert matrix[0, 0] > 0 and matrix[1, 1] > 0 and np.allclose([matrix[0, 1], matrix[1, 0]], 0)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 1.7])
def test_a_mask_goes_where_its_picture_goes(zoom):
    mask = row("the ship", [SHIP]).mask()
    matrix = np.array([[0, -zoom, 90.0], [zoom, 0, 2.0]])  # a quarter turn
    placed = place_mask(mask, SHIP, matrix, SIZE)
    left, top, right, bottom = 90 - zoom * SHIP[3], 2 + zoom * SHIP[0], 90 - zoom * SHIP[1], 2 + zoom * SHIP[2]
    expected = np.zeros_like(placed)
    expected[round(top) : round(bottom), max(round(left), 0) : round(right)] = True
    assert overlap(placed, expected) > 0.93


def test_the_whole_picture_fits_in_undistorted(tmp_path):
    pictures = one_picture(tmp_path, [row("the ship on the left", [SHIP]), row("all trucks", category="truck")])
    item = dataset(pictures, augment=None)[0]
    assert fit((HEIGHT, WIDTH), SIZE).tolist() == [[0.8, 0, 0], [0, 0.8, 12]]
    expected = np.zeros((SIZE, SIZE), bool)
    expected[22:41, 8:32] = True
    order = item["expressions"].index("the ship on the left")
    assert overlap(item["masks"][order].numpy().astype(bool), expected) > 0.95
    assert not item["masks"][1 - order].any() and not item["image"][:, :12].any()


@pytest.mark.parametrize(
    ("expression", "boxes"),
    [("the red ship", [SHIP]), ("all ships", [SHIP, LARGE_SHIP]), ("the largest ship", [LARGE_SHIP])],
)
def test_masks_lie_on_their_objects_and_single_targets_are_whole(tmp_path, expression, boxes):
    pictures = one_picture(tmp_path, [row(expression, boxes)])
    samples = dataset(pictures)
    turned = set()
    for index in range(40):
        item = samples[index]
        shown = np.zeros((SIZE, SIZE), bool)
        for box in boxes:
            shown |= is_colour(item["image"], red=box == SHIP, blue=box == LARGE_SHIP)
        mask = item["masks"][0].numpy().astype(bool)
        assert overlap(mask, shown) > 0.75
        if len(boxes) == 1:
            assert item["kinds"] == ["one-to-one"] and mask.sum() >= 20
        turned.add(int(np.argwhere(mask).mean(0)[1] > SIZE / 2) if mask.any() else 2)
    assert len(turned) > 1


def test_sentences_about_places_stay_true(tmp_path):
    pictures = one_picture(tmp_path, [row("the ship on the left", [SHIP]), row("all ships", [SHIP, LARGE_SHIP])])
    samples = dataset(pictures, sentences=2)
    seen = 0
    for index in range(40):
        item = samples[index]
        if "the ship on the left" in item["expressions"]:
            red, blue = (is_colour(item["image"], red=red, blue=not red) for red in (True, False))
            (red_y, red_x), (blue_y, blue_x) = np.argwhere(red).mean(0), np.argwhere(blue).mean(0)
            assert red_x < blue_x and red_y < blue_y
            ratio = (LARGE_SHIP[2] - LARGE_SHIP[0]) * (LARGE_SHIP[3] - LARGE_SHIP[1]) / 720
            assert blue.sum() / red.sum() == pytest.approx(ratio, rel=0.2)  # neither is cut
            seen += 1
    assert seen > 5


def test_a_crop_without_any_of_many_says_so(tmp_path):
    pictures = one_picture(tmp_path, [row("all ships", [SHIP, LARGE_SHIP])])
    augmentation = dataclasses.replace(PLAIN, long_side=(500, 600), max_zoom=9.0, focus=0.0)
    samples = dataset(pictures, augment=augmentation)
    kinds = {}
    for index in range(40):
        item = samples[index]
        kinds.setdefault(item["kinds"][0], bool(item["masks"].any()))
        assert bool(item["masks"].any()) == (item["kinds"] == ["one-to-many"])
    assert kinds == {"one-to-many": True, "one-to-zero": False}


def test_colours_are_kept_where_a_sentence_needs_them(tmp_path):
    effects = Photometric(jitter=0, blur=0, noise=0, jpeg=0, false_colour=1.0, greyscale=0)
    augmentation = dataclasses.replace(PLAIN, photometric=effects)
    for expression, kept in (("the red ship", True), ("the only ship", False)):
        item = dataset(one_picture(tmp_path, [row(expression, [SHIP])]), augment=augmentation)[0]
        mask = item["masks"][0].numpy().astype(bool)
        assert bool(overlap(mask, is_colour(item["image"], red=True, blue=False)) > 0.75) is kept


def test_what_is_known_of_categories_and_outlines(tmp_path):
    rows = [row("all ships", [SHIP, LARGE_SHIP]), row("truck in the image", [TRUCK, TRUCK], category="truck")]
    rows[1] = dataclasses.replace(rows[1], kind="one-to-many")
    rows.append(row("all harbors", category="harbor"))
    item = dataset(one_picture(tmp_path, rows), augment=None)[0]
    names = [name for name, known in zip(CATEGORIES, item["annotated"], strict=True) if known]
    assert set(names) == {"ship", "truck", "harbor"}
    numbers = {name: number for number, name in enumerate(CATEGORIES, start=1)}
    assert item["category_map"].unique().tolist() == sorted([0, numbers["ship"], numbers["truck"]])
    masks = dict(zip(item["expressions"], item["masks"], strict=True))
    assert torch.equal(item["category_map"] == numbers["ship"], masks["all ships"].bool())
    assert item["contour"].unique().tolist() == [0, 1]
    assert not item["contour"][masks["all ships"].bool()].all() and item["contour"].sum() > 100


def test_what_is_not_known_of_categories_and_outlines(tmp_path):
    item = dataset(one_picture(tmp_path, [row("the red ship", [SHIP])]), augment=None)[0]
    assert not item["annotated"].any()
    assert item["category_map"].unique().tolist() == [UNKNOWN_CATEGORY]
    mask = item["masks"][0].bool()
    assert item["contour"].unique().tolist() == [0, 1, 255]
    assert (item["contour"][mask] < 2).all() and (item["contour"][~mask] > 0).all()


def test_kinds_are_drawn_by_their_share_and_no_sentence_twice():
    rows = [*unit(4), unit(4)[0]]
    rng = np.random.default_rng(0)
    for _ in range(50):
        chosen, allowed = choose(rows, 3, KIND_RATIO, rng)
        assert len({r.expression for r in chosen}) == 3
        assert allowed == max(freedom(r) for r in chosen)
        assert all(r.kind == "one-to-zero" for r in choose(rows, 3, {"one-to-zero": 1.0}, rng)[0])
    assert len(choose(rows, 99, KIND_RATIO, rng)[0]) == 6
    only = [r for r in rows if r.kind == "one-to-one"]
    assert choose(only, 1, {"one-to-zero": 1.0}, rng)[0][0].kind == "one-to-one"


def test_the_first_sentence_decides_where_others_allow_as_much():
    rows = [row("all ships", [SHIP, LARGE_SHIP]), row("the red ship", [SHIP]), row("the ship on the left", [SHIP])]
    rng = np.random.default_rng(1)
    found = {
        (chosen[0].expression, allowed) for chosen, allowed in (choose(rows, 2, KIND_RATIO, rng) for _ in range(60))
    }
    assert ("all ships", Freedom.CROP) in found and ("the red ship", Freedom.CROP) in found
    assert all(allowed == Freedom.STAY for name, allowed in found if name == "the ship on the left")
    assert ("all ships", Freedom.STAY) not in found


def test_an_item_is_a_function_of_its_numbers_in_every_process(tmp_path):
    write_set(tmp_path)
    samples = dataset(TripletPictures(tmp_path), Scenes(), augment=Augmentation(long_side=(60, 250)))
    loader = DataLoader(samples, batch_size=4, collate_fn=collate, num_workers=2, worker_init_fn=worker_init)
    for number, batch in enumerate(loader):
        again = collate([samples[index] for index in range(4 * number, 4 * number + 4)])
        for name, value in batch.items():
            assert torch.equal(value, again[name]) if isinstance(value, torch.Tensor) else value == again[name]
        assert batch["images"].shape == (4, 3, SIZE, SIZE) and batch["images"].dtype == torch.uint8
        assert len(batch["masks"]) == len(batch["expressions"]) == len(batch["image_index"])
    drawn = [samples[index]["id"] for index in range(40)]
    assert 5 < sum(name.startswith("images/") for name in drawn) < 35
    samples.set_epoch(1)
    assert drawn != [samples[index]["id"] for index in range(40)]


def test_pictures_come_with_the_rows_that_were_asked_for(tmp_path):
    rows = write_set(tmp_path)
    pictures = TripletPictures(tmp_path)
    assert [pictures.rows(i) for i in range(len(pictures))] == [unit(n) for n in range(12) if unit(n)]
    some = TripletPictures(tmp_path, split="train", kind=["one-to-zero"])
    found = [r for i in range(len(some)) for r in some.rows(i)]
    assert found == [r for r in rows if r.split == "train" and r.kind == "one-to-zero"]


def test_rows_of_a_picture_may_lie_apart_and_windows_are_pictures(tmp_path):
    windows = [row("the ship", [SHIP], window=(x, 0, WIDTH, HEIGHT)) for x in (0, 50)]
    rows = [*windows, row("the ship", [SHIP]), *(dataclasses.replace(r, expression="a ship") for r in windows)]
    with TripletSetWriter(tmp_path, settings={}, shard_rows=1) as writer:
        for one in rows:
            writer.add([one])
    pictures = TripletPictures(tmp_path)
    assert [[r.expression for r in pictures.rows(i)] for i in range(3)] == [["the ship", "a ship"]] * 2 + [["the ship"]]
    assert [pictures.rows(i)[0].window for i in range(3)] == [(0, 0, WIDTH, HEIGHT), (50, 0, WIDTH, HEIGHT), None]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"split": "test"}, "no row has split 'test'; there are"), ({"on_error": "ignore"}, "on_error is 'ignore'")],
)
def test_wrong_options_are_named(tmp_path, options, message):
    write_set(tmp_path)
    with pytest.raises(ValueError, match=message):
        TripletPictures(tmp_path, **options)


def test_a_folder_without_a_set_or_rows_is_named(tmp_path):
    with pytest.raises(SceneError, match="is no triplet set"):
        TripletPictures(tmp_path)
    write_set(tmp_path)
    with pytest.raises(SceneError, match="no row has all of"):
        TripletPictures(tmp_path, source="other", kind="one-to-zero")


def test_a_picture_that_cannot_be_read_is_skipped_or_fatal(tmp_path, caplog):
    write_set(tmp_path)
    for name in ("0.png", "4.png"):
        (tmp_path / "images" / name).unlink()
    with pytest.raises(SceneError, match=r"images/[04].png: the image is missing"):
        [dataset(TripletPictures(tmp_path, on_error="raise"))[index] for index in range(40)]
    with caplog.at_level(logging.WARNING):
        items = [dataset(TripletPictures(tmp_path))[index] for index in range(40)]
    assert not {"images/0.png", "images/4.png"} & {item["id"] for item in items}
    assert "images/0.png: the image is missing" in caplog.text


def test_rows_that_disagree_about_their_picture_are_named(tmp_path):
    smaller = TripletRow.of_mask(
        np.ones((5, 5), bool),
        image="images/0.png",
        image_id="0",
        expression="a dot",
        kind="one-to-one",
        source="drawn",
        split="train",
    )
    pictures = one_picture(tmp_path, [row("the ship", [SHIP]), smaller])
    with pytest.raises(SceneError, match="its rows say 120 x 90 and 5 x 5 pixels"):
        dataset(pictures)[0]


def test_targets_too_small_to_be_seen_are_left_out(tmp_path):
    tiny = row("the tiny ship", [(3, 3, 6, 6)])
    item = dataset(one_picture(tmp_path / "a", [tiny, row("the red ship", [SHIP])]), augment=None)[0]
    assert item["expressions"] == ["the red ship"] and len(item["masks"]) == 1
    pictures = one_picture(tmp_path / "b", [tiny])
    with pytest.raises(SceneError, match="too small to be seen in 96 x 96 pixels") as caught:
        pictures.item(0, size=SIZE, sentences=1, augment=None, kind_ratio=KIND_RATIO, rng=np.random.default_rng(0))
    assert caught.value.skip
