"""Derives anew, from masks alone, what a sentence about a scene can mean, and compares it with the triplet.

It shares no geometry with the code under test: places come from the centres of mass of pixels, distances from a
distance transform, areas from pixel counts.
"""

import re

import cv2
import numpy as np

from remotesam.data.expressions import EXTREMES, GROUP_SIZES, NEXT_TO, PLACE_PHRASES, SIZES
from remotesam.data.scene import Scene
from remotesam.data.triplets import Triplet
from remotesam.data.vocabulary import mentioned
from tests.data.scenes import RGB

COVERS = {"vehicle": {"vehicle", "truck"}}
CORNER = {
    "left": ("x", 0),
    "right": ("x", 1),
    "top": ("y", 0),
    "bottom": ("y", 1),
    "upper": ("y", 0),
    "lower": ("y", 1),
}


class Masks:
    """The visible masks of a scene's instances by category."""

    def __init__(self, scene: Scene) -> None:
        self.height, self.width = scene.image.shape[:2]
        self.scene = scene

    def of(self, category: str) -> list[np.ndarray]:
        names = COVERS.get(category, {category})
        masks = (i.mask(self.height, self.width) for i in self.scene.instances if i.category in names)
        return [mask for mask in masks if mask.any()]

    def centre(self, mask: np.ndarray) -> tuple[float, float]:
        y, x = np.nonzero(mask)
        return (x.mean() + 0.5) / self.width, (y.mean() + 0.5) / self.height

    def colour(self, mask: np.ndarray) -> str:
        paint = np.median(self.scene.image[mask], axis=0)
        return min(RGB, key=lambda word: float(np.abs(paint - RGB[word]).sum()))


def check(scene: Scene, triplet: Triplet) -> None:
    """Assert that the sentence means exactly the triplet's mask."""
    masks = Masks(scene)
    members = masks.of(triplet.category)
    assert mentioned(triplet.expression)[:1] == [triplet.category], triplet.expression
    meant = [mask for mask in members if (mask & triplet.mask).any()]
    union = np.any(meant, axis=0) if meant else np.zeros_like(triplet.mask)
    assert (union == triplet.mask).all(), f"{triplet.expression}: not whole instances"
    assert bool(meant) == (triplet.kind != "one-to-zero"), triplet.expression
    others = [mask for mask in members if not any(mask is chosen for chosen in meant)]
    if triplet.kind == "one-to-one":
        assert len(meant) == 1, triplet.expression
    found = _attribute(triplet.expression)
    if found is None:
        assert not others, f"{triplet.expression}: does not mean all"
        return
    kind, word = found
    rest = triplet.expression
    if kind == "place":
        for mask in meant:
            assert _at(masks.centre(mask), word), rest
        for mask in others:
            assert not _at(masks.centre(mask), word), rest
    elif kind == "extreme":
        axis, sign = (0 if word in ("left", "right") else 1), (1 if word in ("left", "top") else -1)
        values = [sign * masks.centre(mask)[axis] for mask in others]
        assert not meant or sign * masks.centre(meant[0])[axis] < min(values, default=2), rest
    elif kind == "size" and meant:
        areas, other_areas = [mask.sum() for mask in meant], [mask.sum() for mask in others]
        if word in ("largest", "large"):
            assert min(areas) > max(other_areas, default=0), rest
        else:
            assert max(areas) < min(other_areas, default=np.inf), rest
    elif kind == "colour":
        assert all(masks.colour(mask) == word for mask in meant), rest
        assert all(masks.colour(mask) != word for mask in others), rest
    elif kind == "next to" and members and masks.of(mentioned(rest)[1]):
        gaps = _distances(masks.of(mentioned(rest)[1]))
        near, far = [gaps[mask].min() for mask in meant], [gaps[mask].min() for mask in others]
        assert max(near, default=0.0) < 0.1 * masks.width, rest
        assert min(far, default=np.inf) > 0.15 * masks.width, rest
    elif kind == "between" and meant:
        first, second = (np.array(masks.centre(mask)) for mask in masks.of(mentioned(rest)[1]))
        middle = (first + second) / 2
        gaps = [float(np.hypot(*(np.array(masks.centre(mask)) - middle))) for mask in (meant[0], *others)]
        assert gaps[0] == min(gaps), rest


def _attribute(expression: str) -> tuple[str, str] | None:
    """(kind, word) of the attribute in a sentence of our templates."""
    for phrase in NEXT_TO:
        if re.search(rf" {phrase} (the|an?) (?!center)", expression):
            return "next to", phrase
    if " between the two " in expression:
        return "between", ""
    for templates, kind in ((EXTREMES, "extreme"), (SIZES, "size"), (GROUP_SIZES, "size")):
        for word, forms in templates.items():
            for form in forms:
                start, end = re.split(r"\{\w+\}", form)
                if expression.startswith(start) and expression.endswith(end) and start != "the ":
                    return kind, word
                if end and expression.endswith(end):
                    return kind, word
    phrases = [(phrase, place) for place, forms in PLACE_PHRASES.items() for phrase in forms]
    for phrase, place in sorted(phrases, key=lambda pair: -len(pair[0])):
        if expression.endswith(f" {phrase}"):
            return "place", place
    colour = re.match(r"(?:the|all|all the) (white|black|gray|red|orange|yellow|green|blue|brown) ", expression)
    return ("colour", colour[1]) if colour else None


def _at(centre: tuple[float, float], place: str) -> bool:
    if place == "middle":
        return max(abs(centre[0] - 0.5), abs(centre[1] - 0.5)) < 0.17
    sides = [CORNER[word] for word in place.split()]
    return all((centre["xy".index(axis)] > 0.5) == bool(high) for axis, high in sides)


def _distances(anchors: list[np.ndarray]) -> np.ndarray:
    return cv2.distanceTransform((~np.any(anchors, axis=0)).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
