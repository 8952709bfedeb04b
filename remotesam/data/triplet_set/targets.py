"""What the rows of a picture say about its categories and outlines, beyond the mask of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from remotesam.data.dataset import UNKNOWN_CATEGORY
from remotesam.data.triplet_set.freedom import is_about_all
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.data.vocabulary import CATEGORIES

UNKNOWN_CONTOUR = 255
"""Value of a contour map where it is not known whether there is an outline."""

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def annotated_categories(rows: Sequence[TripletRow]) -> list[bool]:
    """For each category of the vocabulary, whether a row says where all of it is, or that there is none."""
    known = {row.category for row in rows if is_about_all(row)}
    return [name in known for name in CATEGORIES]


def draw_known_categories(rows: Sequence[TripletRow], placed: Mapping[str, np.ndarray], size: int) -> np.ndarray:
    """Draw the categories of which all is known; smaller masks lie above larger ones.

    Args:
        rows: All rows of a picture.
        placed: By run lengths, the masks in the square, (size, size) bool.
        size: Side of the square.

    Returns:
        (size, size) uint8 as of ``remotesam.data.dataset.draw_categories``: all 255 where no category is known.
    """
    known = [row for row in rows if is_about_all(row)]
    numbers = {name: number for number, name in enumerate(CATEGORIES, start=1)}
    if not any(row.category in numbers for row in known):
        return np.full((size, size), UNKNOWN_CATEGORY, np.uint8)
    canvas = np.zeros((size, size), np.uint8)
    for row in sorted(known, key=lambda row: -row.area):
        if row.rle:
            canvas[placed[row.rle]] = numbers.get(row.category, UNKNOWN_CATEGORY)
    return canvas


def draw_known_contours(rows: Sequence[TripletRow], placed: Mapping[str, np.ndarray], size: int) -> np.ndarray:
    """Draw the outlines of all masks, two pixels wide; where a mask ends at the border of the square is none.

    Where no row is about all of a category, nothing is known outside the masks.

    Args:
        rows: All rows of a picture.
        placed: By run lengths, the masks in the square, (size, size) bool.
        size: Side of the square.

    Returns:
        (size, size) uint8: 1 on outlines, 0 elsewhere, 255 where it is not known.
    """
    covered, outlines = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
    for mask in placed.values():
        x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
        near = np.s_[max(y - 2, 0) : y + height + 2, max(x - 2, 0) : x + width + 2]
        part = mask[near].view(np.uint8)
        covered[near] |= part
        outlines[near] |= cv2.morphologyEx(part, cv2.MORPH_GRADIENT, _CROSS)
    if any(row.rle and is_about_all(row) for row in rows):
        return outlines
    return np.where(covered | outlines, outlines, np.uint8(UNKNOWN_CONTOUR))


def parts(mask: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Boxes x1, y1, x2, y2 of the connected parts of an (H, W) bool mask.

    Example:
        >>> parts(np.array([[True, False, True, True]]))
        [(0, 0, 1, 1), (2, 0, 4, 1)]
    """
    _, _, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    boxes = statistics[1:, :4].tolist()
    return [(x, y, x + width, y + height) for x, y, width, height in boxes]
