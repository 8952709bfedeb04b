"""Sweeps and reliability from counts, against the maps that the counts are of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from remotesam.evaluation.calibration import (
    BINS,
    gate_sweep,
    map_row,
    pixel_reliability,
    reliability,
    threshold_sweep,
)
from remotesam.evaluation.referring import ReferringMetric


def table(maps: list[np.ndarray], targets: list[np.ndarray], presence: list[float] | None = None) -> pa.Table:
    rows = [map_row(one, target) for one, target in zip(maps, targets, strict=True)]
    told = presence or [1.0] * len(rows)
    return pa.Table.from_pylist([row | {"presence": value} for row, value in zip(rows, told, strict=True)])


def test_nothing_scored_has_no_calibration_error():
    told = reliability(np.zeros(0), np.zeros(0, bool))
    assert np.isnan(told.error) and told.counts.sum() == 0


def test_scores_that_mean_what_they_say_have_no_error():
    scores = np.repeat([0.25, 0.75], 4)
    outcomes = np.array([1, 0, 0, 0, 1, 1, 1, 0], bool)
    assert reliability(scores, outcomes, bins=2).error == 0


def test_the_error_is_the_weighted_gap():
    """Three scores of 0.9, of which none is so, and one of 0.1, which is: (3 x 0.9 + 1 x 0.9) / 4."""
    assert reliability(np.array([0.9, 0.9, 0.9, 0.1]), np.array([0, 0, 0, 1], bool)).error == pytest.approx(0.9)


def test_ones_are_in_the_last_bin():
    row = map_row(np.array([[0.0, 1.0]], np.float32), np.array([[False, True]]))
    assert (row["map_pixels"][0], row["map_pixels"][-1], sum(row["map_pixels"])) == (1, 1, 2)
    assert row["map_target_pixels"][-1] == 1


@pytest.mark.parametrize("gate", [None, 0.5])
def test_a_sweep_equals_thresholding_the_maps(gate):
    rng = np.random.default_rng(0)
    maps = [np.floor(rng.random((9, 11)) * 100) / 100 + 0.005 for _ in range(4)]  # never on the edge of a bin
    targets = [rng.random((9, 11)) < share for share in (0.3, 0.6, 0.0, 0.9)]
    presence = [0.9, 0.4, 0.8, 0.7]
    sweep = threshold_sweep(table(maps, targets, presence), presence_threshold=gate)
    assert len(sweep.thresholds) == BINS - 1
    for place, threshold in enumerate(sweep.thresholds):
        found = [(one > threshold) & (gate is None or p > gate) for one, p in zip(maps, presence, strict=True)]
        shared = np.array([(f & t).sum() for f, t in zip(found, targets, strict=True)])
        union = np.array([(f | t).sum() for f, t in zip(found, targets, strict=True)])
        targeted = [bool(t.any()) for t in targets]
        assert sweep.mean_iou[place] == pytest.approx((shared / np.maximum(union, 1))[targeted].mean())
        assert sweep.overall_iou[place] == pytest.approx(shared.sum() / union.sum())


def test_pixels_that_belong_as_often_as_their_probability_says():
    probability = np.repeat([0.125, 0.875], 800).reshape(40, 40)
    target = np.zeros(1600, bool)
    target[:100], target[800:1500] = True, True
    assert pixel_reliability(table([probability], [target.reshape(40, 40)])).error == pytest.approx(0, abs=1e-9)


def test_other_gates_give_what_the_metric_gives_with_them():
    columns = {
        "intersection": [5, 0],
        "predicted": [9, 4],
        "target": [6, 0],
        "presence": [0.6, 0.3],
        "targets": [1, 0],
        "category": ["ship", "ship"],
    }
    rows = pa.table(columns)
    sweep = gate_sweep(ReferringMetric(presence_threshold=0.0), rows, [0.0, 0.5, 0.9])
    assert [sweep[gate]["N-acc"] for gate in (0.0, 0.5, 0.9)] == [0, 1, 1]
    assert [sweep[gate]["T-acc"] for gate in (0.0, 0.5, 0.9)] == [1, 1, 0]
