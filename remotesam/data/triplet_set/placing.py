"""Where a picture with sentences is put in a square, and its masks after it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from remotesam.data.geometry import MIN_PIXELS
from remotesam.data.transforms import Augmentation, warp
from remotesam.data.triplet_set.freedom import Freedom
from remotesam.data.triplet_set.run_lengths import Box

_MARGIN = 2.0


@dataclass(frozen=True)
class Wishes:
    """What the sentences that are asked want of the place of their picture.

    Attributes:
        allowed: Without ``CROP`` the whole picture stays in the square, without ``TURN`` it stays upright.
        keep: What a crop must hold: x1, y1, x2, y2 in pixels of the picture.
        focus: What a crop should show: x, y; None for anywhere.
        smallest: Pixels of the smallest target, None where there is none: the zoom leaves it ``MIN_PIXELS`` if it can.
    """

    allowed: Freedom
    keep: Box | None = None
    focus: tuple[float, float] | None = None
    smallest: int | None = None


def fit(shape: tuple[int, int], size: int) -> np.ndarray:
    """The (2, 3) matrix that fits a picture of a height and width into a square, in the middle."""
    height, width = shape
    zoom = size / max(height, width)
    return np.array([[zoom, 0, (size - zoom * width) / 2], [0, zoom, (size - zoom * height) / 2]])


def place(
    shape: tuple[int, int], size: int, augmentation: Augmentation, wishes: Wishes, rng: np.random.Generator
) -> np.ndarray:
    """Draw where a picture is put.

    Args:
        shape: Height and width of the picture in pixels.
        size: Side of the square.
        augmentation: Ranges of zoom, turns and stretch.
        wishes: What the sentences allow and want.
        rng: Source of all choices.

    Returns:
        (2, 3) float64, from x, y of the picture to x, y of the square, in continuous coordinates.
    """
    height, width = shape
    unit = _turn_and_stretch(augmentation, wishes.allowed, rng)
    picture = _extent((0, 0, width, height), unit)
    limit = math.inf
    if wishes.allowed > Freedom.CROP:
        limit = size / np.ptp(picture, axis=0).max()
    elif wishes.keep is not None:
        limit = max(size - 2 * _MARGIN, 1.0) / np.ptp(_extent(wishes.keep, unit), axis=0).max()
    low, high = (min(side / max(height, width), augmentation.max_zoom, limit) for side in augmentation.long_side)
    if wishes.smallest is not None:
        low = min(max(low, math.sqrt(MIN_PIXELS / wishes.smallest)), high)
    linear = math.exp(rng.uniform(math.log(low), math.log(high))) * unit
    lowest, highest = _extent((0, 0, width, height), linear)
    # A crop lies inside the picture where the picture is larger, and the picture inside the crop where it is not.
    edges = np.sort([-lowest, size - highest], axis=0)
    if wishes.keep is not None and wishes.allowed == Freedom.CROP:
        kept_lowest, kept_highest = _extent(wishes.keep, linear)
        edges = np.array([np.maximum(edges[0], -kept_lowest), np.minimum(edges[1], size - kept_highest)])
    edges[1] = np.maximum(*edges)  # they may cross by a rounding error
    shift = rng.uniform(*edges)
    if wishes.focus is not None:
        wanted = size * rng.uniform(0.2, 0.8, 2) - np.array(wishes.focus) @ linear.T
        shift = np.where(highest - lowest > size, np.clip(wanted, *edges), shift)
    return np.column_stack([linear, shift])


def place_mask(mask: np.ndarray, box: Box, matrix: np.ndarray, size: int) -> np.ndarray:
    """Put a mask where its picture was put.

    Args:
        mask: (H, W) bool.
        box: Around it, x1, y1, x2, y2.
        matrix: (2, 3), as of :func:`place`.
        size: Side of the square.

    Returns:
        (size, size) bool: pixels of which at least half is covered.
    """
    placed = np.zeros((size, size), bool)
    lowest, highest = _extent(box, matrix[:, :2]) + matrix[:, 2]
    left, top = (int(value) for value in np.clip(np.floor(lowest), 0, size))
    right, bottom = (int(value) for value in np.clip(np.ceil(highest), 0, size))
    if left < right and top < bottom:
        moved = np.column_stack([matrix[:, :2], matrix[:, 2] - (left, top)])
        part = warp(mask.view(np.uint8) * np.uint8(255), moved, (bottom - top, right - left), 0)
        placed[top:bottom, left:right] = part >= 128
    return placed


def touches(mask: np.ndarray, matrix: np.ndarray, size: int) -> bool:
    """Whether the middle of a pixel of an (H, W) bool mask lies in the square."""
    places = (np.argwhere(mask)[:, ::-1] + 0.5) @ matrix[:, :2].T + matrix[:, 2]
    return bool(((places >= 0) & (places < size)).all(axis=1).any())


def _turn_and_stretch(augmentation: Augmentation, allowed: Freedom, rng: np.random.Generator) -> np.ndarray:
    aspect = math.exp(rng.uniform(-0.5, 0.5) * math.log1p(augmentation.stretch))
    quarter = 90.0 * rng.integers(4) if augmentation.quarter_turns else 0.0
    angle = rng.uniform(0, 360) if rng.random() < augmentation.free_rotation else quarter
    mirror = -1.0 if rng.random() < augmentation.flip else 1.0
    if allowed == Freedom.STAY:
        angle, mirror = 0.0, 1.0
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([aspect * mirror, 1 / aspect])


def _extent(box: tuple[float, float, float, float], linear: np.ndarray) -> np.ndarray:
    """Lowest and highest x, y of a box that was turned, (2, 2)."""
    x1, y1, x2, y2 = box
    corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float64) @ linear.T
    return np.array([corners.min(0), corners.max(0)])
