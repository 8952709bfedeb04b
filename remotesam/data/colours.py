"""Basic colour words of objects, known from their maker or measured conservatively from pixels."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from remotesam.data.geometry import View

COLOURS = ("white", "black", "gray", "red", "orange", "yellow", "green", "blue", "brown")
"""The colour words that sentences use."""

_SURE_SHARE = 0.6
_POSSIBLE_SHARE = 0.12


def colour_shares(image: np.ndarray, view: "View") -> dict[str, tuple[float, float]]:
    """Measure for each word of :data:`COLOURS` which share of an object's pixels has (surely, possibly) that colour.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        view: The object.
    """
    left, top, right, bottom = (int(value) for value in view.box)
    pixels = image[top:bottom, left:right][view.mask[top:bottom, left:right]]
    hue, saturation, value = cv2.cvtColor(pixels[None], cv2.COLOR_RGB2HSV)[0].astype(np.int32).T
    hue = hue * 2
    vivid, dull = saturation >= 110, saturation <= 40
    lively = (vivid | (saturation >= 60)) & (value >= 40)
    warm_dark = (value < 150) & ((hue < 50) | (hue > 340))

    def near(low: int, high: int) -> np.ndarray:
        return (hue >= low) & (hue < high) if low < high else (hue >= low) | (hue < high)

    rules = {
        "white": (dull & (value >= 205), (saturation <= 70) & (value >= 150)),
        "black": (value <= 45, value <= 85),
        "gray": (dull & (value >= 85) & (value <= 165), (saturation <= 70) & (value >= 45) & (value <= 215)),
        "red": (vivid & (value >= 110) & near(345, 12), lively & near(325, 28)),
        "orange": (vivid & (value >= 150) & near(20, 38), lively & near(8, 50)),
        "yellow": (vivid & (value >= 150) & near(46, 64), lively & near(36, 80)),
        "green": (vivid & (value >= 60) & near(90, 150), lively & near(65, 185)),
        "blue": (vivid & (value >= 70) & near(200, 245), lively & near(170, 270)),
        "brown": (vivid & (value >= 60) & (value < 130) & near(12, 36), lively & warm_dark),
    }
    return {word: (float(surely.mean()), float(possibly.mean())) for word, (surely, possibly) in rules.items()}


def fits_colour(image: np.ndarray, view: "View", colour: str) -> tuple[bool, bool]:
    """Tell whether an object is (surely, possibly) of a colour.

    A colour that the scene's maker states is taken at its word. Otherwise most pixels have to be of a narrow range for
    "surely", and hardly any of a wide one to rule the colour out.
    """
    known = view.instance.colour
    if known is not None:
        return known == colour, known == colour
    sure, possible = colour_shares(image, view)[colour]
    return sure >= _SURE_SHARE, possible >= _POSSIBLE_SHARE
