"""A model's answers to the questions of a task, through its public methods alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from remotesam.evaluation.questions import EvaluationError, Picture, Question, Task
from remotesam.evaluation.samples import (
    BoxAnswer,
    CaptionAnswer,
    ClassMapAnswer,
    CountsAnswer,
    LabelsAnswer,
    MaskAnswer,
    ObjectsAnswer,
    OrientedAnswer,
    SceneAnswer,
)

if TYPE_CHECKING:
    from remotesam.api import RemoteSAM
    from remotesam.results import Instances


class Answerer:
    """Asks a model.

    Args:
        model: The model.
        task: What to ask.
        size: (height, width) that images are brought to before they are asked about, as the reference protocol wants;
            None leaves them as they are. Answers are then at that size.
        masks: Whether objects are answered with their masks.
        seed: Of captions.
    """

    def __init__(
        self,
        model: RemoteSAM,
        task: Task,
        *,
        size: tuple[int, int] | None = None,
        masks: bool = False,
        seed: int = 0,
    ) -> None:
        self.model, self.task, self.size, self.masks, self.seed = model, task, size, masks, seed
        self.has_maps = task in ("ref", "reason")

    def answers(self, picture: Picture) -> Iterator[tuple[Question, Any, np.ndarray | None]]:
        """The questions of a picture with their answers and, where the task has one, their probability map."""
        if not picture.questions:
            return
        pixels = picture.pixels()
        if self.size is not None:
            # What torchvision's transforms do to pictures: Pillow's bilinear filter.
            resized = Image.fromarray(pixels).resize((self.size[1], self.size[0]), Image.Resampling.BILINEAR)
            pixels = np.asarray(resized)
        if self.task in ("ref", "reason"):
            yield from self._masks(pixels, picture.questions)
            return
        for question in picture.questions:
            yield question, self._one(pixels, question), None

    def _masks(self, pixels: np.ndarray, questions: Sequence[Question]) -> Iterator[tuple[Question, Any, np.ndarray]]:
        step = max(1, _MAP_BYTES // (4 * pixels.shape[0] * pixels.shape[1]))
        for start in range(0, len(questions), step):
            part = questions[start : start + step]
            # Without the gate, which is applied to the counts: then other gates can be tried on them.
            found = self.model.segment(pixels, [question.text for question in part], presence_threshold=0.0)
            for question, result in zip(part, found, strict=True):
                yield question, MaskAnswer(mask=result.mask, presence=result.score), result.probability

    def _one(self, pixels: np.ndarray, question: Question) -> Any:
        model, categories = self.model, question.categories
        if self.task == "seg":
            return ClassMapAnswer(class_map=model.semantic(pixels, categories).classes)
        if self.task == "det":
            return _objects(model.detect(pixels, categories), masks=self.masks)
        if self.task == "obb":
            return _oriented(model.detect(pixels, categories, oriented=True))
        if self.task == "vg":
            found = model.ground(pixels, question.text)
            return BoxAnswer(box=None if found is None else found.box)
        if self.task == "cnt":
            return CountsAnswer(counts=dict(model.count(pixels, categories)))
        if self.task == "mlc":
            labels = model.classify(pixels, categories)
            return LabelsAnswer(labels=frozenset(labels.labels), scores=dict(labels.scores))
        if self.task == "mcc":
            return SceneAnswer(label=model.classify(pixels, categories, multi_label=False).scene)
        if self.task == "cap":
            return CaptionAnswer(text=model.caption(pixels, categories, seed=self.seed).text)
        raise EvaluationError(f"task is {self.task!r}, which no method of a model answers")


_MAP_BYTES = 256 * 2**20


def _objects(found: Instances, *, masks: bool) -> ObjectsAnswer:
    return ObjectsAnswer(
        categories=[one.category for one in found],
        boxes=np.array([one.box for one in found], np.float64).reshape(-1, 4),
        scores=np.array([one.score for one in found], np.float64),
        masks=[one.rle for one in found] if masks else None,
    )


def _oriented(found: Instances) -> OrientedAnswer:
    return OrientedAnswer(
        categories=[one.category for one in found],
        corners=np.array([one.corners for one in found], np.float64).reshape(-1, 4, 2),
        scores=np.array([one.score for one in found], np.float64),
    )
