"""Streets and suburbs."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .buildings import plan, raise_houses, town
from .canvas import Canvas
from .objects_structures import swimming_pool
from .setting import Setting, anywhere
from .shapes import f32


def street(setting: Setting) -> Canvas:
    """A street seen closely: cars of 15 to 60 px, houses, trees."""
    scale = setting.zoom(3.5, 12.5)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(
        (grounds.grass, grounds.asphalt, grounds.soil)[int(rng.integers(3))](rng, size), scale=scale
    )
    main = canvas.uniform(0, np.pi)
    clutter.patches(canvas, 5)
    roads.road(
        canvas,
        roads.curve(canvas, bend=0.06, angle=main),
        width=canvas.uniform(6, 12),
        traffic=canvas.uniform(1, 7),
        label=True,
    )
    if canvas.chance(0.4):
        roads.road(
            canvas,
            roads.curve(canvas, bend=0.03, angle=main + np.pi / 2),
            width=canvas.uniform(5, 9),
            traffic=canvas.uniform(1, 6),
            label=True,
        )
    for _ in range(int(rng.integers(0, 3))):
        roads.parking(
            canvas,
            anywhere(canvas, angle=main + canvas.pick((0, np.pi / 2))),
            rows=1,
            columns=int(rng.integers(3, 10)),
            label=True,
            fill=canvas.uniform(0.3, 0.9),
        )
    side = canvas.uniform(14, 24)
    town(
        canvas,
        angle=main,
        pitch=(side, side * canvas.uniform(0.7, 1.0)),
        density=canvas.uniform(0.3, 0.9),
        label=True,
        gabled=0.75,
    )
    clutter.trees(
        canvas,
        crowns=clutter.scattered(canvas, int(rng.integers(3, 26)), low=1.5, high=4.5),
        crown=canvas.uniform(1.2, 2.5),
    )
    return canvas


def suburb(setting: Setting) -> Canvas:
    """Houses with pools and gardens along streets, cars of 8 to 20 px."""
    scale = setting.zoom(1.6, 4.0)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    along = f32([np.cos(main), np.sin(main)])
    across = f32([-along[1], along[0]])
    gap, step = canvas.uniform(50, 75) * scale, canvas.uniform(16, 23) * scale
    middle = f32([size / 2, size / 2]) + across * f32(canvas.uniform(-0.5, 0.5) * gap)
    colour = grounds.choose(rng, grounds.ASPHALT)[1]
    clutter.patches(canvas, 8)
    gardens, houses = [], []
    count = int(np.ceil(size * 0.75 / gap))
    for k in range(-count, count + 1):
        x, y = middle + across * f32(k * gap)
        path = roads.curve(canvas, bend=0.02, angle=main, through=(float(x), float(y)))
        if np.abs(np.dot(across, f32([x, y]) - size / 2)) > 0.75 * size:
            continue
        roads.road(
            canvas, path, width=canvas.uniform(6, 9), traffic=canvas.uniform(0.5, 2.5), label=True, colour=colour
        )
        spots = [(s, sign) for sign in (1, -1) for s in np.arange(-0.75 * size, 0.75 * size, step)]
        for s, sign in spots:
            place = f32([x, y]) + along * f32(s) + across * f32(sign * canvas.uniform(14, 18) * scale)
            if (place < 0).any() or (place > size).any():
                continue
            a = canvas.uniform(9, 15)
            turn = main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.05, 0.05)
            houses.append(
                plan(
                    canvas,
                    (float(place[0]), float(place[1]), turn),
                    a,
                    a * canvas.uniform(0.6, 0.9),
                    height=canvas.uniform(3, 6),
                    gabled=canvas.chance(0.85),
                )
            )
            gardens.append(place + across * f32(sign * canvas.uniform(9, 12) * scale))
    raise_houses(canvas, [house for house in houses if house], label=True)
    for x, y in gardens:
        if canvas.chance(0.2):
            swimming_pool(canvas, (float(x), float(y), canvas.uniform(0, 6.28)), canvas.uniform(5, 11))
    crowns = np.column_stack([f32(gardens).reshape(-1, 2), rng.uniform(1.5, 4.5, len(gardens)) * scale])
    crowns[:, :2] += rng.uniform(-6, 6, (len(crowns), 2)) * scale
    clutter.trees(
        canvas, crowns=crowns[rng.random(len(crowns)) < canvas.uniform(0.3, 0.9)], crown=canvas.uniform(2.5, 5)
    )
    return canvas
