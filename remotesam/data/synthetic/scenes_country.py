"""Open country."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .canvas import Canvas
from .objects_structures import greenhouse, roundabout, solar_panel, windmill
from .setting import Setting, anywhere
from .shapes import rectangle, transform


def country(setting: Setting) -> Canvas:
    """Fields, woods or desert, with wind turbines, greenhouses, solar parks, roundabouts or nothing at all."""
    scale = setting.zoom(0.5, 2.0)
    rng, size = setting.rng, setting.size
    kind = int(rng.integers(4))
    ground = (
        grounds.fields(rng, size, scale=scale)
        if kind < 2
        else (grounds.soil if kind == 2 else grounds.grass)(rng, size)
    )
    canvas = setting.canvas(ground, scale=scale)
    main = canvas.uniform(0, np.pi)
    theme = canvas.pick(("windmill", "solar", "greenhouse", "roundabout", "nothing"))
    clutter.patches(canvas, int(rng.integers(3, 12)))
    if theme == "roundabout":
        x, y, _ = anywhere(canvas, margin=0.3)
        colour = grounds.choose(rng, grounds.ASPHALT)[1]
        for k in range(int(canvas.pick((2, 2, 1)))):
            roads.road(
                canvas,
                roads.curve(canvas, bend=0.12, angle=main + k * np.pi / 2, through=(x, y)),
                width=canvas.uniform(7, 13),
                traffic=0.8,
                colour=colour,
            )
        roundabout(canvas, (x, y, 0.0), canvas.uniform(14, 32), road=colour, turf=grounds.choose(rng, grounds.GRASS)[1])
    elif canvas.chance(0.6):
        roads.road(canvas, roads.curve(canvas, bend=0.12), width=canvas.uniform(4, 12), traffic=0.6)
    if theme == "windmill":
        for _ in range(int(rng.integers(1, 5))):
            windmill(canvas, anywhere(canvas, margin=0.1), canvas.uniform(60, 110))
    if theme == "solar":
        _solar_park(canvas, main)
    if theme == "greenhouse":
        for _ in range(int(rng.integers(2, 9))):
            greenhouse(canvas, anywhere(canvas, angle=main), canvas.uniform(30, 90), canvas.uniform(12, 50))
    if canvas.chance(0.5):
        clutter.houses(canvas, int(rng.integers(1, 6)), label=True, length=(8, 30))
    if canvas.chance(0.8):
        wood = clutter.blob(canvas, cell=size / 4, cover=canvas.uniform(0.03, 0.5)) if canvas.chance(0.6) else None
        clutter.trees(canvas, mask=wood, crowns=clutter.scattered(canvas, int(rng.integers(3, 40))))
    return canvas


def _solar_park(canvas: Canvas, main: float) -> None:
    x, y, _ = anywhere(canvas, margin=0.3)
    length, gap = canvas.uniform(18, 60), canvas.uniform(6, 9)
    rows, columns = int(canvas.rng.integers(3, 12)), int(canvas.rng.integers(1, 5))
    site = transform(rectangle(columns * (length + 4), rows * gap + 6), centre=(x, y), angle=main, scale=canvas.scale)
    canvas.darken([site], canvas.uniform(-0.1, 0.1))
    spots = [
        ((c - (columns - 1) / 2) * (length + 1.5), (r - (rows - 1) / 2) * gap)
        for r in range(rows)
        for c in range(columns)
    ]
    for px, py in transform(spots, centre=(x, y), angle=main, scale=canvas.scale).tolist():
        solar_panel(canvas, (px, py, main), length)
