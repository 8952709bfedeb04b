"""Asks every question once, whatever the number of processes, and writes a row a sample and a summary."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from remotesam.evaluation.calibration import MAP_SCHEMA, map_row
from remotesam.evaluation.dumps import COMMON, Dump, DumpWriter
from remotesam.evaluation.mask_counts import decoded
from remotesam.evaluation.metric import Metric
from remotesam.evaluation.predictions import Predictions
from remotesam.evaluation.processes import Processes
from remotesam.evaluation.questions import EvaluationError, Picture, Question, Questions
from remotesam.evaluation.samples import CountsAnswer

PICTURES_A_PART = 8


class Source(Protocol):
    """Who answers."""

    has_maps: bool
    """Whether answers come with probability maps."""

    def answers(self, picture: Picture) -> Iterator[tuple[Question, Any | None, np.ndarray | None]]:
        """Each question of a picture with its answer, None where there is none, and its probability map."""
        ...


class PredictionSource:
    """Answers from a file.

    Args:
        predictions: The file.
        size: (height, width) that masks may have beside that of their image.
    """

    has_maps = False

    def __init__(self, predictions: Predictions, *, size: tuple[int, int] | None = None) -> None:
        self.predictions, self.size = predictions, size

    def answers(self, picture: Picture) -> Iterator[tuple[Question, Any | None, None]]:
        """See :class:`Source`."""
        sizes = [picture.size] if self.size is None else [picture.size, self.size]
        for question in picture.questions:
            answer = self.predictions.answer(question, sizes)
            if isinstance(answer, CountsAnswer):
                # Of other categories it is not known how many there are.
                asked = {name: count for name, count in answer.counts.items() if name in question.categories}
                answer = CountsAnswer(counts=asked)
            yield question, answer, None


def row_schema(metric: Metric, source: Source) -> pa.Schema:
    """The columns of the samples: the common ones, the metric's, and those of probability maps."""
    return pa.schema([*COMMON, *metric.schema, *(MAP_SCHEMA if source.has_maps else ())])


def sample_ids(questions: Questions, *, count: int) -> list[str]:
    """The ids of all samples of the first ``count`` pictures.

    Raises:
        EvaluationError: Two samples have the same id.
    """
    ids: dict[str, None] = {}
    with _progress("reading the questions", count) as advance:
        for index in range(count):
            for question in questions.picture(index).questions:
                if question.id in ids:
                    raise EvaluationError(f"two samples have the id {question.id!r}; the data set must tell them apart")
                ids[question.id] = None
            advance()
    return list(ids)


def evaluate(
    questions: Questions,
    source: Source,
    metric: Metric,
    *,
    writer: DumpWriter,
    processes: Processes,
    count: int,
    summary: Mapping[str, Any],
) -> Dump | None:
    """Runs an evaluation, or what is left of one.

    Args:
        questions: What is asked.
        source: Who answers.
        metric: What counts.
        writer: Where the rows go.
        processes: Who else is at it: each part is done by one process.
        count: How many pictures, from the first on.
        summary: What else belongs into the summary.

    Returns:
        The results, in the first process; None in the others.

    Raises:
        EvaluationError: A sample cannot be scored, then the message names it, or there is none.
        DumpError: A part is missing at the end.
    """
    begun = time.perf_counter()
    parts = range(processes.rank, writer.parts, processes.count)
    # Tested before the first of them is written, so that the bar counts from what was there.
    left = [part for part in parts if not writer.is_done(part)]
    mine = {part: range(part * PICTURES_A_PART, min((part + 1) * PICTURES_A_PART, count)) for part in left}
    name = str(summary.get("task", "images"))
    told = processes.is_first
    with _progress(name, sum(map(len, mine.values()))) if told else nullcontext(lambda: None) as advance:
        for part, indices in mine.items():
            rows = []
            for index in indices:
                rows += _rows_of(questions.picture(index), source, metric)
                advance()
            writer.write(part, rows)
    processes.wait()
    dump = None
    if processes.is_first:
        rows = writer.collect()
        if not rows.num_rows:
            raise EvaluationError(f"there is nothing to ask about the {count} pictures ({questions.note})")
        seconds = time.perf_counter() - begun
        dump = writer.finish(rows, {**summary, **figures_of(metric, rows), "seconds": round(seconds, 3)})
    processes.wait()
    return dump


def parts_of(count: int) -> int:
    """How many parts so many pictures make."""
    return -(-count // PICTURES_A_PART)


def figures_of(metric: Metric, rows: pa.Table) -> dict[str, Any]:
    """The numbers of samples and the figures, of all and of each kind of question where there are several."""
    kinds = rows.column("asked").unique().to_pylist()
    parts = {}
    if len(kinds) > 1:
        for kind in sorted(kinds):
            some = rows.filter(pc.equal(rows.column("asked"), kind))
            parts[kind] = {"samples": some.num_rows, "figures": metric.summarise(some)}
    return {
        "samples": rows.num_rows,
        "images": len(rows.column("image").unique()),
        "answered": int(pc.sum(rows.column("answered")).as_py() or 0),
        "figures": metric.summarise(rows) if rows.num_rows else {},
        "parts": parts,
    }


def _rows_of(picture: Picture, source: Source, metric: Metric) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    begun = time.perf_counter()
    spent = 0.0
    answers = source.answers(picture)
    while True:
        begun = time.perf_counter()
        answered = next(answers, None)
        spent += time.perf_counter() - begun
        if answered is None:
            break
        question, answer, probability = answered
        truth = question.truth()
        row: dict[str, Any] = {
            "id": question.id,
            "image": picture.id,
            "question": question.text,
            "category": question.category,
            "asked": question.asked,
            "answered": answer is not None,
        }
        try:
            if probability is not None:
                shape = (int(probability.shape[0]), int(probability.shape[1]))
                truth = dataclasses.replace(truth, mask=decoded(truth.mask, "the target", size=shape))
                row |= map_row(probability, truth.mask)
            row |= metric.row(truth, metric.answer_type() if answer is None else answer)
        except ValueError as error:
            raise EvaluationError(f"{question.id!r} cannot be scored: {error}") from error
        rows.append(row)
    for row in rows:
        row["seconds"] = spent / len(rows)
    return rows


class _progress:
    """A bar with the time that is left, on standard error if somebody watches; gives a function that advances it."""

    def __init__(self, name: str, total: int) -> None:
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), *columns, console=console, disable=not sys.stderr.isatty()
        )
        self._task = self._bar.add_task(name, total=total)

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda: self._bar.advance(self._task)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
