"""Fitting how presence scores become probabilities, and choosing the operating point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from remotesam.calibration import Calibration

_KNOTS = 64
_RANGE = (-3.0, 3.0)  # of the decimal logarithm of the temperature


def fit_calibration(
    scores: NDArray[np.floating], present: NDArray[np.bool_], *, kind: Literal["temperature", "isotonic"]
) -> Calibration:
    """Fits a calibration to answers of which the truth is known.

    Args:
        scores: (N,) presence scores in [0, 1].
        present: (N,) whether the target was there.
        kind: "temperature" has one parameter and minimises the cross entropy; "isotonic" follows the shares that were
            there (scikit-learn's isotonic regression) and needs some hundred answers.

    Raises:
        ValueError: There are no answers of either sort, or the kind is unknown.
        ModuleNotFoundError: scikit-learn is missing, for "isotonic".
    """
    if scores.shape != present.shape or scores.ndim != 1:
        raise ValueError(f"scores are {scores.shape} and present {present.shape}; give two lists of one length")
    if present.all() or not present.any():
        raise ValueError(
            f"{present.sum()} of {present.size} targets are there; a calibration needs some of either sort"
        )
    if kind == "temperature":
        return _temperature(scores.astype(np.float64), present)
    if kind == "isotonic":
        return _isotonic(scores.astype(np.float64), present)
    raise ValueError(f"kind is {kind!r}; use 'temperature' or 'isotonic'")


def _temperature(scores: NDArray[np.float64], present: NDArray[np.bool_]) -> Calibration:
    from scipy.optimize import minimize_scalar

    bounded = np.clip(scores, 1e-7, 1 - 1e-7)
    margins = np.where(present, 1.0, -1.0) * np.log(bounded / (1 - bounded))

    def entropy(logarithm: float) -> float:
        return float(np.logaddexp(0.0, -margins / 10.0**logarithm).mean())

    found = minimize_scalar(entropy, bounds=_RANGE, method="bounded")
    return Calibration(kind="temperature", temperature=round(float(10.0**found.x), 4))


def _isotonic(scores: NDArray[np.float64], present: NDArray[np.bool_]) -> Calibration:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0, y_max=1).fit_transform(scores, present.astype(np.float64))
    # A knot for each level, at the mean score of what is on it: between them straight lines, so that the map rises.
    levels, level = np.unique(fitted, return_inverse=True)
    middles = np.bincount(level, weights=scores) / np.bincount(level)
    knots = [(0.0, 0.0)]
    for middle, share in zip(np.round(middles, 5), np.round(levels, 5), strict=True):
        if knots[-1][0] < middle < 1 and knots[-1][1] < share < 1:
            knots.append((float(middle), float(share)))
    while len(knots) > _KNOTS:
        knots = [knots[0], *knots[2::2]]
    knots.append((1.0, 1.0))
    return Calibration(kind="isotonic", scores=tuple(k[0] for k in knots), shares=tuple(k[1] for k in knots))


@dataclass(frozen=True)
class OperatingPoint:
    """A gate and what it gives.

    Attributes:
        gate: Something is there where the score is above this.
        n_acc: Share of absent targets that are called absent.
        t_acc: Share of present targets that are called present.
    """

    gate: float
    n_acc: float
    t_acc: float


def operating_point(scores: NDArray[np.floating], present: NDArray[np.bool_], *, n_acc: float = 0.97) -> OperatingPoint:
    """The smallest gate that calls enough of the absent targets absent; so the fewest present ones are lost.

    Args:
        scores: (N,) in [0, 1].
        present: (N,) whether the target was there.
        n_acc: The share to reach, in [0, 1].

    Raises:
        ValueError: No target is absent.

    Example:
        >>> scores, present = np.array([0.1, 0.3, 0.6, 0.9]), np.array([False, False, True, True])
        >>> operating_point(scores, present, n_acc=1.0)
        OperatingPoint(gate=0.45, n_acc=1.0, t_acc=1.0)
    """
    absent = np.sort(np.asarray(scores, np.float64)[~present])
    if not absent.size:
        raise ValueError("no target is absent; an operating point needs sentences about what is not there")
    needed = int(np.ceil(n_acc * absent.size - 1e-9))
    low = float(absent[needed - 1]) if needed else 0.0
    above = np.asarray(scores, np.float64)
    above = above[above > low]
    # Halfway to the next score: no answer sits on the gate itself.
    gate = (low + float(above.min())) / 2 if above.size else low
    found = np.asarray(scores) > gate
    shares = float((~found[~present]).mean()), float(found[present].mean()) if present.any() else float("nan")
    return OperatingPoint(gate=round(gate, 6), n_acc=shares[0], t_acc=shares[1])
