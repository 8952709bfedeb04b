"""Tank farms and container yards."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .buildings import town
from .canvas import Canvas
from .objects_structures import containers, storage_tank
from .objects_vehicles import truck
from .scenes_water import coast, shore
from .setting import Setting
from .shapes import f32, rectangle, shade, transform


def tank_farm(setting: Setting) -> Canvas:
    """Rows of storage tanks in dikes, with pipes, roads and sheds, sometimes by the water."""
    scale = setting.zoom(0.45, 1.8)
    rng, size = setting.rng, setting.size
    ground = (grounds.soil, grounds.grass, grounds.asphalt, grounds.soil)[int(rng.integers(4))](rng, size)
    canvas = setting.canvas(ground, scale=scale)
    if canvas.chance(0.3):
        land = ground.copy()
        canvas.image[...] = grounds.water(rng, size, scale=scale)
        polygon, _ = coast(canvas, share=canvas.uniform(0.6, 0.85))
        mask = shore(canvas, land, polygon)
        canvas.occupied[mask < 128] = 255
    angle = canvas.uniform(0, np.pi)
    clutter.patches(canvas, 10)
    for _ in range(int(rng.integers(0, 3))):
        path = roads.curve(canvas, bend=0.02, angle=angle + canvas.pick((0, np.pi / 2)))
        if canvas.free(roads.band(path, 3)) or canvas.chance(0.3):
            roads.road(canvas, path, width=canvas.uniform(5, 9), traffic=0.3)
    wanted = int(rng.integers(1, 5))
    for _ in range(12):
        wanted -= _block(canvas, angle, size * canvas.uniform(0.022, 0.066) / scale)
        if wanted <= 0:
            break
    if canvas.chance(0.7):
        side = canvas.uniform(22, 50)
        town(
            canvas,
            angle=angle,
            pitch=(side, side * canvas.uniform(0.6, 1)),
            density=canvas.uniform(0.1, 0.6),
            label=False,
            gabled=0.2,
        )
    if canvas.chance(0.6):
        wood = clutter.blob(canvas, cell=size / 5, cover=0.15) if canvas.chance(0.5) else None
        clutter.trees(canvas, crowns=clutter.scattered(canvas, int(rng.integers(5, 40))), mask=wood)
    return canvas


def _block(canvas: Canvas, angle: float, radius: float) -> bool:
    """A grid of tanks on its own pad, with dike walls and pipes; returns whether there was room."""
    size, scale, rng = canvas.size, canvas.scale, canvas.rng
    pitch = 2 * radius * canvas.uniform(1.15, 1.8)
    rows, columns = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    centre = (canvas.uniform(0.1, 0.9) * size, canvas.uniform(0.1, 0.9) * size)
    pad = transform(rectangle(columns * pitch + radius, rows * pitch + radius), centre=centre, angle=angle, scale=scale)
    if not canvas.free(pad):
        return False
    if canvas.chance(0.7):
        canvas.fill(pad, grounds.choose(rng, (*grounds.SOIL, *grounds.CONCRETE, *grounds.GRASS))[1])
        canvas.weather([pad], 0.10)
    spots = [(x, y) for x in np.arange(columns) - (columns - 1) / 2 for y in np.arange(rows) - (rows - 1) / 2]
    places = transform(f32(spots) * f32(pitch), centre=centre, angle=angle, scale=scale)
    wall = canvas.vary((166, 156, 136))
    if canvas.chance(0.65):
        for place in places:
            dike = transform(rectangle(pitch * 0.97, pitch * 0.97), centre=tuple(place), angle=angle, scale=scale)
            canvas.darken([dike + f32(canvas.shadow)], 0.12)
            canvas.line(dike, wall, max(1.2 * scale, 0.6), closed=True)
    step = transform([(pitch, 0), (0, pitch)], centre=(0, 0), angle=angle, scale=scale)
    pipes = [
        np.stack([p + step[1] * f32(0.5 + 0.03 * k), p + step[0] + step[1] * f32(0.5 + 0.03 * k)])
        for p in places
        for k in range(3)
    ]
    canvas.lines(pipes, shade(wall, 0.8), 0.6 * scale)
    canvas.lines([np.stack([p, p + step[1] * f32(0.5)]) for p in places], shade(wall, 1.1), 0.6 * scale)
    style = canvas.pick(("white", "white", "white", "grey", "grey", "mixed", "brown", "green"))
    for x, y in places:
        if canvas.chance(0.9):
            storage_tank(canvas, (float(x), float(y), angle), radius * canvas.uniform(0.85, 1.05), style=style)
    canvas.occupy(pad)
    return True


def yard(setting: Setting) -> Canvas:
    """A container yard with lorries and sheds."""
    scale = setting.zoom(1.2, 4.0)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas((grounds.asphalt if rng.random() < 0.7 else grounds.soil)(rng, size), scale=scale)
    main = canvas.uniform(0, np.pi)
    clutter.patches(canvas, int(rng.integers(3, 12)))
    for _ in range(int(rng.integers(3, 14))):
        pose = (canvas.uniform(0, size), canvas.uniform(0, size), main + canvas.pick((0, 0, np.pi / 2)))
        containers(canvas, pose, rows=int(rng.integers(1, 7)), columns=int(rng.integers(1, 5)))
    for _ in range(int(rng.integers(0, 9))):
        truck(
            canvas,
            (
                canvas.uniform(0, size),
                canvas.uniform(0, size),
                main + canvas.pick((0, np.pi / 2, np.pi)) + canvas.uniform(-0.2, 0.2),
            ),
        )
    if canvas.chance(0.6):
        clutter.houses(
            canvas, int(rng.integers(1, 6)), label=True, length=(20, 60), angle=main, gabled=canvas.chance(0.4)
        )
    if canvas.chance(0.4):
        clutter.trees(canvas, crowns=clutter.scattered(canvas, int(rng.integers(5, 30))))
    return canvas
