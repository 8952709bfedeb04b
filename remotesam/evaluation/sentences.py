"""Questions with sentences: the data set's own, sentences generated from annotations, and triplet sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from remotesam.data.expressions import CANONICAL
from remotesam.data.faults import Fault
from remotesam.data.geometry import SceneView
from remotesam.data.record_scenes import RecordScenes
from remotesam.data.scene import encode_polygons
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Annotation, Record
from remotesam.data.sources.stored_masks import RunLengths, StoredAnnotation
from remotesam.data.triplets import Triplet, unique_triplets
from remotesam.data.vocabulary import canonical, category, normalise
from remotesam.evaluation.data import EvaluationData
from remotesam.evaluation.questions import (
    Asked,
    Boxes,
    EvaluationError,
    LeftOut,
    Picture,
    Question,
    boxed_expressions,
    masked_expressions,
    sample_ids,
)
from remotesam.evaluation.samples import BoxTruth, MaskTruth
from remotesam.results.rle import encode_mask
from remotesam.tasks.boxes import mask_box

_NO_SETTINGS: Mapping[str, Any] = {}


class OwnSentences:
    """The expressions of a data set with the masks (or for grounding the boxes) of what they mean.

    Args:
        data: With records.
        task: "ref", "reason" or "vg".
        boxes: How objects are boxed.
    """

    metric_settings = _NO_SETTINGS

    def __init__(self, data: EvaluationData, task: str, *, boxes: Boxes = "outline") -> None:
        assert data.records is not None
        self.categories = tuple(data.names.values())
        self._names, self._task, self._boxes = data.names, task, boxes
        self._usable = boxed_expressions if task == "vg" else masked_expressions
        left_out = LeftOut()
        self._records = []
        for record in data.records:
            usable = len(self._usable(record))
            reason = "sentences that do not mean one object with a box" if task == "vg" else "sentences without masks"
            left_out.add(reason, len(record.expressions) - usable)
            if usable:
                self._records.append(record)
        self.left_out: Mapping[str, int] = left_out.counts
        self.pictures = [record.id for record in self._records]
        self.note = "the sentences of the data set"

    def __len__(self) -> int:
        """Number of pictures with a sentence."""
        return len(self._records)

    def picture(self, index: int) -> Picture:
        """The picture and its sentences."""
        record = self._records[index]
        chosen = [record.expressions[number] for number in self._usable(record)]
        questions = []
        for identifier, expression in zip(sample_ids(record.id, (e.text for e in chosen)), chosen, strict=True):
            targets = [record.by_id[target] for target in expression.targets]
            named = {self._names.get(target.category, target.category) for target in targets}
            category = named.pop() if len(named) == 1 else ""
            make = partial(_box_truth if self._task == "vg" else _mask_truth, record, targets, self._boxes)
            questions.append(Question(identifier, expression.text, category, "sentence", make))
        return Picture(record.id, record.size, partial(read_record, record), tuple(questions))


class GeneratedSentences:
    """Sentences made from annotations: "{category} in the image" for every category, present or not, and every sentence
    about one object that the annotations allow; or the former for categories and their synonyms.

    Args:
        data: With records.
        task: "ref" or "vg"; for the latter only sentences about one object.
        asked: Which kinds.
        synonyms: With "synonyms": which ones; all of the vocabulary if there are none.
        seed: Of the sentences about one object.

    Raises:
        EvaluationError: The task has no questions of that kind, or a synonym is of no annotated category.
    """

    metric_settings = _NO_SETTINGS

    def __init__(
        self,
        data: EvaluationData,
        task: str,
        *,
        asked: Asked = "generated",
        synonyms: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        assert data.records is not None
        self._scenes = RecordScenes(data.records, on_error="raise")
        self._task, self._seed = task, seed
        self._kinds = {"categories", "one-to-one"} if asked == "generated" else {asked}
        if task == "vg":
            self._kinds &= {"one-to-one"}
        if not self._kinds:
            raise EvaluationError(f"--questions {asked} goes with the task ref; {task} asks about one object")
        self.categories = self._scenes.annotated
        self._synonyms = _synonyms_of(self.categories, synonyms) if asked == "synonyms" else {}
        self.pictures = [record.id for record in self._scenes.records]
        left_out = LeftOut()
        left_out.add(
            "images of which no category is annotated in full with masks", len(data.records) - len(self._scenes)
        )
        self.left_out: Mapping[str, int] = left_out.counts
        kinds = {
            "categories": '"{category} in the image" for every annotated category',
            "one-to-one": "sentences about one object",
            "synonyms": f"categories by their names and as {', '.join(sum(self._synonyms.values(), ()))}",
        }
        told = " and ".join(text for kind, text in kinds.items() if kind in self._kinds)
        self.note = f"generated from annotations: {told}, seed {seed}"

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._scenes)

    def picture(self, index: int) -> Picture:
        """The picture and its sentences; a picture may have none."""
        scene, record = self._scenes.scene(index), self._scenes.records[index]
        made: list[tuple[str, str, str, Any]] = []
        if self._kinds & {"categories", "synonyms"}:
            view = SceneView(scene)
            for name in scene.annotated:
                if "synonyms" in self._kinds and name not in self._synonyms:
                    continue
                members = view.members(name)
                runs = coco_mask.merge([member.runs for member in members]) if members else _empty(record.size)
                make = partial(MaskTruth, mask=runs, targets=len(members))
                made.append((CANONICAL.format(name=name), name, "category", make))
                for synonym in self._synonyms.get(name, ()):
                    made.append((CANONICAL.format(name=synonym), name, "synonym", make))
        if "one-to-one" in self._kinds:
            for triplet in unique_triplets(scene, self._seed):
                truth = partial(_truth_of_triplet, triplet, self._task)
                made.append((triplet.expression, triplet.category, "one-to-one", truth))
        ids = sample_ids(record.id, (entry[0] for entry in made))
        questions = tuple(Question(identifier, *entry) for identifier, entry in zip(ids, made, strict=True))
        return Picture(record.id, record.size, lambda: scene.image, questions)


class TripletSentences:
    """The rows of a triplet set, gathered by picture.

    Args:
        data: With triplets.
        task: "ref", "reason" or "vg"; the latter takes the rows about one object.
    """

    metric_settings = _NO_SETTINGS

    def __init__(self, data: EvaluationData, task: str) -> None:
        assert data.triplets is not None
        self._task = task
        self._triplets = data.triplets if task != "vg" else data.triplets.filter(kind="one-to-one")
        self.left_out: Mapping[str, int] = Counter()
        if len(self._triplets) < len(data.triplets):
            count = len(data.triplets) - len(self._triplets)
            self.left_out = Counter({"sentences that do not mean one object": count})
        self.categories = tuple(self._triplets.column("category").unique().to_pylist())
        self.note = "the sentences of the triplet set"
        rows: dict[str, list[int]] = {}
        names = ("source", "image", "window")
        columns = [self._triplets.column(name).to_pylist() for name in names]
        for number, key in enumerate(zip(*columns, strict=True)):
            rows.setdefault(_picture_id(*key), []).append(number)
        self._rows = list(rows.items())
        self.pictures = list(rows)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self._rows)

    def picture(self, index: int) -> Picture:
        """The picture and its sentences."""
        identifier, numbers = self._rows[index]
        rows = self._triplets.rows(numbers)
        ids = sample_ids(identifier, (row.expression for row in rows))
        questions = []
        for sample, row in zip(ids, rows, strict=True):
            size = (row.height, row.width)
            runs = {"size": list(size), "counts": row.rle} if row.rle else _empty(size)
            make: Any = partial(MaskTruth, mask=runs, targets={"one-to-one": 1, "one-to-zero": 0}.get(row.kind))
            if self._task == "vg":
                make = partial(BoxTruth, box=row.box)
            questions.append(Question(sample, row.expression, row.category, "sentence", make))
        first = rows[0]
        pixels = partial(self._triplets.picture, first)
        return Picture(identifier, (first.height, first.width), pixels, tuple(questions))


def _synonyms_of(categories: Sequence[str], wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Category -> its other names that are asked for."""
    if not wanted:
        known = {name: tuple(singular for singular, _ in category(name).synonyms) for name in categories}
        return {name: synonyms for name, synonyms in known.items() if synonyms}
    found: dict[str, tuple[str, ...]] = {}
    for synonym in dict.fromkeys(map(normalise, wanted)):
        name = canonical(synonym)
        if name == synonym or name not in categories:
            raise EvaluationError(
                f"{synonym!r} is no other name of a category that is annotated here: {', '.join(categories)}"
            )
        found[name] = (*found.get(name, ()), synonym)
    return found


