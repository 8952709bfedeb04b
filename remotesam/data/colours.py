"""Basic colour words of objects, known from their maker or measured conservatively from pixels."""

from functools import cache

import cv2
import numpy as np

from remotesam.data.geometry import SceneView, View
from remotesam.data.scene import Instance
from remotesam.data.vocabulary import normalise

COLOURS = ("white", "black", "gray", "red", "orange", "yellow", "green", "blue", "brown")
"""The colour words that sentences use."""

PAINTED = frozenset(
    {
        "airplane",
        "basketball court",
        "building",
        "container",
        "helicopter",
        "ship",
        "storage tank",
        "swimming pool",
        "tennis court",
        "truck",
        "vehicle",
    }
)
"""Categories whose objects have a colour of their own that people would name; only theirs is measured."""

_SURE_SHARE = 0.6
_POSSIBLE_SHARE = 0.12
_BITS = 5


def colour_fits(scene: SceneView, members: list[View], colour: str) -> list[tuple[bool, bool]]:
    """Tell for each object whether it is (surely, possibly) of a colour.

    A colour that the scene's maker states is taken at its word. Otherwise most pixels have to be of a narrow range for
    "surely", and hardly any of a wide one to rule the colour out; where nothing is to be measured, it is never sure and
    always possible.
    """
    return [_fit(scene, view, colour) for view in members]


def words_for(scene: SceneView, members: list[View]) -> tuple[str, ...]:
    """The colour words worth trying for some objects; empty where colours cannot be told."""
    known = {colour for view in members if (colour := stated_colour(view.instance))}
    if any(view.instance.colour is None and view.instance.category not in PAINTED for view in members):
        return ()
    if is_greyscale(scene.scene.image):
        return ("white", "black")
    return tuple(dict.fromkeys((*COLOURS, *sorted(known))))


def stated_colour(instance: Instance) -> str | None:
    """The colour that the scene's maker states, in American spelling as in :data:`COLOURS`."""
    return normalise(instance.colour) if instance.colour else None


def is_greyscale(image: np.ndarray) -> bool:
    """Whether an ``(H, W, 3)`` uint8 picture has next to no colour: words other than black and white fail there."""
    sample = image[:: max(image.shape[0] // 64, 1), :: max(image.shape[1] // 64, 1)].astype(np.int16)
    return bool((sample.max(-1) - sample.min(-1)).mean() < 8)


def colour_shares(image: np.ndarray, view: View) -> dict[str, tuple[float, float]]:
    """Measure for each word of :data:`COLOURS` which share of an object's pixels has (surely, possibly) that colour.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        view: An object with at least one visible pixel.
    """
    left, top, right, bottom = (int(value) for value in view.box)
    pixels = image[top:bottom, left:right][view.mask[top:bottom, left:right]] >> (8 - _BITS)
    cells = (pixels[:, 0].astype(np.int32) << (2 * _BITS)) + (pixels[:, 1].astype(np.int32) << _BITS) + pixels[:, 2]
    shares = _cube()[cells].mean(0)
    return {word: (float(shares[0, number]), float(shares[1, number])) for number, word in enumerate(COLOURS)}


def _fit(scene: SceneView, view: View, colour: str) -> tuple[bool, bool]:
    known = stated_colour(view.instance)
    if known is not None:
        return known == colour, known == colour
    if view.instance.category not in PAINTED or colour not in COLOURS:
        return False, True
    if view not in scene.measured_colours:
        scene.measured_colours[view] = colour_shares(scene.scene.image, view)
    sure, possible = scene.measured_colours[view][colour]
    return sure >= _SURE_SHARE, possible >= _POSSIBLE_SHARE


@cache
def _cube() -> np.ndarray:
    """The (surely, possibly) rules for every cell of a coarse RGB cube, ``(cells, 2, colours)`` float32 of 0 and 1."""
    side = 1 << _BITS
    levels = (np.arange(side) * 255 / (side - 1)).round().astype(np.uint8)
    red, green, blue = np.meshgrid(levels, levels, levels, indexing="ij")
    hsv = cv2.cvtColor(np.stack([red, green, blue], -1).reshape(1, -1, 3), cv2.COLOR_RGB2HSV)[0].astype(np.int32)
    hue, saturation, value = hsv[:, 0] * 2, hsv[:, 1], hsv[:, 2]
    vivid, tinted = saturation >= 110, (saturation >= 30) & (value >= 30)
    dull, pale = saturation <= 40, saturation <= 90

    def near(low: int, high: int) -> np.ndarray:
        return (hue >= low) & (hue < high) if low < high else (hue >= low) | (hue < high)

    rules = {
        "white": ((saturation <= 28) & (value >= 205), pale & (value >= 140)),
        "black": (value <= 45, value <= 95),
        "gray": (dull & (value >= 85) & (value <= 165), pale & (value >= 35) & (value <= 225)),
        "red": (vivid & (value >= 110) & near(345, 12), tinted & near(320, 30)),
        "orange": (vivid & (value >= 150) & near(20, 38), tinted & near(5, 52)),
        "yellow": (vivid & (value >= 150) & near(46, 64), tinted & near(34, 85)),
        "green": (vivid & (value >= 75) & near(90, 150), tinted & near(60, 190)),
        "blue": (vivid & (value >= 95) & near(200, 245), tinted & near(165, 275)),
        "brown": (vivid & (value >= 60) & (value < 130) & near(12, 36), tinted & (value < 190) & near(330, 60)),
    }
    return np.stack([np.stack(rules[word]) for word in COLOURS]).transpose(2, 1, 0).astype(np.float32)
