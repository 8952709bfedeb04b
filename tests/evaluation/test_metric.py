import json

import numpy as np
import pyarrow as pa
import pytest

from remotesam.evaluation.metric import METRICS, Metric, RecentTables, create_metric
from remotesam.evaluation.samples import (
    BoxTruth,
    CaptionTruth,
    ClassMapTruth,
    CountsTruth,
    LabelsTruth,
    MaskTruth,
    ObjectsTruth,
    OrientedTruth,
    SceneTruth,
)
from tests.evaluation.tables import table_of

MASK = np.ones((2, 2), bool)
BOX = np.array([[0.0, 0, 4, 4]])
NAMED = {"categories": ["ship"]}
CASES = {
    "cap": ({}, CaptionTruth(references=["a ship"])),
    "cnt": (NAMED, CountsTruth(counts={"ship": 1})),
    "det": (NAMED, ObjectsTruth(categories=["ship"], boxes=BOX)),
    "det-f1": ({**NAMED, "shape": "mask"}, ObjectsTruth(categories=["ship"], masks=[MASK])),
    "mcc": (NAMED, SceneTruth(label="ship")),
    "mlc": (NAMED, LabelsTruth(labels=frozenset({"ship"}))),
    "obb": (NAMED, OrientedTruth(categories=["ship"], corners=np.array([[[0, 0], [4, 0], [4, 4], [0, 4]]]))),
    "reason": ({"presence_threshold": 0.5}, MaskTruth(mask=MASK)),
    "ref": ({"protocol": "reference", "size": (4, 4)}, MaskTruth(mask=MASK)),
    "seg": ({"classes": ["ship", "sea"], "background": ["sea"]}, ClassMapTruth(class_map=MASK.astype(np.uint8))),
    "vg": ({}, BoxTruth(box=BOX[0])),
}


@pytest.fixture(params=METRICS)
def case(request) -> tuple[Metric, object]:
    if request.param == "obb":
        pytest.importorskip("shapely")
    settings, truth = CASES[request.param]
    return create_metric(request.param, **settings), truth


def test_settings_make_the_same_metric_again(case):
    metric, truth = case
    again = create_metric(metric.name, **json.loads(json.dumps(metric.settings)))
    assert type(again) is type(metric) and again.settings == metric.settings and again.rules == metric.rules
    assert isinstance(truth, metric.truth_type) and metric.rules


def test_an_answer_without_arguments_finds_nothing(case):
    metric, truth = case
    row = metric.row(truth, metric.answer_type())
    assert list(row) == metric.schema.names
    figures = metric.summarise(table_of(metric, [row]))
    assert set(figures.values()) <= {0.0, 1.0, None} and next(iter(figures.values())) in (0.0, 1.0)
    if metric.name != "cnt":
        assert next(iter(figures.values())) == 0.0


def test_figures_keep_their_names_whatever_the_weights(case):
    metric, truth = case
    rows = table_of(metric, [metric.row(truth, metric.answer_type())] * 3)
    names = list(metric.summarise(rows))
    assert names == list(metric.summarise(rows, np.array([0, 2, 1])))
    weightless = metric.summarise(rows, np.zeros(3, int))
    assert list(weightless) == names and set(weightless.values()) == {None}


def test_an_unknown_metric_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="metric is 'iou'; there are cap, cnt, det"):
        create_metric("iou")


def test_two_tables_are_read_once_each():
    read = []

    def make(rows: pa.Table) -> int:
        read.append(rows.num_rows)
        return rows.num_rows

    recent = RecentTables(make)
    tables = [pa.table({"a": list(range(count))}) for count in (1, 2, 3)]
    assert [recent(tables[n]) for n in (0, 1, 0, 1, 0)] == [1, 2, 1, 2, 1]
    assert read == [1, 2]
    assert [recent(tables[n]) for n in (2, 1, 0)] == [3, 2, 1]
    assert read == [1, 2, 3, 1]
