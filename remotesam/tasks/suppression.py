"""Leaving out what was found twice: instances whose masks cover each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from remotesam.results import Instance

_PAIRS_AT_ONCE = 100_000


def rank(instance: Instance) -> tuple[float, str, int, int, int, int]:
    """What sorts instances: the highest score first, then by category name, then from top to bottom."""
    x1, y1, x2, y2 = instance.box
    return -instance.score, instance.category, y1, x1, y2, x2


def mask_iou(one: Instance, other: Instance) -> float:
    """Pixels that two masks share, over those that either has; only the part where their boxes meet is looked at.

    Returns:
        The share in [0, 1].

    Example:
        >>> left = Instance("ship", 0.9, np.ones((2, 4), dtype=bool), left=0, top=0, image_size=(4, 8))
        >>> right = Instance("boat", 0.8, np.ones((2, 4), dtype=bool), left=2, top=0, image_size=(4, 8))
        >>> round(mask_iou(left, right), 3)
        0.333
    """
    a, b = one.box, other.box
    x1, y1, x2, y2 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    if x1 >= x2 or y1 >= y2:
        return 0.0
    shared = np.count_nonzero(
        one.crop[y1 - a[1] : y2 - a[1], x1 - a[0] : x2 - a[0]]
        & other.crop[y1 - b[1] : y2 - b[1], x1 - b[0] : x2 - b[0]]
    )
    return float(shared / (one.area + other.area - shared))


def suppress_overlaps(instances: Sequence[Instance], max_overlap: float = 0.5) -> list[Instance]:
    """Keeps of instances that overlap the one with the highest score, whatever their categories.

    Goes through the instances by score (of equal ones by category name, then from top to bottom) and leaves out each
    that overlaps one kept before by more than ``max_overlap``, measured as IoU of the masks. So one object found under
    two names ("court", "tennis court") is there once, while a ship stays in its harbor: it covers little of it.

    Args:
        instances: In any order, of one image.
        max_overlap: The IoU in [0, 1] up to which both stay; 1 keeps everything.

    Returns:
        Those kept, by score.

    Raises:
        ValueError: ``max_overlap`` is not in [0, 1], or the instances are of images of different size.

    Example:
        >>> court = Instance("court", 0.8, np.ones((9, 4), dtype=bool), left=0, top=0, image_size=(10, 10))
        >>> same = Instance("tennis court", 0.9, np.ones((10, 4), dtype=bool), left=0, top=0, image_size=(10, 10))
        >>> suppress_overlaps([court, same])
        [Instance('tennis court', score 0.90, box (0, 0, 4, 10), 40 pixels)]
    """
    if not 0 <= max_overlap <= 1:
        raise ValueError(f"max_overlap is {max_overlap}; use a number in [0, 1]")
    sizes = sorted({instance.image_size for instance in instances})
    if len(sizes) > 1:
        raise ValueError(f"instances are of images of the sizes {sizes}; give those of one image")
    ordered = sorted(instances, key=rank)
    if len(ordered) < 2 or max_overlap == 1:
        return ordered
    better, worse = _pairs(ordered, max_overlap)
    kept = np.ones(len(ordered), dtype=bool)
    for one in np.unique(better).tolist():
        if kept[one]:
            start, stop = np.searchsorted(better, [one, one + 1])
            for other in worse[start:stop][kept[worse[start:stop]]].tolist():
                kept[other] = mask_iou(ordered[one], ordered[other]) <= max_overlap
    return [instance for instance, stays in zip(ordered, kept, strict=True) if stays]


def _pairs(instances: Sequence[Instance], max_overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """The pairs i < j, ordered by i, whose boxes and areas allow an IoU above ``max_overlap``.

    A sweep: in the order of their left edges, each box meets only those after it that begin before it ends.
    """
    boxes = np.array([instance.box for instance in instances])
    order = np.argsort(boxes[:, 0], kind="stable")
    x1, y1, x2, y2 = boxes[order].T
    areas = np.array([instance.area for instance in instances])[order]
    following = np.searchsorted(x1, x2) - np.arange(len(order)) - 1
    total = np.cumsum(following)
    found = [np.empty((2, 0), dtype=np.intp)]
    start = 0
    while start < len(order):
        before = int(total[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + _PAIRS_AT_ONCE, side="right")))
        counts = following[start:stop]
        one = np.repeat(np.arange(start, stop), counts)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        width = np.minimum(x2[one], x2[other]) - x1[other]
        height = np.minimum(y2[one], y2[other]) - np.maximum(y1[one], y1[other])
        most = np.minimum(width * np.maximum(height, 0), np.minimum(areas[one], areas[other]))
        # IoU grows with what is shared, of which `most` is the upper bound; the slack is for rounding.
        least = (1 - 1e-9) * max_overlap * (areas[one] + areas[other] - most)
        possible = (most > 0) & (most >= least)
        found.append(np.sort(np.stack([order[one[possible]], order[other[possible]]]), axis=0))
        start = stop
    better, worse = np.concatenate(found, axis=1)
    by_better = np.lexsort((worse, better))
    return better[by_better], worse[by_better]
