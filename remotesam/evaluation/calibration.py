"""Whether scores mean what they say, and what other thresholds would give: from the counts in the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.columns import matrix

BINS = 20
"""Bins of equal width that the probabilities of pixels are counted in."""

MAP_SCHEMA = pa.schema(
    [
        pa.field("map_pixels", pa.list_(pa.int64()), nullable=False),
        pa.field("map_target_pixels", pa.list_(pa.int64()), nullable=False),
    ]
)
"""Columns of a sample with a probability map: pixels in each bin, and those of them that belong to the target."""


def map_row(probability: NDArray[np.floating], target: NDArray[np.bool_]) -> dict[str, list[int]]:
    """The columns of :data:`MAP_SCHEMA` for one sample.

    Args:
        probability: (H, W) floating, in [0, 1].
        target: (H, W) bool.

    Example:
        >>> row = map_row(np.array([[0.0, 0.93, 1.0]]), np.array([[False, False, True]]))
        >>> row["map_pixels"][0], row["map_pixels"][18:], row["map_target_pixels"][18:]
        (1, [1, 1], [0, 1])
    """
    index = np.minimum((probability * BINS).astype(np.uint8), BINS - 1)
    every = np.bincount(index.reshape(-1), minlength=BINS)
    inside = np.bincount(index[target], minlength=BINS)
    return {"map_pixels": every.tolist(), "map_target_pixels": inside.tolist()}


@dataclass(frozen=True)
class Reliability:
    """How often things come true at each score.

    Attributes:
        scores: (B,) mean score in each bin; NaN for an empty one.
        shares: (B,) share of it that came true; NaN for an empty bin.
        counts: (B,) how much is in each bin.
    """

    scores: NDArray[np.float64]
    shares: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: mean of |score - share|, each bin weighing what is in it; NaN for nothing."""
        some = self.counts > 0
        if not some.any():
            return float("nan")
        return float(np.average(np.abs(self.scores - self.shares)[some], weights=self.counts[some]))


def reliability(scores: NDArray[Any], outcomes: NDArray[np.bool_], *, bins: int = 10) -> Reliability:
    """Reliability of scores in bins of equal width.

    Args:
        scores: (N,) in [0, 1].
        outcomes: (N,) whether it came true.
        bins: Their number.

    Example:
        >>> told = reliability(np.array([0.25, 0.25, 0.75]), np.array([False, True, True]), bins=2)
        >>> told.shares.tolist(), told.counts.tolist(), round(told.error, 3)
        ([0.5, 1.0], [2, 1], 0.25)
    """
    index = np.minimum((np.asarray(scores, np.float64) * bins).astype(np.int64), bins - 1)
    counts = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = np.bincount(index, weights=scores, minlength=bins) / counts
        shares = np.bincount(index, weights=outcomes, minlength=bins) / counts
    return Reliability(means, shares, counts)


def pixel_reliability(rows: pa.Table) -> Reliability:
    """Reliability of the probabilities of pixels; the score of a bin is its middle.

    Raises:
        ValueError: The rows have no probability maps.
    """
    every = matrix(rows, "map_pixels", BINS).sum(axis=0)
    inside = matrix(rows, "map_target_pixels", BINS).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return Reliability((np.arange(BINS) + 0.5) / BINS, inside / every, every)


@dataclass(frozen=True)
class Sweep:
    """Figures of referring segmentation at several pixel thresholds and one gate.

    Attributes:
        thresholds: (T,) a pixel belongs from this probability on.
        mean_iou: (T,) mean IoU of the samples with a target; NaN where there is none.
        overall_iou: (T,) sum of intersections over sum of unions of all samples.
    """

    thresholds: NDArray[np.float64]
    mean_iou: NDArray[np.float64]
    overall_iou: NDArray[np.float64]


def threshold_sweep(rows: pa.Table, *, presence_threshold: float | None = None) -> Sweep:
    """What other pixel thresholds would give, at the size at which masks were compared.

    Args:
        rows: Samples with probability maps.
        presence_threshold: The gate, which stays as it is; None for no gate.

    Raises:
        ValueError: The rows have no probability maps.
    """
    predicted = _from_above(matrix(rows, "map_pixels", BINS))
    intersection = _from_above(matrix(rows, "map_target_pixels", BINS))
    target = intersection[:, :1]
    if presence_threshold is not None:
        kept = rows.column("presence").to_numpy()[:, None] > presence_threshold
        predicted, intersection = predicted * kept, intersection * kept
    union = predicted + target - intersection
    iou = intersection / np.maximum(union, 1)
    targeted = target[:, 0] > 0
    mean = iou[targeted].mean(axis=0) if targeted.any() else np.full(BINS, np.nan)
    with np.errstate(invalid="ignore"):
        overall = intersection.sum(axis=0) / union.sum(axis=0)
    # At 0 every pixel belongs: that says nothing.
    return Sweep(np.arange(1, BINS) / BINS, mean[1:], overall[1:])


def gate_sweep(metric: Any, rows: pa.Table, gates: Sequence[float]) -> dict[float, dict[str, float | None]]:
    """The figures of a metric with a presence gate at other gates; see ``ReferringMetric``."""
    settings = metric.settings
    return {gate: type(metric)(**{**settings, "presence_threshold": gate}).summarise(rows) for gate in gates}


def _from_above(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S, B) -> (S, B): how much is in each bin and those above."""
    return counts[:, ::-1].cumsum(axis=1)[:, ::-1]
