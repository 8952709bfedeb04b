"""Records with the names of their categories as sentences use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from remotesam.data.naming import name_of
from remotesam.data.sources.records import Annotation, LabelMap, Record, RecordSet

Names = Mapping[str, str | None]
"""Spelling of a data set -> name, None for what is no category (background)."""


def names_of(records: RecordSet, *, dataset: str) -> dict[str, str | None]:
    """The names of all categories of a data set.

    Args:
        records: The data set.
        dataset: Name of its reader; what a word means there comes first.
    """
    spellings = dict.fromkeys(records.categories)
    spellings.update(dict.fromkeys(a.category for record in records for a in record.annotations))
    return {spelling: name_of(spelling, dataset=dataset) for spelling in spellings}


def renamed(record: Record, names: Names) -> Record:
    """The record with the names of :func:`names_of`; what is no category is left out.

    A name is exhaustive where the record is exhaustive for every spelling of it.
    """
    unsure = {name for spelling, name in names.items() if spelling not in set(record.exhaustive)}
    sure = dict.fromkeys(names.get(spelling) for spelling in record.exhaustive)
    return replace(
        record,
        annotations=tuple(_annotation(a, names) for a in record.annotations if names.get(a.category) is not None),
        label_map=None if record.label_map is None else _label_map(record.label_map, names),
        exhaustive=tuple(name for name in sure if name is not None and name not in unsure),
    )


def regions_of(record: Record) -> frozenset[str]:
    """Categories of a renamed record whose pieces come from a label map, where objects that touch are one piece."""
    if record.label_map is None:
        return frozenset()
    return frozenset(record.label_map.values.values()) - {annotation.category for annotation in record.annotations}


def makers_of(record: Record) -> dict[str, str]:
    """Who made the masks of each category of a renamed record."""
    makers: dict[str, set[str]] = {name: {"annotator"} for name in regions_of(record)}
    for annotation in record.annotations:
        if annotation.has_mask:
            makers.setdefault(annotation.category, set()).add(annotation.maker or "annotator")
    return {name: " + ".join(sorted(found)) for name, found in makers.items()}


def _annotation(annotation: Annotation, names: Names) -> Annotation:
    name = names[annotation.category]
    assert name is not None
    return annotation if name == annotation.category else replace(annotation, category=name)


def _label_map(label_map: LabelMap, names: Names) -> LabelMap:
    named = {value: names.get(spelling) for value, spelling in label_map.values.items()}
    return replace(
        label_map,
        values={value: name for value, name in named.items() if name is not None},
        categories=tuple(dict.fromkeys(name for name in named.values() if name is not None)),
        unlabelled=(*label_map.unlabelled, *(value for value, name in named.items() if name is None)),
    )
