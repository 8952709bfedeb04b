"""Derives anew, from masks alone, what a sentence about a scene can mean, and compares it with the triplet.

It shares no geometry with the code under test: places come from the centres of mass of pixels, distances from a
distance transform, areas from pixel counts, colours from lightness, chroma and hue in CIE L*a*b*.
"""

import re

import cv2
import numpy as np

from remotesam.data.expressions import EXTREMES, GROUP_SIZES, NEXT_TO, PLACE_PHRASES, SIZES
from remotesam.data.scene import Scene
from remotesam.data.triplets import Triplet
from remotesam.data.vocabulary import mentioned, normalise

COVERS = {"vehicle": {"vehicle", "truck"}}
CORNER = {
    "left": ("x", 0),
    "right": ("x", 1),
    "top": ("y", 0),
    "bottom": ("y", 1),
    "upper": ("y", 0),
    "lower": ("y", 1),
}
HUES = {"red": 35, "orange": 66, "yellow": 98, "green": 140, "blue": 285}
NEAR = 0.12
COLOURS = "white|black|gr[ae]y|red|orange|yellow|green|blue|brown"


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
        lightness, a, b = lab(np.median(self.scene.image[mask], axis=0))
        if np.hypot(a, b) < 13:
            return "white" if lightness > 78 else "black" if lightness < 30 else "gray"
        hue = np.degrees(np.arctan2(b, a))
        word = min(HUES, key=lambda name: abs((hue - HUES[name] + 180) % 360 - 180))
        return "brown" if lightness < 50 and 45 < hue < 85 else word

    def state(self, mask: np.ndarray) -> str | None:
        """The colour that the scene's maker states of the instance with this mask."""
        for instance in self.scene.instances:
            if instance.colour and (instance.mask(self.height, self.width) == mask).all():
                return normalise(instance.colour)
        return None


def check(scene: Scene, triplet: Triplet) -> None:
    """Assert that the sentence means exactly the triplet's mask."""
    masks = Masks(scene)
    text = triplet.expression
    members = masks.of(triplet.category)
    assert mentioned(text)[:1] == [triplet.category], f"{text}: about {mentioned(text)}, not {triplet.category}"
    meant = [number for number, mask in enumerate(members) if (mask & triplet.mask).any()]
    union = np.any([members[number] for number in meant], axis=0) if meant else np.zeros_like(triplet.mask)
    assert (union == triplet.mask).all(), f"{text}: not whole instances"
    assert bool(meant) == (triplet.kind != "one-to-zero"), f"{text}: {len(meant)} targets as {triplet.kind}"
    assert triplet.kind != "one-to-one" or len(meant) == 1, f"{text}: {len(meant)} targets as one-to-one"
    derived = derive(masks, text, members)
    assert derived == meant, f"{text}: means number {meant} of {len(members)}, but from its words number {derived}"


def derive(masks: Masks, text: str, members: list[np.ndarray]) -> list[int]:
    """Numbers of the members that a sentence of our templates means."""
    left = set(range(len(members)))
    for kind, word in attributes(text):
        left &= _fitting(masks, text, members, kind, word)
    return sorted(left)


def _fitting(masks: Masks, text: str, members: list[np.ndarray], kind: str, word: str) -> set[int]:
    every = range(len(members))
    if not members:
        return set()
    if kind == "place":
        return {n for n in every if _at(masks.centre(members[n]), word)}
    if kind == "extreme":
        axis, sign = (0 if word in ("left", "right") else 1), (1 if word in ("left", "top") else -1)
        return {min(every, key=lambda n: sign * masks.centre(members[n])[axis])}
    if kind == "size":
        return _of_size([int(mask.sum()) for mask in members], word)
    if kind == "colour":
        return {n for n in every if (masks.state(members[n]) or masks.colour(members[n])) == word}
    others = masks.of(mentioned(text)[1])
    if not others:
        return set()
    if kind == "next to":
        gaps = _distances(others)
        return {n for n in every if gaps[members[n]].min() < NEAR * max(masks.width, masks.height)}
    assert kind == "between" and len(others) == 2, text
    size = np.array([masks.width, masks.height])
    start, end = (np.array(masks.centre(mask)) * size for mask in others)
    middle = (start + end) / 2
    gaps = {n: float(np.hypot(*(np.array(masks.centre(members[n])) * size - middle))) for n in every}
    nearest = min(gaps, key=lambda n: gaps[n])
    return {nearest} if gaps[nearest] < np.hypot(*(end - start)) / 2 else set()


def _of_size(areas: list[int], word: str) -> set[int]:
    if word in ("largest", "smallest"):
        return {int(np.argmax(areas) if word == "largest" else np.argmin(areas))}
    order = np.argsort(areas)
    ratios = np.array(areas)[order][1:] / np.array(areas)[order][:-1]
    cut = int(ratios.argmax()) + 1 if len(ratios) else 0
    return {int(n) for n in (order[cut:] if word == "large" else order[:cut])}


def attributes(expression: str) -> list[tuple[str, str]]:
    """(kind, word) of the attributes in a sentence of our templates."""
    found = []
    for phrase in NEXT_TO:
        match = re.search(rf" {phrase} (the|an?) (?!center)", expression)
        if match:
            found.append(("next to", phrase))
            expression = expression[: match.start()]
    if " between the two " in expression:
        found.append(("between", ""))
        expression = expression.partition(" between the two ")[0]
    if colour := re.match(rf"(?:the|all|all the) ({COLOURS}) ", expression):
        found.append(("colour", normalise(colour[1])))
    phrases = [(phrase, place) for place, forms in PLACE_PHRASES.items() for phrase in forms]
    for phrase, place in sorted(phrases, key=lambda pair: -len(pair[0])):
        if expression.endswith(f" {phrase}") and not expression.endswith(" furthest to the left"):
            if not expression.endswith(f" furthest {phrase}"):
                found.append(("place", place))
            break
    return found + _superlative(expression)


def _superlative(expression: str) -> list[tuple[str, str]]:
    for templates, kind in ((EXTREMES, "extreme"), (SIZES, "size"), (GROUP_SIZES, "size")):
        for word, forms in templates.items():
            for form in forms:
                start, end = re.split(r"\{\w+\}", form)
                if expression.startswith(start) and expression.endswith(end) and (start != "the " or end):
                    return [(kind, word)]
    return []


def lab(rgb: object) -> np.ndarray:
    """L*, a*, b* of a colour of 0 to 255."""
    pixel = (np.asarray(rgb, np.float32) / 255).reshape(1, 1, 3)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB))[0, 0]


def _at(centre: tuple[float, float], place: str) -> bool:
    if place == "middle":
        return max(abs(centre[0] - 0.5), abs(centre[1] - 0.5)) < 0.2
    sides = [CORNER[word] for word in place.split()]
    return all((centre["xy".index(axis)] > 0.5) == bool(high) for axis, high in sides)


def _distances(anchors: list[np.ndarray]) -> np.ndarray:
    return cv2.distanceTransform((~np.any(anchors, axis=0)).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
