"""Fitting how presence scores become probabilities, and choosing the operating point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remotesam.calibration import Calibration, CalibrationKind

_KNOTS = 64
_RANGE = (-3.0, 3.0)  # of the decimal logarithm of the temperature
SPREAD = 1.5


def fit_calibration(
    scores: NDArray[np.floating],
    present: NDArray[np.bool_],
    *,
    kind: CalibrationKind,
    categories: Sequence[str] | None = None,
    details: NDArray[np.bool_] | None = None,
    spread: float = SPREAD,
) -> Calibration:
    """Fits a calibration to answers of which the truth is known.

    Args:
        scores: (N,) presence scores in [0, 1].
        present: (N,) whether the target was there.
        kind: "temperature" has one parameter and minimises the cross entropy; "isotonic" follows the shares that were
            there (scikit-learn's isotonic regression) and needs some hundred answers; "logistic" has a slope and an
            intercept, an offset for each of ``categories`` and one for ``details``: the most probable ones if offsets
            are normal with mean 0 and the standard deviation ``spread``, so that a category of few answers stays near
            the others.
        categories: For "logistic", (N,) the category that each answer is about; None for no offsets.
        details: For "logistic", (N,) whether the sentence compares, counts or places objects; None for no offset.
        spread: Above 0; the default had the least cross entropy in tenfold cross-validation of the bundled model.

    Raises:
        ValueError: There are no answers of either sort, the kind is unknown, or a number cannot be used.
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
    if kind == "logistic":
        given = [""] * scores.size if categories is None else list(categories)
        if len(given) != scores.size:
            raise ValueError(f"there are {len(given)} categories for {scores.size} scores; give one for each")
        detailed = np.zeros(scores.size, dtype=bool) if details is None else details
        return _logistic(scores.astype(np.float64), present, given, detailed, spread)
    raise ValueError(f"kind is {kind!r}; use 'temperature', 'isotonic' or 'logistic'")


def _temperature(scores: NDArray[np.float64], present: NDArray[np.bool_]) -> Calibration:
    from scipy.optimize import minimize_scalar

    margins = np.where(present, 1.0, -1.0) * _logits(scores)

    def entropy(logarithm: float) -> float:
        return float(np.logaddexp(0.0, -margins / 10.0**logarithm).mean())

    found = minimize_scalar(entropy, bounds=_RANGE, method="bounded")
    return Calibration(kind="temperature", temperature=round(float(10.0**found.x), 4))


def _logits(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(scores, 1e-7, 1 - 1e-7)
    return np.asarray(np.log(bounded / (1 - bounded)))


def _logistic(
    scores: NDArray[np.float64],
    present: NDArray[np.bool_],
    categories: Sequence[str],
    details: NDArray[np.bool_],
    spread: float,
) -> Calibration:
    from scipy.optimize import minimize

    if not spread > 0:
        raise ValueError(f"spread is {spread}; use a number above 0")
    names, number = np.unique(categories, return_inverse=True)
    # A column for each parameter: the score, one, whether there are details, and the categories.
    columns = np.column_stack([_logits(scores), np.ones(scores.size), details, np.eye(len(names))[number]])
    columns[:, 3:] *= len(names) > 1
    strength = np.array([0.0, 0.0, *[1 / spread**2] * (columns.shape[1] - 2)])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = columns @ weights
        error = 1 / (1 + np.exp(-z)) - present
        value = (np.logaddexp(0.0, z) - present * z).sum() + (strength * weights**2).sum() / 2
        return float(value), columns.T @ error + strength * weights

    start = np.zeros(columns.shape[1])
    bounds = [(1e-3, 1e3), *[(-50.0, 50.0)] * (start.size - 1)]
    start[0] = 1.0
    slope, *rest = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    intercept, detail, *offsets = (round(float(value), 3) for value in rest)
    by_name = {str(name): offset for name, offset in zip(names, offsets, strict=True) if offset}
    return Calibration(
        kind="logistic", slope=round(float(slope), 4), intercept=intercept, details=detail, offsets=by_name
    )


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
