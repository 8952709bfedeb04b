import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from remotesam.data.dataset import TripletDataset
from remotesam.data.record_scenes import RecordScenes, open_scenes, regions
from remotesam.data.scene import SceneError, rasterise_outlines
from remotesam.data.sources import Annotation, LabelMap, Problem, Record, RecordSet, SourceError
from remotesam.data.sources.coco import read_coco
from remotesam.training.sources import build_source
from tests.data_factories.objects import HEIGHT, PICTURES, WIDTH, draw, upright, write_coco, write_dota, write_isaid

CATEGORIES = ("Small_Vehicle", "small-vehicle", "storage_tank", "harbor")


def annotation(name: str, category: str, place: tuple[int, int, int, int], **changes: Any) -> Annotation:
    drawn = upright(category, *place)
    given = {"box": drawn.box, "polygons": (drawn.corners,), "maker": "annotator", **changes}
    return Annotation(name, category, **given)


TANK = annotation("1", "storage_tank", (10, 10, 30, 30))
CAR = annotation("2", "Small_Vehicle", (50, 10, 60, 20))


def records_of(
    tmp_path: Path, *annotations: Annotation, exhaustive: tuple[str, ...] = CATEGORIES, **changes: Any
) -> RecordSet:
    """One image with these annotations and one without any."""
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    first = Record("a", tmp_path / "a.png", (HEIGHT, WIDTH), annotations=annotations, exhaustive=exhaustive)
    second = Record("b", tmp_path / "b.png", (HEIGHT, WIDTH), exhaustive=CATEGORIES)
    options: dict[str, Any] = {"name": "drawn", "split": "train", "licence": "", "categories": CATEGORIES}
    return RecordSet([replace(first, **changes), second], **options)


def test_nothing_gives_no_scenes(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="no image of which anything may be said"):
        RecordScenes(RecordSet([], name="none", split="train", licence="", categories=()))


def test_names_become_canonical_and_masks_stay(tmp_path: Path) -> None:
    scene = RecordScenes(records_of(tmp_path, TANK, CAR)).scene(0, seed=3)
    assert scene.annotated[-2:] == ("storage tank", "harbor") and len(scene.annotated) == 3
    assert scene.image.shape == (HEIGHT, WIDTH, 3) and scene.name == "a.png"
    for instance, drawn in zip(scene.instances, (TANK, CAR), strict=True):
        assert (instance.mask(HEIGHT, WIDTH) == drawn.mask(HEIGHT, WIDTH)).all()
    assert scene.instances[0].category == "storage tank"


def test_a_category_is_annotated_if_every_spelling_of_it_is(tmp_path: Path) -> None:
    half = records_of(tmp_path, TANK, CAR, exhaustive=("Small_Vehicle", "storage_tank", "harbor"))
    scenes = RecordScenes(half)
    assert scenes.scene(0).annotated == ("storage tank", "harbor")
    assert [instance.category for instance in scenes.scene(0).instances] == ["storage tank"]
    assert len(scenes.scene(1).annotated) == 3


@pytest.mark.parametrize(
    ("changes", "options", "kept"),
    [
        ({"crowd": True}, {}, False),
        ({"polygons": ()}, {}, False),
        ({"difficult": True}, {"difficult": "leave out"}, False),
        ({"difficult": True}, {}, True),
        ({"polygons": ()}, {"fill_boxes": True}, True),
        ({"polygons": (), "box": None}, {"fill_boxes": True}, False),
        ({"polygons": (), "box": None, "corners": TANK.polygons[0]}, {"fill_boxes": True}, True),
    ],
)
def test_what_is_left_out_is_not_annotated(
    tmp_path: Path, changes: dict[str, Any], options: dict[str, Any], kept: bool
) -> None:
    doubtful = annotation("9", "storage_tank", (10, 10, 30, 30), **changes)
    scene = RecordScenes(records_of(tmp_path, CAR, doubtful, replace(TANK, id="8")), **options).scene(0)
    assert ("storage tank" in scene.annotated) == kept
    assert [instance.category == "storage tank" for instance in scene.instances] == [False, *[True] * (2 * kept)]
    if kept:
        assert (scene.instances[1].mask(HEIGHT, WIDTH) == TANK.mask(HEIGHT, WIDTH)).all()


