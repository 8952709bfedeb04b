"""Anybody's predictions from a file: JSON lines, parquet, or for detection a COCO results file; see docs/evaluation.md.

Only the places of the predictions in the file are kept in memory (of parquet and COCO results the compact columns).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from remotesam.evaluation.data import EvaluationData
from remotesam.evaluation.prediction_fields import Fields, PredictionError
from remotesam.evaluation.questions import Question, Task

_SENTENCE = ("question", "expression", "sentence")
_IMAGE = ("image", "image_id")
_SHOWN = 10


class Predictions:
    """The predictions of a file, by the ids of the samples.

    Args:
        path: A file of JSON lines (.jsonl), a parquet file, or for the task "det" a COCO results file (.json).
        task: What they answer.
        data: The data set that they are about, for the names of its categories.
        categories: The categories of the class maps, in order.

    Raises:
        PredictionError: The file cannot be read, is of no known kind, or an entry has no id.
    """

    def __init__(self, path: str | Path, task: Task, data: EvaluationData, *, categories: Sequence[str]) -> None:
        self.path, self.task = Path(path), task
        if not self.path.is_file():
            raise PredictionError(f"{path}: no such file of predictions; check the path")
        self._fields = Fields(task, folder=self.path.parent, names=data.names, categories=categories)
        opened: _Entries
        if self.path.suffix in (".jsonl", ".ndjson"):
            opened = _JsonLines(self.path)
        elif self.path.suffix == ".parquet":
            opened = _Parquet(self.path)
        elif self.path.suffix == ".json" and task == "det":
            opened = _CocoResults(self.path, data.category_ids or {})
        else:
            kinds = ".jsonl, .parquet" + (" or .json (COCO results)" if task == "det" else "")
            raise PredictionError(f"{path}: predictions of the task {task!r} come as {kinds}")
        self._entries = opened
        self._places: dict[str, int] = {}
        repeated: Counter[str] = Counter()
        for place, entry in opened.heads():
            identifier = _id_of(entry, opened.where(place))
            if identifier in self._places:
                repeated[identifier] += 1
            else:
                self._places[identifier] = place
        self._repeated = list(repeated)

    def __len__(self) -> int:
        """Number of samples that have a prediction."""
        return len(self._places)

    def check(self, ids: Iterable[str], *, allow_missing: bool = False) -> list[str]:
        """Compares the ids with those of the data.

        Args:
            ids: Of all samples.
            allow_missing: Samples without a prediction count as answered with nothing.

        Returns:
            The ids of the samples without a prediction. A COCO results file has no entry for an image in which nothing
            was found: such images are not missing.

        Raises:
            PredictionError: There are predictions for unknown samples, several for one, or, unless they are allowed to,
                some are missing; the message names the ids.
        """
        wanted = dict.fromkeys(ids)
        unknown = [identifier for identifier in self._places if identifier not in wanted]
        missing = [identifier for identifier in wanted if identifier not in self._places]
        if self._entries.sparse:
            missing = []
        wrong = []
        if self._repeated:
            wrong.append(
                f"{len(self._repeated)} of {len(wanted)} samples have more than one prediction: "
                f"{_listed(self._repeated)}"
            )
        if unknown:
            wrong.append(
                f"{len(unknown)} of {len(self._places)} predicted samples are unknown to the data: {_listed(unknown)}"
            )
        if missing and not allow_missing:
            wrong.append(
                f"{len(missing)} of {len(wanted)} samples have no prediction: {_listed(missing)} "
                "(--allow-missing counts them as answered with nothing)"
            )
        if wrong:
            raise PredictionError(f"{self.path}: " + "; ".join(wrong))
        return missing

    def answer(self, question: Question, sizes: Sequence[tuple[int, int]]) -> Any | None:
        """The prediction for a sample, as the metric takes it; None where there is none.

        Args:
            question: The sample.
            sizes: (height, width) that masks may have.

        Raises:
            PredictionError: A field is missing or wrong.
        """
        place = self._places.get(question.id)
        if place is None:
            return None
        return self._fields.answer(self._entries.entry(place), sizes, f"{self._entries.where(place)}, {question.id!r}")


class _Entries(ABC):
    """The entries of a file; a place is whatever finds one again. ``sparse``: without an entry nothing was found."""

    sparse = False

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def heads(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Places, with what the id is read from."""

    @abstractmethod
    def entry(self, place: int) -> Mapping[str, Any]:
        """All fields."""

    @abstractmethod
    def where(self, place: int) -> str:
        """What to call it in messages."""


