"""A local metric frame on a canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .canvas import Canvas
from .shapes import Colour, transform

# x, y in pixels, direction in radians.
Pose = tuple[float, float, float]

CHALK: Colour = (222, 222, 216)


class Frame:
    """Metres around a pose to pixels: x along the pose's direction, y across it."""

    def __init__(self, canvas: Canvas, pose: Pose) -> None:
        self.canvas, self.pose = canvas, pose

    def __call__(self, points: ArrayLike) -> np.ndarray:
        x, y, angle = self.pose
        return transform(points, centre=(x, y), angle=angle, scale=self.canvas.scale)

    def chalk(self, points: ArrayLike, colour: Colour = CHALK, *, width: float = 0.12, closed: bool = False) -> None:
        """A painted line `width` metres wide."""
        self.canvas.line(self(points), colour, width * self.canvas.scale, closed=closed)
