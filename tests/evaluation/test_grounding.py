import json

import numpy as np
import pytest

from remotesam.evaluation.grounding import GroundingMetric
from remotesam.evaluation.samples import BoxAnswer, BoxTruth
from tests.evaluation.tables import table_of

UNIT = (0, 0, 10, 10)


def figures_of(*pairs, weights=None):
    metric = GroundingMetric()
    rows = [metric.row(BoxTruth(box=truth), BoxAnswer(box=found)) for truth, found in pairs]
    return metric.summarise(table_of(metric, rows), weights)


def test_nothing_gives_nothing_to_report():
    assert set(figures_of().values()) == {None}


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(UNIT, None)], {"meanIoU": 0.0, "cumIoU": 0.0, "found": 0.0}),
        ([(None, UNIT)], {"meanIoU": 0.0, "cumIoU": 0.0, "found": None}),
        ([(None, None)], {"meanIoU": 1.0, "cumIoU": None, "Pr@0.9": 1.0}),
        ([(UNIT, (20, 20, 30, 30))], {"meanIoU": 0.0, "cumIoU": 0.0, "found": 1.0}),
        ([(UNIT, (10, 0, 20, 10))], {"meanIoU": 0.0}),  # they touch
        ([((5, 5, 5, 9), (5, 5, 5, 9))], {"meanIoU": 0.0}),  # without area
        # IoU 1/2 and 1: 50 + 400 shared of 100 + 400.
        (
            [(UNIT, (0, 0, 10, 5)), ((0, 0, 20, 20), (0, 0, 20, 20))],
            {"meanIoU": 0.75, "cumIoU": 450 / 500, "Pr@0.5": 1.0, "Pr@0.6": 0.5, "Pr@0.9": 0.5, "found": 1.0},
        ),
    ],
)
def test_figures_by_hand(pairs, expected):
    figures = figures_of(*pairs)
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 20, (60, 2, 2))
    return np.concatenate([corners, corners + rng.uniform(0, 20, (60, 2, 2))], axis=2)


def test_figures_equal_those_of_torchvision(pairs):
    torch = pytest.importorskip("torch")
    from torchvision.ops import box_iou

    expected = box_iou(*torch.from_numpy(pairs).unbind(1)).diagonal().numpy()
    figures = figures_of(*pairs)
    assert figures["meanIoU"] == pytest.approx(expected.mean(), abs=1e-9)
    assert figures["Pr@0.5"] == pytest.approx((expected >= 0.5).mean(), abs=1e-9)


def test_weights_say_how_often_a_sentence_counts(pairs):
    some = [(truth, found if number % 5 else None) for number, (truth, found) in enumerate(pairs)]
    times = np.random.default_rng(1).integers(0, 4, len(some))
    again = [pair for pair, count in zip(some, times, strict=True) for _ in range(count)]
    assert figures_of(*some, weights=times) == pytest.approx(figures_of(*again))


@pytest.mark.parametrize("box", [(0, 0, 1), (5, 0, 1, 1), (0, 0, 1, np.nan)])
def test_boxes_that_are_none_are_refused(box):
    for truth, found, what in ((box, UNIT, "truth"), (UNIT, box, "answer")):
        with pytest.raises(ValueError, match=f"box of the {what}"):
            figures_of((truth, found))
