"""Masks from the answers of a referring segmenter, restricted to the boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from remotesam.data.expressions import CANONICAL
from remotesam.data.segmentation import Outlines
from remotesam.data.sources.maskers.base import outlines_within, region_of, windows
from remotesam.data.vocabulary import canonical


class Segmenter(Protocol):
    """What is needed of a segmenter: the contract of ``remotesam.segmenters``, which this package does not import."""

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """(N, H, W) float32 probabilities in [0, 1] of N sentences on an (H, W, 3) uint8 image."""
        ...


class SegmenterMasker:
    """Asks a segmenter for "{category} in the image", and takes of its answer what lies in the box.

    Args:
        segmenter: Anything with ``segment(image, expressions)``.
        name: Who it is.
        threshold: Probability from which a pixel belongs to the object, in (0, 1); the segmenter's own where None.
        window: Side in pixels of the windows that larger images are cut into.
        margin: Share of the sides of a box by which the mask may reach beyond it.

    Raises:
        ValueError: The threshold is no probability.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        *,
        name: str,
        threshold: float | None = None,
        window: int = 1024,
        margin: float = 0.0,
    ) -> None:
        self.segmenter = segmenter
        self.name = name
        self.threshold = float(getattr(segmenter, "threshold", 0.5)) if threshold is None else threshold
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold is {self.threshold}; it takes a probability between 0 and 1")
        self.window = window
        self.margin = margin

    def mask(
        self, image: np.ndarray, boxes: np.ndarray, corners: Sequence[np.ndarray | None], categories: Sequence[str]
    ) -> list[Outlines]:
        """Makes the masks; see :class:`~remotesam.data.sources.maskers.base.BoxMasker`."""
        made: list[Outlines] = [((), ())] * len(boxes)
        for (left, top, right, bottom), members in windows(boxes, image.shape[:2], side=self.window):
            names = list(dict.fromkeys(canonical(categories[index]) for index in members))
            sentences = [CANONICAL.format(name=name) for name in names]
            crop = np.ascontiguousarray(image[top:bottom, left:right])
            maps = dict(zip(names, self.segmenter.segment(crop, sentences), strict=True))
            for index in members:
                mask = maps[canonical(categories[index])] >= self.threshold
                region = region_of(boxes[index], corners[index], self.margin)
                made[index] = outlines_within(mask, region, left=left, top=top)
        return made
