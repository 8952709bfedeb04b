"""Samples of a triplet set on contact sheets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from remotesam.data.triplet_set import KINDS, TripletRow, TripletSet, TripletSetError
from remotesam.data.vocabulary import canonical, rsvocab
from remotesam.results import Segmentation
from remotesam.visualize import colour_at, overlay, panel
from remotesam.visualize.text import shortened

COLUMNS, LINES = 4, 3
_LONGEST, _NARROW = 110, 1.5


def named_category(triplets: TripletSet, name: str) -> str:
    """The category of a set that a name means: as the set spells it, or as the vocabulary does.

    Args:
        triplets: The set.
        name: Any spelling; unchanged where the set has no such category, so that its filter can say so.

    Example:
        >>> named_category(TripletSet("ships"), "Airplanes")                                        # doctest: +SKIP
        'airplane'
    """
    entry = rsvocab().find(name)
    known = triplets.manifest.counts.get("category", {})
    spellings = [name, canonical(name), *([entry.name] if entry is not None else [])]
    return next((spelling for spelling in spellings if spelling in known), canonical(name) if not known else name)


def choose_samples(triplets: TripletSet, count: int, seed: int) -> TripletSet:
    """Draw rows of a set, each as likely as any other.

    Args:
        triplets: The set, or a part of it.
        count: How many; all of them where there are fewer.
        seed: Other rows for another number.
    """
    rng = np.random.default_rng(seed)
    return triplets.select(rng.permutation(len(triplets))[:count])


def contact_sheets(
    triplets: TripletSet,
    failures: list[str],
    *,
    cell: int = 360,
    columns: int = COLUMNS,
    lines: int = LINES,
    filled: bool = True,
) -> Iterator[np.ndarray]:
    """Draw all rows of a view, sheet after sheet.

    Args:
        triplets: What to draw.
        failures: Is told of samples that cannot be drawn; they are left out.
        cell: Width of a sample in pixels.
        columns: Samples beside each other.
        lines: Samples below each other.
        filled: Whether masks are tinted beside their outlines.

    Yields:
        (H, W, 3) uint8 RGB; every sample stands under its row's number, kind, category, source and sentence.
    """
    pictures: list[np.ndarray] = []
    titles: list[str] = []
    for number, row in zip(triplets.numbers().tolist(), triplets, strict=True):
        try:
            pictures.append(drawn_sample(triplets.picture(row), row, filled=filled))
        except TripletSetError as error:
            failures.append(f"row {number}: {error}")
            continue
        told = " · ".join(word for word in (f"#{number}", row.kind, row.category, row.source) if word)
        titles.append(f"{shortened(row.expression, _LONGEST)}  ({told})")
        if len(pictures) == columns * lines:
            yield _sheet(pictures, titles, columns, cell)
            pictures, titles = [], []
    if pictures:
        yield _sheet(pictures, titles, columns, cell)


def drawn_sample(picture: np.ndarray, row: TripletRow, *, filled: bool = True) -> np.ndarray:
    """A picture with the mask of a row, in a colour for each kind.

    Args:
        picture: (height, width, 3) uint8 RGB.
        row: A row about it.
        filled: Whether the mask is tinted beside its outline.

    Returns:
        The same size; unchanged where the mask is empty.

    Raises:
        TripletSetError: The mask is damaged, or of another size than the picture.
    """
    mask = row.mask()
    result = Segmentation(row.expression, mask, mask.astype(np.float32), present=bool(row.area), score=1.0)
    colours = {row.expression: colour_at(KINDS.index(row.kind))}
    return overlay(picture, [result], legend=False, colours=colours, filled=filled)


def _sheet(pictures: list[np.ndarray], titles: list[str], columns: int, cell: int) -> np.ndarray:
    # Rows as high as their pictures, unless one is so narrow that its row would fill the screen.
    narrow = any(picture.shape[0] > _NARROW * picture.shape[1] for picture in pictures)
    return panel(pictures, titles, columns=columns, cell=cell, fit="cell" if narrow else "width")
