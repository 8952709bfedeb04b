"""Scenes full of touching objects, by the painters of the scene generator: crowded car parks, rows of moored ships."""

from __future__ import annotations

import numpy as np

from remotesam.data.scene import Scene
from remotesam.data.synthetic import grounds
from remotesam.data.synthetic.canvas import Canvas
from remotesam.data.synthetic.objects_ships import ship
from remotesam.data.synthetic.objects_vehicles import vehicle
from remotesam.data.synthetic.sensor import sense
from remotesam.data.synthetic.setting import Setting
from remotesam.data.synthetic.shapes import f32, transform

SIZE = 512
KINDS = ("parking", "ships")
CATEGORY = {"parking": "vehicle", "ships": "ship"}
MIN_PIXELS = 30  # what is visible of an object that counts as one


def touching_scene(kind: str, seed: int) -> Scene:
    """One scene of 512 x 512 px, a pure function of its kind ("parking" or "ships") and seed."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    setting = Setting(rng=rng, size=SIZE)
    canvas = _parking(setting) if kind == "parking" else _ships(setting)
    image = sense(canvas.image, rng, saturation=0.35 + 0.6 * rng.random())
    return Scene(
        image=image, instances=tuple(canvas.instances), annotated=(CATEGORY[kind],), name=f"touching:{kind}:{seed}"
    )


def visible_masks(scene: Scene) -> list[np.ndarray]:
    """(H, W) bool of what is visible of every object: what was drawn later lies above."""
    taken = np.zeros(scene.image.shape[:2], dtype=bool)
    masks = []
    for instance in reversed(scene.instances):
        mask = instance.mask(*taken.shape) & ~taken
        taken |= mask
        if mask.sum() >= MIN_PIXELS:
            masks.append(mask)
    return masks[::-1]


def _parking(setting: Setting) -> Canvas:
    """Cars side by side and nose to tail, as wide as they are apart or a little less."""
    canvas = setting.canvas(grounds.asphalt(setting.rng, SIZE), scale=setting.zoom(5, 12))
    length = canvas.uniform(4.0, 4.8)
    pitch, depth, aisle = 0.405 * length * canvas.uniform(0.97, 1.1), length * canvas.uniform(1.0, 1.08), 5.5
    blocks = [(0, 1), (0, 1, 2), (0,)][int(canvas.rng.integers(3))]
    step = len(blocks) * depth + aisle
    fill, angle = canvas.uniform(0.6, 1.0), canvas.uniform(0, 2 * np.pi)
    reach = 0.75 * SIZE / canvas.scale
    for start in np.arange(-reach, reach, step):
        for block in blocks:
            for along in np.arange(-reach, reach, pitch):
                if canvas.chance(fill):
                    place = (along, start + block * depth + canvas.uniform(-0.15, 0.15))
                    turn = angle + np.pi / 2 + canvas.pick((0, np.pi)) + canvas.uniform(-0.03, 0.03)
                    # An empty layer of its own: the car may touch what is there.
                    vehicle(canvas, _pose(canvas, place, angle, turn), length=length, crowd=np.zeros_like(canvas.cars))
    return canvas


def _ships(setting: Setting) -> Canvas:
    """Rows of ships moored side by side."""
    boats = setting.rng.random() < 0.6
    scale = setting.zoom(2.5, 5) if boats else setting.zoom(0.5, 1.1)
    canvas = setting.canvas(grounds.water(setting.rng, SIZE, scale=scale), scale=scale)
    length = canvas.uniform(9, 18) if boats else canvas.uniform(60, 130)
    slimness = 3.4 if boats else 5.8
    pitch = length / slimness * canvas.uniform(0.95, 1.1)
    fill, angle = canvas.uniform(0.7, 1.0), canvas.uniform(0, 2 * np.pi)
    reach = 0.75 * SIZE / scale
    start = -reach
    while start < reach:
        for along in np.arange(-reach, reach, pitch):
            if canvas.chance(fill):
                place = (along, start + canvas.uniform(-0.04, 0.04) * length)
                turn = angle + np.pi / 2 + canvas.pick((0, np.pi), (3, 1)) + canvas.uniform(-0.03, 0.03)
                canvas.occupied[:] = 0
                kind = "boat" if boats else canvas.pick(("cargo", "tanker"))
                ship(
                    canvas, _pose(canvas, place, angle, turn), length * canvas.uniform(0.9, 1.1), wake=False, kind=kind
                )
        start += length * canvas.uniform(1.2, 2.2)
    return canvas


def _pose(canvas: Canvas, place: tuple[float, float], angle: float, turn: float) -> tuple[float, float, float]:
    """Metres from the centre of the image, along and across a direction, to a pose in pixels."""
    ((x, y),) = transform(f32([place]), centre=(SIZE / 2, SIZE / 2), angle=angle, scale=canvas.scale)
    return float(x), float(y), turn
