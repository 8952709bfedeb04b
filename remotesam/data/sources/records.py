"""What every reader gives: for each image, all that its data set says about it, in one form."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np

from remotesam.data.scene import rasterise_outlines

logger = logging.getLogger(__name__)

IGNORE = 255
PixelValue = int | tuple[int, int, int]
_NO_ATTRIBUTES: Mapping[str, str] = {}  # no mapping proxy: worker processes pickle records


@dataclass(frozen=True, eq=False)
class Annotation:
    """One object or region of an image.

    Coordinates are continuous pixels with the origin at the outer corner of the first pixel; readers of data sets that
    count pixels from 1, or whose boxes include their last pixel, convert.

    Attributes:
        id: Unique within its record.
        category: The name as the data set spells it; "" where it names none.
        box: (x1, y1, x2, y2), where the data set has boxes or one follows from corners or outline.
        corners: (4, 2) float32 x, y of an oriented box, in the order of the data set.
        polygons: Outlines of the mask's parts, (n, 2) float32 each; none where the data set gives no mask.
        holes: Outlines of what is cut out of them; a smaller polygon inside a hole is an island.
        maker: Who made the mask: "annotator", or the name of a model; "" where there is none.
        difficult: Whether the data set marks it as hard to see.
        crowd: Whether it stands for a crowd of objects that are not told apart.
        attributes: Further properties, such as {"colour": "white"}.
    """

    id: str
    category: str
    box: tuple[float, float, float, float] | None = None
    corners: np.ndarray | None = None
    polygons: tuple[np.ndarray, ...] = ()
    holes: tuple[np.ndarray, ...] = ()
    maker: str = ""
    difficult: bool = False
    crowd: bool = False
    attributes: Mapping[str, str] = field(default_factory=lambda: _NO_ATTRIBUTES)

    @property
    def has_mask(self) -> bool:
        """Whether the data set says which pixels belong to it."""
        return bool(self.polygons)

    def mask(self, height: int, width: int) -> np.ndarray:
        """Rasterises the outlines.

        Returns:
            (height, width) bool.

        Raises:
            ValueError: There is no mask.
        """
        if not self.polygons:
            raise ValueError(f"annotation {self.id} ({self.category}) has no mask; make one from its box first")
        return rasterise_outlines(self.polygons, self.holes, height, width)


@dataclass(frozen=True)
class Expression:
    """A sentence about an image and the annotations that it means; none of them where it means nothing there.

    Attributes:
        text: The sentence.
        targets: ``Annotation.id`` of what it means.
    """

    text: str
    targets: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LabelMap:
    """A picture whose colours or numbers tell the category of each pixel.

    Attributes:
        path: The file.
        values: Pixel value, a number or (red, green, blue), -> category. Sets that come in both forms have keys of both
            kinds: the file decides. Values that are missing here are unlabelled.
        categories: All categories, background included where the data set labels it, in the data set's order.
        unlabelled: Values that are meant to say nothing, such as 0 for no data; any other value that is missing in
            ``values`` is unknown: unlabelled too, but told.
        threshold: Colours are first brought to 0 (below it) or 255, for sets whose colours are smeared.
    """

    path: Path
    values: Mapping[PixelValue, str]
    categories: tuple[str, ...]
    unlabelled: tuple[PixelValue, ...] = ()
    threshold: int | None = None

    def decode(self) -> tuple[np.ndarray, dict[PixelValue, int]]:
        """Reads the file.

        Returns:
            (H, W) uint8 index into ``categories``, 255 where unlabelled; and the unknown values with the number of
            their pixels.

        Raises:
            SourceError: The file is missing or damaged, or of a kind that ``values`` does not fit.
        """
        from remotesam.data.sources.label_pixels import decode_label_map

        return decode_label_map(self)

    def read(self) -> np.ndarray:
        """Reads the file; unknown values are logged as a warning with their counts.

        Returns:
            (H, W) uint8 index into ``categories``, 255 where unlabelled.

        Raises:
            SourceError: As in :meth:`decode`.
        """
        from remotesam.data.sources.label_pixels import describe_unknown

        indices, unknown = self.decode()
        if unknown:
            logger.warning("%s: %s", self.path, describe_unknown(unknown, indices.size))
        return indices

    def masks(self) -> dict[str, np.ndarray]:
        """The pixels of each category that the file shows, (H, W) bool each, in the order of ``categories``.

        Raises:
            SourceError: As in :meth:`decode`.
        """
        indices = self.read()
        shown = np.bincount(indices.ravel(), minlength=256)
        return {name: indices == index for index, name in enumerate(self.categories) if shown[index]}


@dataclass(frozen=True, eq=False)
class Record:
    """One image and what is known about it.

    Attributes:
        id: Unique within its set.
        image: The image file.
        size: (height, width) in pixels.
        annotations: Objects and regions.
        expressions: Sentences with their targets.
        captions: Sentences about the whole image.
        labels: Categories that the whole image shows, in the data set's spelling; for a scene data set, the scene.
        label_map: The category of every pixel.
        exhaustive: Categories of which nothing was left out, in the data set's spelling: only of these may be said
            that there are none.
        window: (left, top, width, height) in pixels, where the record is a part of the image file; everything else of
            the record counts from the window's corner.
    """

    id: str
    image: Path
    size: tuple[int, int]
    annotations: tuple[Annotation, ...] = ()
    expressions: tuple[Expression, ...] = ()
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    label_map: LabelMap | None = None
    exhaustive: tuple[str, ...] = ()
    window: tuple[int, int, int, int] | None = None

    @cached_property
    def by_id(self) -> dict[str, Annotation]:
        """The annotations by their ids."""
        return {annotation.id: annotation for annotation in self.annotations}


class RecordSet(Sequence[Record]):
    """The records of one split of one data set, and what was wrong in its files.

    Args:
        records: In a fixed order.
        name: The data set.
        split: Such as "train".
        licence: Its licence or terms of use, in words.
        categories: All category names, in the data set's spelling and order.
        problems: What was found wrong and left out, one entry each; see ``remotesam.data.sources.problems``.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        name: str,
        split: str,
        licence: str,
        categories: Sequence[str],
        problems: Sequence[Problem] = (),
    ) -> None:
        self.records = tuple(records)
        self.name, self.split, self.licence = name, split, licence
        self.categories = tuple(categories)
        self.problems = tuple(problems)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> RecordSet: ...

    def __getitem__(self, index: int | slice) -> Record | RecordSet:
        if not isinstance(index, slice):
            return self.records[index]
        return RecordSet(
            self.records[index],
            name=self.name,
            split=self.split,
            licence=self.licence,
            categories=self.categories,
            problems=self.problems,
        )

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __repr__(self) -> str:
        left_out = f", {len(self.problems)} problems" if self.problems else ""
        return f"RecordSet({self.name} {self.split}: {len(self)} images, {len(self.categories)} categories{left_out})"


@dataclass(frozen=True)
class Problem:
    """Something in the files of a data set that could not be used, or, of the kind "crossing", was used with doubt.

    Attributes:
        file: The file.
        item: What in it: an image, an annotation id, a line; "" where it is the whole file.
        message: What was found and what is accepted.
        kind: One word to count by: "missing", "unreadable", "size", "outside", "area", "crossing", "category",
            "duplicate", "format", "crs", "nodata".
    """

    file: str
    item: str
    message: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}{f', {self.item}' if self.item else ''}: {self.message}"
