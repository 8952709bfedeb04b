"""Airports: concourses with stands, open aprons, taxiways between grass, hangars and light aircraft."""

from __future__ import annotations

import numpy as np

from . import clutter, grounds, roads
from .batch import cast_all, fill_all, palette, quads, vacant
from .buildings import House, raise_houses, town
from .canvas import Canvas
from .objects_air import airplane, helicopter
from .setting import Setting
from .shapes import f32, rectangle, shade, transform


def airport(setting: Setting) -> Canvas:
    """A part of an airport with airplanes, sometimes with helicopters, sometimes empty."""
    scale = setting.zoom(0.6, 2.6)
    rng, size = setting.rng, setting.size
    main = float(rng.random() * 2 * np.pi)
    layout = ("concourse", "concourse", "apron", "apron", "taxiway", "light")[int(rng.integers(6))]
    if layout == "light":
        scale = setting.zoom(1.6, 4.0)
    canvas = setting.canvas(grounds.apron(rng, size, scale=scale), scale=scale)
    _verges(canvas, main, wide=layout == "taxiway")
    _taxi_lines(canvas, main)
    clutter.patches(canvas, int(rng.integers(4, 14)), kinds=("slab", "blot", "stripe"))
    length = float(np.clip(size * np.exp(canvas.uniform(np.log(0.09), np.log(0.26))) / scale, 22, 72))
    if layout == "concourse":
        _concourse(canvas, main, length)
    elif layout == "apron":
        for _ in range(int(rng.integers(1, 3))):
            _stands(canvas, main, length, canvas.pick(("airliner", "jet"), (8, 1)), nose=canvas.uniform(-0.5, 0.5))
        if canvas.chance(0.5):
            _border_town(canvas, main)
    elif layout == "light":
        length = canvas.uniform(8, 14)
        for _ in range(int(rng.integers(1, 4))):
            _stands(
                canvas, main, length, canvas.pick(("propeller", "propeller", "jet")), nose=canvas.uniform(-0.4, 0.4)
            )
        _hangars(canvas, main)
    for _ in range(int(rng.integers(0, 4))):
        pose = (
            canvas.uniform(0, size),
            canvas.uniform(0, size),
            main + canvas.pick((0, np.pi / 2, np.pi)) + canvas.uniform(-0.5, 0.5),
        )
        airplane(canvas, pose, length * canvas.uniform(0.7, 1.2), kind="propeller" if layout == "light" else "airliner")
    if canvas.chance(0.2):
        for _ in range(int(rng.integers(1, 5))):
            helicopter(
                canvas,
                (canvas.uniform(0, size), canvas.uniform(0, size), canvas.uniform(0, 2 * np.pi)),
                canvas.uniform(12, 20),
            )
    _ground_service(canvas, main)
    if layout == "taxiway" and canvas.chance(0.5):
        clutter.trees(canvas, crowns=clutter.scattered(canvas, int(rng.integers(3, 25))))
    return canvas


def _verges(canvas: Canvas, main: float, *, wide: bool) -> None:
    """Grass along taxiways, with asphalt shoulders."""
    size = canvas.size
    count = int(canvas.rng.integers(2, 5)) if wide else int(canvas.chance(0.5))
    if not count:
        return
    grass = grounds.grass(canvas.rng, size)
    asphalt = grounds.choose(canvas.rng, grounds.ASPHALT)[1]
    across = f32([-np.sin(main), np.cos(main)])
    where = canvas.uniform(-0.5, -0.2) if wide else canvas.uniform(0.18, 0.42)
    for _ in range(count):
        breadth = canvas.uniform(0.1, 0.4) * size if wide else size * 0.6
        middle = f32([size / 2, size / 2]) + across * f32(where * size + breadth / 2)
        edge = transform(rectangle(3 * size, breadth), centre=tuple(middle), angle=main, scale=1.0)
        canvas.line(edge, asphalt, canvas.uniform(3, 14) * canvas.scale, closed=True)
        box = canvas.window(edge)
        if box is not None:
            x0, y0, x1, y1 = box
            canvas.blend(box, canvas.stencil([edge], box), grass[y0:y1, x0:x1])
            canvas.occupy(edge)
        where += breadth / size + canvas.uniform(25, 50) * canvas.scale / size


