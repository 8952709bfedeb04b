"""What is right and what was answered, drawn on the image of a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from remotesam.evaluation.mask_counts import decoded
from remotesam.evaluation.metric import Metric
from remotesam.evaluation.questions import Question
from remotesam.evaluation.samples import (
    BoxAnswer,
    BoxTruth,
    CaptionTruth,
    ClassMapTruth,
    CountsTruth,
    LabelsTruth,
    MaskTruth,
    ObjectsAnswer,
    ObjectsTruth,
    OrientedAnswer,
    OrientedTruth,
    SceneTruth,
)
from remotesam.results import Instance, Instances, OrientedBox, Segmentation, SemanticMap
from remotesam.visualize import category_colours, draw

RIGHT, FOUND = "#16a34a", "#f59e0b"
"""Colours of what is right and of what was found, for sentences."""


def draw_sample(
    pixels: np.ndarray, question: Question, truth: Any, answer: Any, metric: Metric
) -> list[tuple[np.ndarray, str]]:
    """Pictures of a sample with their titles: what is right beside what was answered, or one with both in words.

    Args:
        pixels: (H, W, 3) uint8 RGB, at the size at which masks are compared.
        question: What was asked.
        truth: What is right.
        answer: What was answered.
        metric: For the presence gate, and the classes of class maps.
    """
    if isinstance(truth, MaskTruth):
        gate = metric.settings.get("presence_threshold")
        kept = answer.mask is not None and (gate is None or answer.presence > gate)
        size = (int(pixels.shape[0]), int(pixels.shape[1]))
        nothing = "" if decoded(truth.mask, "the mask", size=size).any() else ": nothing"
        right = _mask(pixels, truth.mask, question.text, RIGHT)
        found = _mask(pixels, answer.mask if kept else None, question.text, FOUND)
        state = f"score {answer.presence:.2f}" + ("" if kept else ", empty")
        return [(right, f"{question.text}{nothing}"), (found, f"answered: {state}")]
    if isinstance(truth, ClassMapTruth):
        classes = metric.settings["classes"]
        maps = [truth.class_map, answer.class_map]
        return [
            (_class_map(pixels, one, classes), title) for one, title in zip(maps, ("truth", "answered"), strict=True)
        ]
    if isinstance(truth, ObjectsTruth | OrientedTruth | BoxTruth):
        colours = category_colours(metric.settings.get("categories", [question.text]))
        pictures = []
        for one, title in ((truth, "truth"), (answer, "answered")):
            objects = instances_of(one, question, (pixels.shape[0], pixels.shape[1]))
            asked = question.text or f"{len(objects)} object{'s' * (len(objects) != 1)}"
            drawn = draw(pixels, objects, colours=colours, text_scale=1.5)
            pictures.append((drawn, f"{title}: {asked}"))
        return pictures
    right_text, answer_text = _in_words(truth, answer)
    return [(pixels, f"truth: {right_text} · answered: {answer_text}")]


def instances_of(one: Any, question: Question, size: tuple[int, int]) -> Instances:
    """Objects of a truth or an answer as instances; what has an upright box alone is a thin frame, to look through."""
    found = []
    if isinstance(one, BoxTruth | BoxAnswer):
        boxes = [] if one.box is None else [one.box]
        found = [_boxed(question.text, 1.0, box, size) for box in boxes]
    elif isinstance(one, OrientedTruth | OrientedAnswer):
        scores = one.scores if isinstance(one, OrientedAnswer) else np.ones(len(one.corners))
        found = [_turned(*entry, size) for entry in zip(one.categories, scores, one.corners, strict=True)]
    elif isinstance(one, ObjectsTruth | ObjectsAnswer):
        given = one.scores if isinstance(one, ObjectsAnswer) else None
        scores = np.ones(len(one.boxes)) if given is None else given
        found = [_boxed(*entry, size) for entry in zip(one.categories, scores, one.boxes, strict=True)]
    return Instances([instance for instance in found if instance is not None], image_size=size)


def _mask(pixels: np.ndarray, mask: Any, text: str, colour: str) -> np.ndarray:
    size = (int(pixels.shape[0]), int(pixels.shape[1]))
    shown = np.zeros(size, bool) if mask is None else decoded(mask, "the mask", size=size)
    result = Segmentation(text, shown, shown.astype(np.float32), present=bool(shown.any()), score=1.0)
    return draw(pixels, [result], legend=False, colours={text: colour})


def _class_map(pixels: np.ndarray, class_map: np.ndarray | None, classes: Sequence[str]) -> np.ndarray:
    """``classes[0]`` is background."""
    numbers = np.zeros(pixels.shape[:2], np.uint8) if class_map is None else class_map
    numbers = np.where(numbers < len(classes), numbers, 0).astype(np.uint8 if len(classes) < 256 else np.uint16)
    names = tuple(classes[1:])
    told = np.ones(len(names))
    shown = SemanticMap(numbers, np.zeros((0, *numbers.shape), np.float32), names, told, told.astype(bool))
    return draw(pixels, shown, text_scale=1.5)


def _boxed(category: str, score: float, box: Any, size: tuple[int, int]) -> Instance | None:
    limits = (size[1], size[0], size[1], size[0])
    x1, y1, x2, y2 = (round(min(max(float(edge), 0), limit)) for edge, limit in zip(box, limits, strict=True))
    if x2 <= x1 or y2 <= y1:
        return None
    frame = np.ones((y2 - y1, x2 - x1), bool)
    frame[1:-1, 1:-1] = False
    return Instance(category, float(score), frame, x1, y1, size)


def _turned(category: str, score: float, corners: np.ndarray, size: tuple[int, int]) -> Instance | None:
    filled = np.zeros(size, np.uint8)
    cv2.fillPoly(filled, [np.round(corners).astype(np.int32)], 1)
    if not filled.any():
        return None
    return Instance.from_mask(category, float(score), filled.astype(bool), oriented=OrientedBox.from_corners(corners))


def _in_words(truth: Any, answer: Any) -> tuple[str, str]:
    if isinstance(truth, CountsTruth):
        asked = [name for name in truth.counts if truth.counts[name] or answer.counts.get(name)]
        return tuple(_counts(counts, asked) for counts in (truth.counts, answer.counts))  # type: ignore[return-value]
    if isinstance(truth, LabelsTruth):
        return _list(sorted(truth.labels)), _list(sorted(answer.labels))
    if isinstance(truth, SceneTruth):
        return truth.label, answer.label or "nothing"
    if isinstance(truth, CaptionTruth):
        return truth.references[0], answer.text or "nothing"
    raise TypeError(f"{type(truth).__name__} cannot be drawn")


def _counts(counts: Mapping[str, int], asked: Sequence[str]) -> str:
    return _list([f"{counts.get(name, 0)} {name}" for name in asked])


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"
