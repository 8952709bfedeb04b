"""Things that stand: buildings, tanks, piers, bridges, pools, containers and plants. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .batch import cast_all, fill_all, palette
from .canvas import COLOURS, Canvas, Colour, ellipse, rectangle, shade, transform
from .frame import Frame, Pose
from .objects_transport import hull_outline


def storage_tank(canvas: Canvas, pose: Pose, radius: float, *, style: str = "mixed") -> bool:
    """Draw a cylindrical tank with a roof, its shading, rim, ladder and shadow; `style` is a colour word or "mixed"."""
    x, y, angle = pose
    r = radius * canvas.scale
    outline = transform(ellipse(1, 1, count=40), centre=(x, y), angle=angle, scale=r)
    if not canvas.visible(outline, share=0.4, pixels=40) or not canvas.free(outline):
        return False
    canvas.occupy(outline, margin=max(0.12 * r, 1))
    height = radius * canvas.uniform(0.35, 1.1)
    canvas.cast([outline], height)
    word = canvas.pick(("white", "white", "white", "grey", "grey", "brown", "green")) if style == "mixed" else style
    paint = canvas.vary({"brown": (150, 128, 108), "green": (120, 150, 130), "grey": (160, 160, 156)}.get(word, (228, 228, 224)), 0.06)
    canvas.disc((x, y), r, shade(paint, 0.82))
    lean = np.float32(canvas.shadow) / max(float(np.hypot(*canvas.shadow)), 1e-3)
    floating = canvas.chance(0.25)
    if floating:
        canvas.disc((x, y), r * 0.93, shade(paint, 0.7))
        roof = transform(ellipse(0.93, 0.93, count=40), centre=(x, y), angle=angle, scale=r)
        lit = roof + lean * np.float32(0.24 * r)
        canvas.fill(lit * np.float32(0.84) + np.float32([x, y]) * np.float32(0.16), shade(paint, 0.95))
    else:
        for k, gain in ((0.94, 0.95), (0.7, 0.985), (0.42, 1.015)):
            centre = np.float32([x, y]) - lean * np.float32(r * (1 - k) * 0.6)
            canvas.disc(centre, r * k, shade(paint, gain))
        if canvas.chance(0.6):
            for k in range(0, 360, int(canvas.pick((15, 20, 30)))):
                tip = np.float32([np.cos(np.radians(k)), np.sin(np.radians(k))]) * np.float32(r * 0.93)
                canvas.line(np.stack([np.float32([x, y]), np.float32([x, y]) + tip]), shade(paint, 0.93), 0.35)
        if canvas.chance(0.5):
            canvas.disc((x, y), r * 0.10, shade(paint, canvas.uniform(0.5, 0.9)))
    canvas.line(outline, shade(paint, canvas.uniform(0.62, 0.9)), max(0.03 * r, 0.5), closed=True)
    if canvas.chance(0.6):
        arc = transform(ellipse(1.0, 1.0, start=0, stop=canvas.uniform(0.4, 1.2), count=8), centre=(x, y), angle=angle, scale=r)
        canvas.line(arc, shade(paint, 0.5), max(0.05 * r, 0.6))
    canvas.weather([outline], 0.025)
    canvas.add("storage tank", [outline], colour=word if word in ("white",) else None)
    return True


def pier(canvas: Canvas, pose: Pose, length: float, *, boat: float, both: bool = True, full: float = 0.9) -> bool:
    """Draw a pier from the pose outwards along x with moored boats; the harbor instance covers pier and boats.

    `full` is the share of berths taken.
    """
    put = Frame(canvas, pose)
    deck = rectangle(length, canvas.uniform(1.6, 3.2), x=length / 2)
    sides = (1, -1) if both else (canvas.pick((1, -1)),)
    reach = boat * 1.12 + 1.5
    outline = put(np.float32([(0, -reach if -1 in sides else -1.5), (length, -reach if -1 in sides else -1.5),
                              (length, reach if 1 in sides else 1.5), (0, reach if 1 in sides else 1.5)]))
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
    back = transform(ink - np.float32([x, y]), centre=(0, 0), angle=-angle, scale=1 / canvas.scale)
    low, high = back.min(axis=0), back.max(axis=0)
    box = put(np.float32([(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]))
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
        local = shape[None] * (length * canvas.scale)[:, None, None].astype(np.float32) * stretch[:, None].astype(np.float32)
        return middle[:, None] + local[..., :1] * along[:, None] + local[..., 1:] * across[:, None]

    plump = np.column_stack([np.ones(n), rng.uniform(0.85, 1.15, n)])
    decks = sail(hull_outline(canvas, 3.2), plump)
    cast_all(canvas, decks, 1.2)
    white, dark = (226, 226, 222), (70, 76, 88)
    paints = palette(rng, [white, white, white, white, (196, 196, 192), (150, 150, 150), (74, 92, 130), (116, 98, 84)], n)
    fill_all(canvas, decks, paints * np.float32(0.8))
    fill_all(canvas, sail(hull_outline(canvas, 3.2) * np.float32([0.94, 0.78]), plump), paints)
    cover = np.column_stack([rng.uniform(0.25, 0.55, n), rng.uniform(0.10, 0.20, n)])
    cabins = sail(rectangle(1, 1, x=-0.1), cover)
    fill_all(canvas, cabins, palette(rng, [dark, (120, 112, 100), (64, 84, 122), (172, 172, 168), (98, 98, 98), white], n))
    glass = sail(rectangle(0.05, 0.16, x=0.14), np.ones((n, 2)))
    fill_all(canvas, glass, palette(rng, [dark], n))
    return decks


def bridge(canvas: Canvas, start: tuple[float, float], stop: tuple[float, float], *, width: float, overhang: float,
           road: Colour) -> bool:
    """Draw a bridge deck of `width` metres between two banks (pixels); it reaches `overhang` pixels onto each bank."""
    a, b = np.float32(start), np.float32(stop)
    along = b - a
    span = float(np.hypot(*along))
    if span < 4:
        return False
    along /= span
    across = np.float32([-along[1], along[0]]) * np.float32(width * canvas.scale / 2)
    a, b = a - along * np.float32(overhang), b + along * np.float32(overhang)
    deck = np.stack([a + across, b + across, b - across, a - across])
    if not canvas.visible(deck, share=0.3, pixels=40):
        return False
    canvas.occupy(deck)
    height = canvas.uniform(3, 9)
    canvas.darken([deck + np.float32(canvas.shadow) * np.float32(height)], canvas.darkness * 0.8)
    paint = canvas.vary(shade(road, canvas.uniform(0.95, 1.25)), 0.05)
    canvas.fill(deck, paint)
    canvas.weather([deck], 0.06)
    rail = shade(paint, canvas.pick((1.35, 0.65)))
    for sign in (1, -1):
        edge = np.stack([a, b]) + across * np.float32(sign * 0.94)
        canvas.line(edge, rail, max(0.5 * canvas.scale, 0.7))
    canvas.line(np.stack([a, b]), (206, 200, 170), 0.15 * canvas.scale)
    canvas.add("bridge", [deck])
    return True


def swimming_pool(canvas: Canvas, pose: Pose, length: float) -> bool:
    """Draw a pool with a paved rim."""
    put = Frame(canvas, pose)
    width = length * canvas.uniform(0.42, 0.6)
    shape = canvas.pick(("box", "oval", "kidney"))
    outline = rectangle(length, width)
    if shape != "box":
        outline = ellipse(length / 2, width / 2, count=28)
        if shape == "kidney":
            outline[:, 1] += (outline[:, 0] / length * 2) ** 2 * width * 0.28
    water = put(outline)
    if not canvas.visible(water, share=0.5, pixels=14) or not canvas.free(water):
        return False
    rim = put(outline * np.float32([1 + 2.0 / length, 1 + 2.0 / width]))
    canvas.occupy(rim, margin=1)
    canvas.fill(rim, canvas.vary((188, 180, 168)))
    canvas.fill(water, canvas.vary(canvas.pick(((84, 172, 196), (60, 148, 184), (108, 190, 200), (56, 122, 158)))))
    canvas.darken([water[: len(water) // 2]], 0.12)
    canvas.weather([water], 0.05)
    canvas.add("swimming pool", [water], colour="blue")
    return True


def solar_panel(canvas: Canvas, pose: Pose, length: float) -> bool:
    """Draw a table of photovoltaic modules."""
    put = Frame(canvas, pose)
    width = canvas.uniform(3.0, 4.5)
    outline = put(rectangle(length, width))
    if not canvas.visible(outline, share=0.4, pixels=20) or not canvas.free(outline):
        return False
    canvas.occupy(outline)
    canvas.cast([outline], 1.2)
    paint = canvas.vary(canvas.pick(((38, 50, 84), (44, 52, 72), (30, 38, 58))), 0.1)
    canvas.fill(outline, paint)
    for x in np.arange(-length / 2, length / 2, 4.0):
        put.chalk([(x, -width / 2), (x, width / 2)], (116, 124, 138), width=0.12)
    put.chalk([(-length / 2, 0), (length / 2, 0)], (116, 124, 138), width=0.12)
    canvas.add("solar panel", [outline], colour="blue" if paint[2] > 70 else None)
    return True


def greenhouse(canvas: Canvas, pose: Pose, length: float, width: float) -> bool:
    """Draw a long ribbed roof of glass or foil."""
    put = Frame(canvas, pose)
    outline = put(rectangle(length, width))
    if not canvas.visible(outline, share=0.4, pixels=30) or not canvas.free(outline):
        return False
    canvas.occupy(outline, margin=1)
    canvas.cast([outline], 3)
    paint = canvas.vary(canvas.pick(((206, 210, 208), (186, 198, 200), (168, 184, 180), (218, 216, 204))), 0.05)
    canvas.fill(outline, paint)
    bay = canvas.pick((3.2, 6.4, 8.0))
    for y in np.arange(-width / 2 + bay / 2, width / 2, bay):
        put.chalk([(-length / 2, y), (length / 2, y)], shade(paint, 1.15), width=0.5)
        put.chalk([(-length / 2, y + bay / 2), (length / 2, y + bay / 2)], shade(paint, 0.72), width=0.7)
    for x in np.arange(-length / 2, length / 2, 5.0):
        put.chalk([(x, -width / 2), (x, width / 2)], shade(paint, 0.92), width=0.3)
    canvas.weather([outline], 0.06)
    canvas.add("greenhouse", [outline], colour="white" if min(paint) > 195 else None)
    return True


def windmill(canvas: Canvas, pose: Pose, height: float) -> bool:
    """Draw a wind turbine from above: tower base, nacelle, three blades and the long shadow."""
    x, y, _ = pose
    scale = canvas.scale
    tilt = np.float32(canvas.shadow) * np.float32(-0.25 * height * 0.4)
    foot, hub = np.float32([x, y]), np.float32([x, y]) + tilt
    turn = canvas.uniform(0, 2 * np.pi)
    reach = height * canvas.uniform(0.4, 0.5) * scale
    flat = canvas.uniform(0.35, 1.0)
    yaw = canvas.uniform(0, np.pi)

    def blade(centre: np.ndarray, a: float) -> np.ndarray:
        shape = np.float32([(0, -0.02), (0.2, -0.045), (1, -0.008), (1, 0.008), (0.2, 0.03), (0, 0.02)]) * np.float32(reach)
        local = transform(shape, centre=(0, 0), angle=turn + a, scale=1.0) * np.float32([1, flat])
        return transform(local, centre=tuple(centre), angle=yaw, scale=1.0)

    thick = max(0.022 * height * scale, 0.9)
    across = np.float32([-tilt[1], tilt[0]]) / max(float(np.hypot(*tilt)), 1e-3) * np.float32(thick)
    tower = np.stack([foot + across, hub + across * np.float32(0.6), hub - across * np.float32(0.6), foot - across])
    blades = [blade(hub, 2 * np.pi * k / 3) for k in range(3)]
    nacelle = transform(rectangle(thick * 5, thick * 2.2), centre=tuple(hub), angle=yaw, scale=1.0)
    polygons = [tower, nacelle, *blades]
    hull = cv2.convexHull(np.concatenate(polygons))[:, 0]
    if not canvas.visible(hull, share=0.7, pixels=40) or not canvas.free(hull):
        return False
    canvas.occupy(hull, margin=4)
    canvas.disc(foot, thick * 3.5, canvas.vary((166, 156, 138)))
    fall = np.float32(canvas.shadow) * np.float32(height * 0.55)
    far = foot + fall
    normal = np.float32([-fall[1], fall[0]]) / max(float(np.hypot(*fall)), 1e-3) * np.float32(thick)
    canvas.darken([np.stack([foot + normal, far + normal * np.float32(0.5), far - normal * np.float32(0.5), foot - normal]),
                   *[blade(far, 2 * np.pi * k / 3) for k in range(3)]], canvas.darkness)
    paint = canvas.vary((228, 228, 226), 0.04)
    for points in polygons:
        canvas.fill(points, paint)
    canvas.fill(nacelle, shade(paint, 0.9))
    canvas.add("windmill", polygons, colour="white")
    return True


def containers(canvas: Canvas, pose: Pose, *, rows: int, columns: int) -> bool:
    """Draw a stack of shipping containers, each an instance."""
    put = Frame(canvas, pose)
    length, width = canvas.pick((6.1, 12.2)), 2.44
    pad = put(rectangle(columns * (length + 0.5), rows * (width + 0.25)))
    if not canvas.visible(pad, share=0.85, pixels=60) or not canvas.free(pad):
        return False
    canvas.occupy(pad, margin=1)
    for column in range(columns):
        for row in range(rows):
            if canvas.chance(0.12):
                continue
            box = put(rectangle(length, width, x=(column - (columns - 1) / 2) * (length + 0.5),
                                y=(row - (rows - 1) / 2) * (width + 0.25)))
            if not canvas.visible(box, share=0.6, pixels=12):
                continue
            word = canvas.pick(("red", "red", "blue", "blue", "green", "white", "grey", "orange", "brown", "yellow"))
            paint = canvas.vary(COLOURS[word], 0.15)
            canvas.cast([box], 2.6 * float(canvas.rng.integers(1, 3)))
            canvas.fill(box, paint)
            canvas.line(box, shade(paint, 0.72), max(0.25 * canvas.scale, 0.4), closed=True)
            canvas.add("container", [box], colour=word)
    return True


def roundabout(canvas: Canvas, pose: Pose, radius: float, *, road: Colour, turf: Colour) -> bool:
    """Draw a circular junction: ring of asphalt, island, apron; the instance is the whole disc."""
    x, y, angle = pose
    r = radius * canvas.scale
    outline = transform(ellipse(r, r, count=48), centre=(x, y), angle=angle, scale=1.0)
    if not canvas.visible(outline, share=0.6, pixels=80):
        return False
    canvas.occupy(outline, margin=2)
    canvas.disc((x, y), r, road)
    canvas.line(outline, shade(road, 1.25), max(0.4 * canvas.scale, 0.5), closed=True)
    island = r * canvas.uniform(0.42, 0.68)
    canvas.disc((x, y), island * 1.08, canvas.vary((170, 160, 148)))
    canvas.disc((x, y), island, turf)
    canvas.line(transform(ellipse(1, 1, count=32), centre=(x, y), angle=0, scale=(r + island) / 2), shade(road, 1.4),
                max(0.12 * canvas.scale, 0.2), closed=True)
    if canvas.chance(0.5):
        canvas.disc((x, y), island * canvas.uniform(0.2, 0.5), canvas.vary((60, 76, 44), 0.2))
    canvas.weather([outline], 0.05)
    canvas.add("roundabout", [outline])
    return True


