"""Checks of RSVocab-1K: what must hold for its files, each broken rule told in one sentence."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from remotesam.data.vocabulary.categories import CATEGORIES
from remotesam.data.vocabulary.lookup import index_terms, key_of
from remotesam.data.vocabulary.reading import Node, class_names, make_entries, nodes, read_file

if TYPE_CHECKING:
    import inflect

SIZE = range(950, 1101)
"""How many entries, and how many leaves, "1K" may be."""
DOMAINS = range(10, 16)
_KEYS = {
    1: {"name", "plural", "synonyms", "codes", "groups"},
    2: {"name", "plural", "synonyms", "codes", "category", "leaves_overlap", "leaves"},
    3: {"name", "plural", "synonyms", "codes", "category", "overlapping"},
}
_NAME = re.compile(r"[a-z0-9]+(?:[ '/-]*[a-z0-9]+)*")


def problems(tree: Node, datasets: Node, codes: Node) -> list[str]:
    """Return what is wrong with a vocabulary, nothing if all is right.

    Args:
        tree: Content of ``rsvocab.json``.
        datasets: Content of ``datasets.json``.
        codes: Content of ``codes.json``.
    """
    found = list(_structure(tree))
    if found:
        return found
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _size(tree),
        lambda: _words(tree),
        lambda: _plurals(tree),
        lambda: _codes(tree, codes),
        lambda: _datasets(tree, datasets),
        lambda: _categories(tree),
    )
    return [problem for check in checks for problem in check()]


def shipped_problems() -> list[str]:
    """Return what is wrong with the vocabulary that comes with this package.

    Example:
        >>> shipped_problems()
        []
    """
    return problems(read_file("rsvocab"), read_file("datasets"), read_file("codes"))


def _structure(tree: Node) -> Iterator[str]:
    """Three levels, every node with a name and nothing unknown, no domain or group empty."""
    try:
        listed = list(nodes(tree))
    except (KeyError, TypeError) as error:
        yield f"rsvocab.json needs domains with groups with leaves, each a list; missing or of another kind: {error}"
        return
    if strange := [node for _, node, _ in listed if not isinstance(node, dict)]:
        yield f"every entry is an object with a name, got {strange[0]!r}"
        return
    for level, node, parent in listed:
        name, above = node.get("name"), f" in {parent.get('name')!r}" if parent else ""
        if not isinstance(name, str) or not _NAME.fullmatch(name) or "/" in name:
            yield f"name {name!r}{above} is not lower case with single spaces"
        if unknown := sorted(node.keys() - _KEYS[level]):
            yield f"{name!r} has {', '.join(unknown)}; level {level} takes {', '.join(sorted(_KEYS[level]))}"
        below = {1: "groups", 2: "leaves"}.get(level)
        if below and not node[below]:
            yield f"{name!r} has no {below}"
    names = Counter(node.get("name") for _, node, _ in listed)
    yield from (f"{name!r} is there {times} times" for name, times in names.items() if times > 1)
    for _, node, _ in listed:
        for other in node.get("overlapping", ()):
            if other not in names:
                yield f"{node.get('name')!r} overlaps {other!r}, which is no entry"


def _size(tree: Node) -> Iterator[str]:
    levels = Counter(level for level, _, _ in nodes(tree))
    for what, count, allowed in (
        ("entries", levels.total(), SIZE),
        ("leaves", levels[3], SIZE),
        ("domains", levels[1], DOMAINS),
    ):
        if count not in allowed:
            yield f"{count} {what}; allowed are {allowed.start} to {allowed.stop - 1}"


def _words(tree: Node) -> Iterator[str]:
    """Every word means one entry, and is written as names are."""
    entries = make_entries(tree, {})
    yield from index_terms(entries.values())[1]
    for entry in entries.values():
        for term in (term for pair in entry.terms for term in pair):
            if not _NAME.fullmatch(term):
                yield f"{term!r} of {entry.name!r} is not lower case with single spaces"
        for single, times in Counter(key_of(single) for single, _ in entry.terms).items():
            if times > 1:
                yield f"{single!r} is there {times} times among the words of {entry.name!r}"


def _plurals(tree: Node) -> Iterator[str]:
    """A plural that is not written down must be what inflect says."""
    written = {node["name"] for _, node, _ in nodes(tree) if "plural" in node}
    written |= {
        text.partition("/")[0] for _, node, _ in nodes(tree) for text in node.get("synonyms", ()) if "/" in text
    }
    for entry in make_entries(tree, {}).values():
        for single, plural in entry.terms:
            if single not in written and (expected := _inflected(single)) != plural:
                yield f"plural of {single!r}: {plural!r} by rule, {expected!r} by inflect; write it down"


@cache
def _inflected(single: str) -> str:
    return str(_inflect_engine().plural_noun(single))


@cache
def _inflect_engine() -> "inflect.engine":
    import inflect  # takes a second

    return inflect.engine()


def _codes(tree: Node, codes: Node) -> Iterator[str]:
    for _, node, _ in nodes(tree):
        for scheme, values in node.get("codes", {}).items():
            known = codes.get(scheme, {}).get("codes", {})
            yield from (f"{node['name']!r} has the code {v!r}, unknown to {scheme}" for v in values if v not in known)


def _datasets(tree: Node, datasets: Node) -> Iterator[str]:
    """Every class of every data set means an entry, and two spellings of one name mean the same."""
    lists = datasets["datasets"]
    for dataset, value in lists.items():
        other = value.get("same_as")
        if other is not None and "names" not in lists.get(other, {}):
            yield f"{dataset} has the names of {other!r}, which has no list"
        if other is None and not (value.get("names") and value.get("source") and value.get("title")):
            yield f"{dataset} needs a title, a source and names"
        if other is None and set(map(key_of, value.get("no_category", ()))) & set(map(key_of, value.get("names", ()))):
            yield f"{dataset} has a name both with and without a category"
    entries = make_entries(tree, {})
    for dataset, names in class_names({"datasets": {k: v for k, v in lists.items() if "names" in v}}).items():
        meanings: dict[str, str] = {}
        for name, canonical in names.items():
            if canonical not in entries:
                yield f"{dataset} maps {name!r} to {canonical!r}, which is no entry"
            if meanings.setdefault(key_of(name), canonical) != canonical:
                yield f"{dataset} maps {name!r} to both {meanings[key_of(name)]!r} and {canonical!r}"


def _categories(tree: Node) -> Iterator[str]:
    """The 32 categories are entries, and each of their words means an entry of that category."""
    entries = make_entries(tree, {})
    index = index_terms(entries.values())[0]
    for entry in entries.values():
        if entry.category is not None and entry.category not in CATEGORIES:
            yield f"{entry.name!r} is of the category {entry.category!r}; known are {', '.join(CATEGORIES)}"
    for category in CATEGORIES.values():
        if category.name not in entries:
            yield f"the category {category.name!r} is no entry"
        for term in (term for pair in category.terms for term in pair):
            found = index.get(key_of(term))
            if found is None or entries[found].category != category.name:
                yield f"{term!r} is a word for the category {category.name!r}, here for {found!r}, which is none of it"