def _taxi_lines(canvas: Canvas, main: float) -> None:
    for _ in range(int(canvas.rng.integers(1, 5))):
        path = roads.curve(canvas, bend=canvas.pick((0.0, 0.0, 0.08)), angle=main + canvas.pick((0, 0, np.pi / 2)))
        if canvas.chance(0.3):
            canvas.line(path, grounds.choose(canvas.rng, grounds.ASPHALT)[1], canvas.uniform(14, 40) * canvas.scale)
        canvas.darken([roads.band(path, canvas.uniform(2, 6) * canvas.scale)], canvas.uniform(0.03, 0.16))
        canvas.line(path, canvas.pick(((196, 168, 60), (60, 60, 60), (206, 200, 180))), 0.35 * canvas.scale)


def _concourse(canvas: Canvas, main: float, length: float) -> None:
    """A long building with jet bridges and airplanes nose-in on both sides."""
    size, scale = canvas.size, canvas.scale
    along = f32([np.cos(main), np.sin(main)])
    out = f32([-along[1], along[0]])
    middle = f32([size / 2, size / 2]) + out * f32(canvas.uniform(-0.3, 0.3) * size)
    depth, reach = canvas.uniform(18, 36) * scale, canvas.uniform(0.35, 1.5) * size
    start = canvas.uniform(-0.9, 0.1) * size
    body = transform(rectangle(reach, depth, x=start + reach / 2), centre=tuple(middle), angle=main, scale=1.0)
    parts = [body]
    if canvas.chance(0.5):
        head = transform(
            rectangle(depth * 2.2, depth * 2.4, x=start + canvas.pick((0.0, reach))),
            centre=tuple(middle),
            angle=main,
            scale=1.0,
        )
        parts.append(head)
    word, paint = canvas.pick(
        (
            (None, (176, 172, 164)),
            ("white", (216, 214, 210)),
            (None, (140, 132, 124)),
            ("red", (142, 92, 80)),
            (None, (120, 124, 128)),
        )
    )
    for part in parts:
        canvas.occupy(part)
    raise_houses(canvas, [House(tuple(parts), canvas.uniform(8, 14), False, word, canvas.vary(paint))], label=True)
    pitch = length * scale * canvas.uniform(0.95, 1.2)
    gap = canvas.uniform(6, 14) * scale
    for side in (1, -1):
        if canvas.chance(0.1):
            continue
        facing = main - side * np.pi / 2
        for where in np.arange(start + pitch * 0.6, start + reach - pitch * 0.3, pitch):
            nose = middle + along * f32(where) + out * f32(side * (depth / 2 + gap))
            size_here = length * canvas.uniform(0.8, 1.0)
            centre = nose + out * f32(side * size_here * scale / 2)
            canvas.line(np.stack([nose, nose + out * f32(side * pitch * 1.3)]), (190, 166, 74), 0.3 * scale)
            if canvas.chance(0.72):
                airplane(canvas, (float(centre[0]), float(centre[1]), facing + canvas.uniform(-0.06, 0.06)), size_here)
            root = middle + along * f32(where + pitch * 0.22) + out * f32(side * depth / 2)
            tip = nose + along * f32(0.09 * size_here * scale) + out * f32(side * 0.12 * size_here * scale)
            bridge = quads(
                (root + tip) / 2,
                float(np.hypot(*(tip - root))),
                max(3.2 * scale, 1.5),
                float(np.arctan2(*(tip - root)[::-1])),
            )
            cast_all(canvas, bridge, 4.0)
            canvas.fill(bridge[0], canvas.vary((186, 184, 178), 0.15))


