"""Sports grounds: baseball diamonds, courts, tracks and pitches. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas
from .frame import CHALK, Frame, Pose
from .shapes import Colour, ellipse, f32, rectangle, shade

CLAY: tuple[Colour, ...] = (
    (190, 164, 128),
    (168, 130, 98),
    (204, 182, 148),
    (142, 102, 80),
    (180, 148, 112),
    (186, 136, 96),
    (196, 178, 150),
)
COURT: tuple[tuple[str | None, Colour], ...] = (
    ("green", (62, 96, 74)),
    ("green", (74, 98, 84)),
    ("green", (58, 88, 64)),
    ("blue", (66, 74, 126)),
    ("blue", (58, 92, 140)),
    ("red", (150, 72, 60)),
    (None, (104, 108, 104)),
    ("green", (84, 116, 92)),
)
TRACKS: tuple[tuple[str, Colour], ...] = (
    ("red", (158, 82, 64)),
    ("red", (172, 96, 78)),
    ("red", (140, 68, 56)),
    ("grey", (92, 90, 88)),
    ("grey", (118, 114, 108)),
    ("brown", (128, 100, 78)),
    ("blue", (70, 92, 130)),
)
SURROUND: tuple[Colour, ...] = (
    (146, 74, 62),
    (128, 66, 56),
    (66, 96, 72),
    (58, 84, 66),
    (104, 106, 102),
    (112, 110, 84),
    (160, 96, 80),
    (84, 112, 92),
)


def baseball_diamond(canvas: Canvas, pose: Pose, *, base: float = 27.4) -> bool:
    """Draw an infield: a clay fan around (mostly) a grass square; the home plate is at the pose, the field along x."""
    put = Frame(canvas, pose)
    quarter = np.pi / 4
    mound, radius = base * 0.66, base * canvas.uniform(0.92, 1.10)
    apex = base * canvas.uniform(0.05, 0.16)
    turn = np.linspace(-np.pi, np.pi, 72)
    round_mound = np.column_stack([mound + radius * np.cos(turn), radius * np.sin(turn)])
    spread = quarter * canvas.uniform(0.98, 1.1)
    seen = np.abs(np.arctan2(round_mound[:, 1], round_mound[:, 0] + apex)) < spread
    arc = round_mound[seen] * (1 + 0.006 * canvas.rng.standard_normal((int(seen.sum()), 1)))
    fan = np.concatenate([[(-apex, 0)], arc]).astype(np.float32)
    plate = ellipse(base * canvas.uniform(0.10, 0.18), base * canvas.uniform(0.10, 0.18), count=18)
    parts = [put(fan), put(plate)]
    hull = cv2.convexHull(np.concatenate(parts))[:, 0]
    if not canvas.visible(hull, share=0.5, pixels=60) or not canvas.free(hull):
        return False
    canvas.occupy(hull, margin=2 * canvas.scale)
    clay = canvas.vary(canvas.pick(CLAY), 0.12)
    if canvas.chance(0.6):
        outfield = base * canvas.uniform(2.2, 3.4)
        sector = np.concatenate([[(0, 0)], ellipse(outfield, outfield, start=-quarter, stop=quarter, count=20)])
        canvas.darken([put(sector)], canvas.uniform(-0.08, 0.14))
        if canvas.chance(0.4):
            canvas.line(
                put(ellipse(outfield, outfield, start=-quarter, stop=quarter, count=24)),
                shade(clay, 0.9),
                max(canvas.uniform(0.4, 3.0) * canvas.scale, 0.5),
            )
    path = base * canvas.pick((0.03, 0.09, 0.12))
    side = base * np.sqrt(0.5)
    shift = path * np.sqrt(2)
    square = put(f32([(shift, 0), (side, -side + shift), (2 * side - shift, 0), (side, side - shift)]))
    box = canvas.window(square)
    keep = None
    if canvas.chance(0.78) and box is not None:
        x0, y0, x1, y1 = box
        keep = canvas.image[y0:y1, x0:x1].copy(), canvas.stencil([square], box)
    for points in parts:
        canvas.fill(points, clay)
    canvas.weather(parts, 0.06, shift=int(canvas.rng.integers(1, canvas.size)))
    if keep is not None and box is not None:
        lawn = cv2.convertScaleAbs(keep[0], alpha=canvas.uniform(0.8, 1.0))
        canvas.blend(box, keep[1], lawn)
        if canvas.chance(0.75):
            canvas.disc(put([(mound, 0)])[0], base * canvas.uniform(0.07, 0.12) * canvas.scale, canvas.vary(clay, 0.05))
        if canvas.chance(0.3):
            canvas.line(put([(0, 0), (mound, 0)]), clay, max(1.6 * canvas.scale, 0.8))
    for sign in (1, -1):
        put.chalk([(0, 0), (base * 2.2 * np.cos(quarter), sign * base * 2.2 * np.sin(quarter))], width=0.14)
    if canvas.chance(0.6):
        fence = ellipse(base * 0.45, base * 0.45, start=np.pi * 0.72, stop=np.pi * 1.28, count=8)
        canvas.line(put(fence), canvas.vary((104, 104, 100)), max(0.5 * canvas.scale, 0.5))
    for sign in (1, -1):
        if canvas.chance(0.5):
            dugout = put(
                rectangle(base * 0.45, base * 0.09) @ f32([[0.71, 0.71 * sign], [-0.71 * sign, 0.71]])
                + f32([base * 0.28, sign * base * 0.62])
            )
            canvas.cast([dugout], 2.5)
            canvas.fill(dugout, canvas.vary((170, 170, 166), 0.2))
    canvas.add("baseball diamond", parts, colour="brown" if clay[0] < 165 and keep is None else None)
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
        canvas.darken([np.concatenate([pad[:2], pad[1::-1] + f32(canvas.shadow) * 3])], canvas.darkness * 0.5)
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


def _court_lines(
    canvas: Canvas, put: Frame, kind: str, x: float, y: float, length: float, width: float, chalk: Colour
) -> None:
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
        canvas.darken(
            [
                put(rectangle(length / stripes, width, x=(k + 0.5) / stripes * length - length / 2))
                for k in range(0, stripes, 2)
            ],
            canvas.uniform(0.04, 0.10),
        )
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
    word, paint = canvas.pick(TRACKS)
    surface = canvas.vary(paint, 0.1)
    parts = [outline]
    canvas.fill(outline, surface)
    if canvas.chance(0.6):
        sprint = put(
            rectangle(
                straight + radius * canvas.uniform(0.9, 1.4),
                lanes * 0.9,
                x=canvas.uniform(-8, 8),
                y=radius - lanes * 0.45,
            )
        )
        canvas.fill(sprint, surface)
        parts.append(sprint)
    canvas.weather(parts, 0.05)
    chalk = canvas.vary(CHALK)
    for k in range(1, 6):
        canvas.line(put(oval(radius - lanes * k / 6)), shade(surface, 1.25), 0.09 * canvas.scale, closed=True)
    turf = canvas.vary(
        canvas.pick(((64, 88, 54), (82, 100, 62), (70, 112, 70), (98, 98, 66), (56, 84, 52), (120, 106, 78)))
    )
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
