"""A small triplet set whose figures can be counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from remotesam.data.triplet_set import TripletRow, TripletSetWriter
from tests.data_factories.pictures import save
from tests.data_factories.triplet_sets import LARGE_SHIP, SHIP, picture, row

Box = tuple[int, int, int, int]


def one_row(expression: str, box: Box | None = None, **fields: Any) -> TripletRow:
    """A row about one rectangle, or about nothing."""
    return row(expression, [] if box is None else [box], **fields)


def small_set() -> list[TripletRow]:
    """Eight rows: six of dota about pictures a and b, of b in two windows too; two of rrsis-d about c."""
    dota: dict[str, Any] = {"source": "dota", "image": "images/b.png"}
    other: dict[str, Any] = {"source": "rrsis-d", "split": "val", "image": "images/c.png"}
    colours = ("colour:white", "position:left")
    many = {"kind": "one-to-many"}
    return [
        row("The white ship on the left", [(0, 0, 10, 9)], source="dota", image="images/a.png", attributes=colours),
        row("all ships", [(0, 0, 120, 90)], **dota, **many),
        row("ships in the image", [(10, 10, 64, 20)], **dota, **many, window=(5, 5, 120, 90)),
        row("a harbor", category="harbor", source="dota", image="images/a.png"),
        row("the Storage-Tank", category="storage tank", **dota),
        row("a ship", [(90, 40, 102, 49)], **dota, window=(7, 5, 120, 90)),
        row(
            "white and red car at the left",
            [(1, 1, 2, 2)],
            category="",
            attributes=("colour:red", "colour:white"),
            **other,
        ),
        row("a ship", [(20, 20, 38, 50)], **other),
    ]


def write_rows(folder: Path, rows: Sequence[TripletRow], *, shard_rows: int = 3, pictures: bool = True) -> Path:
    """Writes rows as a finished set, with a picture for each image, which windows fit into."""
    for name in {one.image for one in rows if one.window is None} if pictures else ():
        save(folder / name, picture([(SHIP, "red"), (LARGE_SHIP, "blue")]))
    with TripletSetWriter(folder, settings={}, shard_rows=shard_rows, name="by hand") as writer:
        for one in rows:
            writer.add([one])
    return folder
