"""F1 of counts, which detection without scores and counting share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remotesam.evaluation.columns import ratio, ratios


class CountF1(NamedTuple):
    """F1 of counts.

    Attributes:
        classes: (K,) of each class; NaN where nothing is there and nothing was found.
        micro: All classes in one; None where nothing is there and nothing was found.
    """

    classes: NDArray[np.float64]
    micro: float | None


def count_f1(
    classes: NDArray[np.int64],
    found: NDArray[np.int64],
    there: NDArray[np.int64],
    weights: NDArray[np.float64],
    size: int,
) -> CountF1:
    """F1 over a set, where each count gives ``min(found, there)`` hits; the rest of either is wrong or missed.

    Args:
        classes: (N,) the class of each count.
        found: (N,) how many were found.
        there: (N,) how many there are.
        weights: (N,) how often each counts.
        size: K, the number of classes.

    Example:
        >>> count_f1(np.array([0, 0]), np.array([3, 1]), np.array([2, 2]), np.ones(2), 1).micro  # 3 hits of 4 and 4
        0.75
    """
    hits = np.bincount(classes, weights * np.minimum(found, there), size)
    both = np.bincount(classes, weights * (found + there), size)
    return CountF1(ratios(2 * hits, both), ratio(2 * hits.sum(), both.sum()))
