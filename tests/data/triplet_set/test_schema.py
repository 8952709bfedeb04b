import dataclasses
import pickle

import numpy as np
import pytest

from remotesam.data.triplet_set import SCHEMA, TripletSetError
from remotesam.data.triplet_set.schema import rows_to_table, table_to_rows
from tests.data_factories.triplet_sets import SHIP, row, unit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": ""}, "image is ''"),
        ({"image": "/images/0.png"}, "relative path"),
        ({"image": "../0.png"}, "without '..'"),
        ({"image": "images\\0.png"}, "with '/'"),
        ({"expression": " "}, "it takes a sentence"),
        ({"kind": "one-to-two"}, "it takes one-to-one, one-to-many, one-to-zero"),
        ({"source": ""}, "both take a name"),
        ({"split": ""}, "both take a name"),
        ({"width": 0}, "both sides take at least 1"),
        ({"window": (0, 0, 10, 10)}, r"it takes \(left, top, 120, 90\)"),
        ({"window": (-1, 0, 120, 90)}, "window is"),
        ({"attributes": ("left",)}, "each takes 'type:value'"),
        ({"kind": "one-to-zero"}, "one-to-zero, and it alone"),
        ({"rle": ""}, "one-to-zero, and it alone"),
        ({"rle": "24"}, "run lengths of 6 pixels, an image of 120 x 90 has 10800"),
        ({"width": 121}, "run lengths of 10800 pixels"),
        ({"area": 1}, "its run lengths cover 720 pixels"),
        ({"box": None}, "box is missing"),
        ({"box": (10, 12, 10, 36)}, "half open, around 720 pixels"),
        ({"box": (10, 12, 200, 36)}, "box is"),
    ],
)
def test_rows_that_contradict_themselves_are_named(changes, message):
    with pytest.raises(TripletSetError, match=message) as caught:
        dataclasses.replace(row("the ship", [SHIP]), **changes).check()
    assert "0.png" in str(caught.value) or "image" in changes


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_a_value_that_does_not_fit_its_column_is_named(value):
    with pytest.raises(TripletSetError, match="column width"):
        rows_to_table([dataclasses.replace(row("the ship"), width=value)])


def test_text_that_is_no_unicode_is_named():
    with pytest.raises(TripletSetError, match="column expression"):
        rows_to_table([row("the \ud800 ship")])


def test_rows_survive_the_table():
    rows = [*unit(4), row("a window", [SHIP], window=(7, 8, 120, 90)), row("nothing there")]
    for one in rows:
        one.check()
    table = rows_to_table(rows)
    assert table.schema.equals(SCHEMA)
    assert table_to_rows(table) == rows
    assert table_to_rows(rows_to_table([])) == []


def test_the_mask_is_the_drawn_one():
    mask = np.zeros((90, 120), bool)
    mask[12:36, 10:40] = True
    assert np.array_equal(row("the ship", [SHIP]).mask(), mask)
    assert not row("no ship").mask().any()
    with pytest.raises(TripletSetError, match=r"images/0.png, 'the ship': has run lengths of 10800 pixels") as caught:
        dataclasses.replace(row("the ship", [SHIP]), height=91).mask()
    assert caught.value.kind == "size"


def test_errors_travel_between_processes():
    error = pickle.loads(pickle.dumps(TripletSetError("gone", kind="missing")))
    assert (str(error), error.kind) == ("gone", "missing")
