"""Piers with moored boats, and bridges. Sizes in metres, poses in pixels."""

from __future__ import annotations

import numpy as np

from .batch import cast_all, fill_all, palette
from .canvas import Canvas
from .frame import Frame, Pose
from .objects_ships import hull_outline
from .shapes import Colour, f32, rectangle, shade, transform


def pier(canvas: Canvas, pose: Pose, length: float, *, boat: float, both: bool = True, full: float = 0.9) -> bool:
    """Draw a pier from the pose outwards along x with moored boats; the harbor instance covers pier and boats.

    `full` is the share of berths taken.
    """
    put = Frame(canvas, pose)
    deck = rectangle(length, canvas.uniform(1.6, 3.2), x=length / 2)
    sides = (1, -1) if both else (canvas.pick((1, -1)),)
    reach = boat * 1.12 + 1.5
    outline = put(
        f32(
            [
                (0, -reach if -1 in sides else -1.5),
                (length, -reach if -1 in sides else -1.5),
                (length, reach if 1 in sides else 1.5),
                (0, reach if 1 in sides else 1.5),
            ]
        )
    )
    if not canvas.visible(outline, share=0.4, pixels=60) or not canvas.free(outline):
        return False
    canvas.occupy(outline, margin=2)
    planks = canvas.vary(canvas.pick(((166, 158, 146), (126, 112, 98), (186, 184, 178), (104, 98, 92))))
    canvas.cast([put(deck)], 1.2)
    canvas.fill(put(deck), planks)
    pitch = boat * canvas.uniform(0.34, 0.44)
    spots = np.array([(x, side) for side in sides for x in np.arange(pitch * 0.7, length - pitch * 0.3, pitch)])
    fingers = [put([(x + pitch / 2, 0), (x + pitch / 2, side * boat * 0.85)]) for x, side in spots]
    canvas.lines(fingers, shade(planks, 0.95), max(0.5 * canvas.scale, 0.5))
    spots = spots[canvas.rng.random(len(spots)) < full]
    decks = _moor(canvas, put, spots, boat) if len(spots) else np.zeros((0, 14, 2), np.float32)
    ink = np.concatenate([put(deck), decks.reshape(-1, 2)])
    x, y, angle = pose
    back = transform(ink - f32([x, y]), centre=(0, 0), angle=-angle, scale=1 / canvas.scale)
    low, high = back.min(axis=0), back.max(axis=0)
    box = put(f32([(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]))
    canvas.add("harbor", [box])
    canvas.clutter.add("ship")
    return True


def _moor(canvas: Canvas, put: Frame, spots: np.ndarray, boat: float) -> np.ndarray:
    """Boats at the spots (n, 2: metres along the pier, side); returns their decks (n, k, 2)."""
    rng, n = canvas.rng, len(spots)
    length = boat * rng.uniform(0.7, 1.05, n)
    middle = put(np.column_stack([spots[:, 0] + rng.uniform(-0.2, 0.2, n), spots[:, 1] * (length / 2 + 1.6)]))
    turn = put.pose[2] + np.pi / 2 * spots[:, 1] + np.pi * (rng.random(n) < 0.35) + rng.uniform(-0.05, 0.05, n)
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)

    def sail(shape: np.ndarray, stretch: np.ndarray) -> np.ndarray:
        local = (
            shape[None]
            * (length * canvas.scale)[:, None, None].astype(np.float32)
            * stretch[:, None].astype(np.float32)
        )
        return middle[:, None] + local[..., :1] * along[:, None] + local[..., 1:] * across[:, None]

    plump = np.column_stack([np.ones(n), rng.uniform(0.85, 1.15, n)])
    decks = sail(hull_outline(canvas, 3.2), plump)
    cast_all(canvas, decks, 1.2)
    white, dark = (226, 226, 222), (70, 76, 88)
    paints = palette(
        rng, [white, white, white, white, (196, 196, 192), (150, 150, 150), (74, 92, 130), (116, 98, 84)], n
    )
    fill_all(canvas, decks, paints * f32(0.8))
    fill_all(canvas, sail(hull_outline(canvas, 3.2) * f32([0.94, 0.78]), plump), paints)
    cover = np.column_stack([rng.uniform(0.25, 0.55, n), rng.uniform(0.10, 0.20, n)])
    cabins = sail(rectangle(1, 1, x=-0.1), cover)
    fill_all(
        canvas, cabins, palette(rng, [dark, (120, 112, 100), (64, 84, 122), (172, 172, 168), (98, 98, 98), white], n)
    )
    glass = sail(rectangle(0.05, 0.16, x=0.14), np.ones((n, 2)))
    fill_all(canvas, glass, palette(rng, [dark], n))
    return decks


def bridge(
    canvas: Canvas,
    start: tuple[float, float],
    stop: tuple[float, float],
    *,
    width: float,
    overhang: float,
    road: Colour,
) -> bool:
    """Draw a bridge deck of `width` metres between two banks (pixels); it reaches `overhang` pixels onto each bank."""
    a, b = f32(start), f32(stop)
    along = b - a
    span = float(np.hypot(*along))
    if span < 4:
        return False
    along /= span
    across = f32([-along[1], along[0]]) * f32(width * canvas.scale / 2)
    a, b = a - along * f32(overhang), b + along * f32(overhang)
    deck = np.stack([a + across, b + across, b - across, a - across])
    if not canvas.visible(deck, share=0.3, pixels=40):
        return False
    canvas.occupy(deck)
    height = canvas.uniform(3, 9)
    canvas.darken([deck + f32(canvas.shadow) * f32(height)], canvas.darkness * 0.8)
    paint = canvas.vary(shade(road, canvas.uniform(0.95, 1.25)), 0.05)
    canvas.fill(deck, paint)
    canvas.weather([deck], 0.06)
    rail = shade(paint, canvas.pick((1.35, 0.65)))
    for sign in (1, -1):
        edge = np.stack([a, b]) + across * f32(sign * 0.94)
        canvas.line(edge, rail, max(0.5 * canvas.scale, 0.7))
    canvas.line(np.stack([a, b]), (206, 200, 170), 0.15 * canvas.scale)
    canvas.add("bridge", [deck])
    return True