class _JsonLines(_Entries):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._lines: dict[int, int] = {}

    def heads(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        with self.path.open("rb") as file:
            place = 0
            for number, line in enumerate(file, start=1):
                if line.strip():
                    self._lines[place] = number
                    yield place, self._parsed(line, place)
                place += len(line)

    def entry(self, place: int) -> Mapping[str, Any]:
        with self.path.open("rb") as file:
            file.seek(place)
            return self._parsed(file.readline(), place)

    def where(self, place: int) -> str:
        return f"{self.path}, line {self._lines[place]}"

    def _parsed(self, line: bytes, place: int) -> Mapping[str, Any]:
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise PredictionError(f"{self.where(place)}: is no JSON ({error}); give one object a line") from error
        if not isinstance(entry, dict):
            raise PredictionError(f"{self.where(place)}: holds no object; give one object a line")
        return entry


class _Parquet(_Entries):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise PredictionError(f"{path}: cannot be read as parquet ({error})") from error

    def heads(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        names = [name for name in ("id", *_IMAGE, *_SENTENCE) if name in self._table.column_names]
        yield from enumerate(self._table.select(names).to_pylist())

    def entry(self, place: int) -> Mapping[str, Any]:
        (entry,) = self._table.slice(place, 1).to_pylist()
        return entry  # type: ignore[no-any-return]

    def where(self, place: int) -> str:
        return f"{self.path}, row {place}"


class _CocoResults(_Entries):
    """Records gathered by image: ``image_id``, ``category_id``, ``bbox`` [x, y, width, height], ``score``, and perhaps
    ``segmentation``, run lengths.
    """

    sparse = True

    def __init__(self, path: Path, category_ids: Mapping[int | str, str]) -> None:
        super().__init__(path)
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise PredictionError(f"{path}: is no JSON ({error})") from error
        if not isinstance(records, list):
            raise PredictionError(f"{path}: holds no list; a COCO results file is a list of records")
        self._images: dict[str, dict[str, Any]] = {}
        for number, record in enumerate(records):
            self._add(record, number, category_ids)
        self._ids = list(self._images)

    def _add(self, record: Any, number: int, category_ids: Mapping[int | str, str]) -> None:
        where = f"{self.path}, record {number}"
        if not isinstance(record, dict) or "image_id" not in record:
            raise PredictionError(f"{where}: has no image_id")
        category = category_ids.get(record.get("category_id"))  # type: ignore[arg-type]
        if category is None:
            known = ", ".join(f"{key}: {name}" for key, name in list(category_ids.items())[:30])
            raise PredictionError(f"{where}: category_id is {record.get('category_id')!r}; there are {known}")
        box, score = record.get("bbox"), record.get("score")
        if not isinstance(box, list) or len(box) != 4 or not all(isinstance(edge, int | float) for edge in box):
            raise PredictionError(f"{where}: bbox is {str(box)[:60]}; it takes [x, y, width, height]")
        if not isinstance(score, int | float):
            raise PredictionError(f"{where}: score is {score!r}; it takes a number")
        image = self._images.setdefault(str(record["image_id"]), {"boxes": [], "categories": [], "scores": []})
        x, y, width, height = box
        image["boxes"].append([x, y, x + width, y + height])
        image["categories"].append(category)
        image["scores"].append(score)
        if record.get("segmentation") is not None:
            image.setdefault("rles", []).append(record["segmentation"])

    def heads(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        yield from ((place, {"id": identifier}) for place, identifier in enumerate(self._ids))

    def entry(self, place: int) -> Mapping[str, Any]:
        return self._images[self._ids[place]]

    def where(self, place: int) -> str:
        return f"{self.path}, image {self._ids[place]}"


def _id_of(entry: Mapping[str, Any], where: str) -> str:
    if entry.get("id") is not None:
        return str(entry["id"])
    image = next((entry[name] for name in _IMAGE if entry.get(name) is not None), None)
    if image is None:
        raise PredictionError(f"{where}: has no id; give id, or image and for sentences expression")
    sentence = next((entry[name] for name in _SENTENCE if entry.get(name)), None)
    return str(image) if sentence is None else f"{image}|{sentence}"


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(identifier) for identifier in ids[:_SHOWN])
    return f"{shown}, ..." if len(ids) > _SHOWN else shown
