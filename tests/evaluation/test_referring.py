import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from remotesam.evaluation.reasoning import ReasoningMetric
from remotesam.evaluation.referring import ReferringMetric
from remotesam.evaluation.samples import MaskAnswer, MaskTruth
from remotesam.results.rle import encode_mask
from tests.evaluation.tables import table_of

FORMS = {
    "pixels": lambda mask: mask,
    "run lengths": encode_mask,
    "bytes": lambda mask: coco_mask.encode(np.asfortranarray(mask, np.uint8)),
    "uncompressed": lambda mask: {"size": list(mask.shape), "counts": _runs(mask)},
}


def _runs(mask: np.ndarray) -> list[int]:
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(np.diff(flat.astype(int)))
    return np.diff(np.concatenate([[0], edges, [mask.size]])).tolist()


def row(pixels: str) -> np.ndarray:
    return np.array([[pixel == "x" for pixel in pixels]])


def rows_of(metric, *pairs: tuple[str, str], **columns) -> pa.Table:
    found = [metric.row(MaskTruth(mask=row(truth)), MaskAnswer(mask=row(answer))) for answer, truth in pairs]
    return table_of(metric, found, **columns)


def metric_of(protocol: str, **settings) -> ReferringMetric:
    return ReferringMetric(protocol=protocol, size=(1, 4) if protocol == "reference" else None, **settings)


@pytest.mark.parametrize("metric", [ReferringMetric(), metric_of("reference"), ReasoningMetric()])
def test_nothing_gives_nothing_to_report(metric):
    figures = metric.summarise(table_of(metric, []))
    assert figures and set(figures.values()) == {None}


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
        (
            [("xx..", "xx.."), ("x...", "....")],
            "native",
            {"mIoU": 0.5, "oIoU": 2 / 3, "N-acc": 0.0, "gIoU": 0.5, "mIoU/targeted": 1.0, "oIoU/targeted": 1.0},
        ),
        # Disjoint masks.
        ([("x...", ".x..")], "reference", {"mIoU": 0.0, "oIoU": 0.0, "T-acc": 1.0}),
    ],
)
def test_figures_by_hand(pairs, protocol, expected):
    metric = metric_of(protocol)
    figures = metric.summarise(rows_of(metric, *pairs))
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_the_reference_protocol_counts_at_the_size_of_the_network():
    # 4 x 6 pixels to 2 x 3: nearest neighbour takes rows 1, 3 and columns 1, 3, 5 (the centres 0.5, 1.5 ... times two).
    truth = np.array([[c == "x" for c in line] for line in ("......", ".x.xx.", "xxxxxx", "xx...x")])
    found = np.array([[True, False, False], [True, True, True]])
    metric = ReferringMetric(protocol="reference", size=(2, 3))
    # The truth becomes xx. / x.x, so 3 of 4 pixels of each agree in the union of 5.
    small = metric.row(MaskTruth(mask=truth), MaskAnswer(mask=found))
    assert (small["intersection"], small["predicted"], small["target"]) == (3, 4, 4)
    assert metric.summarise(table_of(metric, [small]))["mIoU"] == pytest.approx(3 / 5)
    nothing = metric.row(MaskTruth(mask=np.zeros((4, 6), bool)), MaskAnswer())
    assert metric.summarise(table_of(metric, [nothing]))["mIoU"] == 0.0
    # Pixels that are lost on the way leave an empty target.
    lost = metric.row(MaskTruth(mask=np.arange(24).reshape(4, 6) == 0), MaskAnswer(mask=found))
    assert (lost["intersection"], lost["predicted"], lost["target"]) == (0, 4, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [None, (7, 9)])
def test_masks_of_any_form_give_the_same_counts(form, size):
    rng = np.random.default_rng(0)
    metric = ReferringMetric() if size is None else ReferringMetric(protocol="reference", size=size)
    for share in (0.0, 0.01, 0.5, 1.0):
        truth, found = rng.random((2, 13, 11)) < share
        counts = metric.row(MaskTruth(mask=FORMS[form](truth)), MaskAnswer(mask=FORMS[form](found)))
        if size is not None:
            truth, found = (
                np.array(Image.fromarray(mask).resize((9, 7), Image.Resampling.NEAREST)) for mask in (truth, found)
            )
        assert counts["intersection"] == (truth & found).sum()
        assert (counts["predicted"], counts["target"]) == (found.sum(), truth.sum())


