"""One row of a triplet set: a picture, a sentence about it, and the mask that the sentence means there."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from remotesam.data.faults import Fault
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.run_lengths import Box, check_counts, decode_mask, encode_mask
from remotesam.data.triplets import Kind

SCHEMA_VERSION = 1
"""Raised by one whenever a column changes its meaning; readers refuse versions they do not know."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_INTS = pa.list_(pa.int32())
SCHEMA = pa.schema(
    [
        pa.field("image", pa.string(), nullable=False),
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("window", _INTS),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("expression", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("attributes", pa.list_(pa.string()), nullable=False),
        pa.field("rle", pa.string(), nullable=False),
        pa.field("area", pa.int64(), nullable=False),
        pa.field("box", _INTS),
        pa.field("source", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("maker", pa.string(), nullable=False),
    ]
)
"""Columns of the parquet files, in order; plain types that every reader of parquet knows."""

WORDS = ("kind", "category", "source", "split", "licence", "maker")
"""Columns with few different values, by which a set can be filtered and counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripletRow:
    """One triplet.

    Attributes:
        image: Path of the picture with "/", relative to the set's folder, or, for references, to the manifest's
            ``image_root``.
        image_id: Id of the picture (or of the record it comes from) in its source.
        window: (left, top, width, height) in pixels where the picture is a part of the file, else None.
        width: Width in pixels of the window, or of the picture.
        height: Its height.
        expression: The sentence.
        kind: "one-to-one", "one-to-many" or "one-to-zero".
        category: Canonical name of what is asked for; "" where a referring set names none.
        attributes: What the sentence says beside the category, "type:value" each, such as "position:left".
        rle: COCO's compressed counts of the mask, column by column over ``height`` x ``width``; "" for an empty mask.
        area: Pixels of the mask.
        box: (x1, y1, x2, y2) of the mask in pixels, half open; None where it is empty.
        source: Name of the data set.
        split: Such as "train".
        licence: Licence or terms of use of the picture and its annotation, in words.
        maker: Who made the mask: "annotator" or the name of a model; "" where it is empty.

    Example:
        >>> mask = np.array([[False, True], [False, True]])
        >>> row = TripletRow.of_mask(mask, image="images/a.png", image_id="a", expression="the ship",
        ...                          kind="one-to-one", source="own", split="train")
        >>> row.rle, row.area, row.box, row.mask().tolist()
        ('22', 2, (1, 0, 2, 2), [[False, True], [False, True]])
    """

    image: str
    image_id: str
    window: tuple[int, int, int, int] | None = None
    width: int
    height: int
    expression: str
    kind: Kind
    category: str = ""
    attributes: tuple[str, ...] = ()
    rle: str = ""
    area: int = 0
    box: Box | None = None
    source: str
    split: str
    licence: str = ""
    maker: str = ""

    @classmethod
    def of_mask(cls, mask: np.ndarray, **fields: Any) -> TripletRow:
        """A row with the run lengths, size, area and box of a mask.

        Args:
            mask: (height, width) bool.
            **fields: The other attributes.
        """
        height, width = mask.shape
        rle, area, box = encode_mask(mask)
        return cls(width=width, height=height, rle=rle, area=area, box=box, **fields)

    def mask(self) -> np.ndarray:
        """The pixels that the sentence means, (height, width) bool.

        Raises:
            TripletSetError: The run lengths are damaged or of another size.
        """
        try:
            return decode_mask(self.rle, self.height, self.width)
        except Fault as fault:
            raise TripletSetError(f"{self.image}, {self.expression!r}: {fault}", kind=fault.kind) from fault

    def check(self) -> None:
        """Check that the fields agree with each other.

        Raises:
            TripletSetError: Which field does not, what it is and what it should be.
        """
        message = self._fault()
        if message is not None:
            raise TripletSetError(f"triplet {self.image!r}, {self.expression!r}: {message}")

    def _fault(self) -> str | None:
        if not self.image or self.image.startswith("/") or "\\" in self.image or ".." in self.image.split("/"):
            return f"image is {self.image!r}; it takes a relative path with '/', without '..'"
        if not self.expression.strip():
            return f"expression is {self.expression!r}; it takes a sentence"
        if self.kind not in KINDS:
            return f"kind is {self.kind!r}; it takes {', '.join(KINDS)}"
        if not self.source or not self.split:
            return f"source is {self.source!r} and split is {self.split!r}; both take a name"
        if self.width < 1 or self.height < 1:
            return f"the size is {self.width} x {self.height}; both sides take at least 1"
        if self.window is not None and (min(self.window[:2]) < 0 or self.window[2:] != (self.width, self.height)):
            return f"window is {self.window}; it takes (left, top, {self.width}, {self.height})"
        if any(":" not in attribute for attribute in self.attributes):
            return f"attributes are {self.attributes}; each takes 'type:value'"
        return self._mask_fault()

    def _mask_fault(self) -> str | None:
        if self.kind == "one-to-zero" or not self.rle:
            if self.kind != "one-to-zero" or self.rle or self.area or self.box is not None:
                found = f"rle {self.rle[:20]!r}, area {self.area}, box {self.box}"
                return f"kind is {self.kind} with {found}; one-to-zero, and it alone, takes '', 0 and None"
            return None
        try:
            area = check_counts(self.rle, self.height, self.width)
        except Fault as fault:
            return str(fault)
        if not self.area == area > 0:
            return f"area is {self.area}, its run lengths cover {area} pixels"
        if self.box is None:
            return "box is missing"
        x1, y1, x2, y2 = self.box
        if not (0 <= x1 < x2 <= self.width and 0 <= y1 < y2 <= self.height and (x2 - x1) * (y2 - y1) >= area):
            return f"box is {self.box}; it takes (x1, y1, x2, y2), half open, around {area} pixels in the picture"
        return None


_NAMES = tuple(field.name for field in dataclasses.fields(TripletRow))
assert tuple(SCHEMA.names) == _NAMES, "the dataclass and the schema name the same columns in the same order"


def rows_to_table(rows: Sequence[TripletRow]) -> pa.Table:
    """The rows as a table of :data:`SCHEMA`.

    Raises:
        TripletSetError: A value does not fit its column.
    """
    columns = {}
    for field in SCHEMA:
        try:
            columns[field.name] = pa.array([getattr(row, field.name) for row in rows], field.type)
        except (pa.ArrowException, UnicodeError, OverflowError, TypeError) as error:
            raise TripletSetError(f"column {field.name}: {error}") from error
    return pa.table(columns, SCHEMA)


def table_to_rows(table: pa.Table | pa.RecordBatch) -> list[TripletRow]:
    """The rows of a table of :data:`SCHEMA`, columns in its order."""
    columns = [table.column(name).to_pylist() for name in _NAMES]
    return [_row(values) for values in zip(*columns, strict=True)]


def _row(values: tuple[Any, ...]) -> TripletRow:
    fields = dict(zip(_NAMES, values, strict=True))
    for name in ("window", "box"):
        fields[name] = None if fields[name] is None else tuple(fields[name])
    fields["attributes"] = tuple(fields["attributes"])
    return TripletRow(**fields)
