"""Detection with upright boxes or masks: COCO's AP, AP50 and AP75, equal to pycocotools'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.average_precision import Ranking, interpolated
from remotesam.evaluation.categories import Categories
from remotesam.evaluation.columns import Lists, known, lists, mean_of_known
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.overlaps import SHAPES, Objects, Shape, checked_objects, checked_scores, ious
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth

THRESHOLDS = np.linspace(0.5, 0.95, 10)
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""COCO's ranges of area in square pixels, both ends included."""
_WAYS = len(AREAS) * len(THRESHOLDS)
_BITS = np.left_shift(np.int64(1), np.arange(_WAYS))
_TRUTHS = {area: "truths" if area == "all" else f"truths_{area}" for area in AREAS}


class DetectionMetric:
    """Which detections match an object, for every IoU threshold and range of areas; one row an image.

    Rows hold, for every detection, its class, score and two sets of bits, ``hits`` (it matches an object) and ``skips``
    (it counts neither as right nor as wrong: it matches a crowd or an object outside the range of areas, or is itself
    outside and matches nothing). Bit ``10 a + t`` is of the ``a``-th of :data:`AREAS` and ``t``-th of
    :data:`THRESHOLDS`. ``classes`` and ``truths`` ... say how many objects count.

    - ``AP``: mean over classes and the IoU thresholds 0.5, 0.55 ... 0.95; ``AP50``, ``AP75``: at one threshold. Classes
      without any object are left out.
    - ``AP/small``, ``AP/medium``, ``AP/large``: by the area of the objects; ``AR``: the share of objects found, mean
      over classes and thresholds.
    - ``AP/<class>``, ``AP50/<class>``.

    Args:
        categories: The names of the classes.
        shape: What IoU is taken of: ``box`` or ``mask``.
        max_detections: How many detections of an image and class count, those with the highest scores. COCO's is 100;
            images with more objects of a class need more.

    Raises:
        ValueError: A setting is out of range.

    Example:
        >>> metric = DetectionMetric(categories=["ship"])
        >>> box = np.array([[0, 0, 10, 10]])
        >>> row = metric.row(ObjectsTruth(categories=["ship"], boxes=box),
        ...                  ObjectsAnswer(categories=["ship"], boxes=box, scores=np.array([0.9])))
        >>> metric.summarise(pa.Table.from_pylist([row], schema=metric.schema))["AP"]
        1.0
    """

    name: ClassVar[str] = "det"
    task: ClassVar[str] = "det"
    truth_type: ClassVar[type] = ObjectsTruth
    answer_type: ClassVar[type] = ObjectsAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [
            pa.field("detected", pa.list_(pa.int32()), nullable=False),
            pa.field("scores", pa.list_(pa.float64()), nullable=False),
            pa.field("hits", pa.list_(pa.int64()), nullable=False),
            pa.field("skips", pa.list_(pa.int64()), nullable=False),
            pa.field("classes", pa.list_(pa.int32()), nullable=False),
            *(pa.field(column, pa.list_(pa.int32()), nullable=False) for column in _TRUTHS.values()),
        ]
    )

    def __init__(self, *, categories: Sequence[str], shape: Shape = "box", max_detections: int = 100) -> None:
        self.categories = Categories(categories)
        if shape not in SHAPES:
            raise ValueError(f"shape is {shape!r}; it takes {', '.join(SHAPES)}")
        if max_detections < 1:
            raise ValueError(f"max_detections is {max_detections}; it takes at least 1")
        self.shape: Shape = shape
        self.max_detections = max_detections
        self._read = RecentTables(self._rankings)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes, shape and cap."""
        return {"categories": self.categories.names, "shape": self.shape, "max_detections": self.max_detections}

    @property
    def rules(self) -> str:
        """Shape, interpolation and cap in words."""
        return (
            f"COCO average precision on {self.shape} IoU, 101 recalls, "
            f"at most {self.max_detections} detections an image and class"
        )

    def row(self, truth: ObjectsTruth, answer: ObjectsAnswer) -> dict[str, Any]:
        """The matches of one image.

        Raises:
            ValueError: Fields do not fit each other or the categories, or there are no scores.
        """
        wanted = checked_objects(truth, self.categories, self.shape)
        found = checked_objects(answer, self.categories, self.shape)
        scores = checked_scores(answer.scores, len(found))
        order = np.argsort(-scores, kind="stable")
        row: dict[str, Any] = {field.name: [] for field in self.schema}
        for number in np.union1d(wanted.classes, found.classes):
            objects = wanted.chosen(wanted.classes == number)
            places = order[found.classes[order] == number][: self.max_detections]
            passed = _outside(objects.areas) | objects.crowd
            hits, skips = _match(found.chosen(places), objects, passed)
            row["detected"] += [int(number)] * len(places)
            row["scores"] += scores[places].tolist()
            row["hits"] += (_BITS @ hits).tolist()
            row["skips"] += (_BITS @ skips).tolist()
            if len(objects):
                row["classes"].append(int(number))
                for column, counted in zip(_TRUTHS.values(), (~passed).sum(axis=1), strict=True):
                    row[column].append(int(counted))
        return row

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        rankings = self._read(rows)
        precisions = np.full((len(AREAS), len(self.categories), len(THRESHOLDS)), np.nan)
        recalls = np.full((len(self.categories), len(THRESHOLDS)), np.nan)
        for (area, number), ranking in rankings.items():
            curves = ranking.curves(once)
            if curves is not None:
                precisions[area, number] = [interpolated(*curve) for curve in curves]
                if area == 0:
                    recalls[number] = [recall[-1] if recall.size else 0.0 for recall, _ in curves]
        overall = precisions[0]
        figures = {"AP": mean_of_known(overall), "AP50": mean_of_known(overall[:, 0])}
        figures["AP75"] = mean_of_known(overall[:, 5])
        figures |= {f"AP/{area}": mean_of_known(precisions[place]) for place, area in enumerate(AREAS) if place}
        figures["AR"] = mean_of_known(recalls)
        names = self.categories.names
        figures |= {f"AP/{name}": mean_of_known(one) for name, one in zip(names, overall, strict=True)}
        return figures | {f"AP50/{name}": known(one[0]) for name, one in zip(names, overall, strict=True)}

    def _rankings(self, rows: pa.Table) -> dict[tuple[int, int], Ranking]:
        """By range of areas and class."""
        detected, scores = lists(rows, "detected"), lists(rows, "scores").values
        hits, skips = lists(rows, "hits").values, lists(rows, "skips").values
        classes = lists(rows, "classes")
        counts = [lists(rows, column).values for column in _TRUTHS.values()]
        order = np.lexsort((-scores, detected.values))  # keeps the order of rows among equals
        starts = np.searchsorted(detected.values[order], np.arange(len(self.categories) + 1))
        rankings = {}
        for number in range(len(self.categories)):
            places = order[starts[number] : starts[number + 1]]
            shape = (len(AREAS), len(THRESHOLDS), len(places))
            flags = [(bits[places] & _BITS[:, None] != 0).reshape(shape) for bits in (hits, skips)]
            has = classes.values == number
            for area, count in enumerate(counts):
                truths = Lists(count[has], classes.sample[has])
                rankings[area, number] = Ranking.of(detected.sample[places], flags[0][area], flags[1][area], truths)
        return rankings


def _outside(areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(4, N) whether each area is outside of each range."""
    limits = np.array(list(AREAS.values()))
    return (areas < limits[:, :1]) | (areas > limits[:, 1:])


