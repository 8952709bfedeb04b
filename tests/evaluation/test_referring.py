import json
import math

import numpy as np
import pytest

from remotesam.evaluation.referring import ReferringMetrics, Sample


def row(pixels: str) -> np.ndarray:
    return np.array([[pixel == "x" for pixel in pixels]])


def metrics_of(*pairs: tuple[str, str], protocol: str = "native") -> ReferringMetrics:
    metrics = ReferringMetrics(protocol=protocol)
    for prediction, target in pairs:
        metrics.add(row(prediction), row(target))
    return metrics


def test_nothing_gives_nothing_to_report():
    result = ReferringMetrics().compute()
    assert result.samples == result.targeted == 0
    assert all(value is None for name, value in result.to_dict().items() if name not in ("samples", "targeted"))
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("pairs", "protocol", "expected"),
    [
        # An empty prediction on an empty target: right, or nothing.
        ([("....", "....")], "native", {"mIoU": 1.0, "oIoU": None, "Pr@0.9": 1.0, "N-acc": 1.0, "gIoU": 1.0}),
        ([("....", "....")], "reference", {"mIoU": 0.0, "oIoU": None, "Pr@0.5": 0.0, "N-acc": 1.0, "gIoU": 1.0}),
        # Something where nothing is.
        ([("x...", "....")], "native", {"mIoU": 0.0, "oIoU": 0.0, "N-acc": 0.0, "gIoU": 0.0, "T-acc": None}),
        # Nothing where something is.
        ([("....", "xx..")], "native", {"mIoU": 0.0, "oIoU": 0.0, "T-acc": 0.0, "N-acc": None}),
        # IoU 1/2 and 1: means of two, sums 1 + 4 over 2 + 4.
        (
            [("x...", "xx.."), ("xxxx", "xxxx")],
            "native",
            {"mIoU": 0.75, "oIoU": 5 / 6, "cIoU": 5 / 6, "Pr@0.5": 1.0, "Pr@0.6": 0.5, "Pr@0.9": 0.5, "T-acc": 1.0},
        ),
        # A wrong "something" enlarges the union of the set.
        ([("xx..", "xx.."), ("x...", "....")], "native", {"mIoU": 0.5, "oIoU": 2 / 3, "N-acc": 0.0, "gIoU": 0.5}),
        # Disjoint masks.
        ([("x...", ".x..")], "reference", {"mIoU": 0.0, "oIoU": 0.0, "T-acc": 1.0}),
    ],
)
def test_figures_by_hand(pairs, protocol, expected):
    result = metrics_of(*pairs, protocol=protocol).compute().to_dict()
    assert {name: result[name] for name in expected} == pytest.approx(expected)


def test_a_gate_empties_what_is_not_above_it():
    metrics = ReferringMetrics()
    metrics.add(row("xx.."), row("xx.."), presence=0.8)
    metrics.add(row("x..."), row("...."), presence=0.5)
    assert metrics.compute(presence_threshold=0.4).mIoU == 0.5
    assert metrics.compute(presence_threshold=0.5).mIoU == 1.0
    assert metrics.compute(presence_threshold=0.8).mIoU == 0.5
    swept = metrics.sweep([0.4, 0.5, 0.8])
    assert [(result.N_acc, result.T_acc) for result in swept.values()] == [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    assert metrics.samples[1].predicted == 1  # the accumulator keeps the ungated counts


def test_targeted_samples_and_categories_are_told_apart():
    metrics = ReferringMetrics()
    metrics.add(row("x..."), row("xx.."), category="ship")
    metrics.add(row("...."), row("...."), category="ship")
    metrics.add(row("xx.."), row("xx.."), category="bridge")
    assert metrics.targeted().compute().mIoU == pytest.approx(0.75)
    assert {name: part.compute().mIoU for name, part in metrics.by_category().items()} == {"bridge": 1.0, "ship": 0.75}
    assert list(metrics.targeted().by_category()) == ["bridge", "ship"]


def test_samples_recompute_every_figure():
    metrics = metrics_of(("x...", "xx.."), ("x...", "...."))
    assert ReferringMetrics(samples=metrics.samples).compute() == metrics.compute()


def test_large_counts_do_not_overflow():
    samples = [Sample(intersection=2**33, predicted=2**34, target=2**33)] * 4
    assert ReferringMetrics(samples=samples).compute().oIoU == 0.5


@pytest.mark.parametrize(
    ("prediction", "target"),
    [(np.zeros((2, 2)), np.zeros((2, 2), bool)), (np.zeros((2, 2), bool), np.zeros((2, 3), bool))],
)
def test_masks_of_another_type_or_shape_are_refused(prediction, target):
    with pytest.raises(ValueError, match="both must be bool of one shape"):
        ReferringMetrics().add(prediction, target)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(ValueError, match="it takes 'native' or 'reference'"):
        ReferringMetrics(protocol="honest")


def test_nan_is_none_in_json():
    assert math.isnan(metrics_of(("....", "....")).compute().oIoU)
    assert metrics_of(("....", "....")).compute().to_dict()["oIoU"] is None
