"""Decodes label maps: pictures whose colours or numbers tell the category of each pixel."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from remotesam.data.sources.problems import SourceError

if TYPE_CHECKING:
    from remotesam.data.sources.records import LabelMap, PixelValue

_LARGEST = 1 << 24
_NUMBERS = ("1", "L", "LA", "P", "I", "I;16", "I;16B", "I;16L")


def decode_label_map(label_map: LabelMap) -> tuple[np.ndarray, dict[PixelValue, int]]:
    """Reads a label map.

    One-band pictures are numbers, palettes too, unless ``values`` has colours only; others are colours. A picture in
    grey with three bands counts as numbers where ``values`` has numbers only.

    Returns:
        (H, W) uint8 index into its categories, 255 where unlabelled; and the unknown values with the number of their
        pixels, most frequent first.

    Raises:
        SourceError: The file is missing or damaged, or of a kind that the values do not fit.
    """
    packed, coloured = _pixels(label_map)
    index = {name: number for number, name in enumerate(label_map.categories)}
    if len(index) > 255:
        raise SourceError(f"{label_map.path}: {len(index)} categories; one byte a pixel holds up to 255 of them")
    known = {
        _pack(value): index[name] for value, name in label_map.values.items() if isinstance(value, tuple) == coloured
    }
    silent = [_pack(value) for value in label_map.unlabelled if isinstance(value, tuple) == coloured]
    table = np.full(max([int(packed.max(initial=0)), *known, *silent]) + 1, 255, np.uint8)
    table[list(known)] = list(known.values())
    indices = table[packed]
    strange, counts = np.unique(packed[indices == 255], return_counts=True)
    unknown = {
        _unpack(int(value), coloured): int(count)
        for value, count in sorted(zip(strange, counts, strict=True), key=lambda pair: -pair[1])
        if int(value) not in silent
    }
    return indices, unknown


def describe_unknown(unknown: Mapping[PixelValue, int], pixels: int) -> str:
    """Says how many pixels have values that the data set does not document, and which.

    Example:
        >>> describe_unknown({(1, 2, 3): 5, (0, 0, 9): 1}, 100)
        '6 of 100 pixels have 2 undocumented values, such as (1, 2, 3) (5 pixels) and (0, 0, 9) (1 pixels)'
    """
    named = [f"{value} ({count} pixels)" for value, count in list(unknown.items())[:3]]
    examples = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    total = sum(unknown.values())
    return f"{total} of {pixels} pixels have {len(unknown)} undocumented values, such as {examples}"


def _pixels(label_map: LabelMap) -> tuple[np.ndarray, bool]:
    """The pixels as one number each, and whether they are colours."""
    numbers = any(not isinstance(value, tuple) for value in label_map.values)
    colours = any(isinstance(value, tuple) for value in label_map.values)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # full aerial scenes are that large
            with Image.open(label_map.path) as picture:
                if picture.mode in _NUMBERS and numbers:
                    return _numbers(picture, label_map), False
                rgb = np.asarray(picture.convert("RGB"))
    except FileNotFoundError as error:
        raise SourceError(f"{label_map.path}: the label map is missing") from error
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise SourceError(f"{label_map.path}: the label map cannot be decoded ({error})") from error
    if not colours:
        if (rgb == rgb[:, :, :1]).all():
            return rgb[:, :, 0].astype(np.int32), False
        raise SourceError(f"{label_map.path}: is a picture in colour, but the values of this data set are numbers")
    if label_map.threshold is not None:
        rgb = np.where(rgb < label_map.threshold, np.uint8(0), np.uint8(255))
    bands = rgb.astype(np.int32)
    return bands[:, :, 0] << 16 | bands[:, :, 1] << 8 | bands[:, :, 2], True


def _numbers(picture: Image.Image, label_map: LabelMap) -> np.ndarray:
    if picture.mode == "1":
        # Pillow gives 0 and 1, and 0 and 255 once converted.
        return np.asarray(picture.convert("L") if 255 in label_map.values else picture).astype(np.int32)
    pixels = np.asarray(picture.getchannel("L") if picture.mode == "LA" else picture).astype(np.int64)
    if pixels.min(initial=0) < 0 or pixels.max(initial=0) >= _LARGEST:
        raise ValueError(f"numbers from {pixels.min()} to {pixels.max()}, labels lie between 0 and {_LARGEST - 1}")
    return pixels


def _pack(value: PixelValue) -> int:
    return value[0] << 16 | value[1] << 8 | value[2] if isinstance(value, tuple) else value


def _unpack(value: int, coloured: bool) -> PixelValue:
    return (value >> 16, value >> 8 & 255, value & 255) if coloured else value
