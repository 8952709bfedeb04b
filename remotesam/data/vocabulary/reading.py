"""The files of RSVocab-1K, and the entries made from them.

``rsvocab.json`` is the tree: domains, each with groups, each with leaves, one leaf a line. A leaf takes ``category``
and ``codes`` from its group where it says nothing; ``null`` and ``[]`` take them away. ``plural`` is written where the
rule of :func:`~remotesam.data.vocabulary.categories.pluralise` fails, in synonyms as ``"singular/plural"``.

``datasets.json`` has the class names of public data sets, where each list is from, and the entry that each name means.
For RSVG and RemoteSAM-270K no list of classes was found; their names go through the words of the vocabulary.
``codes.json`` has the legends of the land cover classifications.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from remotesam.data.vocabulary.categories import pluralise
from remotesam.data.vocabulary.entry import Entry, Level

File = Literal["rsvocab", "datasets", "codes"]
Node = dict[str, Any]


def read_file(name: File) -> Node:
    """Return the content of one of the three files of this package."""
    content: Node = json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return content


def nodes(tree: Node) -> Iterator[tuple[Level, Node, Node | None]]:
    """Yield the level, the node and its parent node of everything in ``rsvocab.json``, parents first."""
    for domain in tree["domains"]:
        yield 1, domain, None
        for group in domain["groups"]:
            yield 2, group, domain
            for leaf in group["leaves"]:
                yield 3, leaf, group


def term_pair(text: str) -> tuple[str, str]:
    """Return singular and plural of ``"singular"`` or ``"singular/plural"``.

    Example:
        >>> term_pair("pier"), term_pair("aircraft/aircraft")
        (('pier', 'piers'), ('aircraft', 'aircraft'))
    """
    single, _, plural = text.partition("/")
    return single, plural or pluralise(single)


def class_names(datasets: Node) -> dict[str, dict[str, str]]:
    """Return name -> entry for every data set of ``datasets.json``, those that share a list included."""
    lists = datasets["datasets"]
    return {key: dict(lists[value.get("same_as", key)]["names"]) for key, value in lists.items()}


def make_entries(tree: Node, names: Mapping[str, Mapping[str, str]]) -> dict[str, Entry]:
    """Return the entries of ``rsvocab.json`` by name, domains, groups and leaves in the order of the file.

    Args:
        tree: Content of ``rsvocab.json``.
        names: Class name -> entry for every data set, as :func:`class_names` gives it.
    """
    spelled: dict[str, dict[str, list[str]]] = {}
    for dataset, meanings in names.items():
        for name, canonical in meanings.items():
            spelled.setdefault(canonical, {}).setdefault(dataset, []).append(name)
    entries: dict[str, Entry] = {}
    for level, node, parent in nodes(tree):
        group: Node = parent if parent is not None and level == 3 else {}
        codes = {**group.get("codes", {}), **node.get("codes", {})}
        entries[node["name"]] = Entry(
            name=node["name"],
            plural=node.get("plural") or pluralise(node["name"]),
            level=level,
            parent=None if parent is None else parent["name"],
            synonyms=tuple(term_pair(text) for text in node.get("synonyms", ())),
            category=node.get("category", group.get("category")),
            codes=MappingProxyType({scheme: tuple(values) for scheme, values in codes.items() if values}),
            datasets=MappingProxyType({key: tuple(values) for key, values in spelled.get(node["name"], {}).items()}),
            overlapping=tuple(node.get("overlapping", ())),
            leaves_overlap=node.get("leaves_overlap", False),
        )
    return entries
