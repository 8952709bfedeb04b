"""Which thresholds hold for which task and text: a segmenter's own, those that were given, before calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypedDict

from remotesam.inference import TASKS
from remotesam.options import fraction
from remotesam.results import Segmentation

if TYPE_CHECKING:
    from remotesam.calibration import Calibration
    from remotesam.segmenters.base import Segmenter

DEFAULT_THRESHOLD = 0.5
DEFAULT_PRESENCE_THRESHOLD = 0.0


class Limits(TypedDict):
    """Thresholds as the functions of ``remotesam.tasks`` take them: the second for each text."""

    threshold: float
    presence_threshold: list[float]


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a model.

    Attributes:
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: Something is there where the score, after any calibration, is above this, in [0, 1].
        tasks: For single tasks what holds instead.
        calibration: From presence scores to probabilities; None leaves them as they are.
    """

    threshold: float
    presence_threshold: float
    tasks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calibration: Calibration | None = None

    @classmethod
    def of(cls, segmenter: Segmenter, *, threshold: float | None, presence_threshold: float | None) -> Self:
        """Those of a segmenter, or the defaults where it has none; what is given instead holds for all tasks.

        Raises:
            ValueError: A threshold is not in [0, 1].
        """
        given = {"threshold": threshold, "presence_threshold": presence_threshold}
        defaults = {"threshold": DEFAULT_THRESHOLD, "presence_threshold": DEFAULT_PRESENCE_THRESHOLD}
        values = {
            name: fraction(getattr(segmenter, name, defaults[name]) if value is None else value, name)
            for name, value in given.items()
        }
        tasks = {
            task: {name: value for name, value in own.items() if given[name] is None}
            for task, own in getattr(segmenter, "task_thresholds", {}).items()
        }
        return cls(**values, tasks=tasks, calibration=getattr(segmenter, "calibration", None))

    def of_task(self, task: str) -> dict[str, float]:
        """Both thresholds of a task.

        Raises:
            ValueError: There is no such task.
        """
        if task not in TASKS:
            raise ValueError(f"task is {task!r}; use one of {', '.join(TASKS)}")
        base = {"threshold": self.threshold, "presence_threshold": self.presence_threshold}
        return {**base, **self.tasks.get(task, {})}

    def limits(
        self,
        task: str,
        texts: Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Limits:
        """See :meth:`remotesam.RemoteSAM.limits`."""
        given = {"threshold": threshold, "presence_threshold": presence_threshold}
        chosen = self.of_task(task) | {
            name: fraction(value, name) for name, value in given.items() if value is not None
        }
        gate = chosen["presence_threshold"]
        # Calibrations rise, so that scores may be compared before it.
        gates = [gate if self.calibration is None else self.calibration.about(text).score(gate) for text in texts]
        return {"threshold": chosen["threshold"], "presence_threshold": gates}

    def calibrated(self, result: Segmentation) -> Segmentation:
        """A result with its score as a probability, where there is a calibration."""
        if self.calibration is None:
            return result
        return replace(result, score=self.calibration.about(result.expression).probability(result.score))
