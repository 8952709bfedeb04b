"""Intervals and paired differences by resampling images."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from remotesam.evaluation.bootstrap import confidence_intervals, draw_weights, paired_differences
from remotesam.evaluation.referring import ReferringMetric

METRIC = ReferringMetric()


def rows_of(intersections: list[int], images: list[str] | None = None) -> pa.Table:
    """Samples with a target of 100 pixels, of which so many were found and nothing else."""
    count = len(intersections)
    columns = {
        "id": [f"s{number}" for number in range(count)],
        "image": images or [f"i{number}" for number in range(count)],
        "category": ["ship"] * count,
        "intersection": intersections,
        "predicted": intersections,
        "target": [100] * count,
        "presence": [1.0] * count,
        "targets": [1] * count,
    }
    return pa.table(columns)


def test_no_sample_has_no_interval():
    assert confidence_intervals(METRIC, rows_of([]).cast(rows_of([1]).schema)) == {}


def test_samples_of_an_image_are_drawn_together():
    images = pa.array(["b", "a", "b", "a", "c"])
    for weights in draw_weights(images, draws=50, seed=3):
        assert weights[0] == weights[2] and weights[1] == weights[3]
        assert weights[0] + weights[1] + weights[4] == 3


def test_one_image_has_an_interval_without_width():
    told = confidence_intervals(METRIC, rows_of([10, 90], ["a", "a"]), draws=20)["mIoU"]
    assert (told.low, told.high) == pytest.approx((0.5, 0.5))


def test_an_interval_is_that_of_the_mean():
    """Of 400 independent samples with mean 0.5 and deviation 0.2887: half-width 1.96 x 0.2887 / 20 = 0.0283."""
    rng = np.random.default_rng(0)
    told = confidence_intervals(METRIC, rows_of(rng.integers(0, 101, 400).tolist()), draws=2000)["mIoU"]
    assert (told.high - told.low) / 2 == pytest.approx(0.0283, rel=0.08)


def test_samples_in_one_image_make_intervals_wider():
    values = [0, 100] * 40
    apart = confidence_intervals(METRIC, rows_of(values), draws=300)["mIoU"]
    clusters = [f"i{number % 2}{number // 20}" for number in range(80)]  # images are good or bad throughout
    together = confidence_intervals(METRIC, rows_of(values, clusters), draws=300)["mIoU"]
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_a_seed_gives_the_same_intervals():
    rows = rows_of([3, 50, 80, 95])
    assert confidence_intervals(METRIC, rows, draws=50, seed=5) == confidence_intervals(METRIC, rows, draws=50, seed=5)
    assert confidence_intervals(METRIC, rows, draws=50, seed=5) != confidence_intervals(METRIC, rows, draws=50, seed=6)


def test_what_few_draws_can_compute_has_no_interval():
    """One image in a hundred shows a plane: most draws of 100 images hold it, but of three in a thousand few do."""
    rows = rows_of([50] * 3)
    nothing = rows.set_column(rows.column_names.index("target"), "target", pa.array([0, 0, 0]))
    assert "T-acc" not in confidence_intervals(METRIC, nothing, draws=30)


@pytest.mark.parametrize(("change", "told"), [({"draws": 0}, "draws is 0"), ({"level": 1.0}, "level is 1.0")])
def test_numbers_out_of_range_are_refused(change, told):
    with pytest.raises(ValueError, match=told):
        confidence_intervals(METRIC, rows_of([1, 2]), **change)


def test_a_system_does_not_differ_from_itself():
    rows = rows_of([3, 50, 80])
    told = paired_differences((METRIC, rows), (METRIC, rows), draws=40)["mIoU"]
    assert told.first == told.second
    assert (told.difference, told.interval.low, told.interval.high) == (0, 0, 0)


def test_a_steady_gain_has_a_narrow_interval_though_samples_differ_much():
    values = [0, 20, 40, 60, 80]
    first, second = rows_of(values), rows_of([value + 10 for value in values])
    told = paired_differences((METRIC, first), (METRIC, second), draws=200)["mIoU"]
    assert told.difference == pytest.approx(0.1)
    assert (told.interval.low, told.interval.high) == pytest.approx((0.1, 0.1))


def test_other_samples_are_refused():
    with pytest.raises(ValueError, match="same samples"):
        paired_differences((METRIC, rows_of([1, 2])), (METRIC, rows_of([1])), draws=5)
