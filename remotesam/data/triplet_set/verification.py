"""Compares the files of a triplet set with its manifest."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from PIL import Image
from rich.progress import track

from remotesam.data.sources.records import Problem
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import TripletRow, table_to_rows
from remotesam.data.triplet_set.shards import open_shard, shard_fault

if TYPE_CHECKING:
    from remotesam.data.triplet_set.reader import TripletSet


def verify(triplets: TripletSet, *, rows: bool, images: bool) -> list[Problem]:
    """See :meth:`remotesam.data.triplet_set.TripletSet.verify`; views are verified with their whole set."""
    problems: list[Problem] = []
    seen: set[tuple[str, tuple[int, int, int, int] | None]] = set()
    progress = track(
        triplets.manifest.shards, "verifying", disable=not sys.stderr.isatty(), transient=True, show_speed=False
    )
    for shard in progress:
        fault = shard_fault(triplets.folder, shard)
        if fault is None:
            try:
                with open_shard(triplets.folder, shard) as file:
                    if rows or images:
                        batches = (table_to_rows(batch) for batch in file.iter_batches(use_threads=False))
                        checked = (row for batch in batches for row in batch)
                        problems += _row_problems(triplets, checked, shard.file, rows=rows, images=images, seen=seen)
            except TripletSetError as error:
                fault = error
        if fault is not None:
            problems.append(Problem(shard.file, "", str(fault), fault.kind))
    return problems


def _row_problems(
    triplets: TripletSet,
    checked: Iterable[TripletRow],
    file: str,
    *,
    rows: bool,
    images: bool,
    seen: set[tuple[str, tuple[int, int, int, int] | None]],
) -> Iterator[Problem]:
    for number, row in enumerate(checked):
        if rows:
            try:
                row.check()
            except TripletSetError as error:
                yield Problem(file, f"row {number}", str(error), error.kind)
        if images and (row.image, row.window) not in seen:
            seen.add((row.image, row.window))
            problem = _picture_problem(triplets, row)
            if problem is not None:
                yield problem


def _picture_problem(triplets: TripletSet, row: TripletRow) -> Problem | None:
    path = triplets.image_root / row.image
    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except FileNotFoundError:
        return Problem(str(path), row.image_id, "the picture is missing", "missing")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return Problem(str(path), row.image_id, f"the picture cannot be read: {error}", "unreadable")
    if row.window is None:
        fits = (width, height) == (row.width, row.height)
    else:
        fits = row.window[0] + row.window[2] <= width and row.window[1] + row.window[3] <= height
    if fits:
        return None
    part = "" if row.window is None else f" with the window {row.window}"
    message = f"the picture has {width} x {height} pixels, its rows say {row.width} x {row.height}{part}"
    return Problem(str(path), row.image_id, message, "size")
