"""How good each single answer is: one number a sample, to sort a gallery by and to compare two systems by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.columns import lists, matrix, numbers, ratios
from remotesam.evaluation.metric import Metric
from remotesam.evaluation.referring import ReferringMetric

SCORES = {
    "ref": "IoU",
    "reason": "IoU",
    "vg": "box IoU",
    "seg": "mean IoU of its classes",
    "det": "F1 at IoU 0.5",
    "det-f1": "F1 at IoU 0.5",
    "obb": "F1 at IoU 0.5",
    "cnt": "share of exact counts",
    "mlc": "share of right labels",
    "mcc": "right or wrong",
    "cap": "ROUGE-L",
}
"""What the number is, by the name of the metric."""


def sample_scores(metric: Metric, rows: pa.Table) -> NDArray[np.float64]:
    """How good each answer is, (S,) in [0, 1], higher is better; NaN where nothing was there and nothing was found.

    Args:
        metric: The metric with its settings.
        rows: Its rows.
    """
    name, settings = metric.name, metric.settings
    if name in ("ref", "reason"):
        return ReferringMetric(**settings).ious(rows)
    if name == "vg":
        shared, predicted, target = (numbers(rows, column) for column in ("intersection", "predicted", "target"))
        empty = ~numbers(rows, "found") & ~numbers(rows, "present")
        return np.where(empty, 1.0, shared / np.maximum(predicted + target - shared, 1e-9))
    if name == "seg":
        return _mean_ious(rows, settings)
    if name in ("det", "det-f1", "obb"):
        return _f1s(name, rows)
    if name == "cnt":
        found, there = lists(rows, "found"), lists(rows, "truths")
        return _means(found.values == there.values, found.sample, rows.num_rows)
    if name == "mlc":
        pairs = zip(rows.column("truth").to_pylist(), rows.column("found").to_pylist(), strict=True)
        wrong = np.array([len(set(truth) ^ set(found)) for truth, found in pairs], np.float64)
        return 1 - wrong / len(settings["categories"])
    if name == "mcc":
        return (numbers(rows, "truth") == numbers(rows, "found")).astype(np.float64)
    return numbers(rows, "rouge_l").astype(np.float64)


def _mean_ious(rows: pa.Table, settings: dict[str, Any]) -> NDArray[np.float64]:
    shared, predicted, target = (
        matrix(rows, column, len(settings["classes"])) for column in ("intersection", "predicted", "target")
    )
    ious = ratios(shared, predicted + target - shared)
    if settings["background_rule"] != "counted":
        ious[:, [name in settings["background"] for name in settings["classes"]]] = np.nan
    known = ~np.isnan(ious)
    return ratios(np.where(known, ious, 0).sum(axis=1), known.sum(axis=1))


def _f1s(name: str, rows: pa.Table) -> NDArray[np.float64]:
    """Of all detections whatever their scores."""
    count = rows.num_rows
    truths = _sums(lists(rows, "truths").values, lists(rows, "truths").sample, count)
    if name == "det-f1":
        hits, found = (_sums(lists(rows, c).values, lists(rows, c).sample, count) for c in ("hits", "found"))
    elif name == "obb":
        judged = lists(rows, "judged")
        hits, found = (_sums(flags, judged.sample, count) for flags in (judged.values == 1, judged.values >= 0))
    else:
        bits = lists(rows, "hits")
        hit, skip = bits.values & 1 == 1, lists(rows, "skips").values & 1 == 1
        hits, found = _sums(hit & ~skip, bits.sample, count), _sums(~skip, bits.sample, count)
    return ratios(2 * hits, found + truths)


def _sums(values: NDArray[Any], sample: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.bincount(sample, values.astype(np.float64), count).astype(np.float64)
    return sums


def _means(values: NDArray[np.bool_], sample: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    return ratios(_sums(values, sample, count), np.bincount(sample, minlength=count))
