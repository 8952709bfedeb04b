"""Boxes around bright squares get masks from a segmenter that sees brightness."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from remotesam.data.coco import CocoScenes
from remotesam.files import write_image
from remotesam.segmenters.rmsin import RmsinSegmenter
from tests.scripts import load_script

SQUARE = (10, 20, 12, 8)
"""x, y, width, height"""


class Bright:
    """Whatever is asked for is where the picture is bright."""

    threshold = 0.5

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        return np.repeat((image.mean(axis=2) / 255).astype(np.float32)[None], len(expressions), axis=0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three pictures with a box each: bright inside, nothing to see, and bright in a corner of the box only."""
    x, y, width, height = SQUARE
    images, annotations = [], []
    for number, (right, bottom) in enumerate([(x + width, y + height), (x, y), (x + 3, y + 3)], start=1):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[y:bottom, x:right] = 250
        write_image(tmp_path / "images" / f"{number}.png", picture)
        images.append({"id": number, "file_name": f"{number}.png", "width": 64, "height": 48})
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": list(SQUARE), "iscrowd": 0})
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "airplane"}]}
    (tmp_path / "boxes_train.json").write_text(json.dumps(document))
    return tmp_path


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Path]]:
    """Runs the command on the pictures; gives its exit code and output file."""
    monkeypatch.setattr(RmsinSegmenter, "from_folder", lambda *_, **__: Bright())
    tool, output = load_script("tools/mask_boxes.py"), root / "masks.json"

    def call(*arguments: str) -> tuple[int, Path]:
        command = ["mask_boxes.py", "hrplanes", "--root", str(root), "-o", str(output), *arguments]
        monkeypatch.setattr(sys, "argv", command)
        return int(tool.main()), output

    return call


def test_images_are_kept_where_every_mask_agrees_with_its_box(
    run: Callable[..., tuple[int, Path]], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = run()
    assert code == 0
    assert "1 of 3 images, 1 masks" in capsys.readouterr().out
    scenes = CocoScenes(annotation_file=str(output), image_folder=str(root / "images"))
    assert len(scenes) == 1
    (instance,) = scenes.scene(0, 0).instances
    x, y, width, height = SQUARE
    expected = np.zeros((48, 64), bool)
    expected[y : y + height, x : x + width] = True
    np.testing.assert_array_equal(instance.mask(48, 64), expected)


def test_less_agreement_keeps_more(run: Callable[..., tuple[int, Path]]) -> None:
    code, output = run("--min-agreement", "0.05")
    document = json.loads(output.read_text())
    assert code == 0 and [image["file_name"] for image in document["images"]] == ["1.png", "3.png"]
    assert [annotation["bbox"] for annotation in document["annotations"]] == [list(SQUARE), [*SQUARE[:2], 3, 3]]


def test_a_folder_that_is_no_data_set(
    run: Callable[..., tuple[int, Path]], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "boxes_train.json").unlink()
    code, output = run()
    assert code == 2 and not output.exists()
    assert capsys.readouterr().err.startswith("error: ")
