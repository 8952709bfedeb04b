"""What tasks are made of: the probability maps of many sentences in bounded memory, and one contour map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from remotesam.segmenters.base import Segmenter, check_probabilities

if TYPE_CHECKING:
    from remotesam.tasks.contours import ContourSource

ContourChoice = Literal["auto", "model", "gradient", "none"]
CONTOUR_CHOICES = ("auto", "model", "gradient", "none")
_CHUNK_BYTES = 256 * 2**20


def probability_maps(segmenter: Segmenter, image: np.ndarray, sentences: Sequence[str]) -> Iterator[np.ndarray]:
    """Asks any number of sentences, holding at most 256 MiB of maps (or one map, where that is more).

    Args:
        segmenter: Whom to ask; one that keeps the image's features between calls encodes the image once.
        image: (H, W, 3) uint8 RGB.
        sentences: What to ask.

    Yields:
        (H, W) float32 in [0, 1] for each sentence, in order.

    Raises:
        ValueError: The segmenter broke its contract.
    """
    height, width = image.shape[:2]
    step = max(1, _CHUNK_BYTES // (4 * height * width))
    for start in range(0, len(sentences), step):
        part = list(sentences[start : start + step])
        yield from check_probabilities(
            segmenter.segment(image, part), count=len(part), height=height, width=width, name=type(segmenter).__name__
        )


def contour_map(
    segmenter: Segmenter, image: np.ndarray, contours: ContourChoice | ContourSource = "auto"
) -> np.ndarray | None:
    """Where the outlines of objects are, for parting those that touch.

    Args:
        segmenter: One that may have ``contour(image) -> (H, W)``, unless its ``has_contour`` is false.
        image: (H, W, 3) uint8 RGB.
        contours: "auto" (the segmenter's own where it has some, else none: edges of the image part real objects more
            often than they part neighbours), "model" (the segmenter's own), "gradient" (of the image), "none", or any
            function from image to contour map.

    Returns:
        (H, W) float32 in [0, 1], or None where there are no contours to part by.

    Raises:
        ValueError: The choice is unknown, or the segmenter has no contours of its own.
    """
    if callable(contours):
        return contours(image)
    if contours not in CONTOUR_CHOICES:
        raise ValueError(
            f"contours is {contours!r}; use one of {', '.join(CONTOUR_CHOICES)}, or a function of the image"
        )
    if contours == "none":
        return None
    if contours == "gradient":
        from remotesam.tasks.contours import gradient_contour

        return gradient_contour(image)
    own = getattr(segmenter, "contour", None)
    if callable(own) and getattr(segmenter, "has_contour", True):
        return own(image)
    if contours == "model":
        raise ValueError(f"{type(segmenter).__name__} has no contours of its own; use contours='gradient' or 'none'")
    return None
