"""The sentences: templates for every kind of question about a picture, and how categories and places are worded."""

from collections.abc import Iterator

import numpy as np

from remotesam.data.colours import COLOURS
from remotesam.data.geometry import PLACES
from remotesam.data.vocabulary import CATEGORIES, Category, category

PLACE_PHRASES = {
    "left": ("on the left", "on the left side", "at the left", "in the left half"),
    "right": ("on the right", "on the right side", "at the right", "in the right half"),
    "top": ("at the top", "in the upper part", "in the upper half", "in the top half"),
    "bottom": ("at the bottom", "in the lower part", "in the lower half", "in the bottom half"),
    "upper left": ("in the upper left", "in the top left", "in the upper left corner", "at the top left"),
    "upper right": ("in the upper right", "in the top right", "in the upper right corner", "at the top right"),
    "lower left": ("in the lower left", "in the bottom left", "in the lower left corner", "at the bottom left"),
    "lower right": ("in the lower right", "in the bottom right", "in the lower right corner", "at the bottom right"),
    "middle": ("in the middle", "in the center", "in the centre", "near the center"),
}
"""Wordings of every key of :data:`remotesam.data.geometry.PLACES`, the commonest first."""

EXTREMES = {
    "left": ("the leftmost {name}", "the {name} furthest to the left"),
    "right": ("the rightmost {name}", "the {name} furthest to the right"),
    "top": ("the topmost {name}", "the uppermost {name}"),
    "bottom": ("the bottommost {name}", "the lowermost {name}"),
}
"""Sentences that mean the outermost instance in a direction."""

SIZES = {
    "largest": ("the largest {name}", "the biggest {name}"),
    "smallest": ("the smallest {name}", "the smallest {name} in the image"),
}
"""Sentences that mean the instance of extreme size."""

GROUP_SIZES = {
    "large": ("the large {plural}", "all large {plural}", "the big {plural}", "the larger {plural}"),
    "small": ("the small {plural}", "all small {plural}", "the little {plural}", "the smaller {plural}"),
}
"""Sentences that mean all instances of the larger or the smaller sort."""

CANONICAL = "{name} in the image"
"""The form that evaluation uses; ``name`` is the canonical singular there."""

ALL = (
    "all {plural}",
    "every {name}",
    "{plural}",
    "All {plural} in the image",
    "all the {plural}",
    "the {plural}",
    "{name}",
    "{plural} in the image",
    "each {name} in the picture",
    "all {plural} in this picture",
    "find all {plural}",
    "segment the {plural}",
    "any {name}",
)
"""Sentences that mean all instances of a category; only these and :data:`CANONICAL` are asked for absent ones too."""

_UNCOUNTED = tuple(form for form in ALL if not form.startswith(("every", "each", "any")))

SINGLE = ("the {name}", "the {name} in the image", "the only {name}", "a {name}")
"""Sentences for a category with one instance."""

NEXT_TO = ("next to", "beside", "close to", "near")
"""Wordings of nearness."""


SYNONYM_SHARE = 0.3
"""How often a sentence uses another word for a category than its name."""


def nouns(entry: Category, rng: np.random.Generator, *, synonym: float = SYNONYM_SHARE) -> tuple[str, str]:
    """Return (singular, plural) of a category: its own name, or with probability ``synonym`` one of the synonyms."""
    if entry.synonyms and rng.random() < synonym:
        return entry.synonyms[rng.integers(len(entry.synonyms))]
    return entry.name, entry.plural


def about_all(single: str, plural: str, rng: np.random.Generator) -> str:
    """Draw a sentence about all of a category; of what is not counted (water) nobody says "every" or "any"."""
    form = int(rng.integers(len(ALL)))
    return fill(ALL[form] if single != plural else _UNCOUNTED[form % len(_UNCOUNTED)], single, plural)


def pick(phrases: tuple[str, ...], rng: np.random.Generator) -> str:
    """Draw one wording; the first, the commonest, as often as three of the others."""
    index = int(rng.integers(len(phrases) + 2)) - 2
    return phrases[max(index, 0)]


def with_article(noun: str) -> str:
    """Return the noun with "a" or "an".

    Example:
        >>> with_article("airplane"), with_article("ship")
        ('an airplane', 'a ship')
    """
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def fill(template: str, name: str, plural: str) -> str:
    """Put the nouns into a template of this module.

    Example:
        >>> fill("a {name}", "airplane", "airplanes"), fill("all {plural}", "ship", "ships")
        ('an airplane', 'all ships')
    """
    if template.startswith("a {name}"):
        return with_article(name) + template[len("a {name}") :]
    return template.format(name=name, plural=plural)


def misspell(sentence: str, rng: np.random.Generator) -> str:
    """Write a sentence as people in a hurry do: a letter dropped, doubled or swapped, or a full stop at the end.

    A tokenizer cuts such words into pieces, which training would otherwise never see.
    """
    words = sentence.split(" ")
    long = [number for number, word in enumerate(words) if len(word) >= 4]
    slip = int(rng.integers(4))
    if slip == 3 or not long:
        return sentence + "."
    number = long[int(rng.integers(len(long)))]
    word = words[number]
    at = int(rng.integers(1, len(word) - 1))
    changed = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    words[number] = changed[slip]
    return " ".join(words)


def expression_corpus(seed: int, *, repeats: int = 6) -> Iterator[str]:
    """Yield sentences over all categories, synonyms, places, sizes, colours and relations, for training a tokenizer.

    Args:
        seed: Same seed, same sentences.
        repeats: How many random wordings are drawn per noun and kind of sentence.
    """
    rng = np.random.default_rng(seed)
    names = list(CATEGORIES)
    for name in names:
        entry = category(name)
        for single, plural in entry.terms:
            for template in (CANONICAL, *ALL, *SINGLE):
                yield fill(template, single, plural)
            for templates in (*EXTREMES.values(), *SIZES.values(), *GROUP_SIZES.values()):
                for template in templates:
                    yield fill(template, single, plural)
            for place in PLACES:
                for phrase in PLACE_PHRASES[place]:
                    yield f"the {single} {phrase}"
                    yield f"the {plural} {phrase}"
            for colour in COLOURS:
                yield f"the {colour} {single}"
                yield f"all {colour} {plural}"
            for _ in range(repeats):
                other = category(names[rng.integers(len(names))])
                yield f"the {single} {pick(NEXT_TO, rng)} {with_article(other.name)}"
                yield f"the {plural} {pick(NEXT_TO, rng)} the {other.name}"
                yield f"the {single} between the two {other.plural}"
