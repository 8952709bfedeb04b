"""How far a picture may be changed before a sentence about it becomes false.

| a sentence that says something of                                  | allows | its picture may be              |
|--------------------------------------------------------------------|--------|---------------------------------|
| a category alone; colour, brightness, shape, pattern, texture,     | CROP   | cut, zoomed, turned, mirrored   |
| material, state, function                                          |        |                                 |
| size, comparison, count, arrangement, surroundings, or a relation  | TURN   | zoomed, turned, mirrored, whole |
| without a direction                                                |        |                                 |
| position, orientation, a relation with a direction, other types    | STAY   | zoomed, whole, upright          |

A sentence that names neither a category nor attributes is not understood: its picture stays whole. Both the attributes
of the row and those that are found in its text count. Beyond that, a crop holds all of each target of a one-to-one
sentence, and colours are kept where a sentence speaks of colour or brightness.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from remotesam.data.attributes import attributes_of, types_of
from remotesam.data.expressions import ALL, CANONICAL, fill
from remotesam.data.naming import wording
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.data.vocabulary import normalise


class Freedom(IntEnum):
    """What may be done to a picture; each value allows what the greater ones do."""

    CROP = 0
    TURN = 1
    STAY = 2


_OWN = frozenset({"colour", "brightness", "shape", "pattern", "texture", "material", "state", "function"})
_WHOLE = frozenset({"size", "comparison", "count", "arrangement", "surroundings", "relation"})
_SEEN = frozenset({"colour", "brightness"})
_DIRECTED = frozenset(
    {"left of", "right of", "above", "below", "in front of", "behind", "north of", "south of", "east of", "west of"}
)


def freedom(row: TripletRow) -> Freedom:
    """How far the picture of a row may be changed.

    Example:
        >>> row = TripletRow(image="a", image_id="a", width=9, height=9, expression="the white ship next to the pier",
        ...                  kind="one-to-zero", category="ship", source="own", split="train")
        >>> freedom(row).name
        'TURN'
    """
    attributes = _attributes(row)
    if not attributes:
        return Freedom.CROP if row.category else Freedom.TURN
    return max(_freedom(attribute) for attribute in attributes)


def needs_colours(row: TripletRow) -> bool:
    """Whether false colours could make a row false."""
    return not _SEEN.isdisjoint(types_of(_attributes(row)))


def is_about_all(row: TripletRow) -> bool:
    """Whether a row surely means all of its category, or says that there are none: no attributes, and a known wording.

    Example:
        >>> row = TripletRow(image="a", image_id="a", width=9, height=9, expression="all ships", kind="one-to-zero",
        ...                  category="ship", source="own", split="train")
        >>> is_about_all(row)
        True
    """
    if row.kind == "one-to-one" or not row.category or row.attributes:
        return False
    return normalise(row.expression) in _sentences_about_all(row.category)


def _attributes(row: TripletRow) -> tuple[str, ...]:
    return (*row.attributes, *attributes_of(row.expression, category=row.category))


def _freedom(attribute: str) -> Freedom:
    kind, _, value = attribute.partition(":")
    if kind in _OWN:
        return Freedom.CROP
    if kind in _WHOLE and not (kind == "relation" and value in _DIRECTED):
        return Freedom.TURN
    return Freedom.STAY


@lru_cache(maxsize=4096)
def _sentences_about_all(name: str) -> frozenset[str]:
    return frozenset(normalise(fill(form, *pair)) for form in (*ALL, CANONICAL) for pair in wording(name).terms)
