"""Detection: from the probability maps of categories to single objects, without a detection head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from remotesam.options import fraction, fractions
from remotesam.results import Instance, Instances
from remotesam.tasks.maps import check_categories, each_map
from remotesam.tasks.objects import MIN_AREA, ObjectRules, check_contour, find_objects
from remotesam.tasks.parting import CONTOUR_THRESHOLD, MIN_SHARE, ContourMode
from remotesam.tasks.suppression import suppress_overlaps

MAX_OVERLAP = 0.5


def detect_instances(
    maps: Iterable[np.ndarray],
    categories: Sequence[str],
    *,
    contour: np.ndarray | None = None,
    oriented: bool = False,
    threshold: float = 0.5,
    presence_threshold: float | Sequence[float] = 0.0,
    contour_mode: ContourMode = "watershed",
    contour_threshold: float = CONTOUR_THRESHOLD,
    min_share: float = MIN_SHARE,
    min_area: int = MIN_AREA,
    max_overlap: float = MAX_OVERLAP,
) -> Instances:
    """Finds the objects of some categories, section 4.2 of RemoteSAM (arXiv 2505.18022).

    Category by category: the presence gate of eq. 1 (for the map, and for each object in it), the threshold, parts
    along the contours (EPOC), and the box of each part by eq. 2. Then, over all categories, of objects whose masks
    cover each other the one with the highest score stays (``remotesam.tasks.suppression``).

    Args:
        maps: (N, H, W) floating in [0, 1], or anything that gives N maps (H, W) one after the other; one is held at a
            time, beside the masks of what was found.
        categories: N names, each once. The result does not depend on their order.
        contour: (H, W) floating, the probability in [0, 1] that a pixel lies on the outline of an object; one for all
            categories. None leaves touching objects together: objects are the 4-connected components.
        oriented: Whether to add the box of smallest area in any direction.
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: A category is there where the score of its map (``remotesam.presence``) is above this, an
            object where its highest probability is; in [0, 1], for all categories or one for each.
        contour_mode: "watershed" (no object shrinks) or "cut", see ``remotesam.tasks.part_mask``.
        contour_threshold: A pixel is contour above this, in [0, 1].
        min_share: Pieces smaller than this share of the largest one of their component are no objects, in [0, 1].
        min_area: Objects of fewer pixels are left out, at least 1.
        max_overlap: The IoU of masks in [0, 1] up to which two objects both stay; 1 keeps all.

    Returns:
        The objects with mask, box and score (the mean probability inside the mask), the highest score first, of equal
        ones by category name, then from top to bottom.

    Raises:
        ValueError: A map, the contour map, a category or an option cannot be used; the message says why.

    Example:
        >>> maps = np.zeros((2, 8, 8), dtype=np.float32)
        >>> maps[0, 2:4, 1:6] = 0.9
        >>> maps[1, 6, 7] = 0.8
        >>> ship, buoy = detect_instances(maps, ["ship", "buoy"], min_area=1)
        >>> ship
        Instance('ship', score 0.90, box (1, 2, 6, 4), 10 pixels)
        >>> buoy.box
        (7, 6, 8, 7)
    """
    names = check_categories(categories)
    max_overlap = fraction(max_overlap, "max_overlap")
    gates = fractions(presence_threshold, len(names), "presence_threshold")
    rules = ObjectRules(
        threshold=threshold,
        contour_mode=contour_mode,
        contour_threshold=contour_threshold,
        min_share=min_share,
        min_area=min_area,
        oriented=oriented,
    )
    found: list[Instance] = []
    outline: np.ndarray | None = None
    for index, (category, probability) in enumerate(each_map(maps, names)):
        if index == 0:
            image_size = (int(probability.shape[0]), int(probability.shape[1]))
            outline = check_contour(contour, probability.shape)
        of_category = replace(rules, presence_threshold=gates[index])
        found.extend(find_objects(category, probability, outline, of_category))
    return Instances(suppress_overlaps(found, max_overlap), image_size=image_size, categories=names)
