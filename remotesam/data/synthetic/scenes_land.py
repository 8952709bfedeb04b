"""Sports parks, streets, suburbs and open country."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .buildings import House, plan, raise_houses, town
from .canvas import Canvas, rectangle, transform
from .objects_sports import baseball_diamond, court_row, ground_track_field, soccer_field
from .objects_structures import greenhouse, roundabout, solar_panel, swimming_pool, windmill
from .setting import Setting

WISHES = (
    ("track", "diamond", "tennis"), ("diamond", "diamond", "diamond", "diamond"), ("tennis", "basketball"), ("diamond", "diamond"),
    ("diamond", "tennis", "basketball"), ("track", "soccer", "diamond", "tennis"), ("basketball", "basketball", "tennis"),
    ("soccer", "soccer", "tennis"), ("track", "diamond"), ("diamond",), ("tennis", "tennis"), ("basketball",), (),
)


def anywhere(canvas: Canvas, *, margin: float = 0.0, angle: float | None = None) -> tuple[float, float, float]:
    """A random pose at least `margin` (share of the side) from the edge."""
    low, high = margin * canvas.size, (1 - margin) * canvas.size
    return canvas.uniform(low, high), canvas.uniform(low, high), canvas.uniform(0, 2 * np.pi) if angle is None else angle


def half_plane(canvas: Canvas, angle: float, share: float) -> np.ndarray:
    """Mask (S, S) uint8 of one side of the image."""
    size = canvas.size
    x = np.arange(size, dtype=np.float32) - size / 2
    distance = x[None] * np.float32(np.cos(angle)) + x[:, None] * np.float32(np.sin(angle))
    return (distance > (0.5 - share) * size).astype(np.uint8) * 255


def park(setting: Setting) -> Canvas:
    """Sports grounds in grass with a wood, roads, parking lots, a school and a neighbourhood."""
    scale = setting.zoom(0.6, 3.0)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    clutter.patches(canvas, int(rng.integers(2, 8)))
    if canvas.chance(0.65):
        roads.road(canvas, roads.curve(canvas, bend=0.1, angle=main), width=canvas.uniform(6, 14), traffic=1.0)
    if canvas.chance(0.5):
        roads.road(canvas, roads.curve(canvas, bend=0.05, angle=main + np.pi / 2), width=canvas.uniform(3, 9), traffic=0.6)
    for kind in canvas.pick(WISHES):
        for _ in range(6):
            if _sport(canvas, kind, main):
                break
    for _ in range(int(rng.integers(0, 4))):
        roads.parking(canvas, anywhere(canvas, angle=main + canvas.pick((0, np.pi / 2))), rows=int(rng.integers(1, 4)),
                      columns=int(rng.integers(6, 26)), label=False)
    if canvas.chance(0.6):
        clutter.houses(canvas, int(rng.integers(1, 6)), label=True, length=(25, 80), angle=main, gabled=False)
    if canvas.chance(0.6):
        side = canvas.uniform(18, 32)
        with canvas.confined(half_plane(canvas, main + np.pi / 2 * canvas.pick((1, -1)), canvas.uniform(0.1, 0.45))):
            town(canvas, angle=main, pitch=(side, side * 0.9), density=canvas.uniform(0.3, 0.8), label=True, gabled=0.7)
    wood = clutter.blob(canvas, cell=size / 4, cover=canvas.uniform(0.05, 0.45)) if canvas.chance(0.75) else None
    clutter.trees(canvas, mask=wood, crowns=clutter.scattered(canvas, int(rng.integers(10, 90))), crown=canvas.uniform(4, 9))
    return canvas


def _sport(canvas: Canvas, kind: str, main: float) -> bool:
    turn = main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.03, 0.03)
    if kind == "track":
        return ground_track_field(canvas, anywhere(canvas, margin=0.2, angle=turn))
    if kind == "soccer":
        return soccer_field(canvas, anywhere(canvas, margin=0.15, angle=turn))
    if kind == "diamond":
        return baseball_diamond(canvas, anywhere(canvas, margin=0.1), base=canvas.pick((18.3, 22.0, 27.4)) * canvas.uniform(0.9, 1.15))
    name = "tennis court" if kind == "tennis" else "basketball court"
    return court_row(canvas, anywhere(canvas, margin=0.1, angle=turn), kind=name, rows=int(canvas.pick((1, 1, 1, 2))),
                     columns=int(canvas.pick((1, 2, 2, 3, 4, 6)) if kind == "tennis" else canvas.pick((1, 1, 2, 2, 3))))


def street(setting: Setting) -> Canvas:
    """A street seen closely: cars of 15 to 60 px, houses, trees."""
    scale = setting.zoom(3.5, 12.5)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas((grounds.grass, grounds.asphalt, grounds.soil)[int(rng.integers(3))](rng, size), scale=scale)
    main = canvas.uniform(0, np.pi)
    clutter.patches(canvas, 5)
    roads.road(canvas, roads.curve(canvas, bend=0.06, angle=main), width=canvas.uniform(6, 12), traffic=canvas.uniform(1, 7), label=True)
    if canvas.chance(0.4):
        roads.road(canvas, roads.curve(canvas, bend=0.03, angle=main + np.pi / 2), width=canvas.uniform(5, 9),
                   traffic=canvas.uniform(1, 6), label=True)
    for _ in range(int(rng.integers(0, 3))):
        roads.parking(canvas, anywhere(canvas, angle=main + canvas.pick((0, np.pi / 2))), rows=1, columns=int(rng.integers(3, 10)),
                      label=True, fill=canvas.uniform(0.3, 0.9))
    side = canvas.uniform(14, 24)
    town(canvas, angle=main, pitch=(side, side * canvas.uniform(0.7, 1.0)), density=canvas.uniform(0.3, 0.9), label=True, gabled=0.75)
    clutter.trees(canvas, crowns=clutter.scattered(canvas, int(rng.integers(3, 26)), low=1.5, high=4.5), crown=canvas.uniform(1.2, 2.5))
    return canvas


def suburb(setting: Setting) -> Canvas:
    """Houses with pools and gardens along streets, cars of 8 to 20 px."""
    scale = setting.zoom(1.6, 4.0)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    along = np.float32([np.cos(main), np.sin(main)])
    across = np.float32([-along[1], along[0]])
    gap, step = canvas.uniform(50, 75) * scale, canvas.uniform(16, 23) * scale
    middle = np.float32([size / 2, size / 2]) + across * np.float32(canvas.uniform(-0.5, 0.5) * gap)
    colour = grounds.choose(rng, grounds.ASPHALT)[1]
    clutter.patches(canvas, 8)
    gardens, houses = [], []
    count = int(np.ceil(size * 0.75 / gap))
    for k in range(-count, count + 1):
        x, y = middle + across * np.float32(k * gap)
        path = roads.curve(canvas, bend=0.02, angle=main, through=(float(x), float(y)))
        if np.abs(np.dot(across, np.float32([x, y]) - size / 2)) > 0.75 * size:
            continue
        roads.road(canvas, path, width=canvas.uniform(6, 9), traffic=canvas.uniform(0.5, 2.5), label=True, colour=colour)
        spots = [(s, sign) for sign in (1, -1) for s in np.arange(-0.75 * size, 0.75 * size, step)]
        for s, sign in spots:
            place = np.float32([x, y]) + along * np.float32(s) + across * np.float32(sign * canvas.uniform(14, 18) * scale)
            if (place < 0).any() or (place > size).any():
                continue
            a = canvas.uniform(9, 15)
            turn = main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.05, 0.05)
            houses.append(plan(canvas, (float(place[0]), float(place[1]), turn), a, a * canvas.uniform(0.6, 0.9), height=canvas.uniform(3, 6),
                               gabled=canvas.chance(0.85)))
            gardens.append(place + across * np.float32(sign * canvas.uniform(9, 12) * scale))
    raise_houses(canvas, [house for house in houses if isinstance(house, House)], label=True)
    for x, y in gardens:
        if canvas.chance(0.2):
            swimming_pool(canvas, (float(x), float(y), canvas.uniform(0, 6.28)), canvas.uniform(5, 11))
    crowns = np.column_stack([np.float32(gardens).reshape(-1, 2), rng.uniform(1.5, 4.5, len(gardens)) * scale])
    crowns[:, :2] += rng.uniform(-6, 6, (len(crowns), 2)) * scale
    clutter.trees(canvas, crowns=crowns[rng.random(len(crowns)) < canvas.uniform(0.3, 0.9)], crown=canvas.uniform(2.5, 5))
    return canvas


def country(setting: Setting) -> Canvas:
    """Fields, woods or desert, with wind turbines, greenhouses, solar parks, roundabouts or nothing at all."""
    scale = setting.zoom(0.5, 2.0)
    rng, size = setting.rng, setting.size
    kind = int(rng.integers(4))
    ground = grounds.fields(rng, size, scale=scale) if kind < 2 else (grounds.soil if kind == 2 else grounds.grass)(rng, size)
    canvas = setting.canvas(ground, scale=scale)
    main = canvas.uniform(0, np.pi)
    theme = canvas.pick(("windmill", "solar", "greenhouse", "roundabout", "nothing"))
    clutter.patches(canvas, int(rng.integers(3, 12)))
    if theme == "roundabout":
        x, y, _ = anywhere(canvas, margin=0.3)
        colour = grounds.choose(rng, grounds.ASPHALT)[1]
        for k in range(int(canvas.pick((2, 2, 1)))):
            roads.road(canvas, roads.curve(canvas, bend=0.12, angle=main + k * np.pi / 2, through=(x, y)), width=canvas.uniform(7, 13),
                       traffic=0.8, colour=colour)
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
    spots = [((c - (columns - 1) / 2) * (length + 1.5), (r - (rows - 1) / 2) * gap) for r in range(rows) for c in range(columns)]
    for px, py in transform(spots, centre=(x, y), angle=main, scale=canvas.scale).tolist():
        solar_panel(canvas, (px, py, main), length)
