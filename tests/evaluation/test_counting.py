import json

import numpy as np
import pytest

from remotesam.evaluation.counting import CountingMetric
from remotesam.evaluation.samples import CountsAnswer, CountsTruth
from tests.evaluation.tables import table_of


@pytest.fixture
def metric() -> CountingMetric:
    return CountingMetric(categories=["a", "b", "c"])


def rows_of(metric, *images: tuple[dict, dict]):
    rows = [metric.row(CountsTruth(counts=truth), CountsAnswer(counts=found)) for truth, found in images]
    return table_of(metric, rows)


@pytest.mark.parametrize("images", [[], [({}, {})]])
def test_nothing_gives_nothing_to_report(metric, images):
    assert set(metric.summarise(rows_of(metric, *images)).values()) == {None}


def test_absent_classes_count_among_those_asked_alone(metric):
    figures = metric.summarise(rows_of(metric, ({"a": 0, "b": 0}, {"b": 3})))
    assert (figures["accuracy"], figures["MAE"], figures["accuracy/a"]) == (None, None, None)
    assert (figures["accuracy/asked"], figures["MAE/asked"]) == (0.5, 1.5)
    assert figures["RMSE/asked"] == pytest.approx(np.sqrt(9 / 2))


def test_figures_by_hand(metric):
    # a: 2 of 2, 1 of 4; b: 5 of 3; absent c found twice. Hits 2 + 1, 3, 0 of found 3, 5, 2 and there 6, 3, 0.
    rows = rows_of(metric, ({"a": 2, "b": 3, "c": 0}, {"a": 2, "b": 5, "c": 2}), ({"a": 4}, {"a": 1}))
    figures = metric.summarise(rows)
    expected = {
        "accuracy": 1 / 3,
        "MAE": (0 + 2 + 3) / 3,
        "RMSE": np.sqrt((0 + 4 + 9) / 3),
        "accuracy/asked": 1 / 4,
        "MAE/asked": (0 + 2 + 3 + 2) / 4,
        "RMSE/asked": np.sqrt((0 + 4 + 9 + 4) / 4),
        "count F1": (6 / 9 + 6 / 8 + 0) / 3,
        "micro count F1": 2 * 6 / (9 + 8 + 2),
        "accuracy/a": 0.5,
        "accuracy/b": 0.0,
        "accuracy/c": None,
    }
    assert figures == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_figures_equal_those_of_scikit_learn(metric):
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    there, found = rng.integers(1, 6, 50), rng.integers(0, 6, 50)
    images = [({"a": int(t)}, {"a": int(f)}) for t, f in zip(there, found, strict=True)]
    figures = metric.summarise(rows_of(metric, *images))
    assert figures["MAE"] == pytest.approx(metrics.mean_absolute_error(there, found), abs=1e-9)
    assert figures["RMSE"] == pytest.approx(metrics.root_mean_squared_error(there, found), abs=1e-9)
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(there, found), abs=1e-9)


def test_weights_say_how_often_an_image_counts(metric):
    rng = np.random.default_rng(1)
    images = [
        ({name: int(rng.integers(0, 4)) for name in "abc"}, {"a": int(rng.integers(0, 4)), "c": 1}) for _ in range(30)
    ]
    times = rng.integers(0, 4, 30)
    again = [image for image, count in zip(images, times, strict=True) for _ in range(count)]
    weighted = metric.summarise(rows_of(metric, *images), times)
    assert weighted == pytest.approx(metric.summarise(rows_of(metric, *again)))


@pytest.mark.parametrize(
    ("truth", "found", "message"),
    [
        ({"a": 1}, {"b": 1}, "the answer counts b; asked for were a"),
        ({"d": 1}, {}, "truth has the category 'd'"),
        ({"a": -1}, {}, "the truth counts -1 of 'a'"),
        ({"a": 1}, {"a": 1.5}, "the answer counts 1.5 of 'a'"),
        ({"a": 1}, {"a": True}, "the answer counts True of 'a'"),
    ],
)
def test_counts_that_do_not_fit_are_refused(metric, truth, found, message):
    with pytest.raises(ValueError, match=message):
        rows_of(metric, (truth, found))
