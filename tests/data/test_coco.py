import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from remotesam.data.coco import CocoScenes, SceneError
from tests.data.scenes import scene_of, write_coco

SCENES = [
    scene_of([("ship", (10, 20, 30, 10), "white"), ("storage tank", (60, 60, 20, 20), "red")]),
    scene_of([], annotated=["ship"]),
]


def read(path: Path, images: Path, **options: Any) -> CocoScenes:
    return CocoScenes(annotation_file=path, image_folder=images, **options)


@pytest.mark.parametrize("cache", [False, True])
def test_scenes_come_back_as_written(tmp_path: Path, cache: bool) -> None:
    scenes = read(*write_coco(tmp_path, SCENES), cache=cache)
    assert len(scenes) == 2
    first, second = scenes.scene(0), scenes.scene(1, seed=7)
    assert first.name == "0.png" and first.annotated == second.annotated == ("ship", "storage tank")
    assert (first.image == SCENES[0].image).all() and not second.instances
    for instance, expected in zip(first.instances, SCENES[0].instances, strict=True):
        assert instance.category == expected.category
        assert (instance.mask(100, 100) == expected.mask(100, 100)).all()


def test_the_cache_needs_no_files_any_more(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, SCENES)
    scenes = read(path, images, cache=True)
    (images / "0.png").unlink()
    assert (scenes.scene(0).image == SCENES[0].image).all()


def test_a_missing_folder_is_told_by_the_file_in_it(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, SCENES)
    missing = tmp_path / "not yet made" / path.name
    with pytest.raises(SceneError, match=f"^{re.escape(str(missing))}: the annotation file cannot be read"):
        read(missing, images)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("", "no valid JSON, perhaps truncated"),
        ('{"images": [{"id": 1, "file_', "no valid JSON, perhaps truncated"),
        ("[]", "holds a list"),
        ('{"images": [], "categories": []}', "lacks the list `annotations`"),
        ('{"images": {}, "annotations": [], "categories": []}', "lacks the list `images`"),
        ('{"images": [], "annotations": [], "categories": []}', "no usable image"),
    ],
)
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_a_file_that_is_none_is_always_an_error(
    tmp_path: Path, content: str | None, message: str, on_error: Any
) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SceneError, match=message) as caught:
        read(path, tmp_path, on_error=on_error)
    assert "broken.json" in str(caught.value)


def test_on_error_takes_two_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="on_error is 'ignore'; use 'skip' or 'raise'"):
        read(*write_coco(tmp_path, SCENES), on_error="ignore")


def _repeat(field: str) -> Callable[[dict[str, Any]], None]:
    return lambda document: document[field].append(dict(document[field][0]))


def _annotation(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["annotations"][0].update(changes)


FAULTS: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("image id twice", _repeat("images"), "image id 0 appears twice"),
    ("category id twice", _repeat("categories"), "category id 1 appears twice"),
    ("annotation id twice", _repeat("annotations"), "annotation 1 of image 0: repeats the id"),
    ("no name", lambda d: d["categories"][0].pop("name"), "lacks an id or a name"),
    ("no file name", lambda d: d["images"][1].pop("file_name"), "lacks an id or a file_name"),
    ("image missing", lambda d: d["images"][1].update(file_name="gone.png"), "gone.png: the image of id 1 is missing"),
    ("unknown category", _annotation(category_id=9), "unknown category id 9"),
    ("unknown image", _annotation(image_id=9), "belongs to no image"),
    ("no image id", lambda d: d["annotations"][0].pop("image_id"), "lacks an image_id"),
    ("boxes only", lambda d: d["annotations"][0].pop("segmentation"), "no segmentation"),
    ("zero area", _annotation(segmentation=[[1, 1, 5, 5, 9, 9]]), "annotation 1 of image 0: has zero area"),
    ("outside", _annotation(segmentation=[[200, 1, 220, 5, 200, 9]]), "lies outside its image"),
]


@pytest.mark.parametrize(("fault", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_faults_are_fatal_or_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: Callable[[dict[str, Any]], None], message: str
) -> None:
    path, images = write_coco(tmp_path, SCENES)
    document = json.loads(path.read_text())
    fault(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SceneError, match=message) as caught:
        read(path, images)
    assert "on_error='skip'" in str(caught.value)
    with caplog.at_level(logging.WARNING):
        scenes = read(path, images, on_error="skip")
    assert 1 <= len(scenes) <= 2 and [i.category for i in scenes.scene(0).instances][-1:] == ["storage tank"]
    if message != "belongs to no image":
        assert message in caplog.text


def test_a_category_with_a_skipped_annotation_is_not_asked_in_that_image(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, SCENES)
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"] = [[1, 1]]
    path.write_text(json.dumps(document))
    scenes = read(path, images, on_error="skip")
    assert scenes.scene(0).annotated == ("storage tank",)
    assert scenes.scene(1).annotated == ("ship", "storage tank")


def test_a_crowd_makes_its_category_unknown_there(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, SCENES)
    document = json.loads(path.read_text())
    document["annotations"][0]["iscrowd"] = 1
    path.write_text(json.dumps(document))
    scene = read(path, images).scene(0)
    assert scene.annotated == ("storage tank",) and [i.category for i in scene.instances] == ["storage tank"]


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:150])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _resize(path: Path) -> None:
    Image.new("RGB", (50, 40)).save(path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [(_truncate, "cannot be read"), (_empty, "cannot be read"), (_resize, "is 50 x 40 pixels, .* says 100 x 100")],
)
@pytest.mark.parametrize("cache", [False, True])
def test_images_that_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None], message: str, cache: bool
) -> None:
    path, images = write_coco(tmp_path, SCENES)
    damage(images / "1.png")
    with pytest.raises(SceneError, match=message) as caught:
        read(path, images, cache=cache).scene(1)
    assert "1.png" in str(caught.value) and not caught.value.skip
    with caplog.at_level(logging.WARNING):
        scenes = read(path, images, cache=cache, on_error="skip")
    if cache:
        assert len(scenes) == 1 and "1.png" in caplog.text
    else:
        with pytest.raises(SceneError) as caught:
            scenes.scene(1)
        assert caught.value.skip


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16"])
def test_every_kind_of_image_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path, images = write_coco(tmp_path, SCENES)
    if mode == "I;16":
        picture = Image.fromarray(np.linspace(0, 60000, 10000).reshape(100, 100).astype(np.uint16))
    else:
        picture = Image.fromarray(SCENES[0].image).convert(mode)
    suffix = "tif" if mode == "CMYK" else "png"
    picture.save(images / f"0.{suffix}")
    path.write_text(path.read_text().replace("0.png", f"0.{suffix}"))
    image = read(path, images).scene(0).image
    assert image.shape == (100, 100, 3) and image.dtype == np.uint8 and image.std() > 1


def test_exif_rotation_is_ignored(tmp_path: Path) -> None:
    path, images = write_coco(tmp_path, SCENES)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(SCENES[0].image).save(images / "0.png", exif=exif)
    assert (read(path, images).scene(0).image == SCENES[0].image).all()
