"""Measuring the records of readers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from remotesam.data.sources import Annotation, Expression, LabelMap, Problem, Record, RecordSet
from remotesam.data.statistics import measure_records, render_record_report
from tests.data.statistics.test_report import parsed

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float32)
HOLE = SQUARE[::-1] * 0.5


def records(*given: Record, name: str = "own", categories: tuple[str, ...] = ("ship", "car")) -> RecordSet:
    problems = [
        Problem("a.txt", "line 3", "3 corners <b>", "format"),
        Problem("b.png", "", "gone", "missing"),
    ]
    return RecordSet(given, name=name, split="val", licence="CC0", categories=categories, problems=problems)


def record(*annotations: Annotation, **fields: object) -> Record:
    return Record("a", Path("a.png"), (50, 100), annotations, **fields)  # type: ignore[arg-type]


BY_HAND = records(
    record(
        Annotation("1", "ship", polygons=(SQUARE,), holes=(HOLE,), box=(0, 0, 10, 10), maker="annotator"),
        Annotation("2", "ship", corners=SQUARE * 2, difficult=True),
        Annotation("3", "lorry", box=(90.0, 40.0, 120.0, 60.0), crowd=True),
        Annotation("4", "ship"),
        expressions=(Expression("the ship", ("1",)), Expression("a car", ())),
    ),
    record(labels=("harbor", "sea"), captions=("Ships.",)),
    record(label_map=LabelMap(Path("m.png"), {0: "road", 1: "nothing of note"}, ("road", "nothing of note"))),
)


def test_figures_are_those_counted_by_hand() -> None:
    figures = measure_records(BY_HAND)
    assert (figures.images, figures.annotations, figures.expressions, figures.captions, figures.label_maps) == (
        3,
        4,
        2,
        1,
        1,
    )
    assert figures.categories == {"ship": 3, "car": 0, "lorry": 1}
    assert figures.labels == {"harbor": 1, "sea": 1}
    assert figures.shapes == {"masks": 1, "oriented boxes": 1, "boxes": 2, "difficult": 1, "crowds": 1}
    assert figures.annotations_per_image == {4: 1, 0: 2}
    assert figures.sizes == {(50, 100): 3}
    assert sorted(figures.shares.tolist()) == pytest.approx([75 / 5000, 400 / 5000, 600 / 5000])
    assert figures.problem_kinds == {"format": 1, "missing": 1}
    assert {"ship", "road", "harbor"} <= set(figures.coverage.entries)
    assert figures.coverage.unknown == ("nothing of note",)
    json.dumps(figures.as_dict(), allow_nan=False)


def test_a_data_set_gives_names_its_own_meaning() -> None:
    playground = measure_records(records(record(labels=("Playground",)), name="AID", categories=("Playground",)))
    assert playground.coverage.entries == ("ground track field",)
    background = measure_records(
        records(
            record(label_map=LabelMap(Path("m.png"), {0: "background"}, ("background",))), name="LoveDA", categories=()
        )
    )
    assert (background.coverage.entries, background.coverage.unknown) == ((), ())


def test_no_images_are_an_error_that_says_why() -> None:
    with pytest.raises(ValueError, match=r"own val has no images to measure; 2 problems, such as a.txt, line 3"):
        measure_records(records())


def test_the_page_lists_problems_and_is_safe() -> None:
    page = render_record_report(measure_records(BY_HAND))
    text = " ".join(parsed(page).texts)
    for told in ("own", "val", "CC0", "3 corners <b>", "lorry", "100 x 50", "nothing of note"):
        assert told in text


@pytest.mark.usefixtures("unplotted")
@pytest.mark.parametrize("one", [record(), record(labels=("sea",)), BY_HAND[2]])
def test_sets_with_little_in_them_have_a_page(one: Record) -> None:
    parsed(render_record_report(measure_records(records(one))))
