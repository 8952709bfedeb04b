"""One function for all results, and those that stand in a strip below the image."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remotesam.visualize as package
from remotesam.results import Caption, Classification, Counts, Instances, Segmentation, SemanticMap
from remotesam.visualize import COLOURS, draw, draw_caption, draw_classification, draw_map
from remotesam.visualize.colours import rgb
from tests.visualize.conftest import GREY, grey, rectangle

SIZE = (32, 48)
ONE = rectangle("ship", 5, 5, 10, 10, size=SIZE)
MASK = ONE.mask
SEGMENTATION = Segmentation("all ships", MASK, MASK.astype(np.float32), present=True, score=0.9)
SEMANTIC = SemanticMap(MASK.astype(np.uint8), MASK[None].astype(np.float32), ("ship",), np.ones(1), np.ones(1, bool))
ON_THE_IMAGE = {
    "one sentence": SEGMENTATION,
    "sentences": [SEGMENTATION, SEGMENTATION],
    "instances": Instances([ONE], image_size=SIZE),
    "chosen instances": [ONE],
    "an instance": ONE,
    "counts": Counts({"ship": 1}, Instances([ONE], image_size=SIZE)),
    "semantic": SEMANTIC,
}
BELOW_IT = {
    "nothing found": None,
    "no instances": Instances(image_size=SIZE, categories=["ship"]),
    "classification": Classification(("ship",), {"ship": 0.8, "harbor": 0.1}, "ship", multi_label=True),
    "caption": Caption("A ship lies in the harbor.", {}),
}


@pytest.mark.parametrize("result", [*ON_THE_IMAGE.values(), *BELOW_IT.values()], ids=[*ON_THE_IMAGE, *BELOW_IT])
def test_every_result_can_be_drawn(result: Any) -> None:
    image = grey(*SIZE)
    drawn, plain = draw(image, result), draw(image, result, legend=False)
    assert (image == GREY).all()
    assert plain.shape == image.shape
    assert drawn.dtype == plain.dtype == np.uint8
    assert drawn.shape[1] == 480
    assert drawn.shape[0] > 320
    on_it = any(result is one for one in ON_THE_IMAGE.values())
    assert (plain != GREY).any() == on_it
    assert (drawn[:320] != GREY).any() == on_it
    assert drawn[320:].max() > 150  # there is writing on the strip
    plain[:] = 0
    assert (image == GREY).all()  # what is returned is nobody else's


@pytest.mark.parametrize("result", [ONE, Instances([ONE], image_size=SIZE), SEGMENTATION, SEMANTIC, [ONE]])
def test_a_result_of_another_image_is_told(result: Any) -> None:
    with pytest.raises(ValueError, match=r"\(32, 48\), the image \(48, 32\) \(height, width\); draw results on"):
        draw(grey(48, 32), result)


@pytest.mark.parametrize("result", [{"ship": 1}, "a caption", [ONE, SEGMENTATION], MASK, 3])
def test_what_is_no_result_is_told(result: Any) -> None:
    with pytest.raises(TypeError, match=r"result is a (dict|str|list|ndarray|int); draw takes"):
        draw(grey(*SIZE), result)


@pytest.mark.parametrize("result", [*ON_THE_IMAGE.values(), *BELOW_IT.values()], ids=[*ON_THE_IMAGE, *BELOW_IT])
@pytest.mark.parametrize("image", [np.zeros((32, 48)), np.zeros((32, 48, 3)), np.zeros((0, 0, 3), np.uint8), "a.png"])
def test_what_is_no_image_is_told(image: Any, result: Any) -> None:
    with pytest.raises(ValueError, match=r"image is .*; give"):
        draw(image, result)


@pytest.mark.parametrize("size", [(16, 16), (300, 500), (2000, 1500)])
def test_bars_are_as_long_as_their_scores(size: tuple[int, int]) -> None:
    scores = {"ship": 0.9, "harbor": 0.45, "car": 0.0, "tree": 1.0}
    drawn = draw_classification(grey(*size), Classification(("tree", "ship", "harbor"), scores, "tree", True))
    strip = drawn[size[0] * -(-480 // max(size)) :]
    pixels = {
        category: np.count_nonzero((strip == rgb(COLOURS[place])).all(axis=2)) for place, category in enumerate(scores)
    }
    assert pixels["car"] == 0
    assert pixels["ship"] / pixels["tree"] == pytest.approx(0.9, abs=0.02)
    assert pixels["harbor"] / pixels["tree"] == pytest.approx(0.45, abs=0.02)


def test_a_label_that_does_not_hold_has_no_colour() -> None:
    scores = {"ship": 0.9, "harbor": 0.8}
    strip = draw_classification(grey(480, 480), Classification((), scores, None, False))[480:]
    assert not (strip == rgb(COLOURS[0])).all(axis=2).any()
    assert not (strip == rgb(COLOURS[1])).all(axis=2).any()


def test_a_thousand_categories_show_the_best_twenty() -> None:
    scores = {f"category {number}": number / 1000 for number in range(1000)}
    many = draw_classification(grey(480, 480), Classification((), scores, None, True))
    few = draw_classification(grey(480, 480), Classification((), dict(list(scores.items())[:20]), None, True))
    assert 0 < many.shape[0] - few.shape[0] < 30


@pytest.mark.parametrize("text", ["", "A ship.", "Two ships. " * 100, "船" * 300, "x" * 5000, "a\nb\tc\x00"])
@pytest.mark.parametrize("size", [16, 512, 1600])
def test_captions_are_wrapped_below_the_image(text: str, size: int) -> None:
    drawn = draw_caption(grey(size, size), Caption(text, {}))
    factor = -(-480 // size)
    assert drawn.shape[1] == size * factor
    assert 15 < drawn.shape[0] - size * factor < 3 * drawn.shape[1]
    assert drawn[size * factor :, -5:].max() < 60  # nothing runs off the side


def test_maps_go_from_dark_to_bright() -> None:
    drawn = draw_map(np.linspace(0, 1, 256, dtype=np.float32)[None])
    assert drawn.shape == (1, 256, 3)
    light = drawn[0].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > -1).all()
    assert light[0] < 2
    assert light[-1] > 230


@pytest.mark.parametrize("bad", [np.full((2, 2), np.nan), np.full((2, 2), 3.0), np.zeros(4), np.zeros((2, 2), int)])
def test_a_map_that_is_none_is_told(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="values has"):
        draw_map(bad)


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(package.__path__)])
def test_examples_in_the_documentation_are_true(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = importlib.import_module(f"remotesam.visualize.{module}")
    assert doctest.testmod(loaded, extraglobs={"np": np}).failed == 0


@pytest.mark.parametrize("result", [*ON_THE_IMAGE.values(), *BELOW_IT.values()], ids=[*ON_THE_IMAGE, *BELOW_IT])
def test_letters_can_be_larger(result: Any) -> None:
    usual, large = draw(grey(*SIZE), result), draw(grey(*SIZE), result, text_scale=2)
    assert large.shape[0] - 320 > 1.7 * (usual.shape[0] - 320)
    for bad in (0, 5, float("nan")):
        with pytest.raises(ValueError, match=r"text_scale is .*; use a number from 0\.5 to 4"):
            draw(grey(*SIZE), result, text_scale=bad)
