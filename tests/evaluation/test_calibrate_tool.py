"""tools/calibrate.py and benchmarks/inference_choices.py on a checkpoint with random weights and painted images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from remotesam import RemoteSAM
from remotesam.checkpoints import read_config
from remotesam.files import write_image, write_json
from tests.scripts import load_script
from tests.training.lookalike import Squares


@pytest.fixture
def annotated(tmp_path: Path) -> list[str]:
    """Two images with a ship each and no bridge."""
    images, annotations = [], []
    for number in range(2):
        scene = Squares(size=48).scene(number, 0)
        write_image(tmp_path / f"{number}.png", scene.image)
        polygon = scene.instances[0].polygons[0]
        (x, y), (side, _) = polygon.min(axis=0), np.ptp(polygon, axis=0)
        box = [float(x), float(y), float(side), float(side)]
        images.append({"id": number, "file_name": f"{number}.png", "height": 48, "width": 48})
        found = {"segmentation": [polygon.flatten().tolist()], "bbox": box, "area": float(side) ** 2, "iscrowd": 0}
        annotations.append({"id": number, "image_id": number, "category_id": 1, **found})
    categories = [{"id": 1, "name": "ship"}, {"id": 2, "name": "bridge"}]
    write_json(tmp_path / "instances.json", {"images": images, "annotations": annotations, "categories": categories})
    return [str(tmp_path / "instances.json"), str(tmp_path)]


@pytest.mark.parametrize("kind", ["temperature", "isotonic", "logistic"])
def test_a_calibration_is_written_where_it_is_wanted(
    kind: str, tiny_checkpoint: Path, annotated: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "isotonic":
        pytest.importorskip("sklearn")
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    calibrate = load_script("tools/calibrate.py").main
    diagram = tmp_path / "reliability.png"
    options = [str(folder), "--fit", *annotated, "--kind", kind, "--n-acc", "1", "--diagram", str(diagram)]
    assert calibrate(options) == 0
    assert read_config(folder).calibration is None
    assert diagram.read_bytes().startswith(b"\x89PNG")
    assert calibrate([*options, "--check", *annotated, "--write"]) == 0
    config = read_config(folder)
    assert config.calibration is not None
    assert config.calibration.kind == kind
    assert json.dumps(config.calibration.to_dict()) in capsys.readouterr().out
    model = RemoteSAM.from_pretrained(folder, precision="float32")
    for number in range(2):  # all absent targets are called absent
        assert not model.segment(tmp_path / f"{number}.png", "bridge in the image").present


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--n-acc", "2"], "--n-acc is 2.0"),
        (["--limit", "0"], "0 of 0 targets"),
        (["--check", "none.json", "."], "none.json"),
        (["--check", "coco"], "give the folder of its images"),
        (["--check", "coco", ".", "train", "fifth"], "'fifth' is not NAME=VALUE"),
    ],
)
def test_mistakes_are_told(
    options: list[str], told: str, tiny_checkpoint: Path, annotated: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(tiny_checkpoint), "--fit", *annotated, "--kind", "temperature", *options]
    assert load_script("tools/calibrate.py").main(given) == 2
    assert told in capsys.readouterr().err


def test_the_choices_are_measured(tiny_checkpoint: Path, annotated: list[str], tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    given = ["--annotations", annotated[0], "--images", annotated[1]]
    options = ["--sizes", "32", "--flips", "--tiles", "--gates", "0", "1", "--json", str(figures)]
    assert load_script("benchmarks/inference_choices.py").main([str(tiny_checkpoint), *given, *options]) == 0
    found = json.loads(figures.read_text())
    assert list(found) == ["default", "size 32", "tiles", "flips", "size 32, flips"]
    for one in found.values():
        assert 0 <= one["mIoU"] <= 1
        assert one["ms"] > 0
        assert one["gate 1.0/N-acc"] == 1
        assert one["gate 1.0/mIoU"] == 0
    assert found["tiles"]["mIoU"] == found["default"]["mIoU"]  # 48 px are not much larger than 64
