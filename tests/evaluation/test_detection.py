import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from remotesam.evaluation.average_precision import area_under, interpolated, uninterpolated
from remotesam.evaluation.detection import DetectionMetric
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth
from remotesam.results.rle import encode_mask
from tests.evaluation.detections import CATEGORIES, random_image
from tests.evaluation.tables import table_of


def objects(*boxes: tuple[float, ...], names: str = "") -> dict:
    return {"categories": list(names) or ["a"] * len(boxes), "boxes": np.array(boxes, float).reshape(-1, 4)}


def row_of(metric, truth: dict, answer: dict, scores=()) -> dict:
    return metric.row(ObjectsTruth(**truth), ObjectsAnswer(**answer, scores=np.array(scores, float)))


@pytest.fixture
def metric() -> DetectionMetric:
    return DetectionMetric(categories=["a", "b"])


UNIT, FAR = (0, 0, 10, 10), (50, 50, 60, 60)


def test_nothing_gives_nothing_to_report(metric):
    assert set(metric.summarise(table_of(metric, [])).values()) == {None}
    empty = metric.row(ObjectsTruth(), ObjectsAnswer(scores=np.zeros(0)))
    assert set(metric.summarise(table_of(metric, [empty])).values()) == {None}


@pytest.mark.parametrize(
    ("truth", "answer", "scores", "expected"),
    [
        # Nothing found of what is there; something found where nothing is.
        (objects(UNIT), objects(), [], {"AP": 0.0, "AP50": 0.0, "AR": 0.0}),
        (objects(), objects(UNIT), [0.9], {"AP": None, "AP50": None}),
        # A right one, and a wrong one of another class that has no object.
        (objects(UNIT), objects(UNIT, FAR, names="ab"), [0.9, 0.8], {"AP": 1.0, "AP50/a": 1.0, "AP50/b": None}),
        # The wrong one first: precision 1/2 at recall 1.
        (objects(UNIT), objects(UNIT, FAR), [0.8, 0.9], {"AP": 0.5, "AP75": 0.5, "AR": 1.0}),
        # One of two found: 51 of 101 recalls are reached.
        (objects(UNIT, FAR), objects(UNIT), [0.9], {"AP": 51 / 101, "AR": 0.5}),
        # IoU 6/10: right at 0.5, 0.55 and 0.6 alone.
        (objects(UNIT), objects((0, 0, 10, 6)), [0.9], {"AP": 0.3, "AP50": 1.0, "AP75": 0.0}),
        # The second of the same object is wrong, but after full recall.
        (objects(UNIT), objects(UNIT, UNIT), [0.9, 0.8], {"AP": 1.0}),
        (objects(UNIT, FAR), objects(UNIT, UNIT, FAR), [0.9, 0.8, 0.7], {"AP": (51 + 50 * 2 / 3) / 101}),
        # A crowd takes any number of detections, and neither is counted.
        (
            {**objects(UNIT, (40, 40, 80, 80)), "crowd": np.array([False, True])},
            objects(FAR, FAR, UNIT),
            [0.9, 0.8, 0.7],
            {"AP": 1.0},
        ),
    ],
)
def test_figures_by_hand(metric, truth, answer, scores, expected):
    figures = metric.summarise(table_of(metric, [row_of(metric, truth, answer, scores)]))
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    json.dumps(figures, allow_nan=False)


def test_only_the_highest_scores_of_a_class_count():
    metric = DetectionMetric(categories=["a"], max_detections=1)
    row = row_of(metric, objects(UNIT), objects(UNIT, FAR), [0.8, 0.9])
    assert (row["detected"], row["hits"]) == ([0], [0])


def coco_stats(images, shape: str = "box", max_detections: int = 100) -> list[float | None]:
    """AP, AP50, AP75, small, medium, large and AR by pycocotools itself."""
    annotations, results = [], []
    for image, (truth, answer) in enumerate(images, start=1):
        for place, name in enumerate(truth.categories):
            x1, y1, x2, y2 = truth.boxes[place]
            record = {"id": len(annotations) + 1, "image_id": image, "category_id": CATEGORIES.index(name)}
            record |= {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)}
            if shape == "mask":
                record |= {"segmentation": encode_mask(truth.masks[place]), "area": int(truth.masks[place].sum())}
            annotations.append({**record, "iscrowd": int(truth.crowd[place])})
        for place, name in enumerate(answer.categories):
            x1, y1, x2, y2 = answer.boxes[place]
            record = {"image_id": image, "category_id": CATEGORIES.index(name), "score": float(answer.scores[place])}
            if shape == "mask":
                results.append({**record, "segmentation": encode_mask(answer.masks[place])})
            else:
                results.append({**record, "bbox": [x1, y1, x2 - x1, y2 - y1]})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": image + 1, "height": 120, "width": 120} for image in range(len(images))],
            "annotations": annotations,
            "categories": [{"id": number, "name": name} for number, name in enumerate(CATEGORIES)],
        }
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(results), "segm" if shape == "mask" else "bbox")
        judge.params.maxDets = [max_detections]
        judge.evaluate()
        judge.accumulate()
        precision, recall = judge.eval["precision"][..., -1], judge.eval["recall"][..., -1]
    parts = [precision[..., 0], precision[0, ..., 0], precision[5, ..., 0], *(precision[..., a] for a in (1, 2, 3))]
    known = [part[part > -1] for part in [*parts, recall[..., 0]]]
    return [float(part.mean()) if part.size else None for part in known]


