"""What is to be made: which records of which sources, without copies and leaks, and how."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from remotesam.data.generation.copies import Copy, find_duplicates, find_leaks
from remotesam.data.generation.fingerprints import Fingerprint
from remotesam.data.generation.negatives import HardNegatives
from remotesam.data.generation.opening import Evaluation, Opened
from remotesam.data.generation.pictures import Place, prefix_of, stems
from remotesam.data.generation.scanning import Look, Scan, scan
from remotesam.data.generation.settings import Settings
from remotesam.data.generation.units import Recipe
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Record

Unit = tuple[int, Record, Place]
"""Number of the source, record, and where its pictures go."""

Pictured = tuple[int, Record, Fingerprint]


@dataclass(frozen=True)
class Found:
    """A picture that is a copy of another.

    Attributes:
        source: Number of its source.
        record: Its first record.
        other: Name and split of the source, or the evaluation split, of the other picture.
        original: The other picture's record.
        original_root: Root of its data set.
        copy: How alike they are.
        dropped: Whether it is left out.
    """

    source: int
    record: Record
    other: str
    original: Record
    original_root: str
    copy: Copy
    dropped: bool


@dataclass(frozen=True)
class Plan:
    """What is to be made.

    Attributes:
        opened: The sources.
        recipes: How each of them is made.
        places: Where the pictures of each image file go, for each source.
        kept: The records that are made, for each source.
        duplicates: Copies among the sources.
        leaks: Copies of pictures to evaluate on.
        image_root: For references: folder that all pictures are relative to.
    """

    opened: list[Opened]
    recipes: list[Recipe]
    places: list[dict[Path, Place]]
    kept: list[list[Record]]
    duplicates: list[Found]
    leaks: list[Found]
    image_root: str | None

    def units(self) -> Iterator[Unit]:
        """All units in their order."""
        for number, records in enumerate(self.kept):
            for record in records:
                yield number, record, self.places[number][record.image]

    def __len__(self) -> int:
        return sum(map(len, self.kept))

    def digest(self) -> str:
        """A checksum of which records are made in which order."""
        digest = blake2b(digest_size=8)
        for number, records in enumerate(self.kept):
            for record in records:
                digest.update(f"{number} {record.id} {record.size} {record.window}\n".encode())
        return digest.hexdigest()


def make_plan(
    settings: Settings,
    opened: list[Opened],
    evaluation: list[Evaluation],
    *,
    cache: Path | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Plan:
    """Look at all pictures, and decide what is made.

    Args:
        settings: The settings.
        opened: The sources.
        evaluation: What they must not hold.
        cache: File that remembers what pictures look like.
        advance: Called after each record that was looked at.
    """
    groups = [*(list(entry.records) for entry in opened), *(list(entry.records) for entry in evaluation)]
    what = Scan(prints=settings.copies.check, turned=settings.copies.turned, labels=True)
    every = [record for group in groups for record in group]
    looks = iter(scan(every, what, workers=settings.workers, cache=cache, advance=advance))
    looked = [[(record, next(looks)) for record in group] for group in groups]
    duplicates, leaks = _copies(settings, opened, evaluation, looked)
    dropped = {(found.source, _picture(found.record)) for found in (*duplicates, *leaks) if found.dropped}
    kept = [
        [record for record in entry.records if (number, _picture(record)) not in dropped]
        for number, entry in enumerate(opened)
    ]
    recipes = [
        _recipe(settings, entry, looked[number], {_picture(record) for record in kept[number]})
        for number, entry in enumerate(opened)
    ]
    places, root = _places(settings, opened)
    return Plan(opened, recipes, places, kept, duplicates, leaks, root)


def _recipe(
    settings: Settings, entry: Opened, looked: list[tuple[Record, Look]], kept: set[tuple[object, ...]]
) -> Recipe:
    numbers = entry.settings.sentences or settings.sentences
    shown = [_shown(record, look, entry) for record, look in looked if _picture(record) in kept]
    return Recipe(
        settings=entry.settings,
        name=entry.name,
        split=entry.records.split,
        licence=entry.licence,
        names=entry.names,
        numbers=numbers,
        tiling=entry.settings.tiling or settings.tiling,
        negatives=HardNegatives(shown, hard=numbers.hard),
        never_absent=frozenset(_never_absent(entry)),
        seed=settings.seed,
        on_error=settings.on_error,
    )


def _never_absent(entry: Opened) -> Iterator[str]:
    for spelling in entry.settings.never_absent:
        name = entry.names.get(spelling)
        if name is None:
            known = ", ".join(spelling for spelling, name in entry.names.items() if name)
            raise SourceError(f"{entry.label}: never_absent names {spelling!r}; its categories are {known}")
        yield name


def _shown(record: Record, look: Look, entry: Opened) -> set[str]:
    """Names of the categories that a record shows."""
    spellings = [*(annotation.category for annotation in record.annotations), *look.shown]
    return {name for spelling in spellings if (name := entry.names.get(spelling)) is not None}


def _copies(
    settings: Settings, opened: list[Opened], evaluation: list[Evaluation], looked: list[list[tuple[Record, Look]]]
) -> tuple[list[Found], list[Found]]:
    if not settings.copies.check:
        return [], []
    training: list[Pictured] = []
    for number in range(len(opened)):
        training += [(number, record, print_) for record, print_ in _pictures(looked[number])]
    held_out: list[Pictured] = []
    for number in range(len(evaluation)):
        held_out += [(number, record, print_) for record, print_ in _pictures(looked[len(opened) + number])]
    prints, held_prints = [entry[2] for entry in training], [entry[2] for entry in held_out]
    leaks: list[Found] = []
    leaking: set[int] = set()
    for copy in find_leaks(prints, held_prints, distance=settings.copies.distance):
        number, record, _ = training[copy.index]
        other, original, _ = held_out[copy.original]
        split = evaluation[other]
        leaks.append(Found(number, record, split.label, original, split.root, copy, settings.copies.leaks == "drop"))
        leaking.add(copy.index)
    gone = leaking if settings.copies.leaks == "drop" else set()
    left = [index for index in range(len(training)) if index not in gone]
    duplicates = []
    for copy in find_duplicates([prints[index] for index in left], distance=settings.copies.distance):
        number, record, _ = training[left[copy.index]]
        other, original, _ = training[left[copy.original]]
        source = opened[other]
        duplicates.append(
            Found(
                number, record, source.label, original, source.settings.root, copy, settings.copies.duplicates == "drop"
            )
        )
    return duplicates, leaks


def _pictures(looked: list[tuple[Record, Look]]) -> list[tuple[Record, Fingerprint]]:
    """Every picture of a source once, with its first record."""
    first: dict[tuple[object, ...], tuple[Record, Fingerprint]] = {}
    for record, look in looked:
        if look.print is not None:
            first.setdefault(_picture(record), (record, look.print))
    return list(first.values())


def _picture(record: Record) -> tuple[object, ...]:
    return (record.image, record.window)


def _places(settings: Settings, opened: list[Opened]) -> tuple[list[dict[Path, Place]], str | None]:
    folder, extension = Path(settings.output), f".{settings.tile_format}"
    files = [list(dict.fromkeys(record.image for record in entry.records)) for entry in opened]
    if settings.images == "copy":
        named = [
            stems(group, prefix_of(entry.name, entry.records.split)) for entry, group in zip(opened, files, strict=True)
        ]
        return [
            {
                file: Place(folder=folder, stem=stem, reference=False, extension=extension)
                for file, stem in group.items()
            }
            for group in named
        ], None
    root = Path(os.path.commonpath([file.resolve().parent for group in files for file in group]))
    places = [
        {
            file: Place(
                folder=folder, stem=file.resolve().relative_to(root).as_posix(), reference=True, extension=extension
            )
            for file in group
        }
        for group in files
    ]
    return places, Path(os.path.relpath(root, folder.resolve())).as_posix()
