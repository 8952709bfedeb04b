import json

import numpy as np
import pytest

from remotesam.evaluation.samples import ClassMapAnswer, ClassMapTruth
from remotesam.evaluation.semantic import SemanticMetric
from tests.evaluation.tables import table_of

CLASSES = ["background", "water", "road"]


def class_map(text: str, dtype=np.uint8) -> np.ndarray:
    values = {".": 0, "w": 1, "r": 2, "-": 255, "?": 7}
    return np.array([[values[letter] for letter in text]], dtype)


def rows_of(metric: SemanticMetric, *pairs: tuple[str | None, str], dtype=np.uint8):
    answers = [ClassMapAnswer(class_map=None if found is None else class_map(found, dtype)) for found, _ in pairs]
    truths = [ClassMapTruth(class_map=class_map(truth, dtype)) for _, truth in pairs]
    return table_of(metric, [metric.row(truth, answer) for truth, answer in zip(truths, answers, strict=True)])


@pytest.mark.parametrize("pairs", [[], [("...", "---")], [(None, "---")]])
def test_nothing_gives_nothing_to_report(pairs):
    metric = SemanticMetric(classes=CLASSES)
    assert set(metric.summarise(rows_of(metric, *pairs)).values()) == {None}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Background: 1 of 4 agree, water 1 of 3, road 1 of 2 (over both samples).
        ("counted", {"mIoU": (1 / 4 + 1 / 3 + 1 / 2) / 3, "mF1": (2 / 5 + 2 / 4 + 2 / 3) / 3, "accuracy": 3 / 6}),
        ("excluded", {"mIoU": (1 / 3 + 1 / 2) / 2, "mF1": (2 / 4 + 2 / 3) / 2, "accuracy": 3 / 6}),
        # Without the pixels of background no water is found where there is none.
        ("ignored", {"mIoU": (1 / 2 + 1 / 2) / 2, "mF1": 2 / 3, "accuracy": 2 / 4, "IoU/background": 0.0}),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_figures_by_hand(rule, expected, dtype):
    metric = SemanticMetric(classes=CLASSES, background=["background"], background_rule=rule)
    figures = metric.summarise(rows_of(metric, (".ww.", "..ww"), ("r.w", "rr-"), dtype=dtype))
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_no_class_found_is_wrong_everywhere():
    metric = SemanticMetric(classes=CLASSES)
    assert metric.row(ClassMapTruth(class_map=class_map(".ww-")), ClassMapAnswer()) == {
        "intersection": [0, 0, 0],
        "predicted": [0, 0, 0],
        "target": [1, 2, 0],
    }
    figures = metric.summarise(rows_of(metric, (None, ".ww-"), ("-w", "ww")))
    assert (figures["accuracy"], figures["mIoU"], figures["IoU/road"]) == (1 / 5, (0 + 1 / 4) / 2, None)


def test_large_maps_are_counted_exactly():
    metric = SemanticMetric(classes=CLASSES)
    truth = np.ones((4100, 4100), np.uint8)
    row = metric.row(ClassMapTruth(class_map=truth), ClassMapAnswer(class_map=truth))
    assert row["intersection"] == [0, 4100 * 4100, 0]


def test_both_ways_of_counting_agree_with_a_plain_loop():
    rng = np.random.default_rng(0)
    truth, found = rng.choice([0, 1, 2, 255], (2, 31, 17)).astype(np.uint8)
    metric = SemanticMetric(classes=CLASSES)
    row = metric.row(ClassMapTruth(class_map=truth), ClassMapAnswer(class_map=found))
    wide = [each.astype(np.uint16) for each in (truth, found)]
    assert row == metric.row(ClassMapTruth(class_map=wide[0]), ClassMapAnswer(class_map=wide[1]))
    for number in range(3):
        counted = truth != 255
        assert row["intersection"][number] == ((truth == number) & (found == number)).sum()
        assert row["predicted"][number] == ((found == number) & counted).sum()
        assert row["target"][number] == (truth == number).sum()


def test_more_classes_than_a_byte_holds():
    metric = SemanticMetric(classes=[f"class {n}" for n in range(300)], ignore_index=65535)
    truth = np.array([[299, 299, 65535]], np.uint16)
    row = metric.row(ClassMapTruth(class_map=truth), ClassMapAnswer(class_map=np.array([[299, 0, 1]], np.uint16)))
    assert (row["intersection"][299], row["target"][299], row["predicted"][0], row["predicted"][1]) == (1, 2, 1, 0)


@pytest.fixture
def random_maps():
    rng = np.random.default_rng(3)
    truths = [rng.choice([0, 1, 2, 3, 255], (20, 30)).astype(np.uint8) for _ in range(12)]
    return [
        (t, np.where(rng.random(t.shape) < 0.6, np.minimum(t, 3), rng.integers(0, 4, t.shape)).astype(np.uint8))
        for t in truths
    ]


