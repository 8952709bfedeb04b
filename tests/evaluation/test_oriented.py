import json
import math

import numpy as np
import pytest

from remotesam.evaluation.oriented import OrientedMetric, polygon_ious, polygons
from remotesam.evaluation.samples import OrientedAnswer, OrientedTruth
from remotesam.results.boxes import OrientedBox
from tests.evaluation.tables import table_of

shapely = pytest.importorskip("shapely")


def box(x=0.0, y=0.0, width=4.0, height=4.0, angle=0.0) -> np.ndarray:
    return OrientedBox(x, y, width, height, angle).corners


UNIT, FAR = box(), box(50, 50)


def rows_of(metric, *images):
    rows = []
    for boxes, guesses, scores, *difficult in images:
        truth = OrientedTruth(
            categories=["a"] * len(boxes),
            corners=np.array(boxes),
            difficult=np.array(difficult[0]) if difficult else None,
        )
        answer = OrientedAnswer(categories=["a"] * len(guesses), corners=np.array(guesses), scores=np.array(scores))
        rows.append(metric.row(truth, answer))
    return table_of(metric, rows)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([], None),
        ([([], [], [])], None),
        # Nothing where something is, something where nothing is.
        ([([UNIT], [], [])], 0.0),
        ([([], [UNIT], [0.9])], None),
        ([([UNIT], [UNIT], [0.9])], 1.0),
        # The wrong one first.
        ([([UNIT], [UNIT, FAR], [0.8, 0.9])], 0.5),
        # Right, wrong, right: 1/2 of the recall at precision 1, the rest at 2/3.
        ([([UNIT, FAR], [UNIT, UNIT, FAR], [0.9, 0.8, 0.7])], 0.5 + 0.5 * 2 / 3),
        # Over images: the ranking is of the whole set.
        ([([UNIT], [UNIT], [0.6]), ([], [UNIT], [0.9])], 0.5),
        # A difficult object is neither missed nor found; a second detection on it is passed over too.
        ([([UNIT, FAR], [UNIT, UNIT, FAR], [0.9, 0.8, 0.7], [True, False])], 1.0),
        ([([UNIT], [], [], [True])], None),
        # A square turned by 45 degrees keeps IoU 0.707 with itself; one of twice the length exactly 0.5.
        ([([UNIT], [box(angle=45)], [0.9])], 1.0),
        ([([UNIT], [box(2, 0, width=8)], [0.9])], 1.0),
        ([([UNIT], [box(2.1, 0, width=8.2)], [0.9])], 0.0),
    ],
)
def test_figures_by_hand(images, expected):
    metric = OrientedMetric(categories=["a"])
    figures = metric.summarise(rows_of(metric, *images))
    assert figures == (
        {"AP50": None, "AP50/a": None} if expected is None else pytest.approx({"AP50": expected, "AP50/a": expected})
    )
    json.dumps(figures, allow_nan=False)


def test_a_turned_square_by_hand():
    iou = polygon_ious(polygons(box()[None], 1, "truth"), polygons(box(angle=45)[None], 1, "answer"))
    assert iou[0, 0] == pytest.approx(math.sqrt(0.5))


def test_corners_that_cross_are_taken_by_their_hull():
    crossed = box()[[0, 2, 1, 3]]
    iou = polygon_ious(polygons(crossed[None], 1, "truth"), polygons(box()[None], 1, "answer"))
    assert iou[0, 0] == pytest.approx(1.0)


def test_boxes_without_area_overlap_nothing():
    line = polygons(box(height=0)[None], 1, "truth")
    assert polygon_ious(line, line)[0, 0] == 0.0


