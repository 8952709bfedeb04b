"""The model that ships: sizes, many sentences at once, and what it promises on real images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remotesam import RemoteSAM, checkpoints
from remotesam.data.coco import CocoScenes
from remotesam.data.synthetic import generate_scene
from remotesam.evaluation.protocol import answers, count, summary, table
from remotesam.hub import DEFAULT_MODEL, bundled_models

REAL = Path(__file__).parents[2] / "shared" / "data" / "nwpu_vhr10"
SENTENCES = ["all airplanes", "the ship on the left", "the largest storage tank", "bridge in the image", "zeppelins"]


@pytest.fixture(scope="module")
def model() -> RemoteSAM:
    return RemoteSAM.from_pretrained(DEFAULT_MODEL, device="cpu", precision="float32")


def picture(height: int, width: int) -> np.ndarray:
    """A piece of a generated scene, repeated where it is too small."""
    scene = generate_scene(3, size=512).image
    return np.tile(scene, (-(-height // 512), -(-width // 512), 1))[:height, :width]


@pytest.mark.parametrize(("height", "width"), [(896, 896), (480, 480), (333, 517), (2000, 1200), (1, 1)])
def test_answers_come_at_the_size_of_the_image(model: RemoteSAM, height: int, width: int) -> None:
    results = model.segment(picture(height, width), SENTENCES[:2])
    assert [result.expression for result in results] == SENTENCES[:2]
    for result in results:
        assert result.mask.shape == result.probability.shape == (height, width)
        assert result.area == np.count_nonzero(result.mask)


@pytest.mark.parametrize(("height", "width"), [(448, 448), (333, 517)])
def test_many_sentences_at_once_equal_one_at_a_time(model: RemoteSAM, height: int, width: int) -> None:
    image = picture(height, width)
    together = model.segmenter.segment(image, SENTENCES)
    single = np.concatenate([model.segmenter.segment(image, [sentence]) for sentence in SENTENCES])
    assert np.abs(together - single).max() <= 1e-4
    assert np.abs(together[0] - together[1]).max() > 0.01


def test_the_model_is_small_and_has_a_card() -> None:
    folder = bundled_models()[DEFAULT_MODEL]
    network = checkpoints.load(folder)[1]
    assert sum(parameter.numel() for parameter in network.parameters()) <= 12_000_000
    assert (folder / "model.safetensors").stat().st_size <= 25_000_000
    card = (folder / "README.md").read_text(encoding="utf-8")
    for part in (
        "Data",
        "Licence",
        "Training",
        "Validation",
        "python tools/train.py",
        "python benchmarks/model_card.py",
    ):
        assert part in card, f"the card lacks {part!r}"


@pytest.mark.skipif(not REAL.is_dir(), reason="the NWPU VHR-10 images are not beside the project")
def test_it_meets_its_floor_on_the_real_validation_split(model: RemoteSAM) -> None:
    source = CocoScenes(annotation_file=REAL / "instances_val.json", image_folder=REAL / "images")
    assert len(source) == 100
    limits = model.thresholds("segment")
    how = {"threshold": limits["threshold"], "calibration": model.segmenter.calibration}
    rows = [row for answer in answers(source, model.segmenter) for row in count(answer, **how)]
    found = summary(table(rows), presence_threshold=limits["presence_threshold"])
    assert found["mIoU"] >= 0.58
    assert found["N-acc"] >= 0.95