@pytest.mark.parametrize(
    ("annotations", "exhaustive", "message"),
    [
        (
            (replace(TANK, polygons=()),),
            ("storage_tank",),
            "boxes only: make masks of them first, or .*fill_boxes=True",
        ),
        ((TANK,), (), "exhaustive for no category"),
    ],
)
def test_a_set_of_which_nothing_may_be_said_is_refused(
    tmp_path: Path, annotations: tuple[Annotation, ...], exhaustive: tuple[str, ...], message: str
) -> None:
    both = records_of(tmp_path, *annotations, exhaustive=exhaustive)
    with pytest.raises(SceneError, match=message):
        RecordScenes(both[:1])


def test_images_of_which_nothing_may_be_said_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scenes = RecordScenes(records_of(tmp_path, TANK, exhaustive=()))
    assert len(scenes) == 1 and scenes.scene(0).name == "b.png" and "1 images annotate no category" in caplog.text


@pytest.mark.parametrize("option", [{"on_error": "ignore"}, {"difficult": "maybe"}])
def test_options_take_two_words(tmp_path: Path, option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(option))} is"):
        RecordScenes(records_of(tmp_path, TANK), **option)


def test_colours_are_taken_if_they_are_basic(tmp_path: Path) -> None:
    white = annotation("1", "harbor", (1, 1, 9, 9), attributes={"colour": "white"})
    other = annotation("2", "harbor", (21, 1, 29, 9), attributes={"colour": "puce"})
    scene = RecordScenes(records_of(tmp_path, white, other)).scene(0)
    assert [instance.colour for instance in scene.instances] == ["white", None]


# --- label maps


def test_an_empty_mask_has_no_region() -> None:
    assert regions(np.zeros((5, 5), bool)) == []


@pytest.mark.parametrize("seed", range(3))
def test_regions_part_a_mask(seed: int) -> None:
    mask = np.random.default_rng(seed).random((30, 40)) < 0.35
    parts = [rasterise_outlines(*outlines, 30, 40) for outlines in regions(mask)]
    assert (np.sum(parts, axis=0) == mask).all() and all(part.any() for part in parts)


def test_regions_of_a_label_map_become_instances(tmp_path: Path) -> None:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[5:20, 5:20] = labels[20:30, 20:30] = 1
    labels[50:60, 50:90] = 1
    labels[10:20, 60:80] = 2
    Image.fromarray(labels).save(tmp_path / "labels.png")
    label_map = LabelMap(tmp_path / "labels.png", {1: "harbor", 2: "storage_tank"}, ("harbor", "storage_tank"))
    scene = RecordScenes(records_of(tmp_path, TANK, label_map=label_map)).scene(0)
    assert [instance.category for instance in scene.instances] == ["storage tank", "harbor", "harbor"]
    first, second = (instance.mask(HEIGHT, WIDTH) for instance in scene.instances[1:])
    assert first.sum() == 325 and second.sum() == 400 and ((first | second) == (labels == 1)).all()
    hidden = RecordScenes(records_of(tmp_path, label_map=label_map, exhaustive=("storage_tank",))).scene(0)
    assert [instance.category for instance in hidden.instances] == ["storage tank"]


def test_a_label_map_that_cannot_be_read_is_a_scene_error(tmp_path: Path) -> None:
    label_map = LabelMap(tmp_path / "gone.png", {1: "harbor"}, ("harbor",))
    records = records_of(tmp_path, label_map=label_map)
    for on_error in ("skip", "raise"):
        with pytest.raises(SceneError, match=r"gone.png") as caught:
            RecordScenes(records, on_error=on_error).scene(0)  # type: ignore[arg-type]
        assert caught.value.skip == (on_error == "skip")


# --- pixels


