"""Oriented boxes, in the notations that detectors of overhead images use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class OrientedBox:
    """A rectangle of any direction, long side first (the convention called "le90").

    Coordinates are continuous, in pixels, with the origin at the outer corner of the first pixel, x to the right and y
    down. ``angle`` turns the x axis clockwise (as seen on the image) onto the long side; it lies in [-90, 90), for
    squares in [-45, 45).

    Attributes:
        x: Centre, in pixels.
        y: Centre, in pixels.
        width: The long side, in pixels.
        height: The short side, in pixels.
        angle: In degrees.

    Example:
        >>> OrientedBox.from_corners(np.array([[0, 0], [2, 0], [2, 6], [0, 6]]))
        OrientedBox(x=1.0, y=3.0, width=6.0, height=2.0, angle=-90.0)
    """

    x: float
    y: float
    width: float
    height: float
    angle: float

    @classmethod
    def from_corners(cls, corners: np.ndarray) -> OrientedBox:
        """Reads a rectangle off its corners.

        Args:
            corners: (4, 2) x, y of a rectangle, going round it in either direction.

        Returns:
            The box.

        Raises:
            ValueError: There are not four points, or one is not finite.
        """
        points = np.asarray(corners, dtype=np.float64)
        if points.shape != (4, 2) or not np.isfinite(points).all():
            raise ValueError(f"corners are {points.tolist()}; give the x, y of four points, (4, 2)")
        centre = points.mean(axis=0)
        first, second = points[1] - points[0], points[2] - points[1]
        long, short = float(np.hypot(*first)), float(np.hypot(*second))
        side = first
        if short > long:
            long, short, side = short, long, second
        angle = math.degrees(math.atan2(side[1], side[0])) if long else 0.0
        return cls(x=float(centre[0]), y=float(centre[1]), width=long, height=short, angle=_folded(angle, long, short))

    @cached_property
    def corners(self) -> np.ndarray:
        """(4, 2) float64 x, y, clockwise as seen on the image, the topmost (of two the left one) first."""
        angle = math.radians(self.angle)
        along = np.array([math.cos(angle), math.sin(angle)]) * (self.width / 2)
        across = np.array([-math.sin(angle), math.cos(angle)]) * (self.height / 2)
        centre = np.array([self.x, self.y])
        corners = np.stack(
            [centre - along - across, centre + along - across, centre + along + across, centre - along + across]
        )
        rounded = corners.round(6)
        first = min(range(4), key=lambda i: (rounded[i, 1], rounded[i, 0]))
        return np.roll(corners, -first, axis=0)

    @property
    def area(self) -> float:
        """Width times height, in square pixels."""
        return self.width * self.height

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: centre, size and angle."""
        rounded = {name: round(float(getattr(self, name)), 4) for name in ("x", "y", "width", "height")}
        return {**rounded, "angle": _folded(round(self.angle, 4), self.width, self.height)}


def _folded(angle: float, long: float, short: float) -> float:
    """The angle, in degrees, that names the same direction of the rectangle and lies in [-90, 90), or [-45, 45)."""
    turn = 90.0 if math.isclose(long, short, rel_tol=1e-6) else 180.0  # rounding must not turn squares
    folded = (angle + turn / 2) % turn - turn / 2
    return -turn / 2 if turn / 2 - folded < 1e-9 else folded