def _match(found: Objects, wanted: Objects, passed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """COCO's matching of one class, for all ranges and thresholds at once: the best free object, counted ones first.

    Args:
        found: (D,) by falling score.
        wanted: (G,).
        passed: (4, G) objects that do not count.

    Returns:
        Hits and skips, (40, D) each.
    """
    overlap = ious(found, wanted)
    hits = np.zeros((len(AREAS), len(THRESHOLDS), len(found)), dtype=bool)
    skips = np.zeros_like(hits)
    taken = np.zeros((len(AREAS), len(THRESHOLDS), len(wanted)), dtype=bool)
    limits = np.minimum(THRESHOLDS, 1 - 1e-10)[:, None]
    for place in np.flatnonzero(overlap.max(axis=1, initial=0) >= THRESHOLDS[0]):
        free = (overlap[place] >= limits) & (~taken | wanted.crowd)
        counted = free & ~passed[:, None]
        free = np.where(counted.any(axis=2, keepdims=True), counted, free)
        # Of equal overlaps the last object wins, as in pycocotools.
        best = len(wanted) - 1 - np.where(free, overlap[place], -1)[..., ::-1].argmax(axis=2)[..., None]
        matched = np.take_along_axis(free, best, axis=2)
        hits[..., place] = matched[..., 0]
        skips[..., place] = (matched & np.take_along_axis(passed[:, None], best, axis=2))[..., 0]
        np.put_along_axis(taken, best, matched | np.take_along_axis(taken, best, axis=2), axis=2)
    skips |= ~hits & _outside(found.areas)[:, None]
    return hits.reshape(_WAYS, len(found)), skips.reshape(_WAYS, len(found))
