"""The worst, the median and the best answers as pictures, and what was found where nothing is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from remotesam.evaluation.drawing import draw_sample
from remotesam.evaluation.dumps import Dump
from remotesam.evaluation.harness import Source
from remotesam.evaluation.questions import Questions
from remotesam.evaluation.sample_scores import SCORES, sample_scores
from remotesam.files import write_image
from remotesam.visualize import panel

FOLDER = "gallery"
_CELL = 384
_TITLE = 240


def choose_samples(dump: Dump, count: int) -> dict[str, NDArray[np.int64]]:
    """Numbers of the rows to show.

    Args:
        dump: The evaluation.
        count: How many of each kind.

    Returns:
        "worst", "median", "best" by :func:`~remotesam.evaluation.sample_scores.sample_scores`, among sentences only
        those with a target, of equally bad ones the largest targets first; and "false-positives": sentences without a
        target that were answered with something, surest first. Kinds without a sample are left out.
    """
    rows, scores = dump.rows, sample_scores(dump.metric, dump.rows)
    known = ~np.isnan(scores)
    sizes = np.zeros(len(scores))
    chosen: dict[str, NDArray[np.int64]] = {}
    if dump.metric.name in ("ref", "reason"):
        sizes = rows.column("target").to_numpy().astype(np.float64)
        gate = dump.metric.settings["presence_threshold"]
        presence = rows.column("presence").to_numpy()
        answered = (rows.column("predicted").to_numpy() > 0) & (presence > (-1.0 if gate is None else gate))
        wrong = np.flatnonzero((sizes == 0) & answered)
        chosen["false-positives"] = wrong[np.argsort(-presence[wrong], kind="stable")][:count]
        known &= sizes > 0
    order = np.flatnonzero(known)
    order = order[np.lexsort((-sizes[order], scores[order]))]
    middle = max(0, (len(order) - count) // 2)
    ranked = {"worst": order[:count], "median": order[middle : middle + count], "best": order[::-1][:count]}
    return {name: places for name, places in (ranked | chosen).items() if len(places)}


def write_gallery(
    dump: Dump, questions: Questions, source: Source, *, count: int, size: tuple[int, int] | None
) -> list[Path]:
    """Asks again about some samples and writes a sheet for each kind into the folder of the dump.

    Args:
        dump: The evaluation.
        questions: What it asked.
        source: Who answered.
        count: How many samples of each kind.
        size: (height, width) at which masks were compared; None for the image's own.

    Returns:
        The files.

    Raises:
        OSError: A file cannot be written.
    """
    ids, images = dump.rows.column("id").to_pylist(), dump.rows.column("image").to_pylist()
    scores = sample_scores(dump.metric, dump.rows)
    places = {identifier: number for number, identifier in enumerate(questions.pictures)}
    written = []
    for name, numbers in choose_samples(dump, count).items():
        pictures: list[np.ndarray] = []
        titles: list[str] = []
        for number in numbers.tolist():
            shown = _draw(ids[number], places[images[number]], questions, source, dump, size=size)
            grade = f"{SCORES[dump.metric.name]}: {scores[number]:.2f}, image {images[number]}"
            for place, (picture, title) in enumerate(shown):
                pictures.append(picture)
                titles.append(_short(title if place else f"{grade} · {title}"))
        path = dump.folder / FOLDER / f"{name}.jpg"
        columns = 4 if len(pictures) > 2 else len(pictures)
        write_image(path, panel(pictures, titles, columns=columns, cell=_CELL, fit="width"), quality=90)
        written.append(path)
    return written


def _draw(
    identifier: str, place: int, questions: Questions, source: Source, dump: Dump, *, size: tuple[int, int] | None
) -> list[tuple[np.ndarray, str]]:
    picture = questions.picture(place)
    asked = tuple(question for question in picture.questions if question.id == identifier)
    picture = dataclasses.replace(picture, questions=asked)
    ((question, answer, _),) = source.answers(picture)
    pixels = picture.pixels()
    if size is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.BILINEAR))
    metric = dump.metric
    return draw_sample(pixels, question, question.truth(), metric.answer_type() if answer is None else answer, metric)


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
