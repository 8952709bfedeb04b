"""tools/validate.py on a checkpoint with random weights and two painted images."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from remotesam.evaluation.protocol import summary, table
from remotesam.files import write_image, write_json
from tests.scripts import load_script
from tests.training.lookalike import Squares


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_script("tools/validate.py")


@pytest.fixture
def annotated(tmp_path: Path) -> list[str]:
    """A COCO file of two images with a ship each, as options of the command."""
    images, annotations = [], []
    for number in range(2):
        scene = Squares(size=48).scene(number, 0)
        write_image(tmp_path / f"{number}.png", scene.image)
        polygon = scene.instances[0].polygons[0]
        images.append({"id": number, "file_name": f"{number}.png", "height": 48, "width": 48})
        (x, y), (side, _) = polygon.min(axis=0), np.ptp(polygon, axis=0)
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "segmentation": [polygon.flatten().tolist()],
                "bbox": [float(x), float(y), float(side), float(side)],
                "area": float(side) ** 2,
                "iscrowd": 0,
            }
        )
    categories = [{"id": 1, "name": "ship"}, {"id": 2, "name": "bridge"}]
    write_json(tmp_path / "instances.json", {"images": images, "annotations": annotations, "categories": categories})
    return ["--annotations", str(tmp_path / "instances.json"), "--images", str(tmp_path)]


def test_figures_are_written_and_recomputed_from_the_samples(tool, tiny_checkpoint, annotated, tmp_path, capsys):
    figures_file, samples_file = tmp_path / "figures.json", tmp_path / "samples.jsonl"
    options = ["--json", str(figures_file), "--samples", str(samples_file), "--sweep", "0.1", "0.9"]
    status = tool.main([str(tiny_checkpoint), *annotated, *options, "--device", "cpu", "--precision", "float32"])
    assert status == 0
    figures = json.loads(figures_file.read_text())
    assert (figures["images"], figures["threshold"], figures["presence_threshold"]) == (2, 0.4, 0.3)
    assert figures["categories"]["samples"] == 4 and figures["categories"]["targeted"] == 2
    assert figures["one-to-one"]["samples"] == figures["one-to-one"]["targeted"] > 0

    records = [json.loads(line) for line in samples_file.read_text().splitlines()]
    rows = table([record for record in records if record["ask"] == "categories"])
    assert summary(rows, presence_threshold=0.3, gates=[0.1, 0.9]) == figures["categories"]
    assert "gate 0.9: N-acc" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("checkpoint", "annotations", "message"),
    [("nowhere", None, "nowhere"), (None, "nowhere.json", "nowhere.json")],
)
def test_what_is_not_there_is_named(tool, tiny_checkpoint, annotated, checkpoint, annotations, message, capsys):
    if annotations:
        annotated[1] = annotations
    assert tool.main([checkpoint or str(tiny_checkpoint), *annotated]) == 2
    assert message in capsys.readouterr().err
