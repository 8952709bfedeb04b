"""Segmenters without a network, whose answers are known beforehand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

COLOURS = {"red": 0, "green": 1, "blue": 2}


class ColourSegmenter:
    """Finds "red", "green" and "blue" pixels by their band; nothing for other words. Counts its calls."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """The band whose colour the sentence names, as probabilities."""
        assert image.dtype == np.uint8
        assert image.ndim == 3
        self.calls.append(list(expressions))
        maps = []
        for expression in expressions:
            band = next((index for colour, index in COLOURS.items() if colour in expression), None)
            maps.append(np.zeros(image.shape[:2]) if band is None else image[:, :, band] / 255)
        return np.stack(maps).astype(np.float32)


def three_squares() -> np.ndarray:
    """(40, 60, 3) uint8: a red, a green and a blue square of 100 pixels each on black."""
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    for band in range(3):
        image[10:20, 5 + 20 * band : 15 + 20 * band, band] = 255
    return image
