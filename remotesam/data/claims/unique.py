"""Sentences that mean exactly one instance."""

import numpy as np

from remotesam.data.claims.common import (
    MAX_MEMBERS,
    Claim,
    Fit,
    Rules,
    anchored,
    near_others,
    nouns_of,
    only_one,
    other_categories,
    phrase,
    place_fits,
    shuffled,
)
from remotesam.data.colours import colour_fits, words_for
from remotesam.data.expressions import EXTREMES, NEXT_TO, SINGLE, SIZES, fill, pick
from remotesam.data.geometry import PLACES, SceneView
from remotesam.data.relations import between_fits

_SIZE_RATIO = 1.6
_LENGTH_RATIO = 1.15


def single(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The category alone, where it has one instance."""
    members = scene.members(name)
    if len(members) != 1 or not scene.clear(members[0]):
        return None
    return fill(pick(SINGLE, rng), *nouns_of(scene, name, rng)), members


def place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance on a side, in a corner or in the middle."""
    members = scene.members(name)
    for word in shuffled(tuple(PLACES), rng):
        target = only_one(scene, members, place_fits(scene, members, word))
        if target is not None:
            return f"the {nouns_of(scene, name, rng)[0]} {phrase(scene, word, [target], rng)}", [target]
    return None


def extreme(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The outermost instance in a direction, an eighth of the picture ahead of the next."""
    members = scene.members(name)
    if len(members) < 2:
        return None
    for word in shuffled(tuple(EXTREMES), rng):
        axis, sign = (0 if word in ("left", "right") else 1), (1 if word in ("left", "top") else -1)
        places = [scene.place(view) for view in members]
        middles = [sign * (box[axis] + box[axis + 2]) / 2 for box in places]
        fronts = [min(sign * box[axis], sign * box[axis + 2]) for box in places]
        first, second = np.argsort(middles)[:2]
        ahead = middles[second] - middles[first] >= 0.125 and fronts[first] < min(np.delete(fronts, first)) - 0.05
        if ahead and scene.clear(members[first]):
            return fill(pick(EXTREMES[word], rng), *nouns_of(scene, name, rng)), [members[first]]
    return None


def size(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The largest or smallest instance, by 1.6 in area and 1.15 in length; what the border cuts off counts in full."""
    members = scene.members(name)
    if not 2 <= len(members) <= MAX_MEMBERS:
        return None
    for word in shuffled(tuple(SIZES), rng):
        if word == "largest":
            areas = [max(float(view.pixels), view.full_pixels) for view in members]
        else:
            areas = [-float(view.pixels) for view in members]
        second, first = np.argsort(areas)[-2:]
        ratio = areas[first] / areas[second] if word == "largest" else areas[second] / areas[first]
        target = members[first]
        lengths = [view.length for view in members if view is not target]
        apart = target.length / max(lengths) if word == "largest" else min(lengths) / target.length
        whole = target.visible > 0.9 and not scene.at_border(target)
        if ratio >= _SIZE_RATIO and apart >= _LENGTH_RATIO and whole and scene.clear(target):
            return fill(pick(SIZES[word], rng), *nouns_of(scene, name, rng)), [target]
    return None


def colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance of a colour."""
    members = scene.members(name)
    if len(members) > MAX_MEMBERS:
        return None
    for word in shuffled(words_for(scene, members), rng):
        target = only_one(scene, members, colour_fits(scene, members, word))
        if target is not None:
            return f"the {word} {nouns_of(scene, name, rng)[0]}", [target]
    return None


def next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance close to another category."""
    members = scene.members(name)
    for other, near in near_others(scene, members, name, rng):
        target = only_one(scene, members, near)
        if target is not None:
            return f"the {nouns_of(scene, name, rng)[0]} {pick(NEXT_TO, rng)} {anchored(scene, other, rng)}", [target]
    return None


def between(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance between the two instances of another category."""
    members = scene.members(name)
    for other in other_categories(scene, name, rng):
        anchors = scene.members(other)
        if len(anchors) == 2 and all(anchor.one_piece for anchor in anchors):
            target = only_one(scene, members, between_fits(members, *anchors))
            if target is not None:
                return f"the {nouns_of(scene, name, rng)[0]} between the two {nouns_of(scene, other, rng)[1]}", [target]
    return None


def colour_and_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance of a colour at a place."""
    members = scene.members(name)
    if len(members) > MAX_MEMBERS:
        return None
    for hue in shuffled(words_for(scene, members), rng):
        hues = colour_fits(scene, members, hue)
        for word in shuffled(tuple(PLACES), rng) if any(surely for surely, _ in hues) else ():
            target = only_one(scene, members, both(hues, place_fits(scene, members, word)))
            if target is not None:
                return f"the {hue} {nouns_of(scene, name, rng)[0]} {phrase(scene, word, [target], rng)}", [target]
    return None


def next_to_and_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance at a place that is close to another category."""
    members = scene.members(name)
    for other, near in near_others(scene, members, name, rng):
        for word in shuffled(tuple(PLACES), rng) if any(surely for surely, _ in near) else ():
            target = only_one(scene, members, both(near, place_fits(scene, members, word)))
            if target is not None:
                noun, place = nouns_of(scene, name, rng)[0], phrase(scene, word, [target], rng)
                return f"the {noun} {place} {pick(NEXT_TO, rng)} {anchored(scene, other, rng)}", [target]
    return None


def both(first: list[Fit], second: list[Fit]) -> list[Fit]:
    return [(a and c, b and d) for (a, b), (c, d) in zip(first, second, strict=True)]


UNIQUE: Rules = {
    "single": (2.0, single),
    "place": (3.0, place),
    "extreme": (1.5, extreme),
    "size": (1.5, size),
    "colour": (1.5, colour),
    "next_to": (1.5, next_to),
    "between": (1.0, between),
    "colour and place": (1.5, colour_and_place),
    "next to and place": (1.0, next_to_and_place),
}
"""One-to-one rules by name, each with its weight."""
