"""Ships, with or without a wake. Sizes in metres, poses in pixels."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import ArrayLike

from .canvas import Canvas
from .frame import Pose
from .shapes import COLOURS, Colour, f32, mirrored, rectangle, shade, transform

# Local coordinates to pixels.
Put = Callable[[ArrayLike], np.ndarray]

SHIP_COLOURS = ("red", "red", "grey", "white", "green", "blue", "black", "brown", "orange")


def hull_outline(canvas: Canvas, slimness: float) -> np.ndarray:
    """Deck outline of a ship of length 1, bow at +0.5."""
    b = 0.5 / slimness
    stern = canvas.uniform(0.6, 0.95)
    shoulder = canvas.uniform(0.22, 0.36)
    return mirrored(
        [
            (0.5, 0.0),
            (0.46, b * 0.42),
            ((shoulder + 0.46) / 2 + 0.03, b * 0.8),
            (shoulder, b),
            (-0.38, b),
            (-0.47, b * stern),
            (-0.5, b * stern * 0.85),
        ]
    )


def ship(canvas: Canvas, pose: Pose, length: float, *, wake: bool, kind: str) -> bool:
    """Draw a ship `length` metres long. Kinds: "tanker", "cargo", "ferry", "boat"."""
    x, y, angle = pose
    scale = length * canvas.scale
    slim = canvas.uniform(2.6, 4.0) if kind == "boat" else canvas.uniform(4.5, 7.0)

    def put(points: ArrayLike) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    deck = put(hull_outline(canvas, slim))
    if not canvas.visible(deck, share=0.5, pixels=30) or not canvas.free(deck):
        return False
    canvas.occupy(deck, margin=0.06 * scale)
    if wake:
        _wake(canvas, put, slim, scale)
    canvas.cast([deck], min(length * 0.06, 9.0))
    word = (
        canvas.pick(("white", "white", "white", "blue", "grey", "red")) if kind == "boat" else canvas.pick(SHIP_COLOURS)
    )
    if kind == "ferry":
        word = "white"
    paint = canvas.vary(COLOURS[word], 0.14)
    b = 0.5 / slim
    canvas.fill(deck, shade(paint, 0.75))
    canvas.fill(put(hull_outline(canvas, slim) * f32([0.97, 0.84])), paint)
    pale = canvas.vary((206, 206, 200))
    if kind == "tanker":
        _pipes(canvas, put, paint, b, scale)
    elif kind == "cargo":
        _holds(canvas, put, paint, b)
    elif kind == "ferry":
        for k in range(3):
            inner = rectangle(0.7 - 0.14 * k, b * (1.5 - 0.35 * k), x=-0.06)
            canvas.fill(put(inner), canvas.vary(shade(pale, 0.86 + 0.09 * k), 0.04))
    else:
        canvas.fill(put(rectangle(0.34, b * 1.15, x=-0.08)), canvas.vary(pale, 0.05))
        canvas.fill(put(rectangle(0.07, b * 1.0, x=0.12)), (50, 58, 66))
        canvas.fill(put(rectangle(0.18, b * 1.2, x=-0.36)), canvas.vary((150, 132, 108), 0.1))
    if kind in ("tanker", "cargo"):
        house = put(rectangle(canvas.uniform(0.08, 0.13), b * 1.6, x=-0.40))
        canvas.cast([house], min(length * 0.08, 14.0))
        canvas.fill(house, pale)
        canvas.fill(put(rectangle(0.03, b * 0.7, x=-0.43)), canvas.vary(COLOURS[canvas.pick(("red", "black", "blue"))]))
    canvas.weather([deck], 0.07)
    canvas.add("ship", [deck], colour=word)
    return True


def _pipes(canvas: Canvas, put: Put, paint: Colour, b: float, scale: float) -> None:
    canvas.line(put([(0.36, 0), (-0.33, 0)]), shade(paint, 1.35), max(0.012 * scale, 0.5))
    canvas.line(put([(0.3, b * 0.3), (-0.3, b * 0.3)]), shade(paint, 0.7), max(0.008 * scale, 0.4))
    canvas.line(put([(0.0, -b * 0.8), (0.0, b * 0.8)]), shade(paint, 1.3), max(0.014 * scale, 0.5))
    for x in np.linspace(-0.26, 0.3, 6):
        canvas.line(put([(x, -b * 0.8), (x, b * 0.8)]), shade(paint, 0.85), 0.4)
    canvas.fill(put(rectangle(0.05, b * 0.8, x=0.41)), shade(paint, 1.2))


def _holds(canvas: Canvas, put: Put, paint: Colour, b: float) -> None:
    count = int(canvas.rng.integers(4, 9))
    loaded = canvas.chance(0.5)
    for k in range(count):
        x = 0.34 - 0.64 * (k + 0.5) / count
        colour = COLOURS[canvas.pick(tuple(COLOURS))] if loaded else shade(paint, canvas.uniform(0.6, 1.3))
        canvas.fill(put(rectangle(0.5 / count, b * 1.45, x=x)), canvas.vary(colour, 0.15))
        if loaded:
            colour = canvas.vary(COLOURS[canvas.pick(tuple(COLOURS))], 0.15)
            canvas.fill(put(rectangle(0.5 / count, b * 0.6, x=x, y=b * canvas.uniform(-0.4, 0.4))), colour)


def _wake(canvas: Canvas, put: Put, slim: float, scale: float) -> None:
    """Foam behind the stern that widens and fades, and faint bow waves."""
    reach, spread = canvas.uniform(0.5, 2.2), canvas.uniform(0.03, 0.12)
    b = 0.5 / slim
    shapes = []
    for k in range(6):
        far = reach * (k + 1) / 6
        shapes.append(
            put(
                [
                    (-0.42, b * 0.6),
                    (-0.5 - far, b * 0.5 + spread * far),
                    (-0.5 - far, -b * 0.5 - spread * far),
                    (-0.42, -b * 0.6),
                ]
            )
        )
    arms = [
        put(
            [
                (0.42, sign * b * 0.5),
                (-0.2, sign * b * 1.4),
                (-0.5 - reach * 0.5, sign * (b * 1.3 + spread * 1.6 + 0.02)),
                (-0.5 - reach * 0.5, sign * (b * 1.3 + spread * 1.6)),
                (-0.2, sign * b * 1.25),
            ]
        )
        for sign in (1, -1)
    ]
    box = canvas.window(np.concatenate([*shapes, *arms]), margin=4)
    if box is None:
        return
    foam = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    for shape in shapes:
        foam = cv2.add(foam, canvas.stencil([shape], box) // 6)
    foam = cv2.add(foam, canvas.stencil(arms, box) // 4)
    foam = cv2.GaussianBlur(foam, (0, 0), max(0.02 * scale, 1.0))
    x0, y0, x1, y1 = box
    foam = cv2.subtract(foam, cv2.multiply(canvas.grain[1][y0:y1, x0:x1], foam, scale=1 / 160))
    strength = canvas.uniform(0.15, 0.7)
    canvas.blend(box, cv2.convertScaleAbs(foam, alpha=strength), canvas.vary((190, 202, 200)))
