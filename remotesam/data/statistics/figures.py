"""What was counted of a triplet set, and the figures that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from remotesam.data.attribute_types import ATTRIBUTE_TYPES
from remotesam.data.triplet_set import KINDS
from remotesam.data.vocabulary import Coverage, coverage

ABSENT = "one-to-zero"
SMALL, LARGE = 32**2, 96**2
"""Pixels below which COCO calls an object small, and from which it calls one large."""


@dataclass(frozen=True)
class Cell:
    """The rows that agree in all their word columns.

    Attributes:
        kind: "one-to-one", "one-to-many" or "one-to-zero".
        category: Canonical name, "" where none is named.
        source: Name of the data set.
        split: Such as "train".
        licence: In words.
        maker: Who made the masks.
        rows: How many there are.
        attributes: Their attributes, added up.
        words: The words of their sentences, added up.
    """

    kind: str
    category: str
    source: str
    split: str
    licence: str
    maker: str
    rows: int
    attributes: int
    words: int


class Sentence(NamedTuple):
    """A sentence of a set, and what the first row that has it says about it."""

    text: str
    source: str
    kind: str
    category: str


@dataclass(frozen=True, eq=False)
class SetStatistics:
    """What was counted.

    Attributes:
        cells: The rows by their word columns.
        images: Source -> its different pictures (or windows).
        image_count: Different pictures of all sources together.
        sentences: Different sentences.
        words: Word -> how often it comes.
        lengths: Words of a sentence -> rows.
        attributes_per_row: Attributes of a row -> rows.
        attribute_values: "type:value" -> rows that have it.
        types_by_source: Source -> attribute type -> rows that have one or more of it.
        shares: (n,) float32, of each mask that is not empty its share of the picture, in (0, 1].
        sizes: "small", "medium" and "large", as COCO calls them by their pixels -> masks.
        centres: Kind -> (G, G) int64, the middles of the masks' boxes on the picture, top row first.
        sample: Some of the different sentences of each source.
    """

    cells: tuple[Cell, ...]
    images: Mapping[str, int]
    image_count: int
    sentences: int
    words: Counter[str]
    lengths: Counter[int]
    attributes_per_row: Counter[int]
    attribute_values: Counter[str]
    types_by_source: Mapping[str, Counter[str]]
    shares: np.ndarray
    sizes: Counter[str]
    centres: Mapping[str, np.ndarray]
    sample: tuple[Sentence, ...] = ()

    @cached_property
    def rows(self) -> int:
        """All samples."""
        return sum(cell.rows for cell in self.cells)

    def by(self, column: str) -> Counter[str]:
        """Rows by the values of a word column, such as "source"."""
        return _ordered(_add(self.cells, column))

    @cached_property
    def categories(self) -> Counter[str]:
        """Category -> rows whose mask shows it, the commonest first."""
        return _ordered(_add(c for c in self.cells if c.category and c.kind != ABSENT))

    @cached_property
    def absent_categories(self) -> Counter[str]:
        """Category -> rows that ask for it where there is none, the commonest first."""
        return _ordered(_add(c for c in self.cells if c.category and c.kind == ABSENT))

    @property
    def unnamed(self) -> int:
        """Rows that name no category."""
        return self.by("category")[""]

    @property
    def never_shown(self) -> tuple[str, ...]:
        """Categories that are asked for, but that no mask shows."""
        return tuple(name for name in self.absent_categories if name not in self.categories)

    @cached_property
    def coverage(self) -> Coverage:
        """How much of RSVocab-1K the categories cover that masks show."""
        return coverage(self.categories)

    @cached_property
    def attribute_types(self) -> Counter[str]:
        """Attribute type -> rows that have one or more of it, the commonest first."""
        return _ordered(sum(self.types_by_source.values(), Counter()))

    @property
    def unknown_types(self) -> dict[str, int]:
        """Attribute types that are none of the sixteen, with the rows that have them."""
        return {name: rows for name, rows in self.attribute_types.items() if name not in ATTRIBUTE_TYPES}

    @property
    def known_types(self) -> dict[str, int]:
        """The attribute types of the sixteen that some row has, with their rows, the commonest first."""
        return {name: rows for name, rows in self.attribute_types.items() if name in ATTRIBUTE_TYPES}

    @property
    def attributes_per_sample(self) -> float:
        """Mean number of attributes."""
        return _mean(self.attributes_per_row)

    @property
    def words_per_sentence(self) -> float:
        """Mean number of words over the rows."""
        return _mean(self.lengths)

    def share_quantiles(self, at: Iterable[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> dict[float, float]:
        """Quantiles of the masks' shares of their pictures; empty where there is no mask."""
        return {q: float(np.quantile(self.shares, q)) for q in at} if len(self.shares) else {}

    def comparison(self) -> list[dict[str, Any]]:
        """Table 1 of RemoteSAM's paper: a row for each source, and one for all where there are several.

        Returns:
            ``dataset``, ``generalized`` (whether sentences mean one, many and no object), ``samples``, ``images``,
            ``categories`` (that masks show), ``attribute_types`` (of the sixteen), ``attributes_per_sample``,
            ``words_per_sentence``.
        """
        sources = list(self.by("source"))
        table = [self._comparison_row(name, {name}, self.images[name]) for name in sources]
        return table if len(table) == 1 else [*table, self._comparison_row("all", set(sources), self.image_count)]

    def as_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """Plain data, as JSON takes it.

        Args:
            most: How many words and attribute values to list, the commonest first; None for all.
        """
        return {
            "samples": self.rows,
            "images": self.image_count,
            "sentences": self.sentences,
            "comparison": self.comparison(),
            **{f"{column}s": dict(self.by(column)) for column in ("kind", "source", "split", "licence")},
            "makers": {name or "(no mask)": rows for name, rows in self.by("maker").items()},
            "categories": dict(self.categories),
            "absent_categories": dict(self.absent_categories),
            "without_category": self.unnamed,
            "coverage": self.coverage.as_dict(),
            "attribute_types": {name: self.attribute_types[name] for name in ATTRIBUTE_TYPES},
            "other_attribute_types": self.unknown_types,
            "attribute_values": dict(_ordered(self.attribute_values).most_common(most)),
            "attributes_per_sample": {
                "mean": self.attributes_per_sample,
                "rows": {str(number): rows for number, rows in sorted(self.attributes_per_row.items())},
            },
            "words_per_sentence": {
                "mean": self.words_per_sentence,
                "rows": {str(number): rows for number, rows in sorted(self.lengths.items())},
            },
            "vocabulary": {"size": len(self.words), "words": dict(_ordered(self.words).most_common(most))},
            "mask_share": {
                "masks": len(self.shares),
                "mean": float(self.shares.mean()) if len(self.shares) else None,
                "quantiles": {str(q): value for q, value in self.share_quantiles().items()},
                "sizes": {name: self.sizes[name] for name in ("small", "medium", "large")},
            },
        }

    def _comparison_row(self, name: str, sources: set[str], images: int) -> dict[str, Any]:
        cells = [cell for cell in self.cells if cell.source in sources]
        rows = sum(cell.rows for cell in cells)
        types = {name for source in sources for name in self.types_by_source.get(source, ())}
        return {
            "dataset": name,
            "generalized": {cell.kind for cell in cells} >= set(KINDS),
            "samples": rows,
            "images": images,
            "categories": len({cell.category for cell in cells if cell.kind != ABSENT} - {""}),
            "attribute_types": len(types.intersection(ATTRIBUTE_TYPES)),
            "attributes_per_sample": sum(cell.attributes for cell in cells) / max(1, rows),
            "words_per_sentence": sum(cell.words for cell in cells) / max(1, rows),
        }


def _add(cells: Iterable[Cell], column: str = "category") -> Counter[str]:
    found: Counter[str] = Counter()
    for cell in cells:
        found[getattr(cell, column)] += cell.rows
    return found


def _ordered(counts: Mapping[str, int]) -> Counter[str]:
    """The commonest first."""
    return Counter(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))


def _mean(counts: Mapping[int, int]) -> float:
    return sum(value * rows for value, rows in counts.items()) / max(1, sum(counts.values()))
