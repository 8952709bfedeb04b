"""Opens what a set is made of, and what it must not hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remotesam.data.generation.renaming import Names, names_of
from remotesam.data.generation.settings import HeldOut, Settings, Source
from remotesam.data.sources.headers import IMAGE_SUFFIXES, checked_size
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Problem, Record, RecordSet
from remotesam.data.sources.registry import open_source
from remotesam.data.vocabulary import rsvocab


@dataclass(frozen=True)
class Opened:
    """A source with its records.

    Attributes:
        settings: What was asked for.
        records: Its records.
        name: What its rows are called.
        licence: Its licence.
        names: Names of its categories.
        problems: What its reader found wrong.
    """

    settings: Source
    records: RecordSet
    name: str
    licence: str
    names: Names

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.records.problems

    @property
    def label(self) -> str:
        """Name and split, for people."""
        return f"{self.name} {self.records.split}"


@dataclass(frozen=True)
class Evaluation:
    """Pictures to evaluate on: what they are called, their records, and what was wrong with them."""

    label: str
    root: str
    records: tuple[Record, ...]
    problems: tuple[Problem, ...]


def open_sources(settings: Settings) -> list[Opened]:
    """Read every source.

    Raises:
        SourceError: One cannot be read, has no usable record, or two have the same name and split.
    """
    opened: list[Opened] = []
    for number, source in enumerate(settings.sources):
        try:
            records = open_source(
                source.source, source.root, split=source.split, on_error=settings.on_error, **source.options
            )
        except TypeError as error:
            raise SourceError(f"sources[{number}].options: {error}") from error
        if source.limit is not None:
            records = records[: source.limit]
        if not len(records):
            raise SourceError(f"{records!r}: there is not one record; the report of its reader: {_first(records)}")
        name = source.name or records.name
        licence = records.licence if source.licence is None else source.licence
        names = names_of(records, dataset=_dataset(source))
        entry = Opened(source, records, name, licence, names)
        if entry.label in {other.label for other in opened}:
            raise SourceError(f"two sources are called {entry.label!r}; give one of them another name")
        opened.append(entry)
    return opened


def open_evaluation(settings: Settings) -> list[Evaluation]:
    """Read the pictures of every evaluation split.

    Raises:
        SourceError: One cannot be read or holds no picture.
    """
    return [_evaluation(entry, settings.on_error) for entry in settings.evaluation]


def _evaluation(entry: HeldOut, on_error: OnError) -> Evaluation:
    if entry.source is not None:
        records = open_source(entry.source, entry.root, split=entry.split, on_error=on_error, **entry.options)
        return Evaluation(f"{records.name} {records.split}", entry.root, records.records, records.problems)
    root = Path(entry.root)
    problems = Problems(on_error)
    found = []
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in IMAGE_SUFFIXES and (size := checked_size(path, problems)) is not None:
            found.append(Record(id=path.relative_to(root).as_posix(), image=path, size=size))
    if not found:
        raise SourceError(f"{root}: no picture to evaluate on was found there")
    return Evaluation(f"{root.name} {entry.split}", entry.root, tuple(found), tuple(problems))


def _dataset(source: Source) -> str:
    """The data set whose class names it has: by its name ("DIOR" read as COCO), or by its reader."""
    named = (source.name or "").lower().replace(" ", "_").replace("-", "_")
    return named if named in rsvocab().datasets else source.source


def _first(records: RecordSet) -> str:
    return str(records.problems[0]) if records.problems else "nothing"
