import json

import numpy as np
import pytest

from remotesam.evaluation.labels import LabelsMetric, SceneMetric
from remotesam.evaluation.samples import LabelsAnswer, LabelsTruth, SceneAnswer, SceneTruth
from tests.evaluation.tables import table_of

NAMES = ["a", "b", "c"]


def label_rows(metric, *images):
    rows = []
    for truth, found, *scores in images:
        answer = LabelsAnswer(labels=frozenset(found), scores=scores[0] if scores else None)
        rows.append(metric.row(LabelsTruth(labels=frozenset(truth)), answer))
    return table_of(metric, rows)


def scene_rows(metric, *images):
    return table_of(metric, [metric.row(SceneTruth(label=t), SceneAnswer(label=f)) for t, f in images])


@pytest.mark.parametrize(
    ("metric", "rows"), [(LabelsMetric(categories=NAMES), label_rows), (SceneMetric(categories=NAMES), scene_rows)]
)
def test_nothing_gives_nothing_to_report(metric, rows):
    assert set(metric.summarise(rows(metric)).values()) == {None}


def test_an_image_without_labels_is_right_everywhere_but_has_no_f1():
    metric = LabelsMetric(categories=NAMES)
    figures = metric.summarise(label_rows(metric, ("", "")))
    assert (figures["accuracy"], figures["macro F1"], figures["micro F1"], figures["mAP"]) == (1.0, None, None, None)


def test_figures_by_hand():
    # a: right, missed; b: wrong, right; c is nowhere.
    metric = LabelsMetric(categories=NAMES)
    scores = {"a": 0.9, "b": 0.8}, {"a": 0.1, "b": 0.7}
    rows = label_rows(metric, ("a", "ab", scores[0]), ("ab", "b", scores[1]))
    figures = metric.summarise(rows)
    expected = {
        "accuracy": 4 / 6,
        "macro F1": 2 / 3,
        "micro F1": 4 / 6,
        "mAP": (1.0 + 0.5) / 2,
        "accuracy/a": 0.5,
        "accuracy/b": 0.5,
        "accuracy/c": 1.0,
        "F1/a": 2 / 3,
        "F1/b": 2 / 3,
        "F1/c": None,
        "AP/a": 1.0,
        "AP/b": 0.5,
        "AP/c": None,
    }
    assert figures == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_average_precision_needs_scores_of_every_answer():
    metric = LabelsMetric(categories=NAMES)
    figures = metric.summarise(label_rows(metric, ("a", "a", {"a": 1.0}), ("a", "a")))
    assert (figures["mAP"], figures["AP/a"], figures["accuracy"]) == (None, None, 1.0)


@pytest.fixture
def tables():
    rng = np.random.default_rng(0)
    truth = rng.random((80, 3)) < [0.5, 0.2, 0.05]
    scores = np.round(np.clip(truth * 0.3 + rng.random((80, 3)) * 0.7, 0, 1), 1)
    return truth, scores > 0.5, scores


def images_of(truth, found, scores):
    def names(flags):
        return [name for name, flag in zip(NAMES, flags, strict=True) if flag]

    return [
        (names(t), names(f), dict(zip(NAMES, s.tolist(), strict=True)))
        for t, f, s in zip(truth, found, scores, strict=True)
    ]


def test_figures_equal_those_of_scikit_learn(tables):
    metrics = pytest.importorskip("sklearn.metrics")
    metric = LabelsMetric(categories=NAMES)
    figures = metric.summarise(label_rows(metric, *images_of(*tables)))
    truth, found, scores = tables
    assert figures["accuracy"] == pytest.approx(1 - metrics.hamming_loss(truth, found), abs=1e-9)
    assert figures["macro F1"] == pytest.approx(metrics.f1_score(truth, found, average="macro"), abs=1e-9)
    assert figures["micro F1"] == pytest.approx(metrics.f1_score(truth, found, average="micro"), abs=1e-9)
    assert figures["mAP"] == pytest.approx(metrics.average_precision_score(truth, scores), abs=1e-9)


def test_weights_say_how_often_an_image_counts(tables):
    metric = LabelsMetric(categories=NAMES)
    images = images_of(*tables)
    times = np.random.default_rng(1).integers(0, 4, len(images))
    again = [image for image, count in zip(images, times, strict=True) for _ in range(count)]
    weighted = metric.summarise(label_rows(metric, *images), times)
    assert weighted == pytest.approx(metric.summarise(label_rows(metric, *again)))


def test_scenes_by_hand():
    metric = SceneMetric(categories=NAMES)
    rows = scene_rows(metric, ("a", "a"), ("a", "b"), ("a", None), ("b", "b"))
    figures = metric.summarise(rows)
    assert figures == pytest.approx(
        {"top-1": 0.5, "mean top-1": (1 / 3 + 1) / 2, "top-1/a": 1 / 3, "top-1/b": 1.0, "top-1/c": None}
    )
    assert metric.confusion(rows).tolist() == [[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert metric.summarise(rows, np.array([0, 0, 1, 3])) == pytest.approx(
        {"top-1": 0.75, "mean top-1": 0.5, "top-1/a": 0.0, "top-1/b": 1.0, "top-1/c": None}
    )


def test_confusions_equal_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(2)
    truth, found = rng.choice(NAMES, (2, 60)).tolist()
    metric = SceneMetric(categories=NAMES)
    rows = scene_rows(metric, *zip(truth, found, strict=True))
    assert metric.confusion(rows)[:, :-1].tolist() == metrics.confusion_matrix(truth, found, labels=NAMES).tolist()
    assert metric.summarise(rows)["mean top-1"] == pytest.approx(metrics.balanced_accuracy_score(truth, found))


def test_names_that_do_not_fit_are_refused():
    labels, scene = LabelsMetric(categories=NAMES), SceneMetric(categories=NAMES)
    with pytest.raises(ValueError, match="truth has the category 'd'; it takes a, b, c"):
        label_rows(labels, ("d", ""))
    with pytest.raises(ValueError, match="answer has the category 'd'"):
        label_rows(labels, ("a", "", {"d": 1.0}))
    with pytest.raises(ValueError, match="finite numbers"):
        label_rows(labels, ("a", "", {"a": np.nan}))
    with pytest.raises(ValueError, match="answer has the category 'd'"):
        scene_rows(scene, ("a", "d"))
