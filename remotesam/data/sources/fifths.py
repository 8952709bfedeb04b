"""A validation split for data sets that come without one: every fifth image.

It follows from the names of the images alone, so that training can leave out exactly what evaluation is about.
"""

from __future__ import annotations

from typing import Literal, get_args

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import RecordSet

EveryFifth = Literal["leave out", "only"]


def take_fifths(records: RecordSet, every_fifth: EveryFifth) -> RecordSet:
    """Keeps every fifth image, or all the others.

    The images are sorted by their file names, as text: the fifth, the tenth and so on are the held-out ones. Records
    that are windows of one image stay together. Leaving faulty images out (``on_error="skip"``) changes which ones come
    fifth, so a set with faults is to be repaired first, or read the same way on both sides.

    Args:
        records: A whole data set, or one split of it.
        every_fifth: "only" keeps every fifth image, "leave out" the others.

    Returns:
        The records that stay, in their order; the name of the split says which they are.

    Raises:
        SourceError: ``every_fifth`` is neither, or nothing stays because there are fewer than five images.

    Example:
        >>> from remotesam.data.sources import open_source
        >>> roads = open_source("palette", "roads", palette={"road": 255}, every_fifth="only")  # doctest: +SKIP
    """
    if every_fifth not in get_args(EveryFifth):
        raise SourceError(f"every_fifth is {every_fifth!r}; it takes 'leave out' or 'only'")
    names = sorted({record.image.name for record in records})
    held_out = set(names[4::5])
    wanted = held_out if every_fifth == "only" else set(names) - held_out
    kept = [record for record in records if record.image.name in wanted]
    if not kept:
        raise SourceError(
            f"{records!r}: every_fifth={every_fifth!r} leaves nothing of {len(names)} images; it takes five"
        )
    return RecordSet(
        kept,
        name=records.name,
        split=f"{records.split}, {'every fifth' if every_fifth == 'only' else 'without every fifth'}",
        licence=records.licence,
        categories=records.categories,
        problems=records.problems,
    )
