"""Counts the rows of a triplet set, a table of some of them after the other, without decoding a mask."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from remotesam.data.attributes import attributes_of
from remotesam.data.statistics.distinct import Distinct, Sample
from remotesam.data.statistics.figures import LARGE, SMALL, Cell, Sentence, SetStatistics
from remotesam.data.statistics.sentences import words_of
from remotesam.data.triplet_set.schema import WORDS

AttributesFrom = Literal["rows", "sentences"]

COLUMNS = ("image", "window", "width", "height", "expression", "attributes", "area", "box", *WORDS)
"""The columns that are read: all but the ids and the masks."""

_KEYS = list(WORDS)
GRID = 45
"""Cells along each side of the maps of where masks lie; odd, so that the middle of the picture lies in one."""


class Tally:
    """Adds rows up; tables of any length give the same figures, cut wherever one likes.

    Args:
        attributes: "rows" counts what the rows say, "sentences" finds the attributes in the sentences anew, so that
            sets from different makers are measured alike.
        points: How many different sentences to keep as a sample.
        seed: Another sample for another number.

    Example:
        >>> tally = Tally()
        >>> tally.add(rows_to_table([row]))                                                         # doctest: +SKIP
        >>> tally.result().by("kind")                                                               # doctest: +SKIP
        Counter({'one-to-one': 1})
    """

    def __init__(self, *, attributes: AttributesFrom = "rows", points: int = 0, seed: int = 0) -> None:
        if attributes not in ("rows", "sentences"):
            raise ValueError(f"attributes is {attributes!r}; use 'rows' or 'sentences'")
        self._attributes = attributes
        self._cells: defaultdict[tuple[str, ...], np.ndarray] = defaultdict(lambda: np.zeros(3, np.int64))
        self._images: defaultdict[str, Distinct] = defaultdict(Distinct)
        self._sentences = Distinct()
        self._words: Counter[str] = Counter()
        self._lengths: Counter[int] = Counter()
        self._per_row: Counter[int] = Counter()
        self._values: Counter[str] = Counter()
        self._types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._shares: list[np.ndarray] = []
        self._sizes: Counter[str] = Counter(small=0, medium=0, large=0)
        self._centres: dict[str, np.ndarray] = {}
        self._sample = Sample(points, seed=seed)

    def add(self, table: pa.Table) -> None:
        """Add the rows of a table that has at least :data:`COLUMNS`."""
        table = table.select(COLUMNS)
        if not table.num_rows:
            return
        if self._attributes == "sentences":
            pairs = zip(table["expression"].to_pylist(), table["category"].to_pylist(), strict=True)
            found = pa.array([attributes_of(text, category=name) for text, name in pairs], pa.list_(pa.string()))
            table = table.set_column(table.schema.get_field_index("attributes"), "attributes", found)
        table = table.combine_chunks()
        attributes = self._add_attributes(table)
        words = self._add_sentences(table)
        self._add_cells(table, attributes, words)
        self._add_images(table)
        self._add_masks(table)

    def result(self) -> SetStatistics:
        """The figures of all rows so far."""
        return SetStatistics(
            cells=tuple(
                Cell(**dict(zip(_KEYS, key, strict=True)), rows=int(n), attributes=int(a), words=int(w))
                for key, (n, a, w) in sorted(self._cells.items())
            ),
            images={source: len(images) for source, images in sorted(self._images.items())},
            image_count=Distinct.together(self._images.values()),
            sentences=len(self._sentences),
            words=Counter(self._words),
            lengths=Counter(self._lengths),
            attributes_per_row=Counter(self._per_row),
            attribute_values=Counter(self._values),
            types_by_source={source: Counter(types) for source, types in sorted(self._types.items())},
            shares=np.concatenate(self._shares) if self._shares else np.empty(0, np.float32),
            sizes=Counter(self._sizes),
            centres={kind: grid.copy() for kind, grid in sorted(self._centres.items())},
            sample=tuple(item for item in self._sample.items if isinstance(item, Sentence)),
        )

    def _add_attributes(self, table: pa.Table) -> np.ndarray:
        """Returns the number of attributes of each row."""
        column = _chunk(table, "attributes")
        row = pc.list_parent_indices(column).to_numpy()
        values = column.flatten()
        _count(self._values, values)
        # Of a row with two colours, the type counts once.
        types = pc.list_element(pc.split_pattern(values, ":", max_splits=1), 0) if len(values) else values
        sources = _chunk(table, "source").take(pa.array(row))
        once = pa.table({"row": row, "type": types, "source": sources}).group_by(["row", "type", "source"])
        for entry in once.aggregate([]).group_by(["source", "type"]).aggregate([([], "count_all")]).to_pylist():
            self._types[entry["source"]][entry["type"]] += entry["count_all"]
        numbers = np.bincount(row, minlength=table.num_rows)
        _count_numbers(self._per_row, numbers)
        return numbers

    def _add_sentences(self, table: pa.Table) -> np.ndarray:
        """Returns the number of words of each row."""
        coded = _chunk(table, "expression").dictionary_encode()
        different, code = coded.dictionary, coded.indices.to_numpy()
        self._sentences.add(different.to_pylist())
        split = words_of(different)
        often = np.bincount(code, minlength=len(different))
        rows = pa.array(often[pc.list_parent_indices(split).to_numpy()])
        summed = pa.table({"word": split.flatten(), "rows": rows}).group_by("word").aggregate([("rows", "sum")])
        for word, number in zip(summed["word"].to_pylist(), summed["rows_sum"].to_pylist(), strict=True):
            self._words[word] += number
        lengths = pc.list_value_length(split).to_numpy()[code]
        _count_numbers(self._lengths, lengths)
        columns = [table[name].to_pylist() for name in ("expression", "source", "kind", "category")]
        items = [Sentence(*values) for values in zip(*columns, strict=True)]
        self._sample.add([f"{item.source}\n{item.text}" for item in items], items)
        return lengths

    def _add_cells(self, table: pa.Table, attributes: np.ndarray, words: np.ndarray) -> None:
        numbers = pa.table({**{name: table[name] for name in _KEYS}, "attributes": attributes, "words": words})
        sums = numbers.group_by(_KEYS).aggregate([([], "count_all"), ("attributes", "sum"), ("words", "sum")])
        for entry in sums.to_pylist():
            key = tuple(entry[name] for name in _KEYS)
            self._cells[key] += (entry["count_all"], entry["attributes_sum"], entry["words_sum"])

    def _add_images(self, table: pa.Table) -> None:
        window = pc.fill_null(pc.binary_join(_chunk(table, "window").cast(pa.list_(pa.string())), " "), "")
        places = pa.table(
            {"source": table["source"], "place": pc.binary_join_element_wise(table["image"], window, "\n")}
        )
        for entry in places.group_by("source").aggregate([("place", "distinct")]).to_pylist():
            self._images[entry["source"]].add(entry["place_distinct"])

    def _add_masks(self, table: pa.Table) -> None:
        table = table.filter(pc.is_valid(table["box"])).combine_chunks()
        if not table.num_rows:
            return
        area, width, height = (table[name].to_numpy().astype(np.float64) for name in ("area", "width", "height"))
        self._shares.append((area / (width * height)).astype(np.float32))
        names = np.array(["small", "medium", "large"])[(area >= SMALL).astype(int) + (area >= LARGE)]
        self._sizes.update(names.tolist())
        x1, y1, x2, y2 = _chunk(table, "box").flatten().to_numpy().reshape(-1, 4).T
        column = np.clip((x1 + x2) / (2 * width) * GRID, 0, GRID - 1).astype(int)
        line = np.clip((y1 + y2) / (2 * height) * GRID, 0, GRID - 1).astype(int)
        kinds = table["kind"].to_numpy()
        for kind in np.unique(kinds):
            grid = self._centres.setdefault(kind, np.zeros((GRID, GRID), np.int64))
            np.add.at(grid, (line[kinds == kind], column[kinds == kind]), 1)


def _chunk(table: pa.Table, name: str) -> pa.Array:
    return table[name].combine_chunks()


def _count(counter: Counter[str], values: pa.Array) -> None:
    for entry in values.value_counts().to_pylist():
        counter[entry["values"]] += entry["counts"]


def _count_numbers(counter: Counter[int], numbers: np.ndarray) -> None:
    values, rows = np.unique(numbers, return_counts=True)
    counter.update(dict(zip(values.tolist(), rows.tolist(), strict=True)))
