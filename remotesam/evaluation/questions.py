"""What is asked about each picture of a data set, with what is right: one sample a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

import numpy as np

from remotesam.data.sources.records import Record, RecordSet
from remotesam.evaluation.data import EvaluationData
from remotesam.evaluation.overlaps import Shape
from remotesam.evaluation.semantic import BackgroundRule

Task = Literal["ref", "seg", "det", "obb", "vg", "cnt", "mlc", "mcc", "cap", "reason"]
TASKS: tuple[Task, ...] = get_args(Task)
SENTENCE_TASKS: tuple[Task, ...] = ("ref", "vg", "reason")
Asked = Literal["own", "categories", "one-to-one", "generated", "synonyms"]
Boxes = Literal["outline", "annotated"]


class EvaluationError(ValueError):
    """The data does not support the task, or an option does not go with them."""


@dataclass(frozen=True, eq=False)
class Question:
    """One sample.

    Attributes:
        id: Unique in the data set: the image's id, for sentences followed by "|" and the sentence.
        text: The sentence; "" for questions about the whole image.
        category: What it asks for, "" where that is unknown.
        asked: "category" ("{category} in the image"), "synonym" (the same by another name), "one-to-one" (a generated
            sentence about one object), "sentence" (of the data set) or "image".
        truth: Makes what is right, one of ``remotesam.evaluation.samples``.
        categories: For questions about the whole image: the categories to look for.
    """

    id: str
    text: str
    category: str
    asked: str
    truth: Callable[[], Any]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Picture:
    """An image and the questions about it.

    Attributes:
        id: Unique in the data set.
        size: (height, width) in pixels.
        pixels: Reads the image, (height, width, 3) uint8 RGB.
        questions: At least one.
    """

    id: str
    size: tuple[int, int]
    pixels: Callable[[], np.ndarray]
    questions: tuple[Question, ...]


class Questions(Protocol):
    """All pictures of a data set with their questions.

    Attributes:
        pictures: Their ids, in order.
        categories: What questions about whole images look for, or what class maps hold.
        metric_settings: What the metric must know of the data.
        left_out: Why images or sentences are not asked about -> how many.
        note: What a reader must know about the questions, in one line.
    """

    pictures: list[str]
    categories: tuple[str, ...]
    metric_settings: Mapping[str, Any]
    left_out: Mapping[str, int]
    note: str

    def __len__(self) -> int:
        """Number of pictures."""
        ...

    def picture(self, index: int) -> Picture:
        """The picture and its questions; the same in every process.

        Raises:
            ValueError: A file of it cannot be read.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class AskOptions:
    """How questions are made of data.

    Attributes:
        asked: For sentences: the data set's own, generated ones ("categories" or "one-to-one"), or both ("generated");
            "synonyms" asks for categories by their names and by other names, to compare; None takes the own ones where
            there are any, else "generated".
        synonyms: For "synonyms": the other names, such as "plane"; None takes all that the vocabulary has.
        boxes: Whether an object with a mask is boxed by its outline, or as annotated.
        shape: For objects: whether boxes or masks are compared.
        categories: What to look for in the tasks about whole images, instead of the data set's categories.
        background: For class maps: what becomes of the background, see ``remotesam.evaluation.semantic``; None takes
            what is usual for the data set.
        seed: Of generated sentences.
    """

    asked: Asked | None = None
    boxes: Boxes = "outline"
    shape: Shape = "box"
    categories: tuple[str, ...] | None = None
    background: BackgroundRule | None = None
    synonyms: tuple[str, ...] | None = None
    seed: int = 0


def make_questions(data: EvaluationData, task: Task, options: AskOptions = AskOptions()) -> Questions:
    """The questions of a task about a data set.

    Args:
        data: The data.
        task: One of :data:`TASKS`.
        options: How they are made.

    Raises:
        EvaluationError: The data does not support the task or the options.
    """
    from remotesam.evaluation.sentences import GeneratedSentences, OwnSentences, TripletSentences
    from remotesam.evaluation.whole_images import make_whole_image_questions

    reasons = reasons_against(data)
    if task not in TASKS:
        raise EvaluationError(f"task is {task!r}; it takes {', '.join(TASKS)}")
    if reasons[task]:
        good = [name for name in TASKS if not reasons[name]]
        raise EvaluationError(
            f"{data.name} {data.split} does not support the task {task!r}: {reasons[task]}; "
            + (f"it supports {', '.join(good)}" if good else "it supports none of the tasks")
        )
    if options.shape != "box" and task != "det":
        raise EvaluationError(f"--shape {options.shape} goes with the task det, not with {task!r}")
    if options.asked is not None and task not in SENTENCE_TASKS:
        raise EvaluationError(f"--questions goes with {', '.join(SENTENCE_TASKS)}, not with the task {task!r}")
    if options.synonyms and options.asked != "synonyms":
        raise EvaluationError("--synonym goes with --questions synonyms")
    if data.triplets is not None:
        if options.asked not in (None, "own"):
            raise EvaluationError(
                f"questions is {options.asked!r}; a triplet set has its own sentences only: use 'own'"
            )
        return TripletSentences(data, task)
    assert data.records is not None
    if task not in SENTENCE_TASKS:
        return make_whole_image_questions(data, task, options)
    facts = _Facts.of(data.records)
    own = facts.masked_sentences if task != "vg" else facts.boxed_sentences
    asked = options.asked or ("own" if own or task == "reason" else "generated")
    if asked == "own":
        if not own:
            raise EvaluationError(f"{data.name} {data.split} has no sentences of its own; use --questions generated")
        return OwnSentences(data, task, boxes=options.boxes)
    if task == "reason" or not facts.masks:
        raise EvaluationError(
            f"{data.name} {data.split}: sentences cannot be generated for the task {task!r}, "
            + ("which needs sentences to reason about" if task == "reason" else _NO_MASKS)
        )
    return GeneratedSentences(data, task, asked=asked, synonyms=options.synonyms or (), seed=options.seed)


