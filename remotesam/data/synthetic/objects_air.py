"""Airplanes and helicopters. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike

from .canvas import Canvas
from .frame import Pose
from .shapes import COLOURS, ellipse, f32, mirrored, rectangle, shade, transform


def _airliner(canvas: Canvas) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    sweep, span = canvas.uniform(0.10, 0.24), canvas.uniform(0.42, 0.54)
    r, root = canvas.uniform(0.044, 0.058), canvas.uniform(0.06, 0.14)
    chord, tip = canvas.uniform(0.13, 0.19), canvas.uniform(0.03, 0.055)
    body = mirrored(
        [
            (0.5, 0.0),
            (0.488, r * 0.45),
            (0.46, r * 0.8),
            (0.42, r),
            (-0.22, r),
            (-0.36, r * 0.7),
            (-0.47, r * 0.25),
            (-0.5, 0.01),
        ]
    )
    wing = [
        (root, r * 0.8),
        (root - sweep, span),
        (root - sweep - tip, span),
        (root - chord * 0.92, span * 0.34),
        (root - chord * 1.02, r * 0.8),
    ]
    tail_span, tail = canvas.uniform(0.16, 0.20), canvas.uniform(-0.40, -0.37)
    fin = [(tail, r * 0.4), (tail - 0.075, tail_span), (tail - 0.115, tail_span), (tail - 0.09, r * 0.3)]
    lifted = [f32(p) * f32([1, sign]) for p in (wing, fin) for sign in (1, -1)]
    engines = []
    if canvas.chance(0.25):
        for sign in (1, -1):
            engines.append(rectangle(0.13, 0.03, x=-0.28, y=sign * (r + 0.02)))
    else:
        for where in (0.33,) if canvas.chance(0.7) else (0.3, 0.6):
            x = root - sweep * where * 0.9 + 0.025
            for sign in (1, -1):
                engines.append(rectangle(0.075, 0.036, x=x, y=sign * span * where))
    return [body], lifted, np.stack(engines)


def _propeller(canvas: Canvas) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    span, r = canvas.uniform(0.55, 0.68), canvas.uniform(0.05, 0.075)
    body = mirrored([(0.5, 0.0), (0.47, r * 0.6), (0.36, r), (0.0, r), (-0.42, r * 0.35), (-0.5, 0.02)])
    lead, chord = canvas.uniform(0.14, 0.24), canvas.uniform(0.13, 0.18)
    wing = [(lead, r * 0.6), (lead - 0.03, span), (lead - chord * 0.8, span), (lead - chord, r * 0.6)]
    tail = [(-0.36, r * 0.3), (-0.39, 0.2), (-0.48, 0.2), (-0.49, r * 0.2)]
    lifted = [f32(p) * f32([1, sign]) for p in (wing, tail) for sign in (1, -1)]
    engines = np.stack([rectangle(0.12, 0.05, x=lead + 0.02, y=sign * span * 0.3) for sign in (1, -1)])
    return [body], lifted, engines


def _jet(canvas: Canvas) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    r, span = canvas.uniform(0.05, 0.07), canvas.uniform(0.28, 0.40)
    body = mirrored([(0.5, 0.0), (0.38, r * 0.6), (0.18, r), (-0.42, r), (-0.45, r * 0.5)])
    wing = [(0.14, r * 0.6), (-0.16, span), (-0.25, span), (-0.25, r * 0.6)]
    tail = [(-0.30, r * 0.6), (-0.44, 0.2), (-0.5, 0.2), (-0.44, r * 0.3)]
    lifted = [f32(p) * f32([1, sign]) for p in (wing, tail) for sign in (1, -1)]
    return [body], lifted, np.stack([rectangle(0.08, 0.03, x=-0.44, y=sign * r * 0.5) for sign in (1, -1)])


def airplane(canvas: Canvas, pose: Pose, length: float, *, kind: str = "airliner") -> bool:
    """Draw an airplane `length` metres long; returns whether it fitted."""
    build = {"airliner": _airliner, "propeller": _propeller, "jet": _jet}[kind]
    bodies, lifted, engines = build(canvas)
    x, y, angle = pose
    scale = length * canvas.scale

    def put(points: ArrayLike) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    polygons = [put(p) for p in (*bodies, *lifted, *engines)]
    hull = cv2.convexHull(np.concatenate(polygons))[:, 0]
    if not canvas.visible(hull, share=0.45, pixels=60) or not canvas.free(hull):
        return False
    canvas.occupy(hull, margin=0.03 * scale)
    canvas.cast(polygons[: 1 + len(lifted)], length * canvas.uniform(0.05, 0.12), base=length * 0.02)
    word = "white" if kind != "jet" and canvas.chance(0.85) else "grey"
    paint = canvas.vary(COLOURS[word], 0.06)
    wings = canvas.vary(shade(paint, canvas.uniform(0.78, 0.98)), 0.03)
    for points in polygons[1 + len(lifted) :]:
        canvas.fill(points, shade(paint, canvas.uniform(0.55, 0.85)))
    for points in polygons[1 : 1 + len(lifted)]:
        canvas.fill(points, wings)
    for points in polygons[1:3]:
        trailing = np.stack([points[2] if len(points) == 4 else points[3], points[-1]])
        canvas.line(trailing, shade(wings, 0.72), max(0.008 * scale, 0.6))
    body = polygons[0]
    canvas.fill(body, paint)
    half = len(body) // 2
    side = 1 if np.dot(canvas.shadow, (-np.sin(angle), np.cos(angle))) > 0 else -1
    dark = body[:half] if side > 0 else body[half:]
    canvas.fill(np.concatenate([dark, (dark[::-1] + body.mean(axis=0) * 0 + dark[::-1]) / 2]), shade(paint, 0.8))
    spine = put(f32([(0.47, 0), (-0.46, 0)]))
    canvas.line(spine, shade(paint, 1.06), max(0.022 * scale, 0.6))
    accent = COLOURS[canvas.pick(("blue", "red", "white", "grey", "orange", "green", "yellow"))]
    canvas.line(put(f32([(-0.33, 0), (-0.5, 0)])), shade(canvas.vary(accent), 0.85), max(0.02 * scale, 0.8))
    canvas.line(put(f32([(0.485, -0.012), (0.485, 0.012)])), (60, 64, 70), max(0.01 * scale, 0.5))
    canvas.weather(polygons, 0.03)
    canvas.add("airplane", polygons, colour=word if word == "white" else None)
    return True


def helicopter(canvas: Canvas, pose: Pose, length: float) -> bool:
    """Draw a helicopter: cabin, tail boom, fin and a rotor that is drawn but thin; the polygons take in the blades."""
    x, y, angle = pose
    scale = length * canvas.scale

    def put(points: ArrayLike) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    cabin = put(ellipse(0.23, 0.085, x=0.18, count=20))
    boom = put([(0.1, 0.045), (-0.48, 0.016), (-0.48, -0.016), (0.1, -0.045)])
    fin = put(rectangle(0.05, 0.18, x=-0.43))
    blades, turn = [], canvas.uniform(0, np.pi)
    count = canvas.pick((2, 3, 4, 4))
    for k in range(count):
        a = turn + 2 * np.pi * k / count
        ray = f32([np.cos(a), np.sin(a)])
        across = f32([-ray[1], ray[0]]) * f32(0.014)
        hub = f32([0.16, 0])
        blades.append(put(np.stack([hub - across, hub + across, hub + ray * 0.45 + across, hub + ray * 0.45 - across])))
    polygons = [cabin, boom, fin, *blades]
    hull = cv2.convexHull(np.concatenate(polygons))[:, 0]
    if not canvas.visible(hull, share=0.6, pixels=60) or not canvas.free(hull):
        return False
    canvas.occupy(hull)
    canvas.cast(polygons, 3.0, base=1.0)
    word = canvas.pick(("white", "red", "blue", "yellow", "grey", "black", "green", "orange"))
    paint = canvas.vary(COLOURS[word])
    for points in (boom, fin, cabin):
        canvas.fill(points, paint)
    canvas.fill(put(ellipse(0.09, 0.06, x=0.3, count=14)), (44, 50, 58))
    canvas.line(put([(0.3, 0), (-0.44, 0)]), shade(paint, 1.18), max(0.02 * scale, 0.6))
    for points in blades:
        canvas.fill(points, (70, 70, 70))
    canvas.add("helicopter", polygons, colour=word)
    return True