def figures_of(maps, **settings):
    metric = SemanticMetric(classes=["a", "b", "c", "d"], **settings)
    found = [metric.row(ClassMapTruth(class_map=t), ClassMapAnswer(class_map=p)) for t, p in maps]
    return metric, found, metric.summarise(table_of(metric, found))


def test_figures_equal_those_of_scikit_learn(random_maps):
    metrics = pytest.importorskip("sklearn.metrics")
    figures = figures_of(random_maps)[2]
    truth = np.concatenate([t[t != 255] for t, _ in random_maps])
    found = np.concatenate([p[t != 255] for t, p in random_maps])
    assert figures["mIoU"] == pytest.approx(metrics.jaccard_score(truth, found, average="macro"), abs=1e-9)
    assert figures["mF1"] == pytest.approx(metrics.f1_score(truth, found, average="macro"), abs=1e-9)
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(truth, found), abs=1e-9)
    assert figures["mean accuracy"] == pytest.approx(metrics.balanced_accuracy_score(truth, found), abs=1e-9)


def test_figures_equal_those_of_mmsegmentation(random_maps):
    torch = pytest.importorskip("torch")
    evaluation = pytest.importorskip("mmseg.evaluation")
    judge = evaluation.IoUMetric(iou_metrics=["mIoU", "mFscore"], nan_to_num=None)
    judge.dataset_meta = {"classes": ["a", "b", "c", "d"]}
    for truth, found in random_maps:
        data = {
            key: {"data": torch.from_numpy(value)} for key, value in (("gt_sem_seg", truth), ("pred_sem_seg", found))
        }
        judge.process({}, [data])
    expected = judge.evaluate(len(random_maps))
    figures = figures_of(random_maps)[2]
    # It rounds to two decimals of a percentage.
    ours = {"mIoU": "mIoU", "mFscore": "mF1", "aAcc": "accuracy", "mAcc": "mean accuracy"}
    assert {name: round(figures[ours[name]] * 100, 2) for name in ours} == {name: expected[name] for name in ours}
    areas = [
        evaluation.IoUMetric.intersect_and_union(torch.from_numpy(p), torch.from_numpy(t), 4, 255)
        for t, p in random_maps
    ]
    sums = evaluation.IoUMetric.total_area_to_metrics(
        *(sum(each) for each in zip(*areas, strict=True)), ["mIoU", "mFscore"]
    )
    assert [figures[f"IoU/{name}"] for name in "abcd"] == pytest.approx(sums["IoU"].tolist(), abs=1e-6)
    assert [figures[f"F1/{name}"] for name in "abcd"] == pytest.approx(sums["Fscore"].tolist(), abs=1e-6)


def test_figures_equal_those_of_torchmetrics(random_maps):
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.classification")
    judge = classification.MulticlassJaccardIndex(num_classes=4, average=None, ignore_index=255)
    for truth, found in random_maps:
        judge.update(torch.from_numpy(found).int(), torch.from_numpy(truth).int())
    figures = figures_of(random_maps)[2]
    assert [figures[f"IoU/{name}"] for name in "abcd"] == pytest.approx(judge.compute().tolist(), abs=1e-6)


def test_weights_say_how_often_a_sample_counts(random_maps):
    metric, found, _ = figures_of(random_maps, background=["a"], background_rule="excluded")
    times = np.random.default_rng(0).integers(0, 4, len(found))
    again = [row for row, count in zip(found, times, strict=True) for _ in range(count)]
    assert metric.summarise(table_of(metric, found), times) == pytest.approx(metric.summarise(table_of(metric, again)))


@pytest.mark.parametrize(
    ("truth", "answer", "message"),
    [
        (np.zeros((2, 2), int), np.zeros((2, 2), np.uint8), "truth is int64"),
        (np.zeros((2, 2), np.uint8), np.zeros((2, 2, 1), np.uint8), "answer is uint8 \\(2, 2, 1\\)"),
        (np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), "answer is 3 x 2 pixels and the truth 2 x 2"),
        (class_map("w?"), class_map("ww"), "truth has the value 7; it takes 0 to 2 and 255"),
        (class_map("--"), class_map("?w", np.uint16), "answer has the value 7"),
    ],
)
def test_maps_that_do_not_fit_are_refused(truth, answer, message):
    with pytest.raises(ValueError, match=message):
        SemanticMetric(classes=CLASSES).row(ClassMapTruth(class_map=truth), ClassMapAnswer(class_map=answer))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"classes": []}, "at least one name"),
        ({"classes": ["a", "a"]}, "none twice"),
        ({"classes": ["a"], "background": ["b"]}, "it takes some of a"),
        ({"classes": ["a"], "background_rule": "maybe"}, "counted, excluded, ignored"),
        ({"classes": ["a", "b"], "ignore_index": 1}, "2 to 65535"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        SemanticMetric(**settings)


def test_rows_of_other_classes_are_refused():
    metric = SemanticMetric(classes=CLASSES)
    with pytest.raises(ValueError, match="other lengths than 2"):
        SemanticMetric(classes=["a", "b"]).summarise(rows_of(metric, ("w", "w")))
