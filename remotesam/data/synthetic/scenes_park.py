"""Sports parks."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .buildings import town
from .canvas import Canvas
from .objects_sports import baseball_diamond, court_row, ground_track_field, soccer_field
from .setting import Setting, anywhere
from .shapes import f32

WISHES = (
    ("track", "diamond", "tennis"),
    ("diamond", "diamond", "diamond", "diamond"),
    ("tennis", "basketball"),
    ("diamond", "diamond"),
    ("diamond", "tennis", "basketball"),
    ("track", "soccer", "diamond", "tennis"),
    ("basketball", "basketball", "tennis"),
    ("soccer", "soccer", "tennis"),
    ("track", "diamond"),
    ("diamond",),
    ("tennis", "tennis"),
    ("basketball",),
    (),
)


def half_plane(canvas: Canvas, angle: float, share: float) -> np.ndarray:
    """Mask (S, S) uint8 of one side of the image."""
    size = canvas.size
    x = np.arange(size, dtype=np.float32) - size / 2
    distance = x[None] * f32(np.cos(angle)) + x[:, None] * f32(np.sin(angle))
    return (distance > (0.5 - share) * size).astype(np.uint8) * 255


def park(setting: Setting) -> Canvas:
    """Sports grounds in grass with a wood, roads, parking lots, a school and a neighbourhood."""
    scale = setting.zoom(0.75, 3.2)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    clutter.patches(canvas, int(rng.integers(2, 8)))
    if canvas.chance(0.65):
        roads.road(canvas, roads.curve(canvas, bend=0.1, angle=main), width=canvas.uniform(6, 14), traffic=1.0)
    if canvas.chance(0.5):
        roads.road(
            canvas, roads.curve(canvas, bend=0.05, angle=main + np.pi / 2), width=canvas.uniform(3, 9), traffic=0.6
        )
    for kind in canvas.pick(WISHES):
        for _ in range(6):
            if _sport(canvas, kind, main):
                break
    for _ in range(int(rng.integers(0, 4))):
        roads.parking(
            canvas,
            anywhere(canvas, angle=main + canvas.pick((0, np.pi / 2))),
            rows=int(rng.integers(1, 4)),
            columns=int(rng.integers(6, 26)),
            label=False,
        )
    if canvas.chance(0.6):
        clutter.houses(canvas, int(rng.integers(1, 6)), label=True, length=(25, 80), angle=main, gabled=False)
    if canvas.chance(0.6):
        side = canvas.uniform(18, 32)
        with canvas.confined(half_plane(canvas, main + np.pi / 2 * canvas.pick((1, -1)), canvas.uniform(0.1, 0.45))):
            town(canvas, angle=main, pitch=(side, side * 0.9), density=canvas.uniform(0.3, 0.8), label=True, gabled=0.7)
    wood = clutter.blob(canvas, cell=size / 4, cover=canvas.uniform(0.05, 0.45)) if canvas.chance(0.75) else None
    clutter.trees(
        canvas, mask=wood, crowns=clutter.scattered(canvas, int(rng.integers(10, 90))), crown=canvas.uniform(4, 9)
    )
    return canvas


def _sport(canvas: Canvas, kind: str, main: float) -> bool:
    turn = main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.03, 0.03)
    if kind == "track":
        return ground_track_field(canvas, anywhere(canvas, margin=0.2, angle=turn))
    if kind == "soccer":
        return soccer_field(canvas, anywhere(canvas, margin=0.15, angle=turn))
    if kind == "diamond":
        return baseball_diamond(
            canvas, anywhere(canvas, margin=0.1), base=canvas.pick((18.3, 22.0, 27.4)) * canvas.uniform(0.9, 1.15)
        )
    name = "tennis court" if kind == "tennis" else "basketball court"
    return court_row(
        canvas,
        anywhere(canvas, margin=0.1, angle=turn),
        kind=name,
        rows=int(canvas.pick((1, 1, 1, 2))),
        columns=int(canvas.pick((1, 2, 2, 3, 4, 6)) if kind == "tennis" else canvas.pick((1, 1, 2, 2, 3))),
    )