def test_a_gate_empties_what_is_not_above_it():
    metric = ReferringMetric()
    rows = table_of(
        metric,
        [
            metric.row(MaskTruth(mask=row("xx..")), MaskAnswer(mask=row("xx.."), presence=0.8)),
            metric.row(MaskTruth(mask=row("....")), MaskAnswer(mask=row("x..."), presence=0.5)),
        ],
    )
    swept = {gate: ReferringMetric(presence_threshold=gate).summarise(rows) for gate in (0.4, 0.5, 0.8)}
    assert [figures["mIoU"] for figures in swept.values()] == [0.5, 1.0, 0.5]
    assert [(figures["N-acc"], figures["T-acc"]) for figures in swept.values()] == [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    assert rows.column("predicted").to_pylist() == [2, 1]  # rows keep the ungated counts


def test_samples_are_told_apart_by_target_size_number_and_category():
    sides = (10, 40, 100, 0)
    metric = ReferringMetric()
    found = []
    for side, targets in zip(sides, (1, 7, None, 0), strict=True):
        truth = np.zeros((120, 120), bool)
        truth[:side, :side] = True
        half = truth.copy()
        half[: side // 2] = False
        found.append(metric.row(MaskTruth(mask=truth, targets=targets), MaskAnswer(mask=half)))
    figures = metric.summarise(table_of(metric, found, category=["ship", "ship", "", "plane"]))
    parts = {name.partition("/")[2] for name in figures if "/" in name}
    assert parts == {"targeted", "small", "medium", "large", "1 target", "6 or more targets", "ship"}
    assert figures["mIoU/targeted"] == figures["mIoU/small"] == figures["oIoU/large"] == figures["IoU/ship"] == 0.5
    assert figures["mIoU"] == pytest.approx((3 * 0.5 + 1) / 4)


@pytest.mark.parametrize("protocol", ["native", "reference"])
def test_weights_say_how_often_a_sample_counts(protocol):
    rng = np.random.default_rng(1)
    metric = metric_of(protocol, presence_threshold=0.3)
    found = [
        metric.row(MaskTruth(mask=truth, targets=int(truth.sum())), MaskAnswer(mask=mask, presence=rng.random()))
        for truth, mask in rng.random((40, 2, 1, 4)) < 0.4
    ]
    names = [f"kind {number % 3}" for number in range(40)]
    times = rng.integers(0, 4, 40)
    repeated = [number for number, count in enumerate(times) for _ in range(count)]
    weighted = metric.summarise(table_of(metric, found, category=names), times)
    again = metric.summarise(table_of(metric, [found[n] for n in repeated], category=[names[n] for n in repeated]))
    assert weighted == pytest.approx(again, nan_ok=True)


def test_overall_iou_equals_that_of_torchmetrics():
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.classification")
    judge, metric, found = classification.BinaryJaccardIndex(), ReferringMetric(), []
    for truth, mask in np.random.default_rng(2).random((20, 2, 30, 40)) < 0.4:
        judge.update(torch.from_numpy(mask).int(), torch.from_numpy(truth).int())
        found.append(metric.row(MaskTruth(mask=encode_mask(truth)), MaskAnswer(mask=encode_mask(mask))))
    assert metric.summarise(table_of(metric, found))["oIoU"] == pytest.approx(float(judge.compute()), abs=1e-6)


def test_ignored_pixels_count_in_neither_mask():
    metric = ReasoningMetric()
    truth = MaskTruth(mask=row("xx.."), ignored=row(".xx."))
    counts = metric.row(truth, MaskAnswer(mask=row("xxxx")))
    assert (counts["intersection"], counts["predicted"], counts["target"]) == (1, 2, 1)


def test_reasoning_figures_by_hand():
    metric = ReasoningMetric()
    rows = rows_of(metric, ("x...", "xx.."), ("xxxx", "xxxx"), ("....", "...."), ("xx..", "...."))
    figures = metric.summarise(rows)
    assert figures == pytest.approx(
        {"gIoU": (0.5 + 1 + 1 + 0) / 4, "cIoU": 5 / 8, "gIoU/small": 0.75, "cIoU/small": 5 / 6}
    )


def test_large_counts_do_not_overflow():
    counts = {"intersection": 2**33, "predicted": 2**34, "target": 2**33, "presence": 1.0, "targets": None}
    metric = ReferringMetric()
    assert metric.summarise(table_of(metric, [counts] * 4))["oIoU"] == 0.5


GOOD = {"size": [2, 2], "counts": "022"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((2, 2)), "prediction is float64"),
        (np.zeros((2, 3), bool), "3 x 2 pixels and the target 2 x 2"),
        ({"size": [2, 3], "counts": "06"}, "3 x 2 pixels and the target 2 x 2"),
        ({"size": [2, 2]}, "run lengths take size"),
        ({"size": [2, 2], "counts": "05"}, "prediction has run lengths of 5 pixels"),
        ({"size": [2, 2], "counts": "é"}, "prediction has"),
        ({"size": [2, 2], "counts": [1, 2]}, "prediction has run lengths of 3 pixels"),
        ({"size": [2, 2], "counts": [1, -1, 4]}, "prediction has run lengths that are not"),
        ({"size": [2, 2], "counts": [1.0, 3.0]}, "prediction has run lengths that are not"),
    ],
)
def test_masks_that_do_not_fit_are_refused(answer, message):
    for truth in (np.zeros((2, 2), bool), GOOD):
        with pytest.raises(ValueError, match=message):
            ReferringMetric().row(MaskTruth(mask=truth), MaskAnswer(mask=answer))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"protocol": "honest"}, "it takes 'native' or 'reference'"),
        ({"protocol": "reference"}, "needs \\(height, width\\)"),
        ({"size": (8, 8)}, "needs \\(height, width\\)"),
        ({"protocol": "reference", "size": (0, 8)}, "size is \\(0, 8\\)"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ReferringMetric(**settings)


@pytest.mark.parametrize("weights", [np.ones(3), np.array([1.0, -1.0]), np.array([1.0, np.nan])])
def test_weights_that_do_not_fit_are_refused(weights):
    metric = ReferringMetric()
    with pytest.raises(ValueError, match="one number >= 0 for each of 2 rows"):
        metric.summarise(rows_of(metric, ("x...", "x..."), ("x...", "x...")), weights)
