"""Referring segmentation: from the probability map of a sentence to its mask, or to "nothing there"."""

from __future__ import annotations

import numpy as np

from remotesam.presence import presence_score
from remotesam.results import Segmentation
from remotesam.tasks.maps import check_map


def segment_referring(
    expression: str, probability: np.ndarray, *, threshold: float = 0.5, presence_threshold: float = 0.0
) -> Segmentation:
    """Decides which pixels belong to what a sentence names, and whether anything is there at all.

    Args:
        expression: The sentence.
        probability: (H, W) floating, in [0, 1].
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: Something is there where the score (``remotesam.presence.presence_score``) is above this
            and at least one pixel belongs; otherwise the mask is entirely empty.

    Returns:
        The mask, and whether there is one.

    Raises:
        ValueError: The map has another shape, type or range, or holds NaN.

    Example:
        >>> probability = np.array([[0.9, 0.2], [0.8, 0.1]], dtype=np.float32)
        >>> segment_referring("the ship", probability, presence_threshold=0.6)
        Segmentation('the ship', present, score 0.90, 2 of 4 pixels)
    """
    probability = check_map(probability, f"the map of {expression!r}")
    mask = probability > threshold
    score = presence_score(probability)
    present = bool(score > presence_threshold and mask.any())
    if not present:
        mask = np.zeros_like(mask)
    return Segmentation(expression=expression, mask=mask, probability=probability, present=present, score=score)
