"""Small triplet sets: pictures of coloured rectangles, and sentences about them that are true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from remotesam.data.triplet_set import TripletRow, TripletSet, TripletSetWriter
from tests.data_factories.pictures import rectangle, save

HEIGHT, WIDTH = 90, 120
COLOURS = {"red": (220, 30, 30), "blue": (30, 60, 220), "green": (40, 160, 60)}
GROUND = (120, 118, 112)
SHIP = (10, 12, 40, 36)
LARGE_SHIP = (70, 40, 115, 80)
TRUCK = (50, 60, 62, 68)


def picture(shapes: Sequence[tuple[tuple[int, int, int, int], str]]) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: rectangles (left, top, right, bottom) of colours on grey ground."""
    image = np.full((HEIGHT, WIDTH, 3), GROUND, np.uint8)
    for (left, top, right, bottom), colour in shapes:
        image[top:bottom, left:right] = COLOURS[colour]
    return image


def row(
    expression: str, boxes: Sequence[tuple[int, int, int, int]] = (), *, image: str = "images/0.png", **fields: Any
) -> TripletRow:
    """A row of a picture about some rectangles of it; its kind follows from their number."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for left, top, right, bottom in boxes:
        mask |= rectangle(HEIGHT, WIDTH, left, top, right, bottom)
    kind = "one-to-zero" if not boxes else "one-to-one" if len(boxes) == 1 else "one-to-many"
    values = {
        "image": image,
        "image_id": Path(image).stem,
        "expression": expression,
        "kind": kind,
        "category": "ship",
        "source": "drawn",
        "split": "train",
        "licence": "CC0",
        "maker": "drawing" if boxes else "",
    }
    return TripletRow.of_mask(mask, **{**values, **fields})


def unit(number: int) -> list[TripletRow]:
    """Rows of the picture ``number``: none for every seventh, otherwise two to six, the same at every call."""
    if number % 7 == 3:
        return []
    image, split = f"images/{number}.png", "val" if number % 5 == 0 else "train"
    rows = [
        row("the ship on the left", [SHIP], image=image, attributes=("position:left",), split=split),
        row("all ships", [SHIP, LARGE_SHIP], image=image, split=split),
        row("truck in the image", image=image, category="truck", split=split),
        row("the largest ship", [LARGE_SHIP], image=image, attributes=("comparison:largest",), split=split),
        row("the red ship", [SHIP], image=image, attributes=("colour:red",), split=split, source="other"),
        row("the green ship", image=image, attributes=("colour:green",), split=split),
    ]
    return rows[: 2 + number % 5]


def write_set(folder: Path, *, units: int = 12, shard_rows: int = 15, **options: Any) -> list[TripletRow]:
    """Writes a finished set with its pictures and returns its rows."""
    rows: list[TripletRow] = []
    with TripletSetWriter(folder, settings={"units": units}, seed=5, shard_rows=shard_rows, **options) as writer:
        for number in range(units):
            save(folder / "images" / f"{number}.png", picture([(SHIP, "red"), (LARGE_SHIP, "blue")]))
            writer.add(unit(number))
            rows += unit(number)
    return rows


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def expressions(triplets: TripletSet, indices: list[int]) -> list[str]:
    """For worker processes, which import this module."""
    return [triplets[index].expression for index in indices]


class Areas:
    """Sentences and areas of masks as a data loader reads them; worker processes import it from here."""

    def __init__(self, triplets: TripletSet) -> None:
        self.triplets = triplets

    def __len__(self) -> int:
        return len(self.triplets)

    def __getitem__(self, index: int) -> tuple[str, int]:
        return self.triplets[index].expression, int(self.triplets.mask(index).sum())
