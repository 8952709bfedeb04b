"""Counting the rows of triplet sets: figures counted by hand, however the rows are cut into tables."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from remotesam.data.statistics import SetStatistics, Tally, measure_set
from remotesam.data.statistics.tally import GRID
from remotesam.data.triplet_set import SCHEMA, TripletRow, TripletSet, TripletSetError
from remotesam.data.triplet_set.schema import rows_to_table
from tests.data_factories.measured import one_row, small_set, write_rows


def counted(rows: list[TripletRow], *, step: int = 100, **options: object) -> SetStatistics:
    tally = Tally(points=20, **options)  # type: ignore[arg-type]
    for start in range(0, len(rows), step):
        tally.add(rows_to_table(rows[start : start + step]))
    return tally.result()


def test_nothing_is_counted_of_nothing() -> None:
    figures = Tally().result()
    assert (figures.rows, figures.image_count, figures.sentences, len(figures.words)) == (0, 0, 0, 0)
    assert figures.comparison()[0]["samples"] == 0
    assert figures.share_quantiles() == {}
    tally = Tally()
    tally.add(pa.Table.from_pylist([], SCHEMA))
    assert tally.result().as_dict() == figures.as_dict()


def test_figures_are_those_counted_by_hand() -> None:
    figures = counted(small_set())
    assert figures.rows == 8
    assert figures.by("kind") == {"one-to-one": 4, "one-to-many": 2, "one-to-zero": 2}
    assert figures.by("source") == {"dota": 6, "rrsis-d": 2}
    assert figures.by("split") == {"train": 6, "val": 2}
    assert figures.by("maker") == {"drawing": 6, "": 2}
    assert (figures.images, figures.image_count) == ({"dota": 4, "rrsis-d": 1}, 5)
    assert figures.sentences == 7
    assert figures.categories == {"ship": 5}
    assert figures.absent_categories == {"harbor": 1, "storage tank": 1}
    assert figures.never_shown == ("harbor", "storage tank")
    assert figures.unnamed == 1
    assert figures.attributes_per_row == {0: 6, 2: 2}
    assert figures.attributes_per_sample == 0.5
    assert figures.attribute_values == {"colour:white": 2, "colour:red": 1, "position:left": 1}
    assert figures.attribute_types == {"colour": 2, "position": 1}
    assert figures.types_by_source == {"dota": {"colour": 1, "position": 1}, "rrsis-d": {"colour": 1}}
    assert figures.lengths == {2: 5, 4: 1, 6: 1, 7: 1}
    assert figures.words_per_sentence == (5 * 2 + 4 + 6 + 7) / 8
    assert (figures.words["the"], figures.words["ship"], figures.words["storage-tank"]) == (5, 3, 1)
    assert figures.sizes == {"small": 5, "medium": 0, "large": 1}
    assert sorted(figures.shares.tolist()) == pytest.approx([1 / 10800, 90 / 10800, 0.01, 0.05, 0.05, 1])


def test_a_category_counts_where_a_mask_shows_it() -> None:
    figures = counted([one_row("a harbor", category="harbor"), one_row("the ship", (0, 0, 2, 2))])
    assert figures.coverage.entries == ("ship",)
    assert [entry["categories"] for entry in figures.comparison()] == [1]


def test_table_1_has_a_row_for_each_source_and_one_for_all() -> None:
    dota, other, every = counted(small_set()).comparison()
    assert (dota["dataset"], dota["samples"], dota["generalized"], dota["attribute_types"]) == ("dota", 6, True, 2)
    assert dota["attributes_per_sample"] == pytest.approx(2 / 6)
    assert (other["dataset"], other["samples"], other["generalized"], other["attribute_types"]) == (
        "rrsis-d",
        2,
        False,
        1,
    )
    assert (every["dataset"], every["samples"], every["images"]) == ("all", 8, 5)


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_figures_do_not_depend_on_how_rows_are_cut_into_tables(step: int) -> None:
    whole, parts = counted(small_set()), counted(small_set(), step=step)
    assert parts.as_dict() == whole.as_dict()
    assert parts.cells == whole.cells
    assert parts.sample == whole.sample
    for kind, grid in whole.centres.items():
        assert np.array_equal(grid, parts.centres[kind])


def test_every_number_of_a_large_set_adds_up() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(300):
        x, y = rng.integers(0, 90), rng.integers(0, 40)
        box = (
            (int(x), int(y), int(x + rng.integers(1, 10)), int(y + rng.integers(1, 10))) if rng.random() < 0.7 else None
        )
        words = ["the", "white", "ship", "left"][: rng.integers(1, 5)]
        attributes = tuple(f"{kind}:{rng.integers(3)}" for kind in ("colour", "size", "new")[: rng.integers(4)])
        rows.append(one_row(" ".join(words), box, attributes=attributes, category=["ship", "", "car"][rng.integers(3)]))
    figures = counted(rows, step=37)
    for column in ("kind", "category", "source", "split", "licence", "maker"):
        assert figures.by(column) == Counter(getattr(one, column) for one in rows)
    assert figures.attribute_values == Counter(value for one in rows for value in one.attributes)
    types = Counter(name for one in rows for name in {value.partition(":")[0] for value in one.attributes})
    assert figures.attribute_types == types
    assert figures.unknown_types == {"new": types["new"]}
    assert set(figures.known_types) == {"colour", "size"}
    assert sum(cell.attributes for cell in figures.cells) == sum(len(one.attributes) for one in rows)
    assert sum(cell.words for cell in figures.cells) == sum(len(one.expression.split()) for one in rows)
    assert sum(figures.words.values()) == sum(len(one.expression.split()) for one in rows)
    assert sum(grid.sum() for grid in figures.centres.values()) == sum(one.area > 0 for one in rows)


@pytest.mark.parametrize(
    ("box", "cell"),
    [
        ((0, 0, 1, 1), (0, 0)),
        ((119, 89, 120, 90), (GRID - 1, GRID - 1)),
        ((0, 0, 120, 90), (GRID // 2, GRID // 2)),
        ((118, 0, 120, 2), (0, GRID - 1)),
    ],
)
def test_the_map_tells_where_masks_lie(box: tuple[int, int, int, int], cell: tuple[int, int]) -> None:
    (grid,) = counted([one_row("the ship", box)]).centres.values()
    assert [tuple(place) for place in np.argwhere(grid)] == [cell]


def test_attributes_are_found_in_sentences_anew() -> None:
    rows = [
        one_row("The white ship on the left", (0, 0, 2, 2), attributes=("shape:round",)),
        one_row("a small ship", None),
    ]
    assert counted(rows).attribute_values == {"shape:round": 1}
    found = counted(rows, attributes="sentences").attribute_values
    assert found == {"colour:white": 1, "position:left": 1, "size:small": 1}
    with pytest.raises(ValueError, match="attributes is 'words'"):
        Tally(attributes="words")  # type: ignore[arg-type]


def test_a_set_on_disk_gives_the_figures_of_its_rows(tmp_path: Path) -> None:
    told: list[int] = []
    folder = write_rows(tmp_path / "set", small_set(), pictures=False)
    triplets = TripletSet(folder)
    assert measure_set(triplets, on_rows=told.append).as_dict() == counted(small_set()).as_dict()
    assert sum(told) == 8
    part = measure_set(triplets.filter(source="rrsis-d"))
    assert (part.rows, part.image_count) == (2, 1)


def test_a_set_without_rows_is_refused(tmp_path: Path) -> None:
    folder = write_rows(tmp_path / "set", [])
    with pytest.raises(TripletSetError, match="is empty"):
        measure_set(TripletSet(folder))


def test_json_has_plain_numbers_only() -> None:
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            return [leaf for part in value.values() for leaf in leaves(part)]
        return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]

    for rows in ([], small_set(), [dataclasses.replace(small_set()[3], licence="CC BY 4.0")]):
        kinds = {type(leaf) for leaf in leaves(counted(rows).as_dict())}
        assert kinds <= {str, int, float, bool, type(None)}
