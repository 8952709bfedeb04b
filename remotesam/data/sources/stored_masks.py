"""Annotations whose masks stay in their files, or in run lengths, until somebody asks for them.

Outlining a mask takes milliseconds: too long to do it for a hundred thousand of them while a data set is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault
from remotesam.data.segmentation import mask_polygons
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Annotation


class Stored(Protocol):
    """A mask that can be read.

    Attributes:
        size: (height, width) in pixels.
    """

    @property
    def size(self) -> tuple[int, int]: ...

    def read(self) -> np.ndarray:
        """The mask, (height, width) bool."""
        ...


@dataclass(frozen=True)
class RunLengths:
    """A mask as pycocotools compresses it.

    Attributes:
        size: (height, width) in pixels.
        counts: The compressed run lengths.
    """

    size: tuple[int, int]
    counts: bytes

    @property
    def area(self) -> int:
        """The number of pixels."""
        return int(coco_mask.area({"size": list(self.size), "counts": self.counts}))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box (x1, y1, x2, y2) around them, in pixels."""
        x, y, width, height = map(float, coco_mask.toBbox({"size": list(self.size), "counts": self.counts}))
        return x, y, x + width, y + height

    def read(self) -> np.ndarray:
        """The mask, (height, width) bool."""
        mask: np.ndarray = coco_mask.decode({"size": list(self.size), "counts": self.counts})
        return np.ascontiguousarray(mask).astype(bool)


@dataclass(frozen=True)
class MaskFile:
    """A mask as a picture of its own.

    Attributes:
        path: The file; what is not black belongs to the mask.
        size: (height, width) in pixels.
    """

    path: Path
    size: tuple[int, int]

    def read(self) -> np.ndarray:
        """The mask, (height, width) bool.

        Raises:
            SourceError: The file is missing, damaged or of another size.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                with Image.open(self.path) as picture:
                    # The number in a palette means the class, its colour may be black all the same.
                    colours = picture.mode not in ("1", "L", "P", "I", "I;16", "F")
                    pixels = np.asarray(picture.convert("RGB") if colours else picture)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise SourceError(f"{self.path}: the mask cannot be read ({error})") from error
        mask = pixels.any(axis=2) if pixels.ndim == 3 else pixels > 0
        if mask.shape != self.size:
            raise SourceError(
                f"{self.path}: the mask is {mask.shape[1]} x {mask.shape[0]} pixels, "
                f"its image {self.size[1]} x {self.size[0]}"
            )
        return mask


@dataclass(frozen=True, eq=False)
class StoredAnnotation(Annotation):
    """An annotation with a stored mask, which otherwise behaves as any other: outlines are found when asked for.

    Attributes:
        stored: Where the mask is.
    """

    stored: Stored | None = None

    def __post_init__(self) -> None:
        # What was not given is left to the cached properties below.
        if self.stored is not None and not self.polygons:
            del self.__dict__["polygons"], self.__dict__["holes"]

    @cached_property
    def _outlines(self) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        assert self.stored is not None
        return mask_polygons(self.stored.read())

    @cached_property  # type: ignore[misc]
    def polygons(self) -> tuple[np.ndarray, ...]:
        """Outlines of the mask's parts, (n, 2) float32 each, along the edges of its pixels."""
        return self._outlines[0]

    @cached_property  # type: ignore[misc]
    def holes(self) -> tuple[np.ndarray, ...]:
        """Outlines of what is cut out of them."""
        return self._outlines[1]

    @property
    def has_mask(self) -> bool:
        """True: the data set says which pixels belong to it, though they may turn out to be none."""
        return self.stored is not None or bool(self.polygons)

    def mask(self, height: int, width: int) -> np.ndarray:
        """Reads the mask.

        Returns:
            (height, width) bool.

        Raises:
            ValueError: The image has another size.
            SourceError: The file of the mask cannot be read.
        """
        if self.stored is None:
            return super().mask(height, width)
        if (height, width) != self.stored.size:
            raise ValueError(
                f"annotation {self.id} ({self.category}): its mask is {self.stored.size[1]} x {self.stored.size[0]} "
                f"pixels, not {width} x {height}"
            )
        return self.stored.read()


def run_lengths(segmentation: Any, height: int, width: int) -> RunLengths:
    """Checks run lengths without decoding them.

    Args:
        segmentation: ``{"size": [h, w], "counts": ...}`` with a list of counts or a compressed string, or a list with
            one of those, as some data sets have it.
        height: Height of the image in pixels.
        width: Its width.

    Returns:
        The run lengths; their ``area`` may be 0.

    Raises:
        Fault: They have another form or size, or do not add up.
    """
    if isinstance(segmentation, list) and len(segmentation) == 1:
        segmentation = segmentation[0]
    if not isinstance(segmentation, dict):
        raise Fault(f"has no run lengths but {str(segmentation)[:60]!r}", "format")
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not isinstance(size, list | tuple) or len(size) != 2 or not isinstance(counts, list | str | bytes):
        raise Fault("has run lengths without `size` [height, width] and `counts`", "format")
    if (size[0], size[1]) != (height, width):
        raise Fault(f"has run lengths for {size[1]} x {size[0]} pixels in an image of {width} x {height}", "size")
    if isinstance(counts, list):
        lengths = _uncompressed(counts)
        _check_sum(lengths, height, width)
        encoded = coco_mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)
        return RunLengths((height, width), encoded["counts"])
    try:
        packed = counts.encode("ascii") if isinstance(counts, str) else counts
    except UnicodeEncodeError:
        raise Fault("has compressed run lengths with characters that are no ASCII", "format") from None
    _check_sum(decompress(packed), height, width)
    return RunLengths((height, width), packed)


def decompress(counts: bytes) -> np.ndarray:
    """Reads COCO's compressed counts: five bits a character, differences to the count two before.

    Returns:
        (n,) int64 run lengths, background first.

    Raises:
        Fault: They are none, or cut off.

    Example:
        >>> decompress(coco_mask.encode(np.asfortranarray([[0, 0, 1, 1]], np.uint8))["counts"]).tolist()
        [2, 2]
    """
    units = np.frombuffer(counts, np.uint8).astype(np.int64) - 48
    if not units.size or units.min() < 0 or units.max() > 63:
        raise Fault("has compressed run lengths with characters that COCO does not use", "format")
    ends = np.flatnonzero(units & 0x20 == 0)
    if not ends.size or ends[-1] != units.size - 1:
        raise Fault("has compressed run lengths that are cut off", "format")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() > 10:
        raise Fault("has compressed run lengths beyond any image", "format")
    place = np.arange(units.size) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((units & 0x1F) << 5 * place, starts)
    values -= np.where(units[ends] & 0x10, np.int64(1) << 5 * (ends - starts + 1), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _uncompressed(counts: Sequence[Any]) -> np.ndarray:
    if not all(isinstance(count, int) for count in counts):
        raise Fault("has run lengths that are no whole numbers", "format")
    return np.asarray(counts, np.int64)


def _check_sum(lengths: np.ndarray, height: int, width: int) -> None:
    if lengths.min(initial=0) < 0 or lengths.sum() != height * width:
        raise Fault(f"has run lengths that do not add up to {width} x {height} pixels", "size")
