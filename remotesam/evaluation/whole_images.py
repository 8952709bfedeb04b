"""Questions about whole images: objects, counts, labels, scenes, captions and class maps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from remotesam.data.sources.records import IGNORE, Record
from remotesam.data.vocabulary import CATEGORIES
from remotesam.evaluation.data import EvaluationData
from remotesam.evaluation.questions import (
    AskOptions,
    EvaluationError,
    LeftOut,
    Picture,
    Question,
    Questions,
    Task,
)
from remotesam.evaluation.samples import (
    CaptionTruth,
    ClassMapTruth,
    CountsTruth,
    LabelsTruth,
    ObjectsTruth,
    OrientedTruth,
    SceneTruth,
)
from remotesam.evaluation.semantic import BackgroundRule
from remotesam.evaluation.sentences import annotation_box, annotation_runs, read_record

BACKGROUND = "background"
# What mmsegmentation does for these sets; elsewhere the mean is that of the classes that have a name.
_BACKGROUND_RULES: dict[str, BackgroundRule] = {"isaid-semantic": "counted", "loveda": "counted"}
_UNSURE = "images in which a category is not annotated in full"


class WholeImages:
    """One question an image.

    Args:
        data: With records.
        categories: What to look for.
        truth: Makes what is right for a record.
        usable: Why a record cannot be asked about; "" where it can.
        asked: The categories to look for in a record, instead of all.
        metric_settings: What the metric must know of the data.
        note: What a reader must know about the questions.
    """

    def __init__(
        self,
        data: EvaluationData,
        categories: tuple[str, ...],
        truth: Callable[[Record], Any],
        *,
        usable: Callable[[Record], str] = lambda record: "",
        asked: Callable[[Record], tuple[str, ...]] | None = None,
        metric_settings: Mapping[str, Any] | None = None,
        note: str = "",
    ) -> None:
        assert data.records is not None
        self.categories = categories
        self.metric_settings: Mapping[str, Any] = metric_settings or {}
        self.note = note
        self._truth, self._asked = truth, asked
        left_out = LeftOut()
        self._records = left_out.kept(data.records, usable)
        self.left_out: Mapping[str, int] = left_out.counts
        self.pictures = [record.id for record in self._records]
        if not self._records:
            raise EvaluationError(f"{data.name} {data.split}: no image is left; {dict(left_out.counts)}")

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._records)

    def picture(self, index: int) -> Picture:
        """The picture and its question."""
        record = self._records[index]
        asked = self.categories if self._asked is None else self._asked(record)
        question = Question(record.id, "", "", "image", partial(self._truth, record), asked)
        return Picture(record.id, record.size, partial(read_record, record), (question,))


def make_whole_image_questions(data: EvaluationData, task: Task, options: AskOptions) -> Questions:
    """The questions of a task that is about whole images; see ``make_questions``.

    Raises:
        EvaluationError: No image can be asked about, or the option ``categories`` does not go with the task.
    """
    if options.categories is not None and task != "cap":
        raise EvaluationError(
            f"--categories goes with the task cap; for {task} what is right is known of the categories of the data "
            "set alone"
        )
    makers: dict[str, Callable[[EvaluationData, AskOptions], Questions]] = {
        "det": _detection,
        "obb": _oriented,
        "cnt": _counting,
        "mlc": _labels,
        "mcc": _scenes,
        "cap": _captions,
        "seg": _class_maps,
    }
    return makers[task](data, options)


def _detection(data: EvaluationData, options: AskOptions) -> Questions:
    categories = _categories(data)

    def truth(record: Record) -> ObjectsTruth:
        chosen = [one for one in record.annotations if data.names[one.category] in categories]
        boxes = [annotation_box(one, record.size, options.boxes) for one in chosen]
        return ObjectsTruth(
            categories=[data.names[one.category] for one in chosen],
            boxes=np.array(boxes, np.float64).reshape(-1, 4),
            masks=[annotation_runs(one, record.size) for one in chosen] if options.shape == "mask" else None,
            crowd=np.array([one.crowd for one in chosen], bool),
        )

    sure = _sure(data, crowds=True)

    def usable(record: Record) -> str:
        if options.shape == "mask" and any(not one.has_mask for one in record.annotations):
            return "images with objects without masks"
        return sure(record)

    note = {"outline": "boxes of the outlines where there are any", "annotated": "boxes as annotated"}[options.boxes]
    return WholeImages(data, categories, truth, usable=usable, metric_settings={"shape": options.shape}, note=note)


def _oriented(data: EvaluationData, options: AskOptions) -> Questions:
    def truth(record: Record) -> OrientedTruth:
        chosen = [one for one in record.annotations if one.corners is not None]
        return OrientedTruth(
            categories=[data.names[one.category] for one in chosen],
            corners=np.array([one.corners for one in chosen], np.float64).reshape(-1, 4, 2),
            difficult=np.array([one.difficult for one in chosen], bool),
        )

    return WholeImages(data, _categories(data), truth, usable=_sure(data), note="oriented boxes as annotated")


def _counting(data: EvaluationData, options: AskOptions) -> Questions:
    def asked(record: Record) -> tuple[str, ...]:
        crowds = _crowds(record)
        return tuple(name for spelling, name in data.names.items() if spelling in set(record.exhaustive) - crowds)

    def truth(record: Record) -> CountsTruth:
        counts = Counter(data.names[one.category] for one in record.annotations)
        return CountsTruth(counts={name: counts[name] for name in asked(record)})

    def usable(record: Record) -> str:
        return "" if asked(record) else _UNSURE

    return WholeImages(data, _categories(data), truth, usable=usable, asked=asked, note="objects as annotated")


def _labels(data: EvaluationData, options: AskOptions) -> Questions:
    assert data.records is not None
    labelled = any(record.labels for record in data.records)

    def truth(record: Record) -> LabelsTruth:
        spellings = record.labels if labelled else [one.category for one in record.annotations]
        return LabelsTruth(labels=frozenset(data.names[spelling] for spelling in spellings))

    usable = _sure(data, crowds=not labelled)
    note = "labels of the data set" if labelled else "categories of the annotated objects"
    return WholeImages(data, _categories(data), truth, usable=usable, note=note)


def _scenes(data: EvaluationData, options: AskOptions) -> Questions:
    return WholeImages(
        data, tuple(data.names.values()), lambda record: SceneTruth(label=data.names[record.labels[0]]), note="scenes"
    )


def _captions(data: EvaluationData, options: AskOptions) -> Questions:
    categories = options.categories or _categories(data) or tuple(CATEGORIES)
    return WholeImages(
        data,
        categories,
        lambda record: CaptionTruth(references=record.captions),
        usable=lambda record: "" if record.captions else "images without captions",
        note=f"captions of the data set; {len(categories)} categories looked for",
    )


def _class_maps(data: EvaluationData, options: AskOptions) -> Questions:
    """Class 0 is background: what the data set calls so, or what no object covers."""
    assert data.records is not None
    maps = any(record.label_map is not None for record in data.records)
    categories = _categories(data)
    classes = (BACKGROUND, *categories)
    numbers = {spelling: classes.index(name) if name in categories else 0 for spelling, name in data.names.items()}

    def truth(record: Record) -> ClassMapTruth:
        if record.label_map is None:
            return ClassMapTruth(class_map=_painted(record, numbers))
        lookup = np.full(256, IGNORE, np.uint8)
        lookup[: len(record.label_map.categories)] = [numbers[name] for name in record.label_map.categories]
        return ClassMapTruth(class_map=lookup[record.label_map.read()])

    sure = _sure(data)

    def usable(record: Record) -> str:
        if maps:
            return "" if record.label_map is not None else "images without a label map"
        if any(not one.has_mask for one in record.annotations):
            return "images with objects without masks"
        return sure(record)

    named = [spelling for spelling, number in numbers.items() if number == 0]
    note = (
        "class maps of the data set; background is " + (", ".join(named) or "what no class covers")
        if maps
        else "class maps painted from the outlines of objects, smaller ones above; background is what none covers"
    )
    rule = options.background or _BACKGROUND_RULES.get(data.key, "excluded")
    if maps and not named:
        rule = "excluded"  # no pixel of it is there; counted, every pixel without an answer would make its IoU 0
    settings = {"classes": list(classes), "background": [BACKGROUND], "background_rule": rule}
    return WholeImages(data, categories, truth, usable=usable, metric_settings=settings, note=note)


def _painted(record: Record, numbers: Mapping[str, int]) -> np.ndarray:
    """(H, W) uint8: the class of every pixel, smaller objects above larger ones."""
    painted = np.zeros(record.size, np.uint8)
    runs = [(annotation_runs(one, record.size), one.category) for one in record.annotations]
    for outline, category in sorted(runs, key=lambda entry: -int(coco_mask.area(entry[0]))):
        painted[coco_mask.decode(outline).astype(bool)] = numbers[category]
    return painted


def _categories(data: EvaluationData) -> tuple[str, ...]:
    """The categories of which some image is annotated in full, as the model is asked; background is none of them."""
    assert data.records is not None
    known = {spelling for record in data.records for spelling in record.exhaustive}
    return tuple(name for spelling, name in data.names.items() if spelling in known)


def _sure(data: EvaluationData, *, crowds: bool = False) -> Callable[[Record], str]:
    """Why not everything is known about a record, "" where it is; with ``crowds``, those of which a crowd is marked."""
    assert data.records is not None
    known = {spelling for record in data.records for spelling in record.exhaustive}

    def usable(record: Record) -> str:
        told = {*record.exhaustive, *_crowds(record)} if crowds else set(record.exhaustive)
        return "" if known and told >= known else _UNSURE

    return usable


def _crowds(record: Record) -> set[str]:
    return {one.category for one in record.annotations if one.crowd}
