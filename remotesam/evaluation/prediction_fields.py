"""The fields of one prediction of each task, checked and brought to what the metrics take."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from pycocotools import mask as coco_mask

from remotesam.data.sources.records import IGNORE
from remotesam.evaluation.mask_counts import run_lengths_of
from remotesam.evaluation.questions import Task
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

Sizes = Sequence[tuple[int, int]]


class PredictionError(ValueError):
    """A file of predictions that cannot be scored; the message names the place, what was found and what is accepted."""


class Fields:
    """Reads the entries of one file.

    Args:
        task: What they answer.
        folder: What the paths of pictures are relative to.
        names: Category in the data set's spelling -> as it is called in the evaluation; both are accepted.
        categories: The categories of class maps, in order.
    """

    def __init__(self, task: Task, *, folder: Path, names: Mapping[str, str], categories: Sequence[str]) -> None:
        self._folder, self._categories = folder, list(categories)
        known = [*((name, name) for name in categories), *names.items()]
        self._names = {_key(spelling): name for spelling, name in reversed(known) if name in self._categories}
        self._read = {
            "ref": self._mask_answer,
            "reason": self._mask_answer,
            "vg": self._box_answer,
            "seg": self._class_map_answer,
            "det": self._objects_answer,
            "obb": self._oriented_answer,
            "cnt": self._counts_answer,
            "mlc": self._labels_answer,
            "mcc": self._scene_answer,
            "cap": self._caption_answer,
        }[task]

    def answer(self, entry: Mapping[str, Any], sizes: Sizes, where: str) -> Any:
        """The answer that an entry gives.

        Args:
            entry: Its fields.
            sizes: (height, width) that masks may have; the first is the image's.
            where: What to call it in messages.

        Raises:
            PredictionError: A field is missing or wrong.
        """
        try:
            return self._read(entry, sizes)
        except PredictionError as error:
            raise PredictionError(f"{where}: {error}") from error

    def _mask_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> MaskAnswer:
        presence = entry.get("score")
        presence = 1.0 if presence is None else _fraction(presence, "score")
        if entry.get("mask") is not None:
            mask = self._picture(entry["mask"], "mask") > 0
            _check_size(mask.shape, sizes, "mask")
            return MaskAnswer(mask=mask, presence=presence)
        rle = _needed(entry, "rle", "run lengths, or null for an empty mask; or mask, the path of a picture")
        return MaskAnswer(mask=None if rle is None else _run_lengths(rle, sizes, "rle"), presence=presence)

    def _box_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> BoxAnswer:
        box = _needed(entry, "box", "[x1, y1, x2, y2], or null for nothing")
        return BoxAnswer(box=None if box is None else _numbers([box], 4, "box")[0])

    def _class_map_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> ClassMapAnswer:
        if entry.get("class_map") is not None:
            classes = self._picture(entry["class_map"], "class_map")
            _check_size(classes.shape, sizes[:1], "class_map")
            wrong = sorted(set(np.unique(classes).tolist()) - {*range(len(self._categories) + 1), IGNORE})
            if wrong:
                told = ", ".join(f"{number} {name}" for number, name in enumerate(self._categories, start=1))
                raise PredictionError(f"class_map has the values {wrong[:5]}; there are 0 background, {told}")
            return ClassMapAnswer(class_map=classes.astype(np.uint8 if classes.max() < 256 else np.uint16))
        masks = _mapping(_needed(entry, "rles", "category -> run lengths; or class_map, the path of a picture"), "rles")
        painted = np.zeros(sizes[0], np.uint8)
        for name, rle in masks.items():
            number = self._categories.index(self._name(name, "rles")) + 1
            painted[coco_mask.decode(_run_lengths(rle, sizes[:1], f"rles.{name}")).astype(bool)] = number
        return ClassMapAnswer(class_map=painted)

    def _objects_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> ObjectsAnswer:
        boxes = _numbers(_needed(entry, "boxes", "a list of [x1, y1, x2, y2]"), 4, "boxes")
        return ObjectsAnswer(
            categories=self._several(entry, len(boxes)), boxes=boxes, scores=_scores(entry, len(boxes))
        )

    def _oriented_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> OrientedAnswer:
        given = _needed(entry, "corners", "a list of [[x, y], [x, y], [x, y], [x, y]]")
        flat = [np.asarray(box, dtype=object).reshape(-1).tolist() for box in given or []]
        corners = _numbers(flat, 8, "corners").reshape(-1, 4, 2)
        scores = _scores(entry, len(corners))
        categories = self._several(entry, len(corners))
        return OrientedAnswer(
            categories=categories, corners=corners, scores=np.ones(len(corners)) if scores is None else scores
        )

    def _counts_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> CountsAnswer:
        counts = {}
        for name, number in _mapping(_needed(entry, "counts", "category -> number"), "counts").items():
            if not isinstance(number, int | float) or number < 0 or number != int(number):
                raise PredictionError(f"counts.{name} is {number!r}; it takes a whole number from 0 on")
            counts[self._name(name, "counts")] = int(number)
        return CountsAnswer(counts=counts)

    def _labels_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> LabelsAnswer:
        labels = _needed(entry, "labels", "a list of categories")
        if not isinstance(labels, list):
            raise PredictionError(f"labels is {str(labels)[:60]}; it takes a list of categories")
        scores = entry.get("scores")
        if scores is not None:
            told = _mapping(scores, "scores").items()
            scores = {self._name(name, "scores"): _finite(score, f"scores.{name}") for name, score in told}
        return LabelsAnswer(labels=frozenset(self._name(name, "labels") for name in labels), scores=scores)

    def _scene_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> SceneAnswer:
        label = _needed(entry, "label", "a category, or null for none")
        return SceneAnswer(label=None if label is None else self._name(label, "label"))

    def _caption_answer(self, entry: Mapping[str, Any], sizes: Sizes) -> CaptionAnswer:
        caption = _needed(entry, "caption", "a text")
        if not isinstance(caption, str):
            raise PredictionError(f"caption is {str(caption)[:60]}; it takes a text")
        return CaptionAnswer(text=caption)

    def _several(self, entry: Mapping[str, Any], count: int) -> list[str]:
        names = _needed(entry, "categories", "one category for each object")
        if not isinstance(names, list) or len(names) != count:
            raise PredictionError(f"categories is {str(names)[:60]}; it takes one for each of {count} objects")
        return [self._name(name, "categories") for name in names]

    def _name(self, name: Any, field: str) -> str:
        found = self._names.get(_key(str(name)))
        if found is None:
            raise PredictionError(f"{field} names {name!r}; the categories are {', '.join(self._categories)}")
        return found

    def _picture(self, path: Any, field: str) -> np.ndarray:
        file = self._folder / str(path)
        try:
            with Image.open(file) as picture:
                pixels = np.asarray(picture)
        except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
            raise PredictionError(f"{field} is {path!r}, and {file} cannot be read ({error})") from error
        if pixels.ndim != 2:
            raise PredictionError(f"{field}: {file} has {pixels.ndim} dimensions; it takes one band of numbers")
        return pixels


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _needed(entry: Mapping[str, Any], name: str, takes: str) -> Any:
    if name not in entry:
        raise PredictionError(f"has no field {name!r}; it takes {takes}")
    return entry[name]


def _run_lengths(rle: Any, sizes: Sizes, name: str) -> dict[str, Any]:
    if not isinstance(rle, Mapping):
        raise PredictionError(f"{name} is {str(rle)[:60]}; run lengths take size [height, width] and counts")
    try:
        runs = run_lengths_of(rle, name)[0]
    except ValueError as error:
        raise PredictionError(str(error)) from error
    _check_size(runs["size"], sizes, name)
    return runs


def _check_size(found: Sequence[int], sizes: Sizes, name: str) -> None:
    if tuple(found) not in {tuple(size) for size in sizes}:
        accepted = " or ".join(f"{width} x {height}" for height, width in dict.fromkeys(sizes))
        raise PredictionError(f"{name} is {found[1]} x {found[0]} pixels; it takes {accepted}")


def _numbers(values: Any, width: int, name: str) -> np.ndarray:
    try:
        array = np.array(values if values is not None else [], dtype=np.float64)
        array = array.reshape(-1, width) if not array.size else array
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.ndim != 2 or array.shape[1] != width or not np.isfinite(array).all():
        raise PredictionError(f"{name} is {str(values)[:60]}; it takes lists of {width} finite numbers")
    return array


def _scores(entry: Mapping[str, Any], count: int) -> np.ndarray | None:
    scores = entry.get("scores")
    if scores is None:
        return None
    array = _numbers([scores], len(scores), "scores")[0] if isinstance(scores, list) and scores else np.zeros(0)
    if len(array) != count:
        raise PredictionError(f"scores is {str(scores)[:60]}; it takes one for each of {count} objects")
    return array


def _mapping(value: Any, name: str) -> dict[str, Any]:
    """A JSON object, also as parquet has it: a struct, a map (list of pairs), or JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items() if item is not None}
    if isinstance(value, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):
        return {str(key): item for key, item in value}
    raise PredictionError(f"{name} is {str(value)[:60]}; it takes an object, category -> value")


def _finite(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise PredictionError(f"{name} is {value!r}; it takes a finite number")
    return float(value)


def _fraction(value: Any, name: str) -> float:
    number = _finite(value, name)
    if not 0 <= number <= 1:
        raise PredictionError(f"{name} is {value!r}; it takes a number from 0 to 1")
    return number
