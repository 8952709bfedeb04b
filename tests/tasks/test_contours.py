"""Contour sources: the gradient of an image, and the pyramid over any source."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.tasks import contours
from remotesam.tasks.contours import ContourSource, PyramidContour, gradient_contour
from remotesam.tasks.parting import part_mask


def image_of(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def half_and_half(left: tuple[int, int, int], right: tuple[int, int, int], size: int = 32) -> np.ndarray:
    image = np.empty((size, size, 3), np.uint8)
    image[:, : size // 2], image[:, size // 2 :] = left, right
    return image


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 2), (40, 61)])
def test_gradients_have_the_size_of_the_image(size: tuple[int, int]) -> None:
    contour = gradient_contour(image_of(*size))
    assert contour.shape == size
    assert contour.dtype == np.float32
    assert 0 <= contour.min() <= contour.max() < 1


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_plain_image_has_no_contour(value: int) -> None:
    assert gradient_contour(np.full((20, 30, 3), value, np.uint8)).max() < 1e-6


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((60, 60, 60), (110, 110, 110)),
        ((150, 60, 60), (60, 60, 150)),  # as bright as each other
        ((100, 100, 100), (120, 120, 120)),  # low contrast: the scale follows
    ],
)
def test_the_contour_lies_on_the_edge(left: tuple[int, int, int], right: tuple[int, int, int]) -> None:
    contour = gradient_contour(half_and_half(left, right))
    assert (contour[:, 15:17] > 0.25).all()
    assert contour[:, :12].max() < 0.05
    assert contour[:, 20:].max() < 0.05


def test_noise_is_no_contour() -> None:
    noise = np.random.default_rng(0).integers(-3, 4, (200, 200, 3))
    assert (gradient_contour((128 + noise).astype(np.uint8)) > 0.25).mean() < 0.02


def test_the_gradient_parts_plain_objects_that_touch() -> None:
    image = np.full((60, 100, 3), 40, np.uint8)
    truth = np.zeros((60, 100), np.int32)
    for number, colour in enumerate([(200, 190, 180), (120, 30, 30), (90, 90, 200)]):
        window = np.s_[15:45, 5 + 30 * number : 35 + 30 * number]
        image[window], truth[window] = colour, number + 1
    labels = part_mask(truth > 0, gradient_contour(cv2.GaussianBlur(image, (0, 0), 0.8)))
    assert labels.max() == 3
    assert np.mean(labels == truth) > 0.98


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_the_image_turns_the_gradient(turns: int) -> None:
    image = cv2.GaussianBlur(image_of(30, 44), (0, 0), 2)
    turned = np.rot90(gradient_contour(np.ascontiguousarray(np.rot90(image, turns))), -turns)
    np.testing.assert_allclose(turned, gradient_contour(image), atol=1e-3)


def test_strips_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_of(75, 20)
    whole = gradient_contour(image)
    monkeypatch.setattr(contours, "_STRIP", 16)
    np.testing.assert_allclose(gradient_contour(image), whole, atol=1e-6)


class Recording:
    """A source that answers with the red band and keeps the sizes it was asked for."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def __call__(self, image: np.ndarray) -> np.ndarray:
        assert image.flags.c_contiguous
        self.sizes.append(image.shape[:2])
        return (image[:, :, 0] / 255).astype(np.float32)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 3), st.integers(0, 30))
@settings(max_examples=60)
def test_a_local_source_is_the_same_in_a_pyramid(height: int, width: int, levels: int, overlap: int) -> None:
    image = image_of(height, width)
    before = image.copy()
    source = Recording()
    contour = PyramidContour(source, levels=levels, overlap=overlap)(image)
    assert contour.shape == (height, width)
    np.testing.assert_allclose(contour, image[:, :, 0] / 255, atol=1e-6)  # every pixel once a level
    np.testing.assert_array_equal(image, before)
    passes = [4**level for level in range(levels + 1) if level == 0 or min(height, width) >> level >= max(overlap, 1)]
    assert len(source.sizes) == sum(passes)


def test_crops_overlap_as_told() -> None:
    source = Recording()
    PyramidContour(source, levels=2)(image_of(800, 600))
    assert source.sizes[0] == (800, 600)
    assert source.sizes[1:5] == [(445, 345)] * 4  # half the image and half the overlap
    assert source.sizes[5] == (245, 195)  # a corner
    assert source.sizes[10] == (290, 240)  # within: the overlap on both sides


def test_rims_of_crops_are_ignored() -> None:
    def rimmed(image: np.ndarray) -> np.ndarray:
        contour = np.zeros(image.shape[:2], np.float32)
        if image.shape[:2] != (400, 400):
            contour[:45], contour[-45:], contour[:, :45], contour[:, -45:] = 1, 1, 1, 1
        return contour

    contour = PyramidContour(rimmed)(np.zeros((400, 400, 3), np.uint8))
    assert contour[45:-45, 45:-45].max() == 0
    assert contour[0].min() == 0.5  # the mean of the whole image's 0 and the part's 1


def test_a_pyramid_of_no_level_is_the_source() -> None:
    image = image_of(200, 210)
    np.testing.assert_array_equal(PyramidContour(gradient_contour, levels=0)(image), gradient_contour(image))


def test_a_source_keeps_what_it_answered() -> None:
    kept = np.zeros((100, 100), np.float32)
    PyramidContour(lambda image: kept[: image.shape[0], : image.shape[1]] + 0, levels=1, overlap=10)(image_of(100, 100))
    source: ContourSource = PyramidContour(lambda image: kept, levels=0)
    source(image_of(100, 100)).fill(1)
    assert kept.max() == 0


@pytest.mark.parametrize("options", [{"levels": -1}, {"overlap": -1}, {"levels": 0.5}])
def test_wrong_options_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(options))} is .*; use a whole number of at least 0"):
        PyramidContour(gradient_contour, **options)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (np.zeros((5, 5), np.float32), r"is \(5, 5\) for an image of \(6, 7\)"),
        (np.full((6, 7), np.nan, np.float32), "values from nan"),
        (np.full((6, 7), 9, np.float32), "values from 9"),
        (None, "is a NoneType"),
    ],
)
def test_a_source_that_breaks_its_contract_is_told(answer: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PyramidContour(lambda image: answer)(np.zeros((6, 7, 3), np.uint8))


@pytest.mark.parametrize("source", [gradient_contour, PyramidContour(gradient_contour)], ids=["gradient", "pyramid"])
@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros((4, 4), np.uint8), r"image is uint8 of \(4, 4\); give a numpy array \(H, W, 3\) of uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"uint8 of \(4, 4, 4\)"),
        (np.zeros((4, 4, 3), np.float32), "image is float32"),
        (np.zeros((4, 0, 3), np.uint8), "at least one pixel"),
        ("harbor.jpg", "image is a str"),
    ],
)
def test_wrong_images_are_told(source: ContourSource, image: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        source(image)
