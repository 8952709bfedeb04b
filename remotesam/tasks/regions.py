"""Where in an image an object lies, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import numpy as np

from remotesam.results import Instance

Grid = Literal[2, 3]
GRIDS: tuple[Grid, ...] = (2, 3)
WHOLE = "whole image"

PHRASES = MappingProxyType(
    {
        "upper left": "in the upper left",
        "top": "at the top",
        "upper right": "in the upper right",
        "left": "on the left",
        "middle": "in the middle",
        "right": "on the right",
        "lower left": "in the lower left",
        "bottom": "at the bottom",
        "lower right": "in the lower right",
        WHOLE: "across the image",
    }
)
"""Every region and how a sentence puts it, in reading order."""

_ROWS = {2: ("upper", "lower"), 3: ("upper", "", "lower")}
_COLUMNS = {2: ("left", "right"), 3: ("left", "", "right")}
_ALONE = {"upper": "top", "lower": "bottom", "": "middle"}


def region_of(instance: Instance, grid: Grid = 3) -> str:
    """The part of the image in which the centroid of an object's mask lies.

    With 3 x 3 parts an object is at the "top" or on the "left" only in the middle of that side. With 2 x 2 parts what
    is centred, by at most a twentieth of the image's width and height, is in the "middle". A centroid on the line
    between two parts belongs to the lower or right one. What spans at least two thirds of the width and of the height
    lies in no part, but is the "whole image".

    Args:
        instance: The object.
        grid: 2 or 3.

    Returns:
        A key of ``PHRASES``.

    Example:
        >>> mask = np.zeros((90, 90), dtype=bool)
        >>> mask[40:50, 5:20] = True
        >>> instance = Instance.from_mask("ship", 0.9, mask)
        >>> region_of(instance, 3), region_of(instance, 2)
        ('left', 'lower left')
    """
    height, width = instance.image_size
    span_y, span_x = instance.crop.shape
    if 3 * span_x >= 2 * width and 3 * span_y >= 2 * height:
        return WHOLE
    # Exact: twice the sum of the coordinates, over twice the area times the side, is where the centroid lies in [0, 1).
    x, x_range = _twice_sum(instance.crop, axis=0, start=instance.left), 2 * instance.area * width
    y, y_range = _twice_sum(instance.crop, axis=1, start=instance.top), 2 * instance.area * height
    if grid == 2 and 10 * abs(2 * x - x_range) <= x_range and 10 * abs(2 * y - y_range) <= y_range:
        return "middle"
    row, column = _ROWS[grid][grid * y // y_range], _COLUMNS[grid][grid * x // x_range]
    if row and column:
        return f"{row} {column}"
    return column or _ALONE[row]


def _twice_sum(crop: np.ndarray, *, axis: int, start: int) -> int:
    """Twice the sum over all pixels of the coordinate of their centre."""
    counts = np.count_nonzero(crop, axis=axis).astype(np.int64)
    return int(counts @ (2 * (np.arange(len(counts), dtype=np.int64) + start) + 1))
