"""Choices at test time: which sentences allow which, presets, and averaging over views."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remotesam import RemoteSAM
from remotesam.checkpoints import CheckpointError, parse_config
from remotesam.data.expressions import ALL, EXTREMES, PLACE_PHRASES, SIZES
from remotesam.inference import Inference, may_be_flipped, may_be_tiled
from remotesam.rasters.ask import Question, ask_unit
from remotesam.rasters.tile_store import LEVELS, to_bytes
from remotesam.rasters.work import segmenter_identity
from remotesam.segmenters.views import AveragingSegmenter, spans

DIRECTED = [phrase for key, phrases in PLACE_PHRASES.items() if key != "middle" for phrase in phrases]
EXTREME = [phrase.format(name="ship") for phrases in EXTREMES.values() for phrase in phrases]


@pytest.mark.parametrize("words", [*(f"the ship {phrase}" for phrase in DIRECTED), *EXTREME, "cars NORTH of the road"])
def test_directions_forbid_flips_and_tiles(words: str) -> None:
    assert not may_be_flipped(words)
    assert not may_be_tiled(words)


@pytest.mark.parametrize("words", [phrase.format(name="ship") for phrases in SIZES.values() for phrase in phrases])
def test_comparisons_forbid_tiles_alone(words: str) -> None:
    assert may_be_flipped(words)
    assert not may_be_tiled(words)


@pytest.mark.parametrize("words", PLACE_PHRASES["middle"])
def test_the_middle_forbids_tiles_alone(words: str) -> None:
    assert may_be_flipped(f"the ship {words}")
    assert not may_be_tiled(f"the ship {words}")


@pytest.mark.parametrize("form", ALL)
@pytest.mark.parametrize("name", ["ship", "baseball diamond", "ground track field", "storage tank"])
def test_categories_allow_both(form: str, name: str) -> None:
    words = form.format(name=name, plural=f"{name}s")
    assert may_be_flipped(words)
    assert may_be_tiled(words)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"size": 16}, "size is 16; use at least 32"),
        ({"size": True}, "size is True"),
        ({"size": "large"}, "size is 'large'"),
        ({"flips": 1}, "flips is 1; use true or false"),
        ({"speed": 1}, "does not name choices of size, tiles, flips"),
        (3, "does not name choices"),
    ],
)
def test_wrong_choices_name_the_field(values: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Inference.from_dict(values)


def test_what_is_given_goes_before_a_preset() -> None:
    preset = Inference(size=640, flips=True)
    assert preset.changed(size=512, flips=False, tiles=None) == Inference(size=512)
    assert Inference.from_dict(preset.to_dict()) == preset
    assert Inference().to_dict() == {}


@pytest.mark.parametrize(("length", "tile"), [(1, 8), (8, 8), (9, 8), (100, 8), (1000, 512), (1025, 512)])
def test_tiles_cover_everything_and_overlap(length: int, tile: int) -> None:
    pieces = list(spans(length, tile))
    assert (pieces[0].start, pieces[-1].stop) == (0, length)
    assert all(piece.stop - piece.start == min(tile, length) for piece in pieces)
    assert all(b.start <= a.stop - tile // 5 for a, b in itertools.pairwise(pieces))


class Red:
    """What is red, brightened to the left by the sentence "tilted", which is an error that flips undo."""

    threshold = 0.3
    has_contour = True

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, list[str]]] = []

    def segment(self, image: np.ndarray, expressions: list[str]) -> np.ndarray:
        self.asked.append((*image.shape[:2], list(expressions)))
        red = image[:, :, 0].astype(np.float32) / 510
        slope = np.linspace(0.4, 0.0, image.shape[1], dtype=np.float32)
        return np.stack([red + (slope if "tilted" in words else 0) for words in expressions])

    def contour(self, image: np.ndarray) -> np.ndarray:
        return image[:, :, 1].astype(np.float32) / 255


def picture(height: int = 50, width: int = 80) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("tile", [None, 16, 40, 60, 200])
@pytest.mark.parametrize("flips", [False, True])
def test_a_local_answer_is_the_same_from_all_views(tile: int | None, flips: bool) -> None:
    image = picture()
    averaging = AveragingSegmenter(Red(), tile=tile, flips=flips)
    found = averaging.segment(image, ["all ships", "the largest ship", "the ship on the left"])
    np.testing.assert_allclose(found, Red().segment(image, ["ship"] * 3), atol=1e-5)
    np.testing.assert_allclose(averaging.contour(image), Red().contour(image), atol=1e-5)
    assert averaging.threshold == 0.3
    assert averaging.segment(image, []).shape == (0, 50, 80)


def test_flips_average_errors_of_direction_away() -> None:
    image = picture()
    found = AveragingSegmenter(Red(), flips=True).segment(image, ["tilted ships", "tilted ships on the left"])
    straight, slope = Red().segment(image, ["ships"])[0], np.linspace(0.4, 0, 80)[None]
    np.testing.assert_allclose(found[0], straight + 0.2, atol=1e-5)
    np.testing.assert_allclose(found[1], straight + slope, atol=1e-5)


def test_sentences_that_need_the_whole_see_the_whole() -> None:
    red = Red()
    AveragingSegmenter(red, tile=40).segment(picture(), ["all ships", "the largest ship"])
    assert (50, 80, ["the largest ship"]) in red.asked
    assert all(words == ["all ships"] and max(h, w) <= 40 for h, w, words in red.asked if (h, w) != (50, 80))
    red.asked.clear()
    AveragingSegmenter(red, tile=60).segment(picture(), ["all ships"])  # not much larger than a tile
    assert red.asked == [(50, 80, ["all ships"])]


class Together(Red):
    """Also answers images together, as a segmenter on a GPU does."""

    def segment_batch(
        self, images: Sequence[np.ndarray], expressions: Sequence[str], *, contour: bool = False
    ) -> tuple[np.ndarray, np.ndarray | None]:
        return np.stack([self.segment(image, expressions) for image in images]), None


def test_tiles_of_a_raster_are_mirrored_too() -> None:
    tiles = [(picture(), np.ones((50, 80), dtype=bool))] * 2
    question = Question(("tilted ships",))
    plain, mirrored = (
        ask_unit(AveragingSegmenter(Together(), flips=flips), question, tiles, ["", ""])[1].layers[0]
        for flips in (False, True)
    )
    straight, slope = Red().segment(picture(), ["ships"])[0], np.linspace(0.4, 0, 80)[None]
    np.testing.assert_array_equal(plain, to_bytes(np.clip(straight + slope, 0, 1)))
    np.testing.assert_allclose(mirrored / LEVELS, straight + 0.2, atol=1 / LEVELS)


def test_answers_are_kept_apart_by_how_an_image_is_looked_at(tiny_checkpoint: Path) -> None:
    models = [
        RemoteSAM.from_pretrained(tiny_checkpoint, **choice)  # type: ignore[arg-type]
        for choice in ({}, {"size": 96}, {"flips": True}, {"tiles": True}, {"precision": "bf16"}, {})
    ]
    names = [segmenter_identity(model.segmenter) for model in models]
    assert len(set(names)) == 5 and names[0] == names[-1]


@pytest.fixture
def with_presets(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "presets")
    config = json.loads((folder / "config.json").read_text())
    config["presets"] = {"fast": {"size": 32}, "accurate": {"size": 96, "tiles": True, "flips": True}}
    config["task_thresholds"] = {"detect": {"threshold": 0.2}}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_presets_of_a_checkpoint(with_presets: Path, tiny_checkpoint: Path) -> None:
    image = picture(200, 180)
    fast = RemoteSAM.from_pretrained(with_presets, preset="fast", precision="float32")
    by_hand = RemoteSAM.from_pretrained(tiny_checkpoint, size=32, precision="float32")
    assert fast.segmenter.preprocessing.size == 32  # type: ignore[attr-defined]
    probabilities = [model.segment(image, "all ships").probability for model in (fast, by_hand)]
    np.testing.assert_array_equal(*probabilities)
    assert fast.thresholds("detect")["threshold"] == 0.2
    accurate = RemoteSAM.from_pretrained(with_presets, preset="accurate", flips=False).segmenter
    assert isinstance(accurate, AveragingSegmenter)
    assert (accurate.tile, accurate.flips) == (96, False)
    with pytest.raises(ValueError, match=r"no preset 'fast' \(it has: none\)"):
        RemoteSAM.from_pretrained(tiny_checkpoint, preset="fast")
    with pytest.raises(ValueError, match="size is 8; use at least 32"):
        RemoteSAM.from_pretrained(tiny_checkpoint, size=8)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("presets", [], "field 'presets' is"),
        ("presets", {"quick": {}}, "presets has 'quick'; there are fast, accurate"),
        ("presets", {"fast": {"size": 8}}, "presets.fast: size is 8"),
        ("task_thresholds", {"fly": {}}, "task_thresholds has 'fly'; there are segment"),
        ("task_thresholds", {"detect": {"gate": 1}}, "task_thresholds.detect is .* give threshold and presence"),
        ("task_thresholds", {"detect": {"threshold": 2}}, "task_thresholds.detect: threshold is 2.0"),
        ("calibration", {"kind": "temperature", "temperature": -1}, "calibration.temperature is -1.0"),
    ],
)
def test_wrong_fields_of_a_configuration_are_told(
    tiny_config: dict[str, Any], field: str, value: Any, told: str
) -> None:
    with pytest.raises(CheckpointError, match=told):
        parse_config({"format": 1, **tiny_config, field: value})
