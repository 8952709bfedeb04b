import json

import numpy as np
import pytest

from remotesam.evaluation.confidence_free import ConfidenceFreeMetric
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth
from tests.evaluation.detections import CATEGORIES, random_image
from tests.evaluation.tables import table_of

UNIT, FAR, CROWD = (0, 0, 10, 10), (50, 50, 60, 60), (100, 100, 200, 200)


def rows_of(metric, *images, crowd=None):
    rows = []
    for truth, found in images:
        there, guessed = ({name: boxes for name, boxes in one.items()} for one in (truth, found))
        objects, guesses = (
            {
                "categories": [name for name, boxes in one.items() for _ in boxes],
                "boxes": np.array([box for boxes in one.values() for box in boxes], float).reshape(-1, 4),
            }
            for one in (there, guessed)
        )
        rows.append(metric.row(ObjectsTruth(**objects, crowd=crowd), ObjectsAnswer(**guesses)))
    return table_of(metric, rows)


@pytest.fixture
def metric() -> ConfidenceFreeMetric:
    return ConfidenceFreeMetric(categories=["a", "b"])


@pytest.mark.parametrize("images", [[], [({}, {})]])
def test_nothing_gives_nothing_to_report(metric, images):
    assert set(metric.summarise(rows_of(metric, *images)).values()) == {None}


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([({"a": [UNIT]}, {})], {"F1": 0.0, "count F1": 0.0, "micro precision": None, "micro recall": 0.0}),
        ([({}, {"b": [UNIT]})], {"F1": 0.0, "F1/a": None, "F1/b": 0.0, "count F1/b": 0.0}),
        # a: one of two found, nothing wrong: 2 / 3; b: found by the other name.
        ([({"a": [UNIT, FAR]}, {"a": [UNIT], "b": [FAR]})], {"F1/a": 2 / 3, "F1": 1 / 3, "micro F1": 0.5}),
        # Counts know no places: two right ones of a in number, although one lies elsewhere.
        ([({"a": [UNIT, FAR]}, {"a": [UNIT, CROWD]})], {"F1": 0.5, "count F1": 1.0}),
        # Too many in one image and too few in another do not make up for each other: 1 + 1 hits of 3 and 3.
        ([({"a": [UNIT]}, {"a": [UNIT, FAR]}), ({"a": [UNIT, FAR]}, {"a": [UNIT]})], {"F1": 4 / 6, "count F1": 4 / 6}),
        # Twice the same object: one of them is wrong.
        ([({"a": [UNIT]}, {"a": [UNIT, UNIT]})], {"F1": 2 / 3, "micro precision": 0.5, "micro recall": 1.0}),
        # IoU 0.5 exactly is enough.
        ([({"a": [UNIT]}, {"a": [(0, 0, 10, 5)]})], {"F1": 1.0}),
        ([({"a": [UNIT]}, {"a": [(0, 0, 10, 4.9)]})], {"F1": 0.0}),
    ],
)
def test_figures_by_hand(metric, images, expected):
    figures = metric.summarise(rows_of(metric, *images))
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_as_many_pairs_as_possible_are_made():
    # The first detection fits both objects, the second only the left one, which the first overlaps more.
    metric = ConfidenceFreeMetric(categories=["a"], iou_threshold=0.3)
    rows = rows_of(metric, ({"a": [(0, 0, 10, 10), (6, 0, 16, 10)]}, {"a": [(2, 0, 12, 10), (-3, 0, 7, 10)]}))
    assert rows.column("hits").to_pylist() == [[2]]


def test_a_crowd_takes_detections_without_counting_them(metric):
    images = ({"a": [UNIT, CROWD]}, {"a": [UNIT, (110, 110, 120, 120), (130, 130, 140, 140)]})
    rows = rows_of(metric, images, crowd=np.array([False, True]))
    assert rows.to_pylist() == [{"classes": [0], "hits": [1], "found": [1], "truths": [1]}]


def test_hits_agree_with_an_assignment_by_scipy():
    from scipy.optimize import linear_sum_assignment
    from torchvision.ops import box_iou

    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    metric = ConfidenceFreeMetric(categories=CATEGORIES)
    for _ in range(30):
        truth, answer = random_image(rng, crowd=0)
        row = metric.row(truth, answer)
        for number, hits in zip(row["classes"], row["hits"], strict=True):
            chosen = [
                torch.from_numpy(one.boxes[np.array([name == CATEGORIES[number] for name in one.categories], bool)])
                for one in (answer, truth)
            ]
            enough = (box_iou(*chosen) >= 0.5).numpy()
            assert hits == enough[linear_sum_assignment(enough, maximize=True)].sum()


def test_weights_say_how_often_an_image_counts():
    rng = np.random.default_rng(5)
    metric = ConfidenceFreeMetric(categories=CATEGORIES)
    found = [metric.row(*random_image(rng)) for _ in range(40)]
    times = rng.integers(0, 4, len(found))
    again = [row for row, count in zip(found, times, strict=True) for _ in range(count)]
    assert metric.summarise(table_of(metric, found), times) == pytest.approx(metric.summarise(table_of(metric, again)))


@pytest.mark.parametrize("settings", [{"shape": "line"}, {"iou_threshold": 0}, {"categories": ["a", "a"]}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=r"it takes|none twice"):
        ConfidenceFreeMetric(**{"categories": ["a"], **settings})
