"""Contour maps: where the outlines of objects are, whatever the objects. One interface, several sources."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import cv2
import numpy as np

from remotesam.tasks.maps import check_map

OVERLAP = 90
_SIGMA = 1.0
_FULL_SLOPE, _LEAST_SLOPE = 12.0, 2.0
_STRIP, _MARGIN = 1024, 8
_SAMPLES = 1_000_000


class ContourSource(Protocol):
    """Any function from an image to the probability that a pixel lies on the outline of an object.

    Sources here: ``RmsinSegmenter.contour`` (of a network trained on outlines), ``gradient_contour``, ``DirectSam``,
    and a ``PyramidContour`` over any of them.
    """

    def __call__(self, image: np.ndarray, /) -> np.ndarray:
        """(H, W, 3) uint8 RGB -> (H, W) float32 in [0, 1]."""
        ...


def gradient_contour(image: np.ndarray) -> np.ndarray:
    """Contours from the image alone, where no network tells them: the gradient of its colours.

    The steepest slope of the smoothed L*a*b* colours in any direction (Di Zenzo, 1986), g in CIE76 units a pixel,
    becomes p = g / (g + 3 s), which is 0.25 at the slope s = 12. Where the contrast is low, s is 0.9 of the 99th
    percentile of g, but at least 2, so that noise stays low.

    Sees edges within objects (windows, markings) like those between them, so it helps where objects are plain and
    touch each other, and parts single objects where they are not: prefer a network's contours. Edges are sought at the
    scale of a pixel; of an image much finer than its objects, give a reduced one.

    Args:
        image: (H, W, 3) uint8 RGB.

    Returns:
        (H, W) float32 in [0, 1).

    Raises:
        ValueError: The image has another shape or type.

    Example:
        >>> image = np.zeros((8, 8, 3), dtype=np.uint8)
        >>> image[:, 4:] = 255
        >>> gradient_contour(image)[0].astype(float).round(2).tolist()
        [0.0, 0.07, 0.29, 0.47, 0.47, 0.29, 0.07, 0.0]
    """
    check_image(image)
    height, width = image.shape[:2]
    slopes = np.empty((height, width), dtype=np.float32)
    for top in range(0, height, _STRIP):  # bounds the memory on large images
        above, below = max(0, top - _MARGIN), min(height, top + _STRIP + _MARGIN)
        strip = _slope(image[above:below])
        slopes[top : top + _STRIP] = strip[top - above : top - above + _STRIP]
    step = max(1, slopes.size // _SAMPLES)
    scale = np.clip(0.9 * np.percentile(slopes.reshape(-1)[::step], 99), _LEAST_SLOPE, _FULL_SLOPE)
    slopes /= slopes + np.float32(3 * scale)
    return slopes


def _slope(image: np.ndarray) -> np.ndarray:
    """(H, W) float32, the steepest slope of the colours, in L*a*b* units a pixel."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    xx, yy, xy = np.zeros((3, *image.shape[:2]), dtype=np.float32)
    for band in cv2.split(cv2.GaussianBlur(lab, (0, 0), _SIGMA)):
        across, down = cv2.Scharr(band, -1, 1, 0, scale=1 / 32), cv2.Scharr(band, -1, 0, 1, scale=1 / 32)
        cv2.accumulateSquare(across, xx)
        cv2.accumulateSquare(down, yy)
        cv2.accumulateProduct(across, down, xy)
    return np.sqrt(((xx + yy) + np.hypot(xx - yy, 2 * xy)) / 2)


class PyramidContour:
    """The mean of a source's contours of the whole image and of its enlarged parts, as EPOC does for fine detail.

    Level k asks for 2^k x 2^k parts. Neighbouring parts overlap, and of each the inner rims are ignored, up to the
    middle of the overlap. A level whose parts would be smaller than the overlap is left out: small images have none.

    Args:
        source: What is asked, best one that works at a fixed input size, so that a part is seen larger.
        levels: How many levels there are besides the whole image, 0 or more; each asks 4^k times.
        overlap: Of neighbouring parts, in pixels, 0 or more.

    Raises:
        ValueError: ``levels`` or ``overlap`` is below 0.

    Example:
        >>> source = PyramidContour(gradient_contour, levels=2)
        >>> source(np.zeros((600, 800, 3), dtype=np.uint8)).shape
        (600, 800)
    """

    def __init__(self, source: ContourSource, *, levels: int = 1, overlap: int = OVERLAP) -> None:
        for name, value in (("levels", levels), ("overlap", overlap)):
            if value < 0 or value != int(value):
                raise ValueError(f"{name} is {value}; use a whole number of at least 0")
        self.source = source
        self.levels = int(levels)
        self.overlap = int(overlap)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Averages the levels.

        Args:
            image: (H, W, 3) uint8 RGB.

        Returns:
            (H, W) float32 in [0, 1].

        Raises:
            ValueError: The image has another shape or type, or the source breaks its contract.
        """
        check_image(image)
        total = self._ask(image).copy()
        passes = 1
        for level in range(1, self.levels + 1):
            parts = 2**level
            if min(image.shape[:2]) // parts < max(self.overlap, 1):
                break
            self._add_level(total, image, parts)
            passes += 1
        total /= passes
        return total

    def _add_level(self, total: np.ndarray, image: np.ndarray, parts: int) -> None:
        """Adds the contours of parts x parts crops: each to its own cell of a grid, which the crop exceeds."""
        for top, bottom, above, below in _cells(image.shape[0], parts, self.overlap):
            for left, right, before, after in _cells(image.shape[1], parts, self.overlap):
                crop = self._ask(image[above:below, before:after])
                total[top:bottom, left:right] += crop[top - above : bottom - above, left - before : right - before]

    def _ask(self, image: np.ndarray) -> np.ndarray:
        contour = check_map(self.source(np.ascontiguousarray(image)), "the source's contour")
        if contour.shape != image.shape[:2]:
            raise ValueError(f"the source's contour is {contour.shape} for an image of {image.shape[:2]}")
        return contour


def _cells(length: int, parts: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """Along one side, for each part: start and stop of its cell, then of its crop, which is clipped to the image."""
    edges = [length * part // parts for part in range(parts + 1)]
    before, after = (overlap + 1) // 2, overlap // 2
    return [(start, stop, max(0, start - before), min(length, stop + after)) for start, stop in pairwise(edges)]


def check_image(image: np.ndarray) -> None:
    """Checks that an image is (H, W, 3) uint8 with at least one pixel.

    Raises:
        ValueError: It is not.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        found = f"{image.dtype} of {image.shape}" if isinstance(image, np.ndarray) else f"a {type(image).__name__}"
        raise ValueError(f"image is {found}; give a numpy array (H, W, 3) of uint8 (remotesam.images.read_image)")
    if image.size == 0:
        raise ValueError(f"image has the shape {image.shape}; give at least one pixel")
