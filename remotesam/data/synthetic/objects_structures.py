"""Things that stand: tanks, pools, panels, greenhouses, turbines, containers. Sizes in metres, poses in pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Canvas
from .frame import Frame, Pose
from .shapes import COLOURS, Colour, ellipse, f32, rectangle, shade, transform


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
    paint = canvas.vary(
        {"brown": (150, 128, 108), "green": (120, 150, 130), "grey": (160, 160, 156)}.get(word, (228, 228, 224)), 0.06
    )
    canvas.disc((x, y), r, shade(paint, 0.82))
    lean = f32(canvas.shadow) / max(float(np.hypot(*canvas.shadow)), 1e-3)
    floating = canvas.chance(0.25)
    if floating:
        canvas.disc((x, y), r * 0.93, shade(paint, 0.7))
        roof = transform(ellipse(0.93, 0.93, count=40), centre=(x, y), angle=angle, scale=r)
        lit = roof + lean * f32(0.24 * r)
        canvas.fill(lit * f32(0.84) + f32([x, y]) * f32(0.16), shade(paint, 0.95))
    else:
        for k, gain in ((0.94, 0.95), (0.7, 0.985), (0.42, 1.015)):
            centre = f32([x, y]) - lean * f32(r * (1 - k) * 0.6)
            canvas.disc(centre, r * k, shade(paint, gain))
        if canvas.chance(0.6):
            for k in range(0, 360, int(canvas.pick((15, 20, 30)))):
                tip = f32([np.cos(np.radians(k)), np.sin(np.radians(k))]) * f32(r * 0.93)
                canvas.line(np.stack([f32([x, y]), f32([x, y]) + tip]), shade(paint, 0.93), 0.35)
        if canvas.chance(0.5):
            canvas.disc((x, y), r * 0.10, shade(paint, canvas.uniform(0.5, 0.9)))
    canvas.line(outline, shade(paint, canvas.uniform(0.62, 0.9)), max(0.03 * r, 0.5), closed=True)
    if canvas.chance(0.6):
        arc = transform(
            ellipse(1.0, 1.0, start=0, stop=canvas.uniform(0.4, 1.2), count=8), centre=(x, y), angle=angle, scale=r
        )
        canvas.line(arc, shade(paint, 0.5), max(0.05 * r, 0.6))
    canvas.weather([outline], 0.025)
    canvas.add("storage tank", [outline], colour=word if word in ("white",) else None)
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
    rim = put(outline * f32([1 + 2.0 / length, 1 + 2.0 / width]))
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
    tilt = f32(canvas.shadow) * f32(-0.25 * height * 0.4)
    foot, hub = f32([x, y]), f32([x, y]) + tilt
    turn = canvas.uniform(0, 2 * np.pi)
    reach = height * canvas.uniform(0.4, 0.5) * scale
    flat = canvas.uniform(0.35, 1.0)
    yaw = canvas.uniform(0, np.pi)

    def blade(centre: np.ndarray, a: float) -> np.ndarray:
        shape = f32([(0, -0.02), (0.2, -0.045), (1, -0.008), (1, 0.008), (0.2, 0.03), (0, 0.02)]) * f32(reach)
        local = transform(shape, centre=(0, 0), angle=turn + a, scale=1.0) * f32([1, flat])
        return transform(local, centre=tuple(centre), angle=yaw, scale=1.0)

    thick = max(0.022 * height * scale, 0.9)
    across = f32([-tilt[1], tilt[0]]) / max(float(np.hypot(*tilt)), 1e-3) * f32(thick)
    tower = np.stack([foot + across, hub + across * f32(0.6), hub - across * f32(0.6), foot - across])
    blades = [blade(hub, 2 * np.pi * k / 3) for k in range(3)]
    nacelle = transform(rectangle(thick * 5, thick * 2.2), centre=tuple(hub), angle=yaw, scale=1.0)
    polygons = [tower, nacelle, *blades]
    hull = cv2.convexHull(np.concatenate(polygons))[:, 0]
    if not canvas.visible(hull, share=0.7, pixels=40) or not canvas.free(hull):
        return False
    canvas.occupy(hull, margin=4)
    canvas.disc(foot.tolist(), thick * 3.5, canvas.vary((166, 156, 138)))
    fall = f32(canvas.shadow) * f32(height * 0.55)
    far = foot + fall
    normal = f32([-fall[1], fall[0]]) / max(float(np.hypot(*fall)), 1e-3) * f32(thick)
    canvas.darken(
        [
            np.stack([foot + normal, far + normal * f32(0.5), far - normal * f32(0.5), foot - normal]),
            *[blade(far, 2 * np.pi * k / 3) for k in range(3)],
        ],
        canvas.darkness,
    )
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
            box = put(
                rectangle(
                    length,
                    width,
                    x=(column - (columns - 1) / 2) * (length + 0.5),
                    y=(row - (rows - 1) / 2) * (width + 0.25),
                )
            )
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
    canvas.line(
        transform(ellipse(1, 1, count=32), centre=(x, y), angle=0, scale=(r + island) / 2),
        shade(road, 1.4),
        max(0.12 * canvas.scale, 0.2),
        closed=True,
    )
    if canvas.chance(0.5):
        canvas.disc((x, y), island * canvas.uniform(0.2, 0.5), canvas.vary((60, 76, 44), 0.2))
    canvas.weather([outline], 0.05)
    canvas.add("roundabout", [outline])
    return True
