"""English for captions: a category as a noun in singular and plural, its article, numbers, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import inflect

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
LARGEST_WORD = len(_NUMBERS) - 1
"""Larger numbers are written in digits, and start no sentence."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MASS = _words(
    """
    agriculture asphalt background bareland barren clutter concrete cropland debris dirt earth equipment farmland
    foliage forestland grass grassland gravel greenery ground heathland housing ice industry infrastructure land
    livestock machinery marshland moorland mud parkland pastureland pavement rangeland rubble sand scrub scrubland
    shrubbery shrubland snow soil tarmac terrain traffic turf undergrowth vegetation waste wasteland water woodland
    """
)
"""What is not counted itself: "two areas of bare soil"."""

_UNITS = {
    "equipment": ("piece", "pieces"),
    "livestock": ("group", "groups"),
    "machinery": ("piece", "pieces"),
}
"""What it is counted in, where not in areas."""

_COUNTED_GROUNDS = ("camping", "fair", "parade", "recreation", "sports", "training")

_SAME = _words(
    """
    aircraft barracks bison chassis craft crossroads data deer fish gallows gasworks headquarters hovercraft ironworks
    moose offspring rotorcraft series sheep spacecraft species steelworks swine watercraft waterworks works
    """
)
"""The same in singular and plural."""

_IRREGULAR = {"cul-de-sac": "culs-de-sac", "person": "people", "terminus": "termini"}
_PLURALS = {
    "axes": "axis",
    "cattle": "cow",
    "culs-de-sac": "cul-de-sac",
    "menus": "menu",
    "people": "person",
    "persons": "person",
    "police": "police officer",
    "skis": "ski",
    "stadia": "stadium",
    "taxis": "taxi",
    "termini": "terminus",
}
_SINGULAR_IN_S = _words("atlas bias biogas canvas cosmos gas lens")

# What follows one of these words says more about the noun before it: "ship in the harbor", "area covered with grass".
_AFTER_HEAD = re.compile(
    r"\s*[,(]|\s+(?:of|in|on|at|with|without|for|from|to|by|near|under|over|along|behind|beside|between|across|around|"
    r"inside|outside|next to|(?:covered|filled) with|(?:covered|surrounded) by|used (?:for|as)|made of|being)\b"
)
_LETTERS_WITH_AN = "AEFHILMNORSX"  # as they are spoken: "an SUV", "a UAV"


@dataclass(frozen=True)
class Noun:
    """A category in the words of a sentence.

    Attributes:
        singular: For one of it: "ship", "area of grass".
        plural: For more: "ships", "areas of grass".
        any: For an unknown number of it: "ships", "grass".
        mass: Whether ``any`` is singular: "no grass was found".
        areal: Whether it is counted in areas.

    Example:
        >>> noun("bus").counted(2), noun("parking lots").counted(1), noun("bare soil").counted(3)
        ('two buses', 'a parking lot', 'three areas of bare soil')
    """

    singular: str
    plural: str
    any: str
    mass: bool = False
    areal: bool = False

    def form(self, count: int) -> str:
        """The singular for one, else the plural."""
        return self.singular if count == 1 else self.plural

    def counted(self, count: int) -> str:
        """With its number, or with the article for one."""
        return f"{article(self.singular)} {self.singular}" if count == 1 else f"{number(count)} {self.plural}"


@cache
def noun(category: str) -> Noun:
    """Reads a category as a noun, whether it was given in singular or plural.

    Args:
        category: In any words; ``_`` stands for a space, and a leading "the", "a", "an" or "all" goes. Only the head is
            inflected: "ship in the harbor" becomes "ships in the harbor".

    Example:
        >>> noun("overpass").plural, noun("people").singular, noun("aircraft").plural, noun("wharf").plural
        ('overpasses', 'person', 'aircraft', 'wharves')
    """
    words = " ".join(category.replace("_", " ").split())
    words = re.sub(r"^(?:(?:the|a|an|all) )+(?=\S)", "", words)
    found = _AFTER_HEAD.search(words)
    cut = found.start() if found and found.start() else len(words)
    head, tail = words[:cut], words[cut:]
    whole = head.lower() in _IRREGULAR or head.lower() in _PLURALS
    before, last = ("", head) if whole else _last_word(head)
    one = _singular(last)
    singular, plural = (last, _plural(last)) if one is None else (one, last)
    things = f"{before}{singular}{tail}"
    if _is_mass(before, singular):
        unit, units = _UNITS.get(singular.lower(), ("area", "areas"))
        return Noun(f"{unit} of {things}", f"{units} of {things}", things, mass=True, areal=unit == "area")
    many = f"{before}{plural}{tail}"
    return Noun(things, many, many)


