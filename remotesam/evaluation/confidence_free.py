"""Detection without scores: F1 of boxes or masks at one IoU, and F1 of counts, as InstructSAM is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from remotesam.evaluation.categories import Categories
from remotesam.evaluation.columns import known, lists, mean_of_known, ratio, ratios
from remotesam.evaluation.count_scores import count_f1
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.overlaps import SHAPES, Shape, checked_objects, ious
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth


class ConfidenceFreeMetric:
    """How many detections of each class match an object one to one; one row an image.

    Of each class as many pairs with enough IoU are made as possible, so no order of the detections plays a part. What
    matches nothing but a crowd is passed over.

    - ``F1``: of each class over the whole set, then the mean over the classes (macro) that have objects or detections;
      ``micro F1``, ``micro precision``, ``micro recall``: all classes in one.
    - ``count F1``, ``micro count F1``: the same of counts alone, where an image gives ``min(found, there)`` hits,
      ``max(found - there, 0)`` wrong ones and ``max(there - found, 0)`` misses.
    - ``F1/<class>``, ``count F1/<class>``.

    Args:
        categories: The names of the classes.
        shape: What IoU is taken of: ``box`` or ``mask``.
        iou_threshold: IoU that is enough, in (0, 1].

    Raises:
        ValueError: A setting is out of range.

    Example:
        >>> metric = ConfidenceFreeMetric(categories=["ship"])
        >>> truth = ObjectsTruth(categories=["ship"], boxes=np.array([[0, 0, 9, 9]]))
        >>> metric.row(truth, ObjectsAnswer(categories=["ship"], boxes=np.array([[0, 0, 9, 8]])))
        {'classes': [0], 'hits': [1], 'found': [1], 'truths': [1]}
    """

    name: ClassVar[str] = "det-f1"
    task: ClassVar[str] = "det"
    truth_type: ClassVar[type] = ObjectsTruth
    answer_type: ClassVar[type] = ObjectsAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [pa.field(name, pa.list_(pa.int32()), nullable=False) for name in ("classes", "hits", "found", "truths")]
    )

    def __init__(self, *, categories: Sequence[str], shape: Shape = "box", iou_threshold: float = 0.5) -> None:
        self.categories = Categories(categories)
        if shape not in SHAPES:
            raise ValueError(f"shape is {shape!r}; it takes {', '.join(SHAPES)}")
        if not 0 < iou_threshold <= 1:
            raise ValueError(f"iou_threshold is {iou_threshold}; it takes more than 0, at most 1")
        self.shape: Shape = shape
        self.iou_threshold = iou_threshold
        self._read = RecentTables(_read)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes, shape and threshold."""
        return {"categories": self.categories.names, "shape": self.shape, "iou_threshold": self.iou_threshold}

    @property
    def rules(self) -> str:
        """Shape and threshold in words."""
        return f"no scores, one-to-one matches with {self.shape} IoU >= {self.iou_threshold}; macro over classes"

    def row(self, truth: ObjectsTruth, answer: ObjectsAnswer) -> dict[str, Any]:
        """The counts of one image.

        Raises:
            ValueError: Fields do not fit each other or the categories.
        """
        wanted = checked_objects(truth, self.categories, self.shape)
        found = checked_objects(answer, self.categories, self.shape)
        row: dict[str, Any] = {"classes": [], "hits": [], "found": [], "truths": []}
        for number in np.union1d(wanted.classes, found.classes):
            objects, guesses = wanted.chosen(wanted.classes == number), found.chosen(found.classes == number)
            enough = ious(guesses, objects) >= self.iou_threshold
            partner = maximum_bipartite_matching(csr_matrix(enough[:, ~objects.crowd]), perm_type="column")
            hits = int((partner >= 0).sum())
            passed = int((enough[:, objects.crowd].any(axis=1) & (partner < 0)).sum())
            counts = (int(number), hits, len(guesses) - passed, int((~objects.crowd).sum()))
            for name, value in zip(row, counts, strict=True):
                row[name].append(value)
        return row

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        sample, classes, hit, found, there = self._read(rows)
        size = len(self.categories)
        hits, guesses, objects = (np.bincount(classes, once[sample] * n, size) for n in (hit, found, there))
        f1s = ratios(2 * hits, guesses + objects)
        counted = count_f1(classes, found, there, once[sample], size)
        figures = {
            "F1": mean_of_known(f1s),
            "micro F1": ratio(2 * hits.sum(), guesses.sum() + objects.sum()),
            "micro precision": ratio(hits.sum(), guesses.sum()),
            "micro recall": ratio(hits.sum(), objects.sum()),
            "count F1": mean_of_known(counted.classes),
            "micro count F1": counted.micro,
        }
        names = self.categories.names
        figures |= {f"F1/{name}": known(value) for name, value in zip(names, f1s, strict=True)}
        return figures | {f"count F1/{name}": known(value) for name, value in zip(names, counted.classes, strict=True)}


def _read(rows: pa.Table) -> tuple[NDArray[np.int64], ...]:
    classes = lists(rows, "classes")
    counts = (lists(rows, name).values.astype(np.int64) for name in ("hits", "found", "truths"))
    return classes.sample, classes.values.astype(np.int64), *counts
