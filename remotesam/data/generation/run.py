"""Makes a triplet set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from remotesam.data.generation.journal import Journal
from remotesam.data.generation.opening import Evaluation, Opened, open_evaluation, open_sources
from remotesam.data.generation.parallel import ordered_map
from remotesam.data.generation.plan import Plan, Unit, make_plan
from remotesam.data.generation.report import REPORT, make_report, short_report, with_counts, write_report
from remotesam.data.generation.settings import Settings
from remotesam.data.generation.units import Made, Recipe, make_unit
from remotesam.data.triplet_set import TripletSetWriter

LOOKS = ".looks.jsonl"
JOURNAL = ".journal.jsonl"


def generate(settings: Settings, *, overwrite: bool = False, quiet: bool = False) -> dict[str, Any]:
    """Make the set, or go on with it where it was interrupted.

    The folder also holds ``report.json`` and ``report.md``, and, until the set is complete, two hidden files to go on
    with: what the pictures look like, and what was found wrong.

    Args:
        settings: What to make.
        overwrite: Throw away a set that is there already.
        quiet: Show no progress.

    Returns:
        The content of ``report.json``.

    Raises:
        SourceError: A source cannot be read, or something is wrong in it and ``on_error`` is "raise".
        TripletSetError: A set of other settings is in the folder.
        OSError: A file cannot be written.
    """
    folder = Path(settings.output)
    opened, evaluation = open_sources(settings), open_evaluation(settings)
    folder.mkdir(parents=True, exist_ok=True)
    cache = folder / LOOKS if settings.cache is None else Path(settings.cache)
    with _progress(quiet) as progress:
        looking = progress.add_task("looking at pictures", total=_count(opened, evaluation))
        plan = make_plan(settings, opened, evaluation, cache=cache, advance=lambda: progress.advance(looking))
        with TripletSetWriter(
            folder,
            settings={**settings.recorded(), "records": {"count": len(plan), "digest": plan.digest()}},
            seed=settings.seed,
            name=settings.name,
            shard_rows=settings.shard_rows,
            image_root=plan.image_root,
            sources={entry.name: {"licence": entry.licence} for entry in opened},
            overwrite=overwrite,
        ) as writer:
            if writer.complete:
                return _read_report(folder)
            with Journal(folder / JOURNAL, sources=len(opened), units=writer.units_done) as journal:
                _make(plan, writer, journal, settings.workers, progress)
                report = make_report(
                    plan, problems=journal.problems, agreements=journal.agreements, evaluation=evaluation
                )
            manifest = writer.finish(report=short_report(report))
            report = with_counts(report, manifest.counts)
            write_report(folder, report)
    for leftover in (folder / LOOKS, folder / JOURNAL):
        leftover.unlink(missing_ok=True)
    return report


def preview(settings: Settings, *, pictures: int = 3, quiet: bool = False) -> Iterator[tuple[Opened, int, list[Made]]]:
    """Open the sources and make the first pictures of each, without writing anything or looking for copies.

    Yields:
        Each source, how many pictures it gives with its tiles, and what became of its first records.

    Raises:
        SourceError: As :func:`generate`.
    """
    opened = open_sources(settings)
    open_evaluation(settings)
    unchecked = Settings(**{**vars(settings), "copies": type(settings.copies)(check=False), "images": "reference"})
    plan = make_plan(unchecked, opened, [])
    for number, entry in enumerate(opened):
        tiling = plan.recipes[number].tiling
        tiles = sum(len(tiling.windows(*record.size)) for record in entry.records)
        units = (unit for unit in plan.units() if unit[0] == number)
        yield entry, tiles, [_unit(plan.recipes, unit) for unit in islice(units, pictures)]


def _unit(recipes: list[Recipe], unit: Unit) -> Made:
    number, record, place = unit
    return make_unit(record, place, recipes[number])


def _make(plan: Plan, writer: TripletSetWriter, journal: Journal, workers: int, progress: Progress) -> None:
    done = writer.units_done
    task = progress.add_task("making triplets", total=len(plan), completed=done)
    units = islice(plan.units(), done, None)
    numbers = (unit[0] for unit in islice(plan.units(), done, None))
    results = ordered_map(_unit, units, state=plan.recipes, workers=workers)
    for unit, (source, made) in enumerate(zip(numbers, results, strict=True), start=done):
        journal.add(unit, source, made)
        writer.add(made.rows)
        progress.advance(task)


def _count(opened: list[Opened], evaluation: list[Evaluation]) -> int:
    return sum(len(entry.records) for entry in opened) + sum(len(entry.records) for entry in evaluation)


def _read_report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return report


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        yield progress
