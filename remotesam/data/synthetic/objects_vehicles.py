"""Cars and lorries. Sizes in metres, poses in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .canvas import Canvas
from .frame import Pose
from .shapes import COLOURS, f32, mirrored, rectangle, shade, transform

CAR_COLOURS = ("white", "white", "white", "grey", "grey", "black", "black", "red", "blue", "green", "yellow", "brown")


def vehicle(canvas: Canvas, pose: Pose, *, length: float | None = None, crowd: np.ndarray | None = None) -> bool:
    """Draw a car; it keeps clear of what is marked in `crowd` (default: of everything)."""
    x, y, angle = pose
    length = canvas.uniform(3.8, 5.0) if length is None else length
    scale = length * canvas.scale
    b = canvas.uniform(0.19, 0.215)
    outline = [(0.5, 0), (0.485, b * 0.62), (0.44, b * 0.92), (0.3, b), (-0.38, b), (-0.47, b * 0.9), (-0.5, b * 0.6)]
    body = transform(mirrored(outline), centre=(x, y), angle=angle, scale=scale)
    if not canvas.visible(body, share=0.5, pixels=14) or not canvas.free(body, crowd):
        return False
    word = canvas.pick(CAR_COLOURS)
    paint = canvas.vary(COLOURS[word], 0.14)
    canvas.occupy(body, layer=crowd)

    def put(points: ArrayLike) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    canvas.cast([body], 1.3)
    canvas.fill(body, shade(paint, 0.8))
    canvas.fill(put(np.concatenate([mirrored(outline) * f32([0.97, 0.86])])), paint)
    glass = (42, 48, 56) if word != "black" else (74, 80, 86)
    canvas.fill(put([(0.22, b * 0.82), (0.09, b * 0.68), (0.09, -b * 0.68), (0.22, -b * 0.82)]), glass)
    rear = canvas.uniform(-0.36, -0.27)
    canvas.fill(
        put([(rear + 0.07, b * 0.66), (rear - 0.03, b * 0.74), (rear - 0.03, -b * 0.74), (rear + 0.07, -b * 0.66)]),
        glass,
    )
    if scale > 18:
        for sign in (1, -1):
            canvas.fill(
                put(
                    [
                        (0.16, sign * b * 0.9),
                        (0.07, sign * b * 0.74),
                        (rear + 0.06, sign * b * 0.74),
                        (rear, sign * b * 0.9),
                    ]
                ),
                glass,
            )
    canvas.fill(put(rectangle(0.09 - rear - 0.08, b * 1.36, x=(0.09 + rear + 0.08) / 2)), shade(paint, 1.1))
    if scale > 24:
        canvas.line(put([(0.25, b * 0.6), (0.44, b * 0.5)]), shade(paint, 0.85), 0.7)
        canvas.line(put([(0.25, -b * 0.6), (0.44, -b * 0.5)]), shade(paint, 0.85), 0.7)
    canvas.add("vehicle", [body], colour=word)
    return True


def truck(canvas: Canvas, pose: Pose, *, length: float | None = None, crowd: np.ndarray | None = None) -> bool:
    """Draw a lorry: cab and a longer box of its own colour."""
    x, y, angle = pose
    length = canvas.uniform(8, 17) if length is None else length
    scale = length * canvas.scale
    b = 1.28 / length

    def put(points: ArrayLike) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    front = 0.5 - 2.2 / length
    cab = put(mirrored([(0.5, 0), (0.5, b * 0.8), (0.5 - 0.4 / length, b * 0.94), (front - 0.02, b * 0.94)]))
    box = put(rectangle(front - 0.02 + 0.5, 2 * b, x=(front - 0.02 - 0.5) / 2))
    hull = put(rectangle(1.0, 2 * b))
    if not canvas.visible(hull, share=0.5, pixels=20) or not canvas.free(hull, crowd):
        return False
    canvas.occupy(hull, layer=crowd)
    canvas.cast([cab, box], 3.2)
    word = canvas.pick(("white", "white", "grey", "blue", "red", "green", "yellow"))
    paint = canvas.vary(COLOURS[word], 0.1)
    canvas.fill(cab, canvas.vary(paint if canvas.chance(0.6) else COLOURS[canvas.pick(("white", "red", "blue"))], 0.1))
    canvas.fill(put(rectangle(0.5 / length, b * 1.5, x=0.5 - 0.75 / length)), (44, 50, 58))
    canvas.fill(box, paint)
    for k in np.linspace(-0.46, front - 0.06, 7):
        canvas.line(put([(k, -b * 0.95), (k, b * 0.95)]), shade(paint, 0.9), 0.5)
    canvas.weather([box], 0.05)
    canvas.add("truck", [cab, box], colour=word)
    return True
