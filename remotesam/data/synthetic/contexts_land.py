"""Scenes on land: airports, sports parks, streets, suburbs, countryside."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds
from .canvas import Canvas, rectangle, transform
from .objects_sports import baseball_diamond, court_row, ground_track_field, soccer_field
from .objects_structures import building, containers, greenhouse, roundabout, solar_panel, swimming_pool, windmill
from .objects_transport import airplane, helicopter
from .setting import Setting


def anywhere(canvas: Canvas, *, margin: float = 0.0, angle: float | None = None) -> tuple[float, float, float]:
    """A random pose at least `margin` (share of the side) from the edge."""
    low, high = margin * canvas.size, (1 - margin) * canvas.size
    return canvas.uniform(low, high), canvas.uniform(low, high), canvas.uniform(0, 2 * np.pi) if angle is None else angle


def airport(setting: Setting) -> Canvas:
    """Aprons with stands, taxiways, terminals and airplanes."""
    scale = setting.zoom(0.7, 2.6)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.apron(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, 2 * np.pi)
    if canvas.chance(0.5):
        edge = transform(rectangle(3 * size, size), centre=(size / 2, size / 2), angle=main, scale=1.0)
        edge = edge + np.float32([-np.sin(main), np.cos(main)]) * np.float32(canvas.uniform(0.65, 0.9) * size)
        box = canvas.window(edge)
        if box is not None:
            x0, y0, x1, y1 = box
            verge = grounds.grass(rng, size)
            canvas.blend(box, canvas.stencil([edge], box), verge[y0:y1, x0:x1])
    for _ in range(int(rng.integers(1, 4))):
        path = clutter.curve(canvas, bend=0.06, angle=main + canvas.pick((0, 0, np.pi / 2)))
        if canvas.chance(0.5):
            canvas.line(path, grounds.choose(rng, grounds.ASPHALT)[1], canvas.uniform(14, 40) * scale)
        canvas.line(path, (196, 168, 60), max(0.3 * scale, 0.5))
        canvas.darken([clutter.band(path, 3 * scale)], 0.10)
    if canvas.chance(0.5):
        x, y, _ = anywhere(canvas)
        building(canvas, (x, y, main), canvas.uniform(60, 200), canvas.uniform(20, 40), height=10, gabled=False, label=True)
    length = float(np.clip(size * np.exp(canvas.uniform(np.log(0.08), np.log(0.26))) / scale, 9, 75))
    kind = canvas.pick(("airliner", "jet", "propeller"), (8, 1, 1)) if length > 25 else canvas.pick(("propeller", "jet", "airliner"))
    if canvas.chance(0.65):
        _stands(canvas, main, length, kind)
    for _ in range(int(rng.integers(0, 5))):
        airplane(canvas, anywhere(canvas, margin=0.03), length * canvas.uniform(0.7, 1.2), kind=kind)
    if canvas.chance(0.2):
        for _ in range(int(rng.integers(1, 4))):
            helicopter(canvas, anywhere(canvas, margin=0.05), canvas.uniform(12, 20))
    clutter.patches(canvas, int(rng.integers(4, 14)))
    for _ in range(int(rng.integers(0, 26))):
        clutter.vehicle(canvas, anywhere(canvas), label=False, length=canvas.uniform(4, 11))
    return canvas


def _stands(canvas: Canvas, main: float, length: float, kind: str) -> None:
    size = canvas.size
    along = np.float32([np.cos(main), np.sin(main)])
    out = np.float32([-along[1], along[0]])
    row = np.float32([size / 2, size / 2]) + out * np.float32(canvas.uniform(-0.3, 0.3) * size)
    pitch = length * canvas.scale * canvas.uniform(1.05, 1.5)
    lean = canvas.uniform(-0.5, 0.5)
    facing = main + np.pi / 2 * canvas.pick((1, -1)) + lean
    where = -0.7 * size
    while where < 0.7 * size:
        x, y = row + along * np.float32(where)
        canvas.line(transform([(-0.7, 0), (1.2, 0)], centre=(float(x), float(y)), angle=facing, scale=length * canvas.scale),
                    (188, 164, 70), max(0.2 * canvas.scale, 0.4))
        if canvas.chance(0.7):
            airplane(canvas, (float(x), float(y), facing + canvas.uniform(-0.05, 0.05)), length * canvas.uniform(0.85, 1.1), kind=kind)
        where += pitch


def park(setting: Setting) -> Canvas:
    """Sports grounds in grass with trees, roads, parking lots and a school."""
    scale = setting.zoom(0.55, 2.6)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    if canvas.chance(0.6):
        clutter.road(canvas, clutter.curve(canvas, bend=0.1, angle=main), width=canvas.uniform(6, 14), traffic=1.2)
    if canvas.chance(0.4):
        clutter.road(canvas, clutter.curve(canvas, bend=0.05, angle=main + np.pi / 2), width=canvas.uniform(5, 9), traffic=0.8)
    wanted = list(canvas.pick((("track", "diamond", "tennis"), ("diamond", "diamond", "diamond"), ("tennis", "basketball"),
                               ("diamond", "tennis", "basketball"), ("track", "soccer", "diamond"), ("basketball", "basketball"),
                               ("soccer", "soccer", "tennis"), ("track",), ("diamond",), ("tennis", "tennis"), ())))
    for kind in wanted:
        for _ in range(6):
            if _sport(canvas, kind, main):
                break
    for _ in range(int(rng.integers(0, 3))):
        clutter.parking(canvas, anywhere(canvas, angle=main), rows=int(rng.integers(1, 4)), columns=int(rng.integers(6, 24)),
                        label=False)
    if canvas.chance(0.6):
        clutter.houses(canvas, int(rng.integers(1, 8)), label=True, length=(12, 70), angle=main, gabled=False)
    clutter.patches(canvas, int(rng.integers(3, 10)))
    wood = clutter.blob(canvas, cell=size / 4, cover=canvas.uniform(0.05, 0.4)) if canvas.chance(0.7) else None
    clutter.trees(canvas, mask=wood, crowns=clutter.scattered(canvas, int(rng.integers(5, 70))), crown=canvas.uniform(4, 9))
    return canvas


def _sport(canvas: Canvas, kind: str, main: float) -> bool:
    turn = main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.03, 0.03)
    if kind == "track":
        return ground_track_field(canvas, anywhere(canvas, margin=0.2, angle=turn))
    if kind == "soccer":
        return soccer_field(canvas, anywhere(canvas, margin=0.15, angle=turn))
    if kind == "diamond":
        return baseball_diamond(canvas, anywhere(canvas, margin=0.1), base=canvas.pick((18.3, 22.0, 27.4)) * canvas.uniform(0.9, 1.2))
    name = "tennis court" if kind == "tennis" else "basketball court"
    return court_row(canvas, anywhere(canvas, margin=0.12, angle=turn), kind=name, rows=int(canvas.pick((1, 1, 1, 2))),
                     columns=int(canvas.pick((1, 2, 2, 3, 4, 6)) if kind == "tennis" else canvas.pick((1, 1, 2, 2, 3))))


def street(setting: Setting) -> Canvas:
    """A street seen closely: cars of 30 to 60 px, houses, trees."""
    scale = setting.zoom(3.5, 12.5)
    rng, size = setting.rng, setting.size
    ground = (grounds.grass, grounds.asphalt, grounds.soil)[int(rng.integers(3))](rng, size)
    canvas = setting.canvas(ground, scale=scale)
    main = canvas.uniform(0, np.pi)
    clutter.road(canvas, clutter.curve(canvas, bend=0.06, angle=main), width=canvas.uniform(6, 12), traffic=canvas.uniform(2, 12),
                 label=True)
    if canvas.chance(0.4):
        clutter.road(canvas, clutter.curve(canvas, bend=0.03, angle=main + np.pi / 2), width=canvas.uniform(5, 9),
                     traffic=canvas.uniform(2, 10), label=True)
    for _ in range(int(rng.integers(0, 3))):
        clutter.parking(canvas, anywhere(canvas, angle=main + canvas.pick((0, np.pi / 2))), rows=1, columns=int(rng.integers(3, 10)),
                        label=True, fill=canvas.uniform(0.3, 0.9))
    clutter.houses(canvas, int(rng.integers(2, 9)), label=True, angle=main)
    clutter.patches(canvas, 5)
    clutter.trees(canvas, crowns=clutter.scattered(canvas, int(rng.integers(3, 22)), low=1.5, high=4.5), crown=canvas.uniform(1.2, 2.5))
    return canvas


def suburb(setting: Setting) -> Canvas:
    """Houses with pools and gardens along streets, cars of 8 to 25 px."""
    scale = setting.zoom(1.4, 4.0)
    rng, size = setting.rng, setting.size
    canvas = setting.canvas(grounds.grass(rng, size, scale=scale), scale=scale)
    main = canvas.uniform(0, np.pi)
    across = np.float32([-np.sin(main), np.cos(main)])
    gap = canvas.uniform(50, 75) * scale
    count = int(np.ceil(size * 1.5 / gap))
    middle = np.float32([size / 2, size / 2]) + across * np.float32(canvas.uniform(-0.5, 0.5) * gap)
    crowns = []
    colour = grounds.choose(rng, grounds.ASPHALT)[1]
    for k in range(-count // 2, count // 2 + 1):
        x, y = middle + across * np.float32(k * gap)
        path = clutter.curve(canvas, bend=0.02, angle=main, through=(float(x), float(y)))
        clutter.road(canvas, path, width=canvas.uniform(6, 9), traffic=canvas.uniform(1, 5), label=True, colour=colour)
        step = canvas.uniform(15, 21) * scale
        for sign in (1, -1):
            for s in np.arange(-0.75 * size, 0.75 * size, step):
                place = np.float32([x, y]) + np.float32([np.cos(main), np.sin(main)]) * np.float32(s) + across * np.float32(
                    sign * canvas.uniform(14, 18) * scale)
                if (place < 0).any() or (place > size).any():
                    continue
                a = canvas.uniform(9, 15)
                building(canvas, (float(place[0]), float(place[1]), main + canvas.pick((0, np.pi / 2)) + canvas.uniform(-0.05, 0.05)), a,
                         a * canvas.uniform(0.6, 0.9), gabled=canvas.chance(0.85))
                back = place + across * np.float32(sign * canvas.uniform(9, 12) * scale)
                if canvas.chance(0.22):
                    swimming_pool(canvas, (float(back[0]), float(back[1]), canvas.uniform(0, 6.28)), canvas.uniform(5, 11))
                if canvas.chance(0.7):
                    crowns.append((back[0] + canvas.uniform(-6, 6) * scale, back[1] + canvas.uniform(-6, 6) * scale,
                                   canvas.uniform(1.5, 4.5) * scale))
    clutter.patches(canvas, 8)
    clutter.trees(canvas, crowns=np.float32(crowns).reshape(-1, 3), crown=canvas.uniform(2.5, 5))
    return canvas


def country(setting: Setting) -> Canvas:
    """Fields, woods or desert, with wind turbines, greenhouses, solar parks, roundabouts or nothing at all."""
    scale = setting.zoom(0.5, 2.0)
    rng, size = setting.rng, setting.size
    kind = int(rng.integers(4))
    ground = grounds.fields(rng, size, scale=scale) if kind < 2 else (grounds.soil if kind == 2 else grounds.grass)(rng, size)
    canvas = setting.canvas(ground, scale=scale)
    main = canvas.uniform(0, np.pi)
    theme = canvas.pick(("windmill", "solar", "greenhouse", "roundabout", "yard", "nothing"))
    if theme == "roundabout":
        x, y, _ = anywhere(canvas, margin=0.3)
        colour = grounds.choose(rng, grounds.ASPHALT)[1]
        for k in range(int(canvas.pick((2, 2, 1)))):
            clutter.road(canvas, clutter.curve(canvas, bend=0.12, angle=main + k * np.pi / 2, through=(x, y)), width=canvas.uniform(7, 13),
                         traffic=0.8, colour=colour)
        roundabout(canvas, (x, y, 0.0), canvas.uniform(14, 32), road=colour, turf=grounds.choose(rng, grounds.GRASS)[1])
    elif canvas.chance(0.6):
        clutter.road(canvas, clutter.curve(canvas, bend=0.12), width=canvas.uniform(4, 12), traffic=0.6)
    if theme == "windmill":
        for _ in range(int(rng.integers(1, 5))):
            windmill(canvas, anywhere(canvas, margin=0.1), canvas.uniform(60, 110))
    if theme == "solar":
        _rows(canvas, main, lambda pose: solar_panel(canvas, pose, length), length := canvas.uniform(18, 60), canvas.uniform(6, 9))
    if theme == "greenhouse":
        for _ in range(int(rng.integers(2, 9))):
            greenhouse(canvas, anywhere(canvas, angle=main), canvas.uniform(30, 90), canvas.uniform(12, 50))
    if theme == "yard":
        canvas.image[...] = grounds.asphalt(rng, size)
        for _ in range(int(rng.integers(2, 10))):
            containers(canvas, anywhere(canvas, margin=0.1, angle=main + canvas.pick((0, np.pi / 2))), rows=int(rng.integers(1, 6)),
                       columns=int(rng.integers(1, 5)))
        for _ in range(int(rng.integers(0, 8))):
            clutter.truck(canvas, anywhere(canvas, margin=0.05))
    clutter.patches(canvas, int(rng.integers(3, 12)))
    if canvas.chance(0.5):
        clutter.houses(canvas, int(rng.integers(1, 6)), label=True, length=(8, 30))
    if canvas.chance(0.8):
        wood = clutter.blob(canvas, cell=size / 4, cover=canvas.uniform(0.03, 0.5)) if canvas.chance(0.6) else None
        clutter.trees(canvas, mask=wood, crowns=clutter.scattered(canvas, int(rng.integers(3, 40))))
    return canvas


def _rows(canvas: Canvas, main: float, place, length: float, gap: float) -> None:  # noqa: ANN001
    x, y, _ = anywhere(canvas, margin=0.3)
    rows, columns = int(canvas.rng.integers(3, 12)), int(canvas.rng.integers(1, 5))
    for row in range(rows):
        for column in range(columns):
            px, py = transform([((column - columns / 2) * (length + 1.5), (row - rows / 2) * gap)], centre=(x, y), angle=main,
                               scale=canvas.scale)[0]
            place((float(px), float(py), main))
