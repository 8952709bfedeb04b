"""Whole scenes: a context chosen by the seed, drawn, then seen through a sensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from remotesam.data.scene import Scene

from . import scenes_airport, scenes_country, scenes_industry, scenes_park, scenes_town, scenes_water
from .canvas import Canvas
from .sensor import infrared, sense
from .setting import Setting

CATEGORIES: tuple[str, ...] = (
    "airplane",
    "helicopter",
    "ship",
    "storage tank",
    "baseball diamond",
    "tennis court",
    "basketball court",
    "soccer field",
    "ground track field",
    "harbor",
    "bridge",
    "vehicle",
    "truck",
    "building",
    "swimming pool",
    "roundabout",
    "windmill",
    "solar panel",
    "greenhouse",
    "container",
)

# Weights follow the share of the settings in public overhead imagery, hard ones a little above.
CONTEXTS: dict[str, tuple[Callable[[Setting], Canvas], float]] = {
    "airport": (scenes_airport.airport, 2.0),
    "sea": (scenes_water.sea, 1.4),
    "marina": (scenes_water.marina, 1.3),
    "river": (scenes_water.river, 1.5),
    "tank farm": (scenes_industry.tank_farm, 1.4),
    "yard": (scenes_industry.yard, 0.5),
    "park": (scenes_park.park, 3.8),
    "street": (scenes_town.street, 1.6),
    "suburb": (scenes_town.suburb, 0.8),
    "country": (scenes_country.country, 1.4),
}
NEUTRAL = (None, "white", "black", "grey")
INFRARED_SHARE: dict[str, float] = {"street": 0.5, "suburb": 0.15}


def generate_scene(seed: int, *, size: int = 512, context: str | None = None) -> Scene:
    """Draw the scene of a seed.

    Args:
        seed: any non-negative integer; the scene is a pure function of (seed, size, context).
        size: side in pixels, 64 to 1024.
        context: one of `CONTEXTS`, chosen by the seed if None.

    Returns:
        Scene whose `annotated` names the categories of which every instance is annotated: all that the generator draws,
        less those drawn here as unlabelled clutter.

    Raises:
        ValueError: for a size, seed or context out of range.

    Example:
        >>> scene = generate_scene(7, size=128)
        >>> scene.image.shape
        (128, 128, 3)
    """
    if not 64 <= size <= 1024:
        raise ValueError(f"size is {size}; synthetic scenes take 64 to 1024 pixels: pass another size")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must not be negative")
    if context is not None and context not in CONTEXTS:
        raise ValueError(f"context is {context!r}; it must be one of {', '.join(CONTEXTS)}")
    rng = np.random.Generator(np.random.PCG64(seed))
    names = tuple(CONTEXTS)
    edges = np.cumsum([CONTEXTS[name][1] for name in names])
    chosen = names[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]
    name = context or chosen
    setting = Setting(rng=rng, size=size)
    canvas = CONTEXTS[name][0](setting)
    image = canvas.image
    saturation = 0.35 + 0.6 * rng.random()
    # Colour words are for what a viewer would call so: not in false colour, not in a nearly grey picture.
    coloured = saturation > 0.5
    if rng.random() < INFRARED_SHARE.get(name, 0.02):
        image, coloured = infrared(image, rng), False
    image = sense(image, rng, saturation=saturation)
    instances = []
    for instance in canvas.instances:
        if instance.category in canvas.clutter:
            continue
        if not coloured and instance.colour not in NEUTRAL:
            instance = replace(instance, colour=None)
        instances.append(instance)
    annotated = tuple(c for c in CATEGORIES if c not in canvas.clutter)
    return Scene(image=image, instances=tuple(instances), annotated=annotated, name=f"synthetic:{seed}")


class SyntheticScenes:
    """A numbered collection of generated scenes.

    Args:
        length: number of scenes.
        size: side in pixels, 64 to 1024.
        seed: collections of different seeds share no scene, but for chance.

    Example:
        >>> scenes = SyntheticScenes(length=10, size=64, seed=0)
        >>> len(scenes), scenes.scene(3, seed=1).image.shape
        (10, (64, 64, 3))
    """

    def __init__(self, *, length: int, size: int = 512, seed: int = 0) -> None:
        if length < 1:
            raise ValueError(f"length is {length}; a collection of synthetic scenes needs at least 1")
        if not 64 <= size <= 1024:
            raise ValueError(f"size is {size}; synthetic scenes take 64 to 1024 pixels: pass another size")
        self.length, self.size, self.seed = length, size, seed

    def __len__(self) -> int:
        return self.length

    def scene(self, index: int, seed: int = 0) -> Scene:
        """Scene `index` of the round `seed` (an epoch, say); the same arguments give the same scene in any process."""
        if not 0 <= index < self.length:
            raise IndexError(f"index is {index}; this collection holds 0 to {self.length - 1}")
        entropy = np.random.SeedSequence([self.seed, seed, index]).generate_state(1, np.uint64)[0]
        return generate_scene(int(entropy), size=self.size)