def read_record(record: Record) -> np.ndarray:
    """The image of a record, (H, W, 3) uint8 RGB.

    Raises:
        SourceError: It cannot be read; the message names the file.
    """
    try:
        return read_pixels(record)
    except Fault as fault:
        raise SourceError(f"{record.image}: {fault}") from fault


def annotation_box(annotation: Annotation, size: tuple[int, int], boxes: Boxes) -> tuple[float, float, float, float]:
    """(x1, y1, x2, y2) of an object in continuous pixels: of its mask if there is one and ``boxes`` says so.

    Raises:
        SourceError: It has neither, or its mask is empty.
    """
    if annotation.has_mask and (boxes == "outline" or annotation.box is None):
        if isinstance(annotation, StoredAnnotation):
            mask = annotation.mask(*size)
            if mask.any():
                x1, y1, x2, y2 = mask_box(mask)
                return float(x1), float(y1), float(x2), float(y2)
        else:
            points = np.concatenate(annotation.polygons).clip((0, 0), (size[1], size[0]))
            (x1, y1), (x2, y2) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            return x1, y1, x2, y2
    if annotation.box is None:
        raise SourceError(
            f"annotation {annotation.id} ({annotation.category}) has neither a box nor a mask with pixels"
        )
    return annotation.box


def annotation_runs(annotation: Annotation, size: tuple[int, int]) -> dict[str, Any]:
    """The mask of an annotation as COCO's compressed run lengths, decoding as little as possible."""
    if isinstance(annotation, StoredAnnotation):
        stored = annotation.stored
        if isinstance(stored, RunLengths) and stored.size == size:
            return {"size": list(size), "counts": stored.counts}
        return encode_mask(annotation.mask(*size))
    if annotation.holes:
        return encode_mask(annotation.mask(*size))
    return encode_polygons(annotation.polygons, *size)


def _mask_truth(record: Record, targets: list[Annotation], boxes: Boxes) -> MaskTruth:
    runs = [annotation_runs(target, record.size) for target in targets]
    merged = coco_mask.merge(runs) if len(runs) > 1 else runs[0] if runs else _empty(record.size)
    return MaskTruth(mask=merged, targets=len(targets))


def _box_truth(record: Record, targets: list[Annotation], boxes: Boxes) -> BoxTruth:
    return BoxTruth(box=annotation_box(targets[0], record.size, boxes))


def _truth_of_triplet(triplet: Triplet, task: str) -> MaskTruth | BoxTruth:
    if task == "vg":
        return BoxTruth(box=[float(edge) for edge in mask_box(triplet.mask)])
    return MaskTruth(mask=triplet.mask, targets=1)


def _empty(size: tuple[int, int]) -> dict[str, Any]:
    return {"size": list(size), "counts": [size[0] * size[1]]}


def _picture_id(source: str, image: str, window: list[int] | None) -> str:
    return f"{source}/{image}" + ("" if window is None else f"[{','.join(map(str, window))}]")
