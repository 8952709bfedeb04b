"""Finds the attributes that a sentence gives an object."""

import re
from functools import cache, lru_cache

from remotesam.data.attribute_types import ATTRIBUTE_TYPES
from remotesam.data.vocabulary import category as category_entry
from remotesam.data.vocabulary import normalise, rsvocab

_VISIBLE = ("colour", "brightness", "size", "shape", "arrangement", "pattern", "texture", "material", "state")
_FRAME = re.compile(
    r"\b(?:of|in|on|within|from) (?:the |this |an? )?(?:whole |entire |given )?"
    r"(?:image|picture|photo|photograph|scene|tile|view|frame|figure|screen)\b"
)
_NEAR_PLACE = re.compile(
    r"\b(?:near|close to|towards?) the (?=(?:center|middle|corner|edge|border|margin|(?:(?:upper|lower|top|bottom) )?"
    r"(?:left|right|top|bottom)(?: (?:side|part|corner|edge|border|margin|half))?) *(?:$|,))"
)
_ORDINAL = re.compile(
    r"\b(first|second|third|fourth|fifth|sixth|last)\b(?: \w+){0,4}? from (?:the )?(left|right|top|bottom)\b"
)
_NUMBER = re.compile(r"^(?:there (?:is|are) )?(one|\d+)\b(?! of\b)|\b(\d+)\b")
_GROUND = r"\b(?:in|on|at|into|onto|off) (?:the |an? )?(?:{words})\b(?! (?:side|part|half|corner|of the picture))"


def attributes_of(expression: str, *, category: str = "") -> tuple[str, ...]:
    """List the attributes that a sentence gives.

    Args:
        expression: An English sentence.
        category: Canonical name of what it is about where that is known: its words are no attributes. Without it, the
            names of RSVocab-1K are none, unless a visible property stands before a shorter name ("damaged building").

    Returns:
        "type:value" in the order of :data:`ATTRIBUTE_TYPES`, each once.

    Example:
        >>> attributes_of("The large white plane on the left, next to two small vehicles")
        ('colour:white', 'size:large', 'size:small', 'position:left', 'relation:next to', 'count:2')
        >>> attributes_of("ground track field in the image"), attributes_of("the ship on the left of the image")
        ((), ('position:left',))
    """
    found = set(_extract(expression, category))
    order = {name: number for number, name in enumerate(ATTRIBUTE_TYPES)}
    return tuple(f"{name}:{value}" for name, value in sorted(found, key=lambda entry: (order[entry[0]], entry[1])))


def types_of(attributes: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The types among "type:value" entries, each once, in their order.

    Example:
        >>> types_of(("size:large", "size:small", "colour:white"))
        ('size', 'colour')
    """
    return tuple(dict.fromkeys(entry.partition(":")[0] for entry in attributes))


@lru_cache(maxsize=65536)
def _extract(expression: str, category: str) -> tuple[tuple[str, str], ...]:
    text = re.sub(r"[^\w\s']", " , ", normalise(expression))
    text = _FRAME.sub(" ", re.sub(r"\s+", " ", text).strip())
    text = _NEAR_PLACE.sub(" ", text)
    found: list[tuple[str, str]] = []
    if ordinal := _ORDINAL.search(text):
        found.append(("position", f"{ordinal[1]} from the {ordinal[2]}"))
        text = _ORDINAL.sub(" , ", text)
    if category:
        entry = category_entry(category)
        terms = sorted({term for pair in entry.terms for term in pair}, key=len)
        text = re.sub(rf"\b(?:{'|'.join(map(re.escape, reversed(terms)))})\b", " , ", text)
    for value, pattern in _grounds():
        if pattern.search(text):
            found.append(("surroundings", value))
    text = _names().sub(" , ", text)
    for number in _NUMBER.finditer(text):
        found.append(("count", "1" if "one" in number[0] else (number[1] or number[2])))
    table, pattern = _phrases()
    found += [table[match] for match in pattern.findall(re.sub(r"\s+", " ", text))]
    return tuple(found)


@cache
def _phrases() -> tuple[dict[str, tuple[str, str]], re.Pattern[str]]:
    table = {
        word: (entry.name, value)
        for entry in ATTRIBUTE_TYPES.values()
        if entry.name != "surroundings"
        for value, words in entry.values.items()
        for word in words
    }
    longest_first = sorted(table, key=lambda word: (-len(word), word))
    return table, re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")


@cache
def _grounds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (value, re.compile(_GROUND.format(words="|".join(map(re.escape, words)))))
        for value, words in ATTRIBUTE_TYPES["surroundings"].values.items()
    )


@cache
def _names() -> re.Pattern[str]:
    """Names of several words whose words are no attributes.

    Where a visible property stands before another name ("damaged building"), the longer name is left out here.
    """
    terms = {normalise(term) for entry in rsvocab() for pair in entry.terms for term in pair}
    table, pattern = _phrases()
    kept = []
    for term in terms:
        words = term.split(" ")
        starts = [start for start in range(1, len(words)) if " ".join(words[start:]) in terms]
        before = pattern.findall(" ".join(words[: starts[-1]])) if starts else []
        if len(words) > 1 and not any(table[match][0] in _VISIBLE for match in before):
            kept.append(term)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(kept, key=lambda term: (-len(term), term)))) + r")\b")
