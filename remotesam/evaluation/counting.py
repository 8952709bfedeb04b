"""Counting: exact counts, errors and F1, over every class that an image shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.categories import Categories
from remotesam.evaluation.columns import known, lists, mean, mean_of_known, ratios
from remotesam.evaluation.count_scores import count_f1
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.samples import CountsAnswer, CountsTruth


class CountingMetric:
    """How many were found and how many there are, of each class that was asked for; one row an image.

    - ``accuracy``: share of exact counts, over all (image, class present); ``MAE``, ``RMSE``: mean absolute and root
      mean squared error over the same pairs, in objects.
    - ``accuracy/asked``, ``MAE/asked``, ``RMSE/asked``: over all pairs that were asked, absent classes included.
    - ``count F1``, ``micro count F1``: ``min(found, there)`` hits an image; by class over the set, then the mean over
      the classes that are there or were found; or all classes in one.
    - ``accuracy/<class>``: over the images that show it.

    Args:
        categories: The names of the classes.

    Raises:
        ValueError: A name repeats, or there is none.

    Example:
        >>> metric = CountingMetric(categories=["ship", "plane"])
        >>> metric.row(CountsTruth(counts={"ship": 2, "plane": 0}), CountsAnswer(counts={"ship": 3}))
        {'classes': [0, 1], 'found': [3, 0], 'truths': [2, 0]}
    """

    name: ClassVar[str] = "cnt"
    task: ClassVar[str] = "cnt"
    truth_type: ClassVar[type] = CountsTruth
    answer_type: ClassVar[type] = CountsAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [pa.field(name, pa.list_(pa.int32()), nullable=False) for name in ("classes", "found", "truths")]
    )

    def __init__(self, *, categories: Sequence[str]) -> None:
        self.categories = Categories(categories)
        self._read = RecentTables(_read)

    @property
    def settings(self) -> dict[str, Any]:
        """Classes."""
        return {"categories": self.categories.names}

    @property
    def rules(self) -> str:
        """What is averaged, in words."""
        return "exact counts and errors over (image, class present), no object discarded by its size"

    def row(self, truth: CountsTruth, answer: CountsAnswer) -> dict[str, Any]:
        """The counts of one image.

        Raises:
            ValueError: A count is no whole number >= 0, or of a class that is unknown or was not asked for.
        """
        unasked = sorted(set(answer.counts) - set(truth.counts))
        if unasked:
            raise ValueError(f"the answer counts {', '.join(unasked)}; asked for were {', '.join(truth.counts)}")
        for counts, what in ((truth.counts, "truth"), (answer.counts, "answer")):
            for name, count in counts.items():
                if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
                    raise ValueError(f"the {what} counts {count!r} of {name!r}; it takes a whole number >= 0")
        numbers = self.categories.numbers(truth.counts, "truth")
        return {
            "classes": numbers.tolist(),
            "found": [int(answer.counts.get(name, 0)) for name in truth.counts],
            "truths": [int(count) for count in truth.counts.values()],
        }

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        sample, classes, found, there = self._read(rows)
        asked = once[sample]
        present, error = asked * (there > 0), np.abs(found - there)
        figures: dict[str, float | None] = {}
        for title, weight in (("", present), ("/asked", asked)):
            figures[f"accuracy{title}"] = mean(error == 0, weight)
            figures[f"MAE{title}"] = mean(error, weight)
            squared = mean(error**2, weight)
            figures[f"RMSE{title}"] = None if squared is None else squared**0.5
        size = len(self.categories)
        counted = count_f1(classes, found, there, asked, size)
        figures |= {"count F1": mean_of_known(counted.classes), "micro count F1": counted.micro}
        exact = ratios(np.bincount(classes, present * (error == 0), size), np.bincount(classes, present, size))
        names = self.categories.names
        return figures | {f"accuracy/{name}": known(value) for name, value in zip(names, exact, strict=True)}


def _read(rows: pa.Table) -> tuple[NDArray[np.int64], ...]:
    classes = lists(rows, "classes")
    return (
        classes.sample,
        classes.values.astype(np.int64),
        *(lists(rows, name).values.astype(np.int64) for name in ("found", "truths")),
    )
