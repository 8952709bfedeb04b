"""Average precision of weighted samples, from the places of the right answers in a ranking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remotesam.evaluation.columns import Lists

Interpolation = Callable[[NDArray[np.float64], NDArray[np.float64]], float]
_RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Ranking:
    """The detections of one class over a set, by falling score.

    Several ways of judging them (IoU thresholds) are kept side by side. Only the places of hits are looked at one by
    one: precision falls between them and recall does not change, so they alone shape the curve.

    Attributes:
        sample: (D,) the row that each detection is of.
        hits: For each way of judging, the places in the ranking of detections that are right.
        skips: For each, the places of those that count neither as right nor as wrong.
        truth_sample: (G,) rows with objects of the class.
        truth_number: (G,) how many of them count.
    """

    sample: NDArray[np.int64]
    hits: list[NDArray[np.int64]]
    skips: list[NDArray[np.int64]]
    truth_sample: NDArray[np.int64]
    truth_number: NDArray[np.int64]

    @classmethod
    def of(cls, sample: NDArray[np.int64], hit: NDArray[np.bool_], skip: NDArray[np.bool_], truths: Lists) -> Ranking:
        """From flags.

        Args:
            sample: (D,) as in the attributes.
            hit: (T, D) whether each detection is right, for each way of judging.
            skip: (T, D) whether it counts at all.
            truths: How many objects count, and in which rows.
        """
        shown = ~skip.all(axis=0)  # those that never count are dropped
        hit, skip = hit[:, shown] & ~skip[:, shown], skip[:, shown]
        places = [[np.flatnonzero(way) for way in flags] for flags in (hit, skip)]
        return cls(sample[shown], places[0], places[1], truths.sample, truths.values)

    def curves(self, weights: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]] | None:
        """Recall and precision at the hits, for each way of judging; None where no object weighs.

        Args:
            weights: (S,) how often each row counts.
        """
        objects = float(weights[self.truth_sample] @ self.truth_number)
        if not objects:
            return None
        weight = weights[self.sample]
        counted = np.cumsum(weight)
        curves = []
        for hits, skips in zip(self.hits, self.skips, strict=True):
            right, so_far = np.cumsum(weight[hits]), counted[hits]
            if skips.size:
                skipped = np.concatenate([[0.0], np.cumsum(weight[skips])])
                so_far = so_far - skipped[np.searchsorted(skips, hits)]
            curves.append((right / objects, right / np.where(so_far, so_far, 1)))
        return curves


def interpolated(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
    """COCO's average: of the best precision at or beyond each of the recalls 0, 0.01 ... 1.

    Example:
        >>> round(interpolated(np.array([0.5]), np.array([1.0])), 4)  # 51 of 101 recalls are reached
        0.505
    """
    place = np.searchsorted(recall, _RECALLS)
    reached = place < len(recall)
    best = _envelope(precision)
    return float(best[place[reached]].sum() / len(_RECALLS))


def area_under(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
    """PASCAL VOC's average at all points: the area under the best precision at or beyond each recall.

    Example:
        >>> area_under(np.array([0.25, 0.5]), np.array([1.0, 0.5]))
        0.375
    """
    return float(np.diff(recall, prepend=0.0) @ _envelope(precision))


def uninterpolated(right: NDArray[np.bool_], scores: NDArray[np.float64], weights: NDArray[np.float64]) -> float | None:
    """Average precision of a ranking without interpolation, where equal scores share one place.

    Args:
        right: (N,) whether each is right.
        scores: (N,) the higher the earlier.
        weights: (N,) how often each counts.

    Returns:
        The sum of precision times gain in recall over all places; None where nothing right weighs.

    Example:
        >>> uninterpolated(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]), np.ones(3))
        0.8333333333333333
    """
    order = np.argsort(-scores, kind="stable")
    weight = weights[order]
    hits = np.cumsum(weight * right[order])
    if not hits.size or not hits[-1]:
        return None
    last = np.flatnonzero(np.diff(scores[order], append=np.nan) != 0)  # NaN differs from everything
    counted = np.cumsum(weight)[last]
    precision = hits[last] / np.where(counted, counted, 1)
    return float(np.diff(hits[last] / hits[-1], prepend=0.0) @ precision)


def _envelope(precision: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum.accumulate(precision[::-1])[::-1]
