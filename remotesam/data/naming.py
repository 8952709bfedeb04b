"""How sentences call the categories of any data set, and what may be said of which beside which."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from remotesam.data.attributes import attributes_of
from remotesam.data.vocabulary import CATEGORIES, Category, Entry, canonical, rsvocab
from remotesam.data.vocabulary import category as known_category


def name_of(spelling: str, *, dataset: str = "") -> str | None:
    """Return the name under which a data set's category goes in sentences.

    The 32 categories of the networks come first, then RSVocab-1K, then the spelling with spaces between the words.

    Args:
        spelling: The name in the data set.
        dataset: Name of the data set as a reader knows it; what the name means there comes first.

    Returns:
        The name, or None for what is no category (background, clutter, unknown).

    Example:
        >>> name_of("golffield", dataset="dior"), name_of("Car", dataset="potsdam"), name_of("my_thing")
        ('golf course', 'vehicle', 'my thing')
        >>> name_of("Clutter/background") is None
        True
    """
    vocabulary = rsvocab()
    key = dataset.replace("-", "_")
    key = key if key in vocabulary.datasets else ""
    general = canonical(spelling)
    if general in _no_categories():
        return None
    entry = _find(spelling, key)
    if entry is None or (general in CATEGORIES and entry.category == general):
        return general
    return canonical(entry.name)


@cache
def wording(name: str) -> Category:
    """Return the nouns of a name of :func:`name_of`, and what is of its kind, taken for it or may be called so.

    Like :func:`remotesam.data.vocabulary.category`, with what RSVocab-1K knows of the name. Whatever lies above or
    below it in the tree may be called so.

    Example:
        >>> wording("golf course").synonyms[:1], "freeway" in wording("road").includes
        ((('golf field', 'golf fields'),), True)
    """
    vocabulary = rsvocab()
    entry = vocabulary.find(name)
    base = known_category(name)
    if entry is None:
        return base
    part = {other.name for other in vocabulary if other.category == name} - {name}
    below = {other.name for other in vocabulary if entry.name in vocabulary.parents(other.name)}
    above = {*vocabulary.parents(entry.name), *([entry.category] if entry.category else [])}
    beside = {other.name for other in vocabulary if entry.name in other.overlapping} | set(entry.overlapping)
    overlapping = {*base.overlapping, *part, *below, *above, *beside}
    overlapping = (overlapping | {canonical(other) for other in overlapping}) - {name, entry.name}
    known = name in CATEGORIES
    return replace(
        base,
        plural=base.plural if known else entry.plural,
        synonyms=base.synonyms if known else tuple(pair for pair in entry.synonyms if _plain(pair[0], entry.name)),
        includes=_others(name, (*base.includes, *sorted(part))),
        confusable=_others(name, vocabulary.confusable(name)),
        overlapping=tuple(sorted(overlapping)),
    )


def _plain(synonym: str, name: str) -> bool:
    """Whether a synonym says of the object what its name does; a small vehicle is no "light" one in a sentence."""
    return attributes_of(synonym) == attributes_of(name)


def _others(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other for other in map(canonical, names) if other != name))


def _find(spelling: str, dataset: str) -> Entry | None:
    try:
        return rsvocab().find(spelling, dataset=dataset or None)
    except ValueError:  # two data sets use the word for different things: as it stands it names none of them
        return None


@cache
def _no_categories() -> frozenset[str]:
    vocabulary = rsvocab()
    return frozenset(canonical(name) for key in vocabulary.datasets for name in vocabulary.no_category_names(key))