def _stands(canvas: Canvas, main: float, length: float, kind: str, *, nose: float) -> None:
    """A row of parked airplanes."""
    size = canvas.size
    along = f32([np.cos(main), np.sin(main)])
    out = f32([-along[1], along[0]])
    row = f32([size / 2, size / 2]) + out * f32(canvas.uniform(-0.42, 0.42) * size)
    pitch = length * canvas.scale * canvas.uniform(1.05, 1.6)
    facing = main + np.pi / 2 * canvas.pick((1, -1)) + nose
    full = canvas.uniform(0.25, 0.95)
    colour = canvas.pick(((188, 164, 70), (200, 198, 190), (80, 78, 76)))
    for where in np.arange(-0.7 * size, 0.7 * size, pitch):
        x, y = row + along * f32(where)
        canvas.line(
            transform([(-0.7, 0), (0.9, 0)], centre=(float(x), float(y)), angle=facing, scale=length * canvas.scale),
            colour,
            0.25 * canvas.scale,
        )
        if canvas.chance(full):
            turn = facing + canvas.uniform(-0.05, 0.05) + (np.pi if canvas.chance(0.05) else 0)
            airplane(canvas, (float(x), float(y), turn), length * canvas.uniform(0.85, 1.1), kind=kind)


def _hangars(canvas: Canvas, main: float) -> None:
    clutter.houses(
        canvas, int(canvas.rng.integers(2, 9)), label=True, length=(18, 45), angle=main, gabled=canvas.chance(0.5)
    )


def _border_town(canvas: Canvas, main: float) -> None:
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    size = canvas.size
    shift = f32([-np.sin(main), np.cos(main)]) * f32(canvas.uniform(0.75, 0.9) * size)
    edge = transform(
        rectangle(3 * size, size),
        centre=(size / 2 + float(shift[0]), size / 2 + float(shift[1])),
        angle=main,
        scale=1.0,
    )
    box = canvas.window(edge)
    if box is None:
        return
    x0, y0, x1, y1 = box
    mask[y0:y1, x0:x1] = canvas.stencil([edge], box)
    canvas.fill(edge, grounds.choose(canvas.rng, grounds.ASPHALT)[1])
    canvas.weather([edge], 0.08)
    with canvas.confined(mask):
        side = canvas.uniform(40, 90)
        town(canvas, angle=main, pitch=(side, side * 0.7), density=0.7, label=True, gabled=0.2)


def _ground_service(canvas: Canvas, main: float) -> None:
    """Carts, tugs, containers and stains in loose clusters."""
    rng = canvas.rng
    groups = int(rng.integers(2, 14))
    centres = np.repeat(rng.random((groups, 2)) * canvas.size, rng.integers(1, 9, groups), axis=0)
    n = len(centres)
    centres = centres + rng.normal(0, 6 * canvas.scale, (n, 2))
    long = rng.uniform(1.5, 8, n) * canvas.scale
    shapes = quads(
        centres,
        long,
        np.minimum(long * 0.55, 2.6 * canvas.scale),
        main + np.pi / 2 * rng.integers(0, 2, n) + rng.normal(0, 0.2, n),
    )
    shapes = shapes[vacant(canvas, shapes)]
    if not len(shapes):
        return
    canvas.clutter.update(("vehicle", "truck", "container"))
    cast_all(canvas, shapes, 2.0)
    colours = [
        (210, 208, 200),
        (206, 206, 204),
        (90, 90, 92),
        (60, 60, 64),
        (180, 150, 60),
        (70, 90, 140),
        (150, 60, 50),
    ]
    fill_all(canvas, shapes, palette(rng, colours, len(shapes)))
    for shape in shapes[::3]:
        canvas.line(shape[:2], shade((90, 90, 92), 1.0), 0.4 * canvas.scale)
