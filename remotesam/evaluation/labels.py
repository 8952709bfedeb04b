"""Classification of whole images: several labels (accuracy, F1, mAP), or one scene (top-1, confusions)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.average_precision import uninterpolated
from remotesam.evaluation.categories import Categories
from remotesam.evaluation.columns import Lists, known, lists, mean, mean_of_known, numbers, ratio, ratios
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.samples import LabelsAnswer, LabelsTruth, SceneAnswer, SceneTruth


class LabelsMetric:
    """Labels that an image has, labels found, and scores where there are any; one row an image.

    - ``accuracy``: share of right (image, class) pairs, absent classes included.
    - ``macro F1``: F1 of each class over the set, then the mean over the classes that are there or were found;
      ``micro F1``: all classes in one.
    - ``mAP``: mean over the classes that are there of average precision without interpolation, where every answer has
      scores.
    - ``accuracy/<class>``, ``F1/<class>``, ``AP/<class>``.

    Args:
        categories: The names of the classes, all of which are asked of every image.

    Raises:
        ValueError: A name repeats, or there is none.

    Example:
        >>> metric = LabelsMetric(categories=["ship", "plane"])
        >>> metric.row(LabelsTruth(labels=frozenset({"ship"})), LabelsAnswer(labels=frozenset({"plane"})))
        {'truth': [0], 'found': [1], 'scores': []}
    """

    name: ClassVar[str] = "mlc"
    task: ClassVar[str] = "mlc"
    truth_type: ClassVar[type] = LabelsTruth
    answer_type: ClassVar[type] = LabelsAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [
            pa.field("truth", pa.list_(pa.int32()), nullable=False),
            pa.field("found", pa.list_(pa.int32()), nullable=False),
            pa.field("scores", pa.list_(pa.float64()), nullable=False),
        ]
    )

    def __init__(self, *, categories: Sequence[str]) -> None:
        self.categories = Categories(categories)
        self._read = RecentTables(self._tables)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes."""
        return {"categories": self.categories.names}

    @property
    def rules(self) -> str:
        """What is averaged, in words."""
        return f"all (image, class) pairs of {len(self.categories)} classes"

    def row(self, truth: LabelsTruth, answer: LabelsAnswer) -> dict[str, Any]:
        """The labels of one image; scores of all classes in order, or none.

        Raises:
            ValueError: A label is none of the classes, or a score is not finite.
        """
        right, found = self.categories.numbers(truth.labels, "truth"), self.categories.numbers(answer.labels, "answer")
        scores = np.zeros(0)
        if answer.scores is not None:
            scores = np.zeros(len(self.categories))
            scores[self.categories.numbers(answer.scores, "answer")] = list(answer.scores.values())
            if not np.isfinite(scores).all():
                raise ValueError(f"scores of the answer are {dict(answer.scores)}; they take finite numbers")
        return {"truth": sorted(right.tolist()), "found": sorted(found.tolist()), "scores": scores.tolist()}

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        table = self._read(rows)
        right, wrong_or_missed = once @ (table.truth & table.found), once @ (table.truth ^ table.found)
        accuracies = ratios(once.sum() - wrong_or_missed, np.full(len(self.categories), once.sum()))
        f1s = ratios(2 * right, 2 * right + wrong_or_missed)
        precisions: list[float | None] = [None] * len(self.categories)
        if table.scores is not None:
            pairs = zip(table.truth.T, table.scores.T, strict=True)
            precisions = [uninterpolated(truth, scores, once) for truth, scores in pairs]
        figures = {
            "accuracy": mean_of_known(accuracies),
            "macro F1": mean_of_known(f1s),
            "micro F1": ratio(2 * right.sum(), 2 * right.sum() + wrong_or_missed.sum()),
            "mAP": mean_of_known(np.array(precisions, dtype=np.float64)),
        }
        names = self.categories.names
        figures |= {f"accuracy/{name}": known(value) for name, value in zip(names, accuracies, strict=True)}
        figures |= {f"F1/{name}": known(value) for name, value in zip(names, f1s, strict=True)}
        return figures | {f"AP/{name}": value for name, value in zip(names, precisions, strict=True)}

    def _tables(self, rows: pa.Table) -> _Tables:
        shape = (rows.num_rows, len(self.categories))
        scores = lists(rows, "scores").values
        complete = scores.size == shape[0] * shape[1]  # every answer has scores of all classes
        return _Tables(
            _dense(lists(rows, "truth"), shape),
            _dense(lists(rows, "found"), shape),
            scores.reshape(shape) if complete else None,
        )


class SceneMetric:
    """The scene of an image and the one found; one row an image.

    - ``top-1``: share of images with the right scene; no scene found is wrong.
    - ``mean top-1``: mean over the scenes of the share of their images that are right.
    - ``top-1/<scene>``.

    Args:
        categories: The names of the scenes.

    Raises:
        ValueError: A name repeats, or there is none.

    Example:
        >>> SceneMetric(categories=["port", "farm"]).row(SceneTruth(label="port"), SceneAnswer())
        {'truth': 0, 'found': -1}
    """

    name: ClassVar[str] = "mcc"
    task: ClassVar[str] = "mcc"
    truth_type: ClassVar[type] = SceneTruth
    answer_type: ClassVar[type] = SceneAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [pa.field("truth", pa.int32(), nullable=False), pa.field("found", pa.int32(), nullable=False)]
    )

    def __init__(self, *, categories: Sequence[str]) -> None:
        self.categories = Categories(categories)

    @property
    def settings(self) -> dict[str, Any]:
        """Scenes."""
        return {"categories": self.categories.names}

    @property
    def rules(self) -> str:
        """What is averaged, in words."""
        return f"one of {len(self.categories)} scenes an image, no scene found is wrong"

    def row(self, truth: SceneTruth, answer: SceneAnswer) -> dict[str, Any]:
        """The place of either scene among the categories; -1 for none found.

        Raises:
            ValueError: A label is none of the scenes.
        """
        right = int(self.categories.numbers([truth.label], "truth")[0])
        found = -1 if answer.label is None else int(self.categories.numbers([answer.label], "answer")[0])
        return {"truth": right, "found": found}

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        truth, found = numbers(rows, "truth"), numbers(rows, "found")
        size = len(self.categories)
        shares = ratios(np.bincount(truth, once * (truth == found), size), np.bincount(truth, once, size))
        figures = {"top-1": mean(truth == found, once), "mean top-1": mean_of_known(shares)}
        names = self.categories.names
        return figures | {f"top-1/{name}": known(value) for name, value in zip(names, shares, strict=True)}

    def confusion(self, rows: pa.Table) -> NDArray[np.int64]:
        """(K, K + 1) how many images of each scene (rows) were answered with each (columns); the last is none."""
        truth, found = numbers(rows, "truth").astype(np.int64), numbers(rows, "found").astype(np.int64)
        size = len(self.categories)
        flat = np.bincount(truth * (size + 1) + found % (size + 1), minlength=size * (size + 1))
        return flat.reshape(size, size + 1)


@dataclass(frozen=True)
class _Tables:
    truth: NDArray[np.bool_]
    found: NDArray[np.bool_]
    scores: NDArray[np.float64] | None


def _dense(column: Lists, shape: tuple[int, int]) -> NDArray[np.bool_]:
    table = np.zeros(shape, dtype=bool)
    table[column.sample, column.values] = True
    return table
