"""The segmenter over a network: any size, any number of sentences, the image encoded once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from remotesam.checkpoints import Preprocessing
from remotesam.networks import build_network
from remotesam.segmenters import Segmenter
from remotesam.segmenters.rmsin import RmsinSegmenter, input_size
from tests.networks.small import EARLY

SENTENCES = ["all airplanes", "the ship on the left", "the largest storage tank", "something else entirely"]


@pytest.fixture(scope="module")
def segmenter(tiny_checkpoint: Path) -> RmsinSegmenter:
    return RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", precision="float32", max_batch=3)


def image_of(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_no_sentences_give_no_maps(segmenter: RmsinSegmenter) -> None:
    assert segmenter.segment(image_of(20, 30), []).shape == (0, 20, 30)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (33, 57), (64, 64), (500, 40), (90, 301)])
def test_probabilities_have_the_size_of_the_image(segmenter: RmsinSegmenter, size: tuple[int, int]) -> None:
    maps = segmenter.segment(image_of(*size), SENTENCES[:2])
    assert maps.shape == (2, *size)
    assert maps.dtype == np.float32
    assert np.isfinite(maps).all()
    assert maps.min() >= 0
    assert maps.max() <= 1


def test_it_is_a_segmenter(segmenter: RmsinSegmenter) -> None:
    assert isinstance(segmenter, Segmenter)
    assert (segmenter.threshold, segmenter.presence_threshold) == (0.4, 0.3)


@pytest.mark.parametrize("max_batch", [1, 2, 3, 100])
def test_together_or_one_at_a_time_is_the_same(segmenter: RmsinSegmenter, max_batch: int) -> None:
    image = image_of(70, 110)
    one_by_one = np.concatenate([segmenter.segment(image, [sentence]) for sentence in SENTENCES])
    before = segmenter.max_batch
    segmenter.max_batch = max_batch
    try:
        together = segmenter.segment(image, SENTENCES)
    finally:
        segmenter.max_batch = before
    assert np.abs(together - one_by_one).max() <= 1e-5
    assert np.abs(one_by_one[0] - one_by_one[1]).max() > 1e-4  # the sentences matter


def test_equal_sentences_are_computed_once_and_answered_each(
    segmenter: RmsinSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    decode = segmenter.network.decode_words

    def counting(features: Any, words: torch.Tensor, *rest: Any) -> torch.Tensor:
        asked.append(len(words))
        return decode(features, words, *rest)

    monkeypatch.setattr(segmenter.network, "decode_words", counting)
    maps = segmenter.segment(image_of(40, 40), ["all airplanes", "the ship", "all airplanes"])
    assert asked == [2]
    np.testing.assert_array_equal(maps[0], maps[2])
    assert not np.array_equal(maps[0], maps[1])


def test_the_same_image_is_encoded_once(segmenter: RmsinSegmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[torch.Size] = []
    encode = segmenter.network.encode_image

    def counting(images: torch.Tensor) -> Any:
        encoded.append(images.shape)
        return encode(images)

    monkeypatch.setattr(segmenter.network, "encode_image", counting)
    image = image_of(40, 50, seed=1)
    first = segmenter.segment(image, SENTENCES[:1])
    np.testing.assert_array_equal(segmenter.segment(image.copy(), SENTENCES[:1]), first)
    assert len(encoded) == 1
    image[0, 0] ^= 255  # changed in place: another image
    segmenter.segment(image, SENTENCES[:1])
    segmenter.segment(image.reshape(50, 40, 3), SENTENCES[:1])  # the same bytes in another shape
    assert len(encoded) == 3


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (33, 57), (64, 64), (500, 40), (90, 301)])
def test_contours_have_the_size_of_the_image(segmenter: RmsinSegmenter, size: tuple[int, int]) -> None:
    assert segmenter.has_contour
    contour = segmenter.contour(image_of(*size))
    assert contour.shape == size
    assert contour.dtype == np.float32
    assert 0 <= contour.min() <= contour.max() <= 1


def test_contours_are_the_sigmoid_of_the_networks_logits(segmenter: RmsinSegmenter) -> None:
    image = image_of(64, 64, seed=2)
    features = segmenter.network.encode_image(segmenter._preprocess(image))
    assert features.contour is not None
    expected = 1 / (1 + np.exp(-segmenter.network.upsample(features.contour, features)[0, 0].detach().numpy()))
    np.testing.assert_allclose(segmenter.contour(image), expected, atol=1e-5)


def test_contours_need_no_other_encoding_than_the_sentences(
    segmenter: RmsinSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[torch.Size] = []
    encode = segmenter.network.encode_image

    def counting(images: torch.Tensor) -> Any:
        encoded.append(images.shape)
        return encode(images)

    monkeypatch.setattr(segmenter.network, "encode_image", counting)
    image = image_of(40, 50, seed=3)
    maps = segmenter.segment(image, SENTENCES[:1])
    contour = segmenter.contour(image)
    assert len(encoded) == 1
    np.testing.assert_array_equal(segmenter.contour(image), contour)  # the kept features were not changed
    np.testing.assert_array_equal(segmenter.segment(image, SENTENCES[:1]), maps)
    assert len(encoded) == 1


def test_a_network_without_contours_says_so(segmenter: RmsinSegmenter) -> None:
    published = RmsinSegmenter(
        network=build_network(EARLY), tokenizer=segmenter.tokenizer, preprocessing=segmenter.preprocessing, device="cpu"
    )
    assert not published.has_contour
    with pytest.raises(ValueError, match="RMSIN has no contour output; use remotesam"):
        published.contour(image_of(20, 20))


@pytest.mark.parametrize("sentence", ["ship " * 2000, "左边的船", "🚢🚢🚢", "корабль", "\x00\ufffd", "?!"])
def test_any_words_get_an_answer(segmenter: RmsinSegmenter, sentence: str) -> None:
    assert np.isfinite(segmenter.segment(image_of(32, 32), [sentence])).all()


@pytest.mark.parametrize(
    ("size", "mode", "expected"),
    [
        ((600, 1200), "native", (224, 448)),
        ((448, 300), "native", (448, 300)),
        ((100, 50), "native", (200, 100)),  # at most twice as large
        ((1, 1), "native", (2, 2)),
        ((10_000, 1), "native", (448, 1)),
        ((600, 1200), "resize", (448, 448)),
        ((1, 1), "resize", (448, 448)),
    ],
)
def test_input_size(size: tuple[int, int], mode: Any, expected: tuple[int, int]) -> None:
    assert input_size(*size, Preprocessing(mode=mode, size=448)) == expected


def test_the_network_sees_normalised_rgb(tiny_checkpoint: Path) -> None:
    segmenter = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", precision="float32")
    red = np.zeros((64, 32, 3), dtype=np.uint8)
    red[:, :, 0] = 255
    seen = segmenter._preprocess(red)
    assert seen.shape == (1, 3, 64, 32)
    expected = [(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225]
    np.testing.assert_allclose(seen[0, :, 5, 5].numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_lower_precision_is_close(tiny_checkpoint: Path, segmenter: RmsinSegmenter, precision: str) -> None:
    low = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", precision=precision)
    image = image_of(64, 64)
    assert np.abs(low.segment(image, SENTENCES) - segmenter.segment(image, SENTENCES)).mean() < 0.02


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"device": "gpu"}, "device 'gpu' cannot be used"),
        ({"device": "meta"}, "device 'meta' cannot be used"),
        ({"device": "cuda:99"}, "device 'cuda:99' cannot be used"),
        ({"precision": "int8"}, "precision is 'int8'; use one of float32, bf16, fp16"),
        ({"max_batch": 0}, "max_batch is 0"),
    ],
)
def test_wrong_options_are_told(tiny_checkpoint: Path, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        RmsinSegmenter.from_folder(tiny_checkpoint, **options)


def test_several_images_at_once_are_answered_as_one_by_one(tiny_checkpoint: Path) -> None:
    segmenter = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", max_batch=2)
    images = list(np.random.default_rng(0).integers(0, 256, (3, 40, 56, 3), np.uint8))
    sentences = ["all airplanes", "the ship on the left"]
    maps, contours = segmenter.segment_batch(images, sentences, contour=True)
    assert contours is not None
    assert (maps.shape, contours.shape) == ((3, 2, 40, 56), (3, 40, 56))
    for image, own, contour in zip(images, maps, contours, strict=True):
        np.testing.assert_allclose(own, segmenter.segment(image, sentences), atol=1e-4)
        np.testing.assert_allclose(contour, segmenter.contour(image), atol=1e-4)
    assert segmenter.segment_batch(images, sentences)[1] is None


def test_moves_and_travels_to_other_processes(tiny_checkpoint: Path) -> None:
    segmenter = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu")
    image = np.zeros((40, 56, 3), np.uint8)
    expected = segmenter.segment(image, ["all airplanes"])
    copy = pickle.loads(pickle.dumps(segmenter))
    np.testing.assert_array_equal(copy.to("cpu").segment(image, ["all airplanes"]), expected)
    assert copy.tile_size == 64
    with pytest.raises(ValueError, match="device"):
        segmenter.to("meta")
