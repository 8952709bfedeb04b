"""Grounding: one box for a sentence."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from remotesam.results import Instance
from remotesam.tasks.boxes import mask_box
from remotesam.tasks.maps import check_map
from remotesam.tasks.objects import MIN_AREA, ObjectRules, check_contour, find_objects, make_instance, present_mask
from remotesam.tasks.parting import CONTOUR_THRESHOLD, MIN_SHARE, ContourMode

GroundingBox = Literal["best", "union"]


def ground_sentence(
    sentence: str,
    probability: np.ndarray,
    *,
    contour: np.ndarray | None = None,
    box: GroundingBox = "best",
    oriented: bool = False,
    threshold: float = 0.5,
    presence_threshold: float = 0.0,
    contour_mode: ContourMode = "watershed",
    contour_threshold: float = CONTOUR_THRESHOLD,
    min_share: float = MIN_SHARE,
    min_area: int = MIN_AREA,
) -> Instance | None:
    """Answers a sentence with one box, section 4.2 of RemoteSAM (arXiv 2505.18022).

    ``"best"`` takes of the objects in the mask (those that ``detect_instances`` finds) the one with the most
    probability in it, the sum over its pixels, so that specks do not count however certain they are. ``"union"`` is the
    paper's eq. 2 to the letter, the box of the whole mask: right for sentences that mean several objects, but one wrong
    pixel far away moves it.

    Args:
        sentence: What was asked; the category of the answer.
        probability: (H, W) floating in [0, 1].
        contour: (H, W) floating, the probability in [0, 1] that a pixel lies on the outline of an object, or None;
            "union" does not look at it.
        box: "best" or "union".
        oriented: Whether to add the box of smallest area in any direction.
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: Something is there where the score of the map (``remotesam.presence``) is above this, in
            [0, 1]; with "best" also the object's highest probability.
        contour_mode: With "best": "watershed" or "cut", see ``remotesam.tasks.part_mask``.
        contour_threshold: With "best": a pixel is contour above this, in [0, 1].
        min_share: With "best": pieces smaller than this share of the largest one of their component are no objects.
        min_area: With "best": objects of fewer pixels are left out, at least 1.

    Returns:
        The mask with its box and score (the mean probability inside the mask), or None where nothing is there.

    Raises:
        ValueError: The sentence is blank, or a map or an option cannot be used; the message says why.

    Example:
        >>> probability = np.zeros((8, 8), dtype=np.float32)
        >>> probability[2:6, 1:6] = 0.9
        >>> probability[7, 7] = 0.9
        >>> ground_sentence("the ship", probability).box
        (1, 2, 6, 6)
        >>> ground_sentence("the ship", probability, box="union").box
        (1, 2, 8, 8)
    """
    if not isinstance(sentence, str) or not sentence.strip():
        raise ValueError(f"sentence is {sentence!r}; say what to find, such as 'the largest ship'")
    if box not in get_args(GroundingBox):
        raise ValueError(f"box is {box!r}; use one of {', '.join(get_args(GroundingBox))}")
    rules = ObjectRules(
        threshold=threshold,
        presence_threshold=presence_threshold,
        contour_mode=contour_mode,
        contour_threshold=contour_threshold,
        min_share=min_share,
        min_area=min_area,
        oriented=oriented,
    )
    probability = check_map(probability, f"the map of {sentence!r}")
    contour = check_contour(contour, probability.shape)
    if box == "best":
        objects = find_objects(sentence, probability, contour, rules)
        return max(objects, key=lambda one: one.score * one.area, default=None)  # of equal ones the first
    mask = present_mask(probability, rules)
    if mask is None:
        return None
    x1, y1, x2, y2 = mask_box(mask)
    return make_instance(sentence, probability, mask[y1:y2, x1:x2].copy(), x1, y1, oriented=oriented)