def reasons_against(data: EvaluationData) -> dict[str, str]:
    """Task -> why the data does not support it, "" where it does."""
    if data.triplets is not None:
        told = "a triplet set has sentences with masks, and nothing else"
        return {task: "" if task in SENTENCE_TASKS else told for task in TASKS}
    assert data.records is not None
    facts = _Facts.of(data.records)
    sentences = "it has no sentences with masks"
    needed: dict[str, tuple[bool, str]] = {
        "ref": (facts.masked_sentences or facts.masks, f"{sentences}, and {_NO_MASKS}"),
        "reason": (facts.masked_sentences, sentences),
        "vg": (facts.boxed_sentences or facts.masks, f"it has no sentences about one object, and {_NO_MASKS}"),
        "seg": (facts.masks, _NO_MASKS),
        "det": (facts.boxes, "no category is annotated in full with boxes"),
        "obb": (facts.corners, "no category is annotated in full with oriented boxes"),
        "cnt": (facts.boxes, "no category is annotated in full"),
        "mlc": (facts.boxes or facts.labels, "no category is annotated in full, with objects or labels"),
        "mcc": (facts.scenes, "its images do not have one label each"),
        "cap": (facts.captions, "it has no captions"),
    }
    return {task: "" if needed[task][0] else needed[task][1] for task in TASKS}


_NO_MASKS = "no category is annotated in full with masks"


@dataclass(frozen=True)
class _Facts:
    """What the records of a set have, each true if some record has it, but for ``scenes``."""

    masked_sentences: bool = False
    boxed_sentences: bool = False
    masks: bool = False
    boxes: bool = False
    corners: bool = False
    labels: bool = False
    scenes: bool = False
    captions: bool = False

    @classmethod
    def of(cls, records: RecordSet) -> _Facts:
        return cls(
            masked_sentences=any(masked_expressions(record) for record in records),
            boxed_sentences=any(boxed_expressions(record) for record in records),
            masks=any(
                record.exhaustive and (record.label_map is not None or any(a.has_mask for a in record.annotations))
                for record in records
            ),
            boxes=any(record.exhaustive and record.annotations for record in records),
            corners=any(
                record.exhaustive and any(a.corners is not None for a in record.annotations) for record in records
            ),
            labels=any(record.exhaustive and record.labels for record in records),
            scenes=all(len(record.labels) == 1 and not record.exhaustive for record in records),
            captions=any(record.captions for record in records),
        )


def masked_expressions(record: Record) -> list[int]:
    """Numbers of the expressions of which every target has a mask; those that mean nothing are among them."""
    return [
        number
        for number, expression in enumerate(record.expressions)
        if all(target in record.by_id and record.by_id[target].has_mask for target in expression.targets)
    ]


def boxed_expressions(record: Record) -> list[int]:
    """Numbers of the expressions about one object that has a box or a mask."""
    found = []
    for number, expression in enumerate(record.expressions):
        annotation = record.by_id.get(expression.targets[0]) if len(expression.targets) == 1 else None
        if annotation is not None and (annotation.box is not None or annotation.has_mask):
            found.append(number)
    return found


def sample_ids(image: str, texts: Iterable[str]) -> list[str]:
    """Ids of the sentences about an image; one that comes again gets a number.

    Example:
        >>> sample_ids("7", ["the ship", "the bus", "the ship"])
        ['7|the ship', '7|the bus', '7|the ship #2']
    """
    seen: Counter[str] = Counter()
    ids = []
    for text in texts:
        seen[text] += 1
        ids.append(f"{image}|{text}" if seen[text] == 1 else f"{image}|{text} #{seen[text]}")
    return ids


@dataclass(eq=False)
class LeftOut:
    """Counts what is not asked about.

    Attributes:
        counts: Why -> how many.
    """

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, reason: str, count: int = 1) -> None:
        """Counts some more, none included."""
        if count:
            self.counts[reason] += count

    def kept(self, records: Sequence[Record], usable: Callable[[Record], str]) -> list[Record]:
        """The records for which ``usable`` gives no reason against them."""
        result = []
        for record in records:
            reason = usable(record)
            self.add(reason, int(bool(reason)))
            if not reason:
                result.append(record)
        return result
