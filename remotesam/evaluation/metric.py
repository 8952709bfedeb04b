"""What every metric is: counts of one sample, kept as a row, and figures of a set, recomputed from such rows."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

T = TypeVar("T")

METRICS: dict[str, str] = {
    "cap": "captions:CaptionMetric",
    "cnt": "counting:CountingMetric",
    "det": "detection:DetectionMetric",
    "det-f1": "confidence_free:ConfidenceFreeMetric",
    "mcc": "labels:SceneMetric",
    "mlc": "labels:LabelsMetric",
    "obb": "oriented:OrientedMetric",
    "reason": "reasoning:ReasoningMetric",
    "ref": "referring:ReferringMetric",
    "seg": "semantic:SemanticMetric",
    "vg": "grounding:GroundingMetric",
}
"""Name of a metric -> its module here and its class. The name is the task's, but for ``det-f1``, a second one of it."""


class Metric(Protocol):
    """One task's measure.

    ``row`` is called once a sample and keeps nothing, so memory does not grow with the set. ``summarise`` recomputes
    every figure from rows alone, so that a dump of rows is a result that anybody can check, split and resample.

    Attributes:
        name: Its key in :data:`METRICS`.
        task: The task that it measures.
        truth_type: What ``row`` takes as truth, one of :mod:`remotesam.evaluation.samples`.
        answer_type: What ``row`` takes as answer; ``answer_type()`` is the answer that finds nothing.
    """

    name: ClassVar[str]
    task: ClassVar[str]
    truth_type: ClassVar[type]
    answer_type: ClassVar[type]

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments that make the same metric again, fit for JSON."""
        ...

    @property
    def rules(self) -> str:
        """What a reader must know about the figures, in one line: protocol, sizes, thresholds, what counts as right."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """Names and types of what ``row`` returns."""
        ...

    def row(self, truth: Any, answer: Any) -> dict[str, Any]:
        """The counts of one sample: numbers and flat lists, by the names of ``schema``.

        Raises:
            ValueError: Truth and answer do not fit each other or the settings.
        """
        ...

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures of a set.

        Args:
            rows: One row a sample, with the columns of ``schema``; others are allowed. Some metrics read ``category``.
            weights: (S,) how often each sample counts, whole numbers >= 0 for a bootstrap; once each by default.

        Returns:
            Name -> value; None stands for what cannot be computed. A part of the set is named after a stroke, as in
            ``mIoU/small``. The same rows give the same names in the same order, whatever the weights.
        """
        ...


def create_metric(name: str, **settings: Any) -> Metric:
    """A metric by its name, from what its ``settings`` were.

    Args:
        name: A key of :data:`METRICS`.
        **settings: Keyword arguments of its class.

    Raises:
        ValueError: There is no such metric, or a setting is out of range.

    Example:
        >>> create_metric("ref", protocol="reference", size=[896, 896]).settings["size"]
        [896, 896]
    """
    if name not in METRICS:
        raise ValueError(f"metric is {name!r}; there are {', '.join(METRICS)}")
    module, _, kind = METRICS[name].partition(":")
    metric: Metric = getattr(import_module(f"remotesam.evaluation.{module}"), kind)(**settings)
    return metric


class RecentTables(Generic[T]):
    """What was made of the two tables seen last, so that a thousand weightings of the same rows read them once.

    Two, because systems are compared by weighting the rows of both in turn.
    """

    def __init__(self, make: Callable[[pa.Table], T]) -> None:
        self._make = make
        self._kept: list[tuple[weakref.ref[pa.Table], T]] = []

    def __call__(self, rows: pa.Table) -> T:
        for reference, value in self._kept:
            if reference() is rows:
                return value
        value = self._make(rows)
        self._kept = [*self._kept[-1:], (weakref.ref(rows), value)]
        return value


def sample_weights(rows: pa.Table, weights: NDArray[Any] | None) -> NDArray[np.float64]:
    """The weights, (S,) float64, ones by default.

    Raises:
        ValueError: They are not one finite number >= 0 a row.
    """
    if weights is None:
        return np.ones(rows.num_rows)
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (rows.num_rows,) or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(
            f"weights are {values.dtype} {values.shape}; give one number >= 0 for each of {rows.num_rows} rows"
        )
    return values