@cache
def article(words: str) -> str:
    """ "a" or "an", by the sound of the first word.

    Example:
        >>> [article(words) for words in ("ship", "airplane", "university", "SUV", "UAV", "8-lane road")]
        ['a', 'an', 'a', 'an', 'a', 'an']
    """
    first = re.split(r"[\s\-/]", words, maxsplit=1)[0]
    if first[:1].isdigit():
        return "an" if re.match(r"8|1[18](?!\d)", first) else "a"
    letters = re.match(r"[A-Z]+", first)
    if letters and letters.end() <= 3 and not re.search("[a-z]", first):
        return "an" if first[0] in _LETTERS_WITH_AN else "a"
    if not re.match("[A-Za-z]", first):
        return "a"
    return str(_engine().a(words.lower())).split(" ", 1)[0]


def number(count: int) -> str:
    """A number as a word up to twelve, else in digits.

    Example:
        >>> number(1), number(12), number(13), number(1250)
        ('one', 'twelve', '13', '1,250')
    """
    return _NUMBERS[count] if count <= LARGEST_WORD else f"{count:,}"


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """Joins words.

    Example:
        >>> listed(["ships", "harbors", "buses"], "or")
        'ships, harbors or buses'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


@cache
def _engine() -> inflect.engine:
    import inflect  # takes a second

    return inflect.engine()


def _last_word(head: str) -> tuple[str, str]:
    found = re.search(r"[^\s\-/]+$", head)
    return (head, "") if found is None else (head[: found.start()], found.group())


def _is_mass(before: str, word: str) -> bool:
    if word.lower() not in _MASS:
        return False
    return word.lower() != "ground" or not before.lower().strip().endswith(_COUNTED_GROUNDS)


def _plural(word: str) -> str:
    """The plural of a word in singular."""
    low = word.lower()
    if low in _SAME or not re.search("[A-Za-zÀ-ɏ0-9]$", word):
        return word
    if low in _IRREGULAR:
        return _in_the_case_of(word, _IRREGULAR[low])
    if word[-1].isdigit() or (word.isupper() and len(word) <= 3):  # "737s", "SUVs"
        return word + ("es" if word[-1] in "SX" else "s")
    many = str(_engine().plural_noun(low))
    return _in_the_case_of(word, f"{low}es" if many == f"{low}s" and low.endswith("s") else many)  # not "tenniss"


def _singular(word: str) -> str | None:
    """The singular of a word in plural; None for a word that is in singular already."""
    low = word.lower()
    if low in _SAME:
        return word
    if low in _PLURALS:
        return _in_the_case_of(word, _PLURALS[low])
    if low in _SINGULAR_IN_S or low.endswith(("ss", "us", "is")) or not low.isalpha():
        return None
    if word[:-1].isupper() and word[-1] == "s":  # "SUVs"
        return word[:-1] if len(word) > 2 else None
    one = _engine().singular_noun(low)
    # A plural that this module would write differently ("wharfs") is one all the same.
    if not one or low not in (_plural(one), f"{one}s", f"{one}es"):
        return None
    return _in_the_case_of(word, one)


def _in_the_case_of(word: str, inflected: str) -> str:
    if word.isupper() and len(word) > 1:
        return inflected.upper()
    shared = 0
    while shared < min(len(word), len(inflected)) and word[shared].lower() == inflected[shared]:
        shared += 1
    return word[:shared] + inflected[shared:]