def random_images(rng, count):
    images = []
    for _ in range(count):
        there, found = rng.integers(0, 7), rng.integers(0, 9)
        boxes = [box(*rng.uniform(0, 60, 2), *rng.uniform(8, 30, 2), rng.uniform(-90, 90)) for _ in range(there)]
        guesses = [box(*rng.uniform(0, 60, 2), *rng.uniform(8, 30, 2), rng.uniform(-90, 90)) for _ in range(found)]
        for place in range(found if there else 0):
            if rng.random() < 0.7:
                guesses[place] = boxes[rng.integers(there)] + rng.normal(0, 1.2, (4, 2))
        classes = rng.choice(["a", "b"], there).tolist(), rng.choice(["a", "a", "b"], found).tolist()
        truth = OrientedTruth(
            categories=classes[0], corners=np.array(boxes).reshape(-1, 4, 2), difficult=rng.random(there) < 0.2
        )
        answer = OrientedAnswer(
            categories=classes[1], corners=np.array(guesses).reshape(-1, 4, 2), scores=rng.random(found)
        )
        images.append((truth, answer))
    return images


def plain_ap(images, name: str) -> float:
    """Average precision by the words of the development kit of VOC, one detection after the other."""
    ranking, count = [], 0
    for number, (truth, answer) in enumerate(images):
        count += sum(c == name and not d for c, d in zip(truth.categories, truth.difficult, strict=True))
        ranking += [
            (s, number, place)
            for place, (c, s) in enumerate(zip(answer.categories, answer.scores, strict=True))
            if c == name
        ]
    taken, right, wrong, curve = set(), 0, 0, []
    for _, number, place in sorted(ranking, reverse=True):
        truth, answer = images[number]
        guess = shapely.Polygon(answer.corners[place])
        guess = guess if guess.is_valid else guess.convex_hull
        best, overlap = None, 0.0
        for other, category in enumerate(truth.categories):
            outline = shapely.Polygon(truth.corners[other])
            iou = guess.intersection(outline).area / guess.union(outline).area
            if category == name and iou > overlap:
                best, overlap = other, iou
        if overlap >= 0.5 and truth.difficult[best]:
            continue
        if overlap >= 0.5 and (number, best) not in taken:
            taken.add((number, best))
            right += 1
        else:
            wrong += 1
        curve.append((right / count, right / (right + wrong)))
    return sum(
        (recall - (curve[n - 1][0] if n else 0)) * max(p for _, p in curve[n:]) for n, (recall, _) in enumerate(curve)
    )


def test_figures_equal_those_of_a_plain_loop():
    images = random_images(np.random.default_rng(0), 40)
    metric = OrientedMetric(categories=["a", "b"])
    figures = metric.summarise(table_of(metric, [metric.row(truth, answer) for truth, answer in images]))
    expected = {f"AP50/{name}": plain_ap(images, name) for name in "ab"}
    assert figures == pytest.approx({"AP50": sum(expected.values()) / 2, **expected}, abs=1e-9)


def test_weights_say_how_often_an_image_counts():
    rng = np.random.default_rng(1)
    metric = OrientedMetric(categories=["a", "b"])
    found = [metric.row(truth, answer) for truth, answer in random_images(rng, 30)]
    times = rng.integers(0, 4, len(found))
    again = [row for row, count in zip(found, times, strict=True) for _ in range(count)]
    expected = metric.summarise(table_of(metric, again))
    assert metric.summarise(table_of(metric, found), times) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("truth", "answer", "message"),
    [
        ({"categories": ["a"]}, {}, "corners of the truth are \\(0, 4, 2\\)"),
        ({}, {"categories": ["a"], "corners": np.full((1, 4, 2), np.nan)}, "corners of the answer"),
        ({}, {"categories": ["a"], "corners": UNIT[None]}, "scores of the answer are \\(0,\\)"),
        ({}, {"categories": ["b"]}, "answer has the category 'b'"),
        ({"categories": ["a"], "corners": UNIT[None], "difficult": np.zeros(2, bool)}, {}, "difficult is \\(2,\\)"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(truth, answer, message):
    with pytest.raises(ValueError, match=message):
        OrientedMetric(categories=["a"]).row(OrientedTruth(**truth), OrientedAnswer(**answer))


def test_a_threshold_out_of_range_is_refused():
    with pytest.raises(ValueError, match="more than 0, at most 1"):
        OrientedMetric(categories=["a"], iou_threshold=0)
    assert "AP75" in OrientedMetric(categories=["a"], iou_threshold=0.75).summarise(
        rows_of(OrientedMetric(categories=["a"]))
    )
