"""Makes the rows of one record: reads its image, makes masks, cuts tiles, writes sentences."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from remotesam.data.attributes import attributes_of
from remotesam.data.faults import Fault
from remotesam.data.generation.composing import compose
from remotesam.data.generation.masking import build_masker
from remotesam.data.generation.negatives import HardNegatives
from remotesam.data.generation.pictures import Place, picture_id
from remotesam.data.generation.renaming import Names, makers_of, regions_of, renamed
from remotesam.data.generation.settings import Numbers, Source
from remotesam.data.generation.tiling import Tiling, tiles
from remotesam.data.record_scenes import RecordScenes
from remotesam.data.scene import Scene, SceneError
from remotesam.data.sources.maskers.apply import Agreement, make_masks
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.problems import OnError, Problems
from remotesam.data.sources.records import Expression, Problem, Record, RecordSet
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.data.triplets import Kind


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keeps what is wrong with a record out of the log for a while: the report says it all."""
    logger = logging.getLogger("remotesam.data.record_scenes")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the records of one source become rows.

    Attributes:
        settings: The source.
        name: What its rows are called.
        split: Its split.
        licence: Its licence.
        names: Names of its categories.
        numbers: How many sentences.
        tiling: How large images are cut.
        negatives: How absent categories are drawn.
        never_absent: Names of categories that are not said to be absent.
        seed: Seed of the set.
        on_error: "skip" or "raise".
    """

    settings: Source
    name: str
    split: str
    licence: str
    names: Names
    numbers: Numbers
    tiling: Tiling
    negatives: HardNegatives
    never_absent: frozenset[str]
    seed: int
    on_error: OnError


@dataclass
class Made:
    """What became of a record.

    Attributes:
        rows: Its triplets.
        problems: What was wrong.
        agreements: Of the masks that were made of boxes.
        pictures: Ids of the pictures that the rows are about.
    """

    rows: list[TripletRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)


def make_unit(record: Record, place: Place, recipe: Recipe) -> Made:
    """Make the rows of a record; the same whatever was made before.

    Raises:
        SourceError: Something is wrong with it and ``recipe.on_error`` is "raise".
        OSError: A picture cannot be written.
    """
    problems = Problems(recipe.on_error)
    made = Made(problems=problems)
    record = renamed(record, recipe.names)
    try:
        pixels = read_pixels(record)
    except Fault as fault:
        problems.add(record.image, record.id, str(fault), fault.kind)
        return made
    if recipe.settings.masker is not None:
        masker = build_masker(recipe.settings.masker)
        record, agreements = make_masks(record, masker, image=pixels, min_agreement=recipe.settings.min_agreement)
        made.agreements = list(agreements)
    told = _told(record, problems)
    if told:
        _add(made, record, None, pixels, told, place, recipe)
    scene = _scene(record, pixels, recipe, problems)
    if scene is None:
        return made
    makers, regions = makers_of(record), regions_of(record)
    for window, tile in tiles(scene, recipe.tiling, regions=regions):
        whole = tile is scene
        rng = np.random.default_rng([recipe.seed, _number(recipe, record), 0 if whole else 1, *window])
        triplets = compose(
            tile,
            recipe.numbers,
            rng=rng,
            choose_absent=recipe.negatives,
            never_absent=recipe.never_absent,
            regions=regions,
        )
        rows = [_Row(t.expression, t.mask, t.kind, t.category, makers.get(t.category, "annotator")) for t in triplets]
        _add(made, record, None if whole else window, tile.image, rows, place, recipe)
    return made


@dataclass(frozen=True)
class _Row:
    expression: str
    mask: np.ndarray
    kind: Kind
    category: str
    maker: str


def _add(
    made: Made,
    record: Record,
    window: tuple[int, int, int, int] | None,
    pixels: np.ndarray,
    rows: Sequence[_Row],
    place: Place,
    recipe: Recipe,
) -> None:
    if not rows:
        return
    image, part = place.put(record, window, pixels)
    made.pictures.add(picture_id(record, window))
    for row in rows:
        entry = TripletRow.of_mask(
            row.mask,
            image=image,
            image_id=picture_id(record, window),
            window=part,
            expression=row.expression,
            kind=row.kind,
            category=row.category,
            attributes=attributes_of(row.expression, category=row.category),
            source=recipe.name,
            split=recipe.split,
            licence=recipe.licence,
        )
        made.rows.append(replace(entry, maker=row.maker) if entry.area else entry)


def _told(record: Record, problems: Problems) -> list[_Row]:
    """The sentences that a referring data set brings along; the same one twice is one."""
    rows: dict[str, _Row] = {}
    for expression in record.expressions:
        text = " ".join(expression.text.split())
        try:
            row = _told_row(record, expression, text)
        except Fault as fault:
            problems.add(record.image, f"{record.id}, {text!r}", str(fault), fault.kind)
            continue
        first = rows.setdefault(text.lower(), row)
        if first is not row and not np.array_equal(first.mask, row.mask):
            problems.note(record.image, f"{record.id}, {text!r}", "means two different masks; kept both", "duplicate")
            rows[f"{text} {expression.targets}"] = row
    return list(rows.values())


def _told_row(record: Record, expression: Expression, text: str) -> _Row:
    if not text:
        raise Fault("the sentence is empty", "format")
    targets = [record.by_id[target] for target in expression.targets if target in record.by_id]
    if len(targets) < len(expression.targets):
        raise Fault("means an annotation that is not there", "missing")
    height, width = record.size
    mask = np.zeros((height, width), bool)
    for target in targets:
        if not target.has_mask:
            raise Fault("means an annotation without a mask; make one from its box with a masker", "missing")
        mask |= target.mask(height, width)
    if targets and not mask.any():
        raise Fault("means an annotation that covers no pixel", "area")
    kinds: tuple[Kind, ...] = ("one-to-zero", "one-to-one", "one-to-many")
    categories = {target.category for target in targets}
    maker = " + ".join(sorted({target.maker or "annotator" for target in targets}))
    return _Row(text, mask, kinds[min(len(targets), 2)], categories.pop() if len(categories) == 1 else "", maker)


def _scene(record: Record, pixels: np.ndarray, recipe: Recipe, problems: Problems) -> Scene | None:
    """The record as a scene; None where nothing may be said of it beside its own sentences."""
    if not record.exhaustive:
        if record.annotations and not record.expressions:
            message = (
                f"nothing is said of its {len(record.annotations)} objects, for they may not be all there are; "
                "where they are, tell the reader (complete=true for own-vectors)"
            )
            problems.note(record.image, record.id, message, "incomplete")
        return None
    alone = RecordSet([record], name=recipe.name, split=recipe.split, licence="", categories=record.exhaustive)
    try:
        with _unlogged():
            return RecordScenes(alone, on_error="skip", difficult=recipe.settings.difficult).scene(0, image=pixels)
    except SceneError as error:
        problems.add(record.image, record.id, str(error), "unusable")
        return None


def _number(recipe: Recipe, record: Record) -> int:
    return zlib.crc32(f"{recipe.name}\n{recipe.split}\n{record.id}".encode())
