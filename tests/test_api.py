"""RemoteSAM over any segmenter: the public contract."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import remotesam
from remotesam import ImageError, RemoteSAM, Segmentation
from tests.fakes import ColourSegmenter, three_squares


class Answering:
    """A segmenter that answers whatever it was given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def segment(self, image: np.ndarray, expressions: object) -> object:
        return self.answer


@pytest.mark.parametrize("sentence", ["", "   ", "\n\t"])
def test_a_blank_sentence_is_told_with_its_index(sentence: str) -> None:
    model = RemoteSAM(ColourSegmenter())
    with pytest.raises(ValueError, match=r"expressions\[0\] is (empty|blank)"):
        model.segment(three_squares(), sentence)
    with pytest.raises(ValueError, match=r"expressions\[1\] is (empty|blank)"):
        model.segment(three_squares(), ["red", sentence])


@pytest.mark.parametrize(
    ("expressions", "told"),
    [(None, "NoneType"), (5, "int"), (["red", 5], r"\[1\] is a int"), (b"red", "int"), ("\ud800", "Unicode")],
)
def test_what_is_no_sentence_is_told(expressions: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        RemoteSAM(ColourSegmenter()).segment(three_squares(), expressions)  # type: ignore[call-overload]


def test_no_sentences_give_no_results_without_asking() -> None:
    segmenter = ColourSegmenter()
    assert RemoteSAM(segmenter).segment(three_squares(), []) == []
    assert segmenter.calls == []
    with pytest.raises(ImageError):
        RemoteSAM(segmenter).segment("missing.png", [])


def test_one_sentence_gives_one_result() -> None:
    result = RemoteSAM(ColourSegmenter()).segment(three_squares(), "the green square")
    assert isinstance(result, Segmentation)
    assert result.expression == "the green square"
    np.testing.assert_array_equal(result.mask, three_squares()[:, :, 1] > 0)
    assert result.mask.dtype == np.bool_
    assert result.probability.dtype == np.float32
    assert result.probability.shape == (40, 60)
    assert result.present is True
    assert result.area == 100
    assert result.score == 1.0


def test_several_sentences_keep_their_order_in_one_call() -> None:
    segmenter = ColourSegmenter()
    sentences = ("the blue one", "a purple one", "the red one", "the blue one")
    results = RemoteSAM(segmenter).segment(three_squares(), sentences)
    assert [result.expression for result in results] == list(sentences)
    assert [result.present for result in results] == [True, False, True, True]
    assert [result.area for result in results] == [100, 0, 100, 100]
    assert segmenter.calls == [list(sentences)]


@pytest.mark.parametrize("sentence", ["red " * 2500, "red 左边的船", "red 🚢", "red \x00", "красный red", "أحمر red"])
def test_any_words_are_accepted(sentence: str) -> None:
    assert RemoteSAM(ColourSegmenter()).segment(three_squares(), sentence).area == 100


@pytest.mark.parametrize("kind", ["str", "path", "pillow", "uint8", "uint16", "float", "rgba"])
def test_every_kind_of_image_gives_the_same_answer(tmp_path: Path, kind: str) -> None:
    image = three_squares()
    path = tmp_path / "image.png"
    Image.fromarray(image).save(path)
    given = {
        "str": str(path),
        "path": path,
        "pillow": Image.fromarray(image),
        "uint8": image,
        "uint16": image.astype(np.uint16),
        "float": image.astype(np.float64) / 255,
        "rgba": Image.fromarray(image).convert("RGBA"),
    }[kind]
    assert RemoteSAM(ColourSegmenter()).segment(given, "red").area == 100


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "NoneType"),
        (np.zeros((40, 60), dtype=np.float32), r"\(40, 60\).*must return \(1, 40, 60\)"),
        (np.zeros((2, 40, 60), dtype=np.float32), r"\(2, 40, 60\) for 1 expressions"),
        (np.zeros((1, 60, 40), dtype=np.float32), r"must return \(1, 40, 60\)"),
        (np.zeros((1, 40, 60), dtype=np.int64), "int64.*float32"),
        (np.zeros((1, 40, 60), dtype=np.bool_), "bool.*float32"),
        (np.full((1, 40, 60), np.nan, dtype=np.float32), "nan.*finite"),
        (np.full((1, 40, 60), np.inf, dtype=np.float32), "finite"),
        (np.full((1, 40, 60), -3.0, dtype=np.float32), "sigmoid"),
        (np.full((1, 40, 60), 255.0, dtype=np.float32), r"\[0, 1\]"),
    ],
)
def test_a_segmenter_that_breaks_the_contract_is_named(answer: object, told: str) -> None:
    model = RemoteSAM(Answering(answer))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"Answering\.segment returned.*{told}"):
        model.segment(three_squares(), "red")


def test_rounding_beyond_the_range_is_forgiven() -> None:
    answer = np.full((1, 40, 60), 1.00001)
    result = RemoteSAM(Answering(answer)).segment(three_squares(), "red")  # type: ignore[arg-type]
    assert result.probability.max() == 1
    assert result.probability.dtype == np.float32


def test_what_cannot_segment_is_refused() -> None:
    with pytest.raises(TypeError, match="from_pretrained"):
        RemoteSAM("remotesam-mini")  # type: ignore[arg-type]


def test_thresholds_come_from_the_segmenter_the_model_and_the_call() -> None:
    image = three_squares() // 2  # probabilities of 0.498
    segmenter = ColourSegmenter()
    assert not RemoteSAM(segmenter).segment(image, "red").present
    assert RemoteSAM(segmenter, threshold=0.4).segment(image, "red").present
    assert RemoteSAM(segmenter).segment(image, "red", threshold=0.4).present
    assert not RemoteSAM(segmenter, threshold=0.4).segment(image, "red", presence_threshold=0.6).present
    segmenter.threshold = 0.4  # type: ignore[attr-defined]
    segmenter.presence_threshold = 0.45  # type: ignore[attr-defined]
    assert RemoteSAM(segmenter).segment(image, "red").present
    assert not RemoteSAM(segmenter, presence_threshold=0.5).segment(image, "red").present
    assert not RemoteSAM(segmenter).segment(image, "red", threshold=0.5).present


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "high"])
def test_thresholds_outside_their_range_are_told(value: object) -> None:
    model = RemoteSAM(ColourSegmenter())
    with pytest.raises(ValueError, match=r"threshold is .*from 0 to 1"):
        RemoteSAM(ColourSegmenter(), threshold=value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"presence_threshold is .*from 0 to 1"):
        model.segment(three_squares(), "red", presence_threshold=value)  # type: ignore[call-overload]


def test_a_tiny_object_of_a_wrapped_segmenter_counts() -> None:
    image = np.zeros((600, 600, 3), dtype=np.uint8)
    image[300, 300] = 255  # far below 0.2 % of the image
    assert RemoteSAM(ColourSegmenter()).segment(image, "red").area == 1


def test_names_of_the_package() -> None:
    assert set(remotesam.__all__) <= set(dir(remotesam))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        remotesam.Nothing  # noqa: B018
    for name in remotesam.__all__:
        assert getattr(remotesam, name) is not None


def test_the_api_needs_no_torch_for_a_wrapped_segmenter() -> None:
    code = (
        "import sys; from remotesam import RemoteSAM; import numpy as np\n"
        "class S:\n  def segment(self, i, e): return np.ones((len(e), *i.shape[:2]), np.float32)\n"
        "assert RemoteSAM(S()).segment(np.zeros((4, 4), np.uint8), 'x').area == 16\n"
        "assert 'torch' not in sys.modules and 'cv2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
