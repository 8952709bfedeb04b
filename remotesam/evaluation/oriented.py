"""Detection with oriented boxes: AP50 as PASCAL VOC has it, with polygon IoU; objects marked difficult do not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.average_precision import Ranking, area_under
from remotesam.evaluation.categories import Categories
from remotesam.evaluation.columns import Lists, known, lists, mean_of_known
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.overlaps import checked_scores
from remotesam.evaluation.samples import OrientedAnswer, OrientedTruth

_HIT, _MISS, _SKIP = 1, 0, -1


class OrientedMetric:
    """Which oriented boxes match an object; one row an image.

    By falling score, each detection is compared with the object of its class that it overlaps most. It is right if
    their IoU is at least the threshold and no detection matched that object before, passed over if that object is
    difficult, and wrong otherwise. Rows hold, for every detection, its class, score and ``judged`` (1 right, 0 wrong,
    -1 passed over), and how many objects of each class count.

    - ``AP50``: mean over the classes of the area under the best precision at or beyond each recall, at all points (not
      at eleven recalls as in VOC 2007). Classes without any object are left out.
    - ``AP50/<class>``.

    Args:
        categories: The names of the classes.
        iou_threshold: IoU that is enough, in (0, 1]; the figures are named after it.

    Raises:
        ValueError: A setting is out of range.
    """

    name: ClassVar[str] = "obb"
    task: ClassVar[str] = "obb"
    truth_type: ClassVar[type] = OrientedTruth
    answer_type: ClassVar[type] = OrientedAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [
            pa.field("detected", pa.list_(pa.int32()), nullable=False),
            pa.field("scores", pa.list_(pa.float64()), nullable=False),
            pa.field("judged", pa.list_(pa.int8()), nullable=False),
            pa.field("classes", pa.list_(pa.int32()), nullable=False),
            pa.field("truths", pa.list_(pa.int32()), nullable=False),
        ]
    )

    def __init__(self, *, categories: Sequence[str], iou_threshold: float = 0.5) -> None:
        self.categories = Categories(categories)
        if not 0 < iou_threshold <= 1:
            raise ValueError(f"iou_threshold is {iou_threshold}; it takes more than 0, at most 1")
        self.iou_threshold = iou_threshold
        self._read = RecentTables(self._rankings)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes and threshold."""
        return {"categories": self.categories.names, "iou_threshold": self.iou_threshold}

    @property
    def rules(self) -> str:
        """Threshold and interpolation in words."""
        return (
            f"VOC average precision at all points, polygon IoU >= {self.iou_threshold}, difficult objects passed over"
        )

    def row(self, truth: OrientedTruth, answer: OrientedAnswer) -> dict[str, Any]:
        """The matches of one image.

        Raises:
            ValueError: Fields do not fit each other or the categories.
            ImportError: shapely is not installed.
        """
        wanted = self.categories.numbers(truth.categories, "truth")
        found = self.categories.numbers(answer.categories, "answer")
        outlines = polygons(truth.corners, len(wanted), "truth")
        guesses = polygons(answer.corners, len(found), "answer")
        difficult = np.zeros(len(wanted), bool) if truth.difficult is None else np.asarray(truth.difficult, bool)
        if difficult.shape != wanted.shape:
            raise ValueError(f"difficult is {difficult.shape}; give one flag for each of {len(wanted)} objects")
        scores = checked_scores(answer.scores, len(found))
        order = np.argsort(-scores, kind="stable")
        row: dict[str, Any] = {field.name: [] for field in self.schema}
        for number in np.union1d(wanted, found):
            places, objects = order[found[order] == number], np.flatnonzero(wanted == number)
            overlap = polygon_ious(guesses[places], outlines[objects])
            row["detected"] += [int(number)] * len(places)
            row["scores"] += scores[places].tolist()
            row["judged"] += _judge(overlap, difficult[objects], self.iou_threshold)
            if len(objects):
                row["classes"].append(int(number))
                row["truths"].append(int((~difficult[objects]).sum()))
        return row

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        curves = [ranking.curves(once) for ranking in self._read(rows)]
        values = np.array([np.nan if curve is None else area_under(*curve[0]) for curve in curves])
        title = f"AP{self.iou_threshold * 100:g}"
        parts = {f"{title}/{name}": known(one) for name, one in zip(self.categories.names, values, strict=True)}
        return {title: mean_of_known(values)} | parts

    def _rankings(self, rows: pa.Table) -> list[Ranking]:
        detected, scores, judged = lists(rows, "detected"), lists(rows, "scores").values, lists(rows, "judged").values
        classes, truths = lists(rows, "classes"), lists(rows, "truths").values
        order = np.lexsort((-scores, detected.values))  # keeps the order of rows among equals
        starts = np.searchsorted(detected.values[order], np.arange(len(self.categories) + 1))
        rankings = []
        for number in range(len(self.categories)):
            places, has = order[starts[number] : starts[number + 1]], classes.values == number
            hit, skip = judged[None, places] == _HIT, judged[None, places] == _SKIP
            rankings.append(Ranking.of(detected.sample[places], hit, skip, Lists(truths[has], classes.sample[has])))
        return rankings


def polygons(corners: NDArray[Any], count: int, what: str) -> NDArray[Any]:
    """(N,) shapely polygons of boxes; where corners do not go round the box, their convex hull.

    Raises:
        ValueError: There are not four finite corners for each object.
        ImportError: shapely is not installed.
    """
    try:
        import shapely
    except ImportError as error:
        raise ImportError("oriented boxes need shapely: pip install 'remotesam[geo]'") from error
    points = np.asarray(corners, dtype=np.float64)
    points = points.reshape(0, 4, 2) if points.size == 0 else points
    if points.shape != (count, 4, 2) or not np.isfinite(points).all():
        raise ValueError(f"corners of the {what} are {points.shape}; give (4, 2) x, y for each of {count} objects")
    outlines: NDArray[Any] = shapely.polygons(points)
    crossed = ~shapely.is_valid(outlines)
    outlines[crossed] = shapely.convex_hull(outlines[crossed])
    return outlines


def polygon_ious(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """(M, N) IoU of each pair of shapely polygons; 0 for polygons without area."""
    import shapely

    overlap = np.zeros((len(first), len(second)))
    if overlap.size:
        rows, columns = shapely.STRtree(second).query(first)
        shared = shapely.area(shapely.intersection(first[rows], second[columns]))
        union = shapely.area(first)[rows] + shapely.area(second)[columns] - shared
        overlap[rows, columns] = shared / np.where(union > 0, union, 1)
    return overlap


def _judge(overlap: NDArray[np.float64], difficult: NDArray[np.bool_], threshold: float) -> list[int]:
    judged = [_MISS] * len(overlap)
    taken: set[int] = set()
    if overlap.size:
        for place, best in enumerate(overlap.argmax(axis=1).tolist()):
            if overlap[place, best] < threshold:
                continue
            if difficult[best]:
                judged[place] = _SKIP
            elif best not in taken:
                judged[place] = _HIT
                taken.add(best)
    return judged
