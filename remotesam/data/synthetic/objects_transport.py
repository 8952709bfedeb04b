"""Things that move: airplanes, helicopters, ships, vehicles, trucks. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import COLOURS, Canvas, Colour, ellipse, rectangle, shade, transform
from .frame import Pose

CAR_COLOURS = ("white", "white", "white", "grey", "grey", "black", "black", "red", "blue", "green", "yellow", "brown")
SHIP_COLOURS = ("red", "red", "grey", "white", "green", "blue", "black", "brown", "orange")


def mirrored(points: list[tuple[float, float]]) -> np.ndarray:
    """Close a half outline (y >= 0) by its mirror image."""
    half = np.asarray(points, np.float32)
    return np.concatenate([half, (half * np.float32([1, -1]))[::-1]])


def _airliner(canvas: Canvas) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    sweep, span = canvas.uniform(0.10, 0.24), canvas.uniform(0.42, 0.54)
    r, root = canvas.uniform(0.044, 0.058), canvas.uniform(0.06, 0.14)
    chord, tip = canvas.uniform(0.13, 0.19), canvas.uniform(0.03, 0.055)
    body = mirrored([(0.5, 0.0), (0.488, r * 0.45), (0.46, r * 0.8), (0.42, r), (-0.22, r), (-0.36, r * 0.7),
                     (-0.47, r * 0.25), (-0.5, 0.01)])
    wing = [(root, r * 0.8), (root - sweep, span), (root - sweep - tip, span), (root - chord * 0.92, span * 0.34),
            (root - chord * 1.02, r * 0.8)]
    tail_span, tail = canvas.uniform(0.16, 0.20), canvas.uniform(-0.40, -0.37)
    fin = [(tail, r * 0.4), (tail - 0.075, tail_span), (tail - 0.115, tail_span), (tail - 0.09, r * 0.3)]
    lifted = [np.float32(p) * np.float32([1, sign]) for p in (wing, fin) for sign in (1, -1)]
    engines = []
    if canvas.chance(0.25):
        for sign in (1, -1):
            engines.append(rectangle(0.13, 0.03, x=-0.28, y=sign * (r + 0.02)))
    else:
        for where in ((0.33,) if canvas.chance(0.7) else (0.3, 0.6)):
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
    lifted = [np.float32(p) * np.float32([1, sign]) for p in (wing, tail) for sign in (1, -1)]
    engines = np.stack([rectangle(0.12, 0.05, x=lead + 0.02, y=sign * span * 0.3) for sign in (1, -1)])
    return [body], lifted, engines


def _jet(canvas: Canvas) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    r, span = canvas.uniform(0.05, 0.07), canvas.uniform(0.28, 0.40)
    body = mirrored([(0.5, 0.0), (0.38, r * 0.6), (0.18, r), (-0.42, r), (-0.45, r * 0.5)])
    wing = [(0.14, r * 0.6), (-0.16, span), (-0.25, span), (-0.25, r * 0.6)]
    tail = [(-0.30, r * 0.6), (-0.44, 0.2), (-0.5, 0.2), (-0.44, r * 0.3)]
    lifted = [np.float32(p) * np.float32([1, sign]) for p in (wing, tail) for sign in (1, -1)]
    return [body], lifted, np.stack([rectangle(0.08, 0.03, x=-0.44, y=sign * r * 0.5) for sign in (1, -1)])


def airplane(canvas: Canvas, pose: Pose, length: float, *, kind: str = "airliner") -> bool:
    """Draw an airplane `length` metres long; returns whether it fitted."""
    build = {"airliner": _airliner, "propeller": _propeller, "jet": _jet}[kind]
    bodies, lifted, engines = build(canvas)
    x, y, angle = pose
    scale = length * canvas.scale

    def put(points: np.ndarray) -> np.ndarray:
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
    for points in polygons[1 + len(lifted):]:
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
    spine = put(np.float32([(0.47, 0), (-0.46, 0)]))
    canvas.line(spine, shade(paint, 1.06), max(0.022 * scale, 0.6))
    accent = COLOURS[canvas.pick(("blue", "red", "white", "grey", "orange", "green", "yellow"))]
    canvas.line(put(np.float32([(-0.33, 0), (-0.5, 0)])), shade(canvas.vary(accent), 0.85), max(0.02 * scale, 0.8))
    canvas.line(put(np.float32([(0.485, -0.012), (0.485, 0.012)])), (60, 64, 70), max(0.01 * scale, 0.5))
    canvas.weather(polygons, 0.03)
    canvas.add("airplane", polygons, colour=word if word == "white" else None)
    return True


def helicopter(canvas: Canvas, pose: Pose, length: float) -> bool:
    """Draw a helicopter: cabin, tail boom, fin and a rotor that is drawn but thin; the polygons take in the blades."""
    x, y, angle = pose
    scale = length * canvas.scale

    def put(points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    cabin = put(ellipse(0.23, 0.085, x=0.18, count=20))
    boom = put([(0.1, 0.045), (-0.48, 0.016), (-0.48, -0.016), (0.1, -0.045)])
    fin = put(rectangle(0.05, 0.18, x=-0.43))
    blades, turn = [], canvas.uniform(0, np.pi)
    count = canvas.pick((2, 3, 4, 4))
    for k in range(count):
        a = turn + 2 * np.pi * k / count
        ray = np.float32([np.cos(a), np.sin(a)])
        across = np.float32([-ray[1], ray[0]]) * np.float32(0.014)
        hub = np.float32([0.16, 0])
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


def hull_outline(canvas: Canvas, slimness: float) -> np.ndarray:
    """Deck outline of a ship of length 1, bow at +0.5."""
    b = 0.5 / slimness
    stern = canvas.uniform(0.6, 0.95)
    shoulder = canvas.uniform(0.22, 0.36)
    return mirrored([(0.5, 0.0), (0.46, b * 0.42), ((shoulder + 0.46) / 2 + 0.03, b * 0.8), (shoulder, b), (-0.38, b),
                     (-0.47, b * stern), (-0.5, b * stern * 0.85)])


def ship(canvas: Canvas, pose: Pose, length: float, *, wake: bool, kind: str) -> bool:
    """Draw a ship `length` metres long. Kinds: "tanker", "cargo", "ferry", "boat"."""
    x, y, angle = pose
    scale = length * canvas.scale
    slim = canvas.uniform(2.6, 4.0) if kind == "boat" else canvas.uniform(4.5, 7.0)

    def put(points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    deck = put(hull_outline(canvas, slim))
    if not canvas.visible(deck, share=0.5, pixels=30) or not canvas.free(deck):
        return False
    canvas.occupy(deck, margin=0.06 * scale)
    if wake:
        _wake(canvas, put, slim, scale)
    canvas.cast([deck], min(length * 0.06, 9.0))
    word = canvas.pick(("white", "white", "white", "blue", "grey", "red")) if kind == "boat" else canvas.pick(SHIP_COLOURS)
    if kind == "ferry":
        word = "white"
    paint = canvas.vary(COLOURS[word], 0.14)
    b = 0.5 / slim
    canvas.fill(deck, shade(paint, 0.75))
    canvas.fill(put(hull_outline(canvas, slim) * np.float32([0.97, 0.84])), paint)
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


def _pipes(canvas: Canvas, put, paint: Colour, b: float, scale: float) -> None:
    canvas.line(put([(0.36, 0), (-0.33, 0)]), shade(paint, 1.35), max(0.012 * scale, 0.5))
    canvas.line(put([(0.3, b * 0.3), (-0.3, b * 0.3)]), shade(paint, 0.7), max(0.008 * scale, 0.4))
    canvas.line(put([(0.0, -b * 0.8), (0.0, b * 0.8)]), shade(paint, 1.3), max(0.014 * scale, 0.5))
    for x in np.linspace(-0.26, 0.3, 6):
        canvas.line(put([(x, -b * 0.8), (x, b * 0.8)]), shade(paint, 0.85), 0.4)
    canvas.fill(put(rectangle(0.05, b * 0.8, x=0.41)), shade(paint, 1.2))


def _holds(canvas: Canvas, put, paint: Colour, b: float) -> None:
    count = int(canvas.rng.integers(4, 9))
    loaded = canvas.chance(0.5)
    for k in range(count):
        x = 0.34 - 0.64 * (k + 0.5) / count
        colour = COLOURS[canvas.pick(tuple(COLOURS))] if loaded else shade(paint, canvas.uniform(0.6, 1.3))
        canvas.fill(put(rectangle(0.5 / count, b * 1.45, x=x)), canvas.vary(colour, 0.15))
        if loaded:
            colour = canvas.vary(COLOURS[canvas.pick(tuple(COLOURS))], 0.15)
            canvas.fill(put(rectangle(0.5 / count, b * 0.6, x=x, y=b * canvas.uniform(-0.4, 0.4))), colour)


def _wake(canvas: Canvas, put, slim: float, scale: float) -> None:
    """Foam behind the stern that widens and fades, and faint bow waves."""
    reach, spread = canvas.uniform(0.5, 2.2), canvas.uniform(0.03, 0.12)
    b = 0.5 / slim
    shapes = []
    for k in range(6):
        far = reach * (k + 1) / 6
        shapes.append(put([(-0.42, b * 0.6), (-0.5 - far, b * 0.5 + spread * far), (-0.5 - far, -b * 0.5 - spread * far), (-0.42, -b * 0.6)]))
    arms = [put([(0.42, sign * b * 0.5), (-0.2, sign * b * 1.4), (-0.5 - reach * 0.5, sign * (b * 1.3 + spread * 1.6 + 0.02)),
                 (-0.5 - reach * 0.5, sign * (b * 1.3 + spread * 1.6)), (-0.2, sign * b * 1.25)]) for sign in (1, -1)]
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


def vehicle(canvas: Canvas, pose: Pose, *, length: float | None = None,
            crowd: np.ndarray | None = None) -> bool:
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

    def put(points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        return transform(points, centre=(x, y), angle=angle, scale=scale)

    canvas.cast([body], 1.3)
    canvas.fill(body, shade(paint, 0.8))
    canvas.fill(put(np.concatenate([mirrored(outline) * np.float32([0.97, 0.86])])), paint)
    glass = (42, 48, 56) if word != "black" else (74, 80, 86)
    canvas.fill(put([(0.22, b * 0.82), (0.09, b * 0.68), (0.09, -b * 0.68), (0.22, -b * 0.82)]), glass)
    rear = canvas.uniform(-0.36, -0.27)
    canvas.fill(put([(rear + 0.07, b * 0.66), (rear - 0.03, b * 0.74), (rear - 0.03, -b * 0.74), (rear + 0.07, -b * 0.66)]),
                glass)
    if scale > 18:
        for sign in (1, -1):
            canvas.fill(put([(0.16, sign * b * 0.9), (0.07, sign * b * 0.74), (rear + 0.06, sign * b * 0.74),
                             (rear, sign * b * 0.9)]), glass)
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

    def put(points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
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
