"""Sports grounds: baseball diamonds, courts, tracks and pitches. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas, Colour, ellipse, rectangle, shade, transform
from .objects_transport import Pose

CLAY: tuple[Colour, ...] = ((196, 164, 120), (172, 126, 84), (208, 182, 142), (150, 98, 66), (184, 140, 94), (196, 130, 72))
COURT: tuple[tuple[str | None, Colour], ...] = (
    ("green", (62, 96, 74)), ("green", (74, 98, 84)), ("green", (58, 88, 64)), ("blue", (66, 74, 126)),
    ("blue", (58, 92, 140)), ("red", (150, 72, 60)), (None, (104, 108, 104)), ("green", (84, 116, 92)),
)
SURROUND: tuple[Colour, ...] = (
    (146, 74, 62), (128, 66, 56), (66, 96, 72), (58, 84, 66), (104, 106, 102), (112, 110, 84), (160, 96, 80), (84, 112, 92),
)
CHALK: Colour = (222, 222, 216)


class Frame:
    """A local metric frame on a canvas: x along the pose's direction, y across it."""

    def __init__(self, canvas: Canvas, pose: Pose) -> None:
        self.canvas, self.pose = canvas, pose

    def __call__(self, points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        x, y, angle = self.pose
        return transform(points, centre=(x, y), angle=angle, scale=self.canvas.scale)

    def chalk(self, points: np.ndarray | list[tuple[float, float]], colour: Colour = CHALK, *, width: float = 0.12,
              closed: bool = False) -> None:
        """A painted line `width` metres wide."""
        self.canvas.line(self(points), colour, width * self.canvas.scale, closed=closed)


def baseball_diamond(canvas: Canvas, pose: Pose, *, base: float = 27.4) -> bool:
    """Draw an infield: a clay fan around (mostly) a grass square; the home plate is at the pose, the field along x."""
    put = Frame(canvas, pose)
    quarter = np.pi / 4
    reach = base * canvas.uniform(1.28, 1.5)
    pitch = base * canvas.uniform(0.66, 0.72)
    bulge = np.linspace(-quarter * canvas.uniform(0.98, 1.12), quarter * canvas.uniform(0.98, 1.12), 26)
    wobble = 1 + 0.012 * np.cumsum(canvas.rng.standard_normal(26)) / 5
    arc = np.stack([pitch + np.cos(bulge * 1.9) * (reach - pitch * 0.62) * wobble * 0.98,
                    np.sin(bulge * 1.9) * (reach - pitch * 0.62) * wobble], axis=1)
    arc[:, 0] = np.minimum(arc[:, 0], 10 * base)
    neck = base * canvas.uniform(0.04, 0.10)
    fan = np.concatenate([[(-neck * 0.3, -neck)], arc, [(-neck * 0.3, neck)]]).astype(np.float32)
    plate = ellipse(base * canvas.uniform(0.10, 0.17), base * 0.13, count=18)
    parts = [put(fan), put(plate)]
    hull = cv2.convexHull(np.concatenate(parts))[:, 0]
    if not canvas.visible(hull, share=0.5, pixels=60) or not canvas.free(hull):
        return False
    canvas.occupy(hull, margin=2 * canvas.scale)
    clay = canvas.vary(canvas.pick(CLAY), 0.12)
    if canvas.chance(0.55):
        outfield = base * canvas.uniform(2.4, 3.2)
        sector = np.concatenate([[(0, 0)], ellipse(outfield, outfield, start=-quarter, stop=quarter, count=20)])
        canvas.darken([put(sector)], canvas.uniform(-0.10, 0.14))
        if canvas.chance(0.5):
            canvas.line(put(ellipse(outfield, outfield, start=-quarter, stop=quarter, count=24)), shade(clay, 0.95),
                        max(canvas.uniform(0.5, 4.0) * canvas.scale, 0.6))
    grassy = canvas.chance(0.8)
    x, y = put([(pitch, 0)])[0]
    inner = base * canvas.uniform(0.80, 0.92)
    square = put(np.float32([(base * 0.10, 0), (pitch, -inner / np.sqrt(2)), (pitch * 2 - base * 0.10, 0),
                             (pitch, inner / np.sqrt(2))]))
    box = canvas.window(square)
    keep = None
    if grassy and box is not None:
        x0, y0, x1, y1 = box
        keep = canvas.image[y0:y1, x0:x1].copy(), canvas.stencil([square], box)
    for points in parts:
        canvas.fill(points, clay)
    canvas.weather(parts, 0.06, shift=int(canvas.rng.integers(1, canvas.size)))
    if keep is not None and box is not None:
        canvas.blend(box, keep[1], keep[0] * np.float32(canvas.uniform(0.82, 1.05)))
        if canvas.chance(0.7):
            canvas.disc(put([(base * 0.62, 0)])[0], base * 0.10 * canvas.scale, canvas.vary(clay, 0.05))
        if canvas.chance(0.4):
            canvas.line(put([(0, 0), (base * 0.6, 0)]), clay, max(1.6 * canvas.scale, 0.8))
    for sign in (1, -1):
        put.chalk([(0, 0), (base * 2.2 * np.cos(quarter), sign * base * 2.2 * np.sin(quarter))], width=0.14)
    if canvas.chance(0.6):
        stand = ellipse(base * 0.55, base * 0.55, start=np.pi * 0.75, stop=np.pi * 1.25, count=8)
        canvas.line(put(stand), canvas.vary((120, 120, 116)), max(0.6 * canvas.scale, 0.6))
    canvas.add("baseball diamond", parts, colour="brown" if clay[0] < 165 and not grassy else None)
    return True


def court_row(canvas: Canvas, pose: Pose, *, kind: str, rows: int, columns: int) -> bool:
    """Draw a block of tennis or basketball courts on a common surround; each court is an instance."""
    put = Frame(canvas, pose)
    length, width = (23.8, 11.0) if kind == "tennis court" else (canvas.uniform(24, 28.5), canvas.uniform(13.5, 15.2))
    gap, margin = canvas.uniform(2.5, 5.5), canvas.uniform(3.0, 6.5)
    if kind == "basketball court":
        gap = canvas.uniform(0.8, 5)
    pad = put(rectangle(rows * (length + 2 * margin), columns * (width + gap) + gap))
    if not canvas.visible(pad, share=0.6, pixels=60) or not canvas.free(pad):
        return False
    canvas.occupy(pad, margin=2)
    word, inside = canvas.pick(COURT)
    surround = canvas.vary(canvas.pick(SURROUND), 0.12)
    if canvas.chance(0.25):
        surround = shade(inside, canvas.uniform(0.8, 1.05))
    inside = canvas.vary(inside, 0.12)
    canvas.fill(pad, surround)
    canvas.weather([pad], 0.05)
    if canvas.chance(0.6):
        canvas.darken([np.concatenate([pad[:2], pad[1::-1] + np.float32(canvas.shadow) * 3])], canvas.darkness * 0.5)
        canvas.line(pad, shade(surround, 0.6), max(0.2 * canvas.scale, 0.4), closed=True)
    chalk = canvas.vary(CHALK, 0.1)
    for row in range(rows):
        for column in range(columns):
            x = (row - (rows - 1) / 2) * (length + 2 * margin)
            y = (column - (columns - 1) / 2) * (width + gap)
            outline = put(rectangle(length, width, x=x, y=y))
            canvas.fill(outline, canvas.vary(inside, 0.03))
            canvas.weather([outline], 0.04, shift=row + 7 * column)
            _court_lines(canvas, put, kind, x, y, length, width, chalk)
            if canvas.visible(outline, share=0.3, pixels=16):
                canvas.add(kind, [outline], colour=word)
            else:
                canvas.clutter.add(kind)
    return True


def _court_lines(canvas: Canvas, put: Frame, kind: str, x: float, y: float, length: float, width: float,
                 chalk: Colour) -> None:
    put.chalk(rectangle(length, width, x=x, y=y), chalk, width=0.16, closed=True)
    if kind == "tennis court":
        for sign in (1, -1):
            put.chalk([(x - length / 2, y + sign * width * 0.375), (x + length / 2, y + sign * width * 0.375)], chalk)
            put.chalk([(x + sign * 6.4, y - width * 0.375), (x + sign * 6.4, y + width * 0.375)], chalk)
        put.chalk([(x - 6.4, y), (x + 6.4, y)], chalk)
        net = [(x, y - width / 2 - 0.9), (x, y + width / 2 + 0.9)]
        put.chalk(net, (60, 62, 60), width=0.35)
        return
    paint = canvas.vary(canvas.pick(((150, 70, 58), (60, 80, 130), (96, 104, 98), (90, 96, 90))), 0.1)
    for sign in (1, -1):
        end = x + sign * length / 2
        key = rectangle(5.8, 4.9, x=end - sign * 2.9, y=y)
        canvas.fill(put(key), paint)
        put.chalk(key, chalk, closed=True)
        around = ellipse(6.7, 6.7, x=end - sign * 1.6, y=y, start=-np.pi / 2, stop=np.pi / 2, count=14)
        around[:, 0] = end - sign * 1.6 - sign * np.abs(around[:, 0] - (end - sign * 1.6))
        put.chalk(around, chalk)
        put.chalk(ellipse(1.8, 1.8, x=end - sign * 5.8, y=y, count=14), chalk, closed=True)
    put.chalk([(x, y - width / 2), (x, y + width / 2)], chalk)
    put.chalk(ellipse(1.8, 1.8, x=x, y=y, count=14), chalk, closed=True)


def _pitch(canvas: Canvas, put: Frame, length: float, width: float, chalk: Colour) -> None:
    stripes = int(canvas.rng.integers(8, 14))
    if canvas.chance(0.6):
        canvas.darken([put(rectangle(length / stripes, width, x=(k + 0.5) / stripes * length - length / 2))
                       for k in range(0, stripes, 2)], canvas.uniform(0.04, 0.10))
    put.chalk(rectangle(length, width), chalk, width=0.2, closed=True)
    put.chalk([(0, -width / 2), (0, width / 2)], chalk, width=0.2)
    put.chalk(ellipse(9.15, 9.15, count=24), chalk, width=0.2, closed=True)
    for sign in (1, -1):
        for depth, breadth in ((16.5, 40.3), (5.5, 18.3)):
            box = rectangle(depth, min(breadth, width * 0.8), x=sign * (length - depth) / 2)
            put.chalk(box, chalk, width=0.2, closed=True)


def soccer_field(canvas: Canvas, pose: Pose) -> bool:
    """Draw a marked pitch."""
    put = Frame(canvas, pose)
    length, width = canvas.uniform(88, 108), canvas.uniform(52, 70)
    outline = put(rectangle(length, width))
    if not canvas.visible(outline, share=0.6, pixels=80) or not canvas.free(outline):
        return False
    canvas.occupy(outline, margin=3)
    turf = canvas.vary(canvas.pick(((66, 94, 52), (78, 102, 62), (58, 92, 58), (84, 118, 66), (92, 104, 62))))
    canvas.fill(outline, turf)
    canvas.weather([outline], 0.07)
    _pitch(canvas, put, length * 0.97, width * 0.95, canvas.vary(CHALK))
    canvas.add("soccer field", [outline], colour="green")
    return True


def ground_track_field(canvas: Canvas, pose: Pose) -> bool:
    """Draw a running track with its infield; the instance is the whole oval."""
    put = Frame(canvas, pose)
    straight, radius = canvas.uniform(75, 100), canvas.uniform(38, 48)
    lanes = canvas.uniform(6.5, 11)

    def oval(r: float) -> np.ndarray:
        right = ellipse(r, r, x=straight / 2, start=-np.pi / 2, stop=np.pi / 2, count=24)
        left = ellipse(r, r, x=-straight / 2, start=np.pi / 2, stop=1.5 * np.pi, count=24)
        return np.concatenate([right, left])

    outline = put(oval(radius))
    if not canvas.visible(outline, share=0.6, pixels=120) or not canvas.free(outline):
        return False
    canvas.occupy(outline, margin=3 * canvas.scale)
    word, surface = canvas.pick((("red", (158, 82, 64)), ("red", (172, 96, 78)), ("red", (140, 68, 56)),
                                 ("grey", (92, 90, 88)), ("grey", (118, 114, 108)), ("brown", (128, 100, 78)),
                                 ("blue", (70, 92, 130))))
    surface = canvas.vary(surface, 0.1)
    parts = [outline]
    canvas.fill(outline, surface)
    if canvas.chance(0.6):
        sprint = put(rectangle(straight + radius * canvas.uniform(0.9, 1.4), lanes * 0.9, x=canvas.uniform(-8, 8),
                               y=radius - lanes * 0.45))
        canvas.fill(sprint, surface)
        parts.append(sprint)
    canvas.weather(parts, 0.05)
    chalk = canvas.vary(CHALK)
    for k in range(1, 6):
        canvas.line(put(oval(radius - lanes * k / 6)), shade(surface, 1.25), 0.09 * canvas.scale, closed=True)
    turf = canvas.vary(canvas.pick(((64, 88, 54), (82, 100, 62), (70, 112, 70), (98, 98, 66), (56, 84, 52), (120, 106, 78))))
    infield = put(oval(radius - lanes))
    if canvas.chance(0.35):
        canvas.fill(infield, shade(surface, canvas.uniform(0.9, 1.05)))
        canvas.fill(put(rectangle(straight + radius * 0.3, (radius - lanes) * 1.7)), turf)
    else:
        canvas.fill(infield, turf)
    canvas.weather([infield], 0.08, shift=31)
    if canvas.chance(0.7):
        _pitch(canvas, put, min(straight * 1.05, 105), (radius - lanes) * 1.5, chalk)
    if canvas.chance(0.5):
        stand = put(rectangle(straight * canvas.uniform(0.4, 0.8), canvas.uniform(5, 10), y=-(radius + 9)))
        canvas.cast([stand], 5)
        canvas.fill(stand, canvas.vary((168, 168, 164)))
    canvas.add("ground track field", parts, colour=word if word == "red" else None)
    return True