def test_a_window_is_cut_out(tmp_path: Path) -> None:
    records = records_of(tmp_path, window=(20, 10, 50, 40), size=(40, 50))
    scene = RecordScenes(records).scene(0)
    whole = np.asarray(Image.open(tmp_path / "a.png"))
    assert (scene.image == whole[10:50, 20:70]).all() and scene.name == "a.png (20, 10, 50, 40)"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": (HEIGHT, 5)}, f"is {WIDTH} x {HEIGHT} pixels, the data set says 5 x {HEIGHT}"),
        ({"image": Path("/nowhere/gone.png")}, "the image is missing"),
        ({"window": (100, 10, 50, 40), "size": (40, 50)}, "in the window .* the data set says 50 x 40"),
    ],
)
@pytest.mark.parametrize("on_error", ["skip", "raise"])
def test_images_that_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], message: str, on_error: Any
) -> None:
    records = records_of(tmp_path, **changes)
    with pytest.raises(SceneError, match=message) as caught:
        RecordScenes(records, on_error=on_error).scene(0)
    assert caught.value.skip == (on_error == "skip")
    if on_error == "skip":
        cached = RecordScenes(records, cache=True)
        assert len(cached) == 1 and cached.scene(0).name == "b.png" and "skipped: " in caplog.text
        with pytest.raises(SceneError, match="none of its images could be read"):
            RecordScenes(records[:1], cache=True)
    else:
        with pytest.raises(SceneError, match=message):
            RecordScenes(records, on_error=on_error, cache=True)


def test_the_cache_needs_no_files_any_more(tmp_path: Path) -> None:
    scenes = RecordScenes(records_of(tmp_path, TANK), cache=True)
    (tmp_path / "a.png").unlink()
    assert len(scenes.scene(0).instances) == 1


def test_problems_are_logged_and_many_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    records = records_of(tmp_path, TANK)
    records.problems = tuple(Problem("labels.txt", f"line {n}", "has zero area", "area") for n in range(30))
    with caplog.at_level(logging.WARNING):
        RecordScenes(records)
    assert "labels.txt, line 0: has zero area" in caplog.text and "and 10 more such problems" in caplog.text


# --- data sets by name


def test_scenes_of_a_data_set_by_name(tmp_path: Path) -> None:
    write_isaid(tmp_path)
    scenes = open_scenes("isaid", tmp_path, split="train")
    masks = [instance.mask(HEIGHT, WIDTH) for instance in scenes.scene(0).instances]
    assert all((mask == drawn.mask).all() for mask, drawn in zip(masks, PICTURES["0001"], strict=True))
    assert "airplane" in scenes.annotated and "soccer field" in scenes.annotated


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"type": "dota", "fill_boxes": True}, {"ship", "harbor", "airplane"}),
        ({"type": "dota", "fill_boxes": True, "difficult": "leave out"}, {"harbor", "airplane"}),
        ({"type": "coco", "split": "train", "cache": True}, {"ship", "harbor", "airplane"}),
    ],
)
def test_a_configuration_names_any_data_set(tmp_path: Path, values: dict[str, Any], names: set[str]) -> None:
    write_dota(tmp_path) if values["type"] == "dota" else write_coco(tmp_path)
    source = build_source({**values, "root": tmp_path}, field="data.train.sources[0]")
    assert len(source) == 3
    found = {instance.category for index in range(3) for instance in source.scene(index, 0).instances}
    assert found == names
    data = TripletDataset(sources=[source], weights=[1.0], length=2, size=64, sentences=3, seed=0, augment=None)
    assert data[1]["masks"].shape == (3, 64, 64)


def test_a_coco_file_is_still_named_by_its_path(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    values = {"type": "coco", "annotation_file": str(file), "image_folder": str(tmp_path / "train2017")}
    assert len(build_source(values, field="data.val")) == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": "dota"}, r"data.val.root is missing: the folder of the data set 'dota'"),
        ({"type": "dota", "root": ".", "speed": 3}, r"data.val: the data set 'dota' does not take \['root', 'speed'\]"),
        ({"type": "dotty"}, r"data.val.type is 'dotty'; it takes \[.*'dota', .*'synthetic'"),
        ({"type": "dota", "root": "/nowhere"}, "no such folder"),
    ],
)
def test_a_wrong_configuration_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_source(values, field="data.val")


def test_faults_stop_or_are_left_out(tmp_path: Path) -> None:
    path = write_coco(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"] = [[1, 1]]
    path.write_text(json.dumps(document))
    with pytest.raises(SourceError, match="polygon of 2 numbers"):
        open_scenes("coco", tmp_path, on_error="raise")
    scenes = open_scenes("coco", tmp_path)
    assert scenes.scene(0).annotated == ("airplane", "harbor") and scenes.scene(1).annotated == scenes.annotated
    assert len(read_coco(tmp_path).problems) == 1
