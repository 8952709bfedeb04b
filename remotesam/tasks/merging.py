"""Merging the small regions of a labelled image into their neighbours."""

from __future__ import annotations

import heapq

import numpy as np


def merge_small(labels: np.ndarray, contour: np.ndarray, *, min_share: float) -> np.ndarray:
    """Merges regions until none is smaller than a share of the largest, smallest first.

    A region joins the neighbour with which it shares the weakest border: the lowest mean, over pairs of touching
    pixels, of the higher contour of the two; of equal ones the longest, then the lower label.

    Args:
        labels: (H, W) int, 0 outside, 4-connected regions 1 .. N that are connected with each other.
        contour: (H, W) floating.
        min_share: In [0, 1].

    Returns:
        (H, W) int32; a merged region has the label of one of its parts.

    Example:
        >>> labels = np.array([[1, 1, 1, 1, 2, 3, 3, 3]])
        >>> merge_small(labels, np.array([[0, 0, 0, 0.2, 0.3, 0.9, 0, 0]]), min_share=0.5)
        array([[1, 1, 1, 1, 1, 3, 3, 3]], dtype=int32)
    """
    areas = np.bincount(labels.ravel()).tolist()
    areas[0] = 0
    largest = max(areas)
    queue = [(area, region) for region, area in enumerate(areas) if area]
    heapq.heapify(queue)
    if not queue or queue[0][0] >= min_share * largest:
        return labels.astype(np.int32)
    borders = _borders(labels, contour, len(areas))
    parent = list(range(len(areas)))
    while queue:
        area, region = heapq.heappop(queue)
        if parent[region] != region or areas[region] != area:
            continue  # an entry from before a merger
        if area >= min_share * largest:
            break
        target = min(borders[region], key=lambda other: _weakness(borders[region][other], other))
        _join(borders, region, target)
        parent[region] = target
        areas[target] += area
        largest = max(largest, areas[target])
        heapq.heappush(queue, (areas[target], target))
    return _roots(parent)[labels]


_Borders = list[dict[int, tuple[float, int]]]


def _borders(labels: np.ndarray, contour: np.ndarray, count: int) -> _Borders:
    """For every region its neighbours, each with the sum of the contour along the border and its length in pixels."""
    keys, heights = [], []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = labels[one], labels[other]
        here = (a != b) & (a > 0) & (b > 0)
        a, b = a[here].astype(np.int64), b[here]
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
        heights.append(np.maximum(contour[one], contour[other])[here])
    pairs, index = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(index, weights=np.concatenate(heights), minlength=len(pairs)).tolist()
    lengths = np.bincount(index, minlength=len(pairs)).tolist()
    borders: _Borders = [{} for _ in range(count)]
    for pair, total, length in zip(pairs.tolist(), sums, lengths, strict=True):
        a, b = divmod(pair, count)
        borders[a][b] = borders[b][a] = (total, length)
    return borders


def _weakness(border: tuple[float, int], other: int) -> tuple[float, int, int]:
    """What sorts the weakest border first; means are rounded, so that equal ones are equal."""
    total, length = border
    return round(total / length, 6), -length, other


def _join(borders: _Borders, region: int, target: int) -> None:
    """Gives the borders of a region to its neighbour."""
    for other, (total, length) in borders[region].items():
        del borders[other][region]
        if other != target:
            before = borders[target].get(other, (0.0, 0))
            borders[target][other] = borders[other][target] = (before[0] + total, before[1] + length)
    borders[region] = {}


def _roots(parent: list[int]) -> np.ndarray:
    """For every region the one that it ended in."""
    for region in range(len(parent)):
        root = region
        while parent[root] != root:
            root = parent[root]
        while parent[region] != root:
            parent[region], region = root, parent[region]
    return np.array(parent, dtype=np.int32)