NAMES = ["AP", "AP50", "AP75", "AP/small", "AP/medium", "AP/large", "AR"]


@pytest.mark.parametrize(("seed", "max_detections"), [(0, 100), (1, 100), (2, 2)])
def test_figures_equal_those_of_pycocotools(seed, max_detections):
    rng = np.random.default_rng(seed)
    images = [random_image(rng) for _ in range(60)]
    metric = DetectionMetric(categories=CATEGORIES, max_detections=max_detections)
    figures = metric.summarise(table_of(metric, [metric.row(truth, answer) for truth, answer in images]))
    assert [figures[name] for name in NAMES] == pytest.approx(
        coco_stats(images, max_detections=max_detections), abs=1e-9
    )


def test_figures_of_masks_equal_those_of_pycocotools():
    rng = np.random.default_rng(4)
    images = []
    for _ in range(12):
        truth, answer = random_image(rng)
        drawn = []
        for one in (truth, answer):
            masks = []
            for x1, y1, x2, y2 in one.boxes.astype(int):
                mask = np.zeros((120, 120), bool)
                mask[max(y1 // 2, 0) : y2 // 2 + 1, max(x1 // 2, 0) : x2 // 2 + 1] = True
                masks.append(mask)
            drawn.append(masks)
        images.append(
            (
                ObjectsTruth(categories=truth.categories, boxes=truth.boxes, crowd=truth.crowd, masks=drawn[0]),
                ObjectsAnswer(categories=answer.categories, boxes=answer.boxes, scores=answer.scores, masks=drawn[1]),
            )
        )
    metric = DetectionMetric(categories=CATEGORIES, shape="mask")
    figures = metric.summarise(table_of(metric, [metric.row(truth, answer) for truth, answer in images]))
    assert [figures[name] for name in NAMES] == pytest.approx(coco_stats(images, "mask"), abs=1e-9)


def test_weights_say_how_often_an_image_counts():
    rng = np.random.default_rng(5)
    metric = DetectionMetric(categories=CATEGORIES)
    found = []
    for _ in range(40):
        truth, answer = random_image(rng)
        scores = rng.random(len(answer.categories))  # all different: the order of equal scores is that of the rows
        found.append(metric.row(truth, replace(answer, scores=scores)))
    times = rng.integers(0, 4, len(found))
    again = [row for row, count in zip(found, times, strict=True) for _ in range(count)]
    expected = metric.summarise(table_of(metric, again))
    assert metric.summarise(table_of(metric, found), times) == pytest.approx(expected, abs=1e-9)


def test_areas_under_curves_by_hand():
    # Recall 1/4 and 1/2 with precision 1/2 and 3/4: the better, later one holds for both.
    recall, precision = np.array([0.25, 0.5]), np.array([0.5, 0.75])
    assert area_under(recall, precision) == pytest.approx(0.375)
    assert interpolated(recall, precision) == pytest.approx(51 * 0.75 / 101)
    assert area_under(recall[:0], precision[:0]) == interpolated(recall[:0], precision[:0]) == 0.0


def test_average_precision_without_interpolation_equals_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(6)
    right, scores, weights = rng.random(200) < 0.3, rng.integers(0, 20, 200) / 20, rng.integers(0, 3, 200)
    expected = metrics.average_precision_score(right, scores, sample_weight=weights)
    assert uninterpolated(right, scores, weights.astype(float)) == pytest.approx(expected, abs=1e-9)
    assert uninterpolated(np.zeros(3, bool), scores[:3], np.ones(3)) is None


@pytest.mark.parametrize(
    ("truth", "answer", "scores", "message"),
    [
        ({**objects(UNIT), "categories": ["c"]}, objects(), [], "truth has the category 'c'; it takes a, b"),
        (objects(UNIT), {**objects(UNIT), "categories": ["a", "a"]}, [1, 1], "boxes of the answer are \\(1, 4\\)"),
        (objects((9, 0, 0, 9)), objects(), [], "truth has the box"),
        (objects(UNIT), objects(UNIT), [], "scores of the answer are \\(0,\\)"),
        (objects(UNIT), objects(UNIT), [np.nan], "give one finite number"),
        ({**objects(UNIT), "crowd": np.zeros(2, bool)}, objects(), [], "crowd of the truth"),
    ],
)
def test_objects_that_do_not_fit_are_refused(metric, truth, answer, scores, message):
    with pytest.raises(ValueError, match=message):
        row_of(metric, truth, answer, scores)


def test_answers_without_scores_are_sent_to_the_other_metric(metric):
    with pytest.raises(ValueError, match="use the confidence-free metric"):
        metric.row(ObjectsTruth(), ObjectsAnswer(**objects(UNIT)))


def test_masks_are_checked():
    metric = DetectionMetric(categories=["a"], shape="mask")
    mask = np.ones((4, 4), bool)
    with pytest.raises(ValueError, match="0 masks for 1 objects"):
        metric.row(ObjectsTruth(categories=["a"]), ObjectsAnswer(scores=np.zeros(0)))
    with pytest.raises(ValueError, match="masks are of the sizes"):
        metric.row(
            ObjectsTruth(categories=["a"], masks=[mask]),
            ObjectsAnswer(categories=["a"], masks=[mask[:3]], scores=np.ones(1)),
        )


@pytest.mark.parametrize("settings", [{"shape": "line"}, {"max_detections": 0}, {"categories": []}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=r"it takes|give at least"):
        DetectionMetric(**{"categories": ["a"], **settings})
