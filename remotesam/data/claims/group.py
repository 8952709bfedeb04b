"""Sentences that mean two or more instances of a category but not all."""

import numpy as np

from remotesam.data.claims.common import (
    MAX_MEMBERS,
    Claim,
    Rules,
    anchored,
    every,
    near_others,
    nouns_of,
    phrase,
    place_fits,
    shuffled,
    some_of,
)
from remotesam.data.colours import colour_fits, words_for
from remotesam.data.expressions import GROUP_SIZES, NEXT_TO, fill, pick
from remotesam.data.geometry import PLACES, SceneView

_ALIKE = 1.4
_GROUP_RATIO = 2.0


def group_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances on one side."""
    members = scene.members(name)
    for word in shuffled(tuple(PLACES), rng):
        chosen = some_of(scene, members, place_fits(scene, members, word))
        if chosen:
            return f"{every(rng)} {nouns_of(scene, name, rng)[1]} {phrase(scene, word, chosen, rng)}", chosen
    return None


def group_size(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The large or the small ones, where the areas fall into two sorts a factor of two apart."""
    members = sorted(scene.members(name), key=lambda view: view.pixels)
    if not 3 <= len(members) <= MAX_MEMBERS or any(view.visible < 0.9 for view in members):
        return None
    areas = np.array([view.pixels for view in members], np.float64)
    ratios = areas[1:] / areas[:-1]
    cut = int(ratios.argmax()) + 1
    if ratios[cut - 1] < _GROUP_RATIO or np.delete(ratios, cut - 1).max(initial=1.0) > _ALIKE:
        return None
    for word in shuffled(tuple(GROUP_SIZES), rng):
        chosen = members[cut:] if word == "large" else members[:cut]
        if len(chosen) >= 2 and any(map(scene.clear, chosen)):
            return fill(pick(GROUP_SIZES[word], rng), *nouns_of(scene, name, rng)), chosen
    return None


def group_colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances of a colour."""
    members = scene.members(name)
    if len(members) > MAX_MEMBERS:
        return None
    for word in shuffled(words_for(scene, members), rng):
        chosen = some_of(scene, members, colour_fits(scene, members, word))
        if chosen:
            return f"{every(rng)} {word} {nouns_of(scene, name, rng)[1]}", chosen
    return None


def group_next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances close to another category."""
    members = scene.members(name)
    for other, near in near_others(scene, members, name, rng):
        chosen = some_of(scene, members, near)
        if chosen:
            anchor = anchored(scene, other, rng)
            return f"{every(rng)} {nouns_of(scene, name, rng)[1]} {pick(NEXT_TO, rng)} {anchor}", chosen
    return None


GROUP: Rules = {
    "place": (3.0, group_place),
    "size": (1.0, group_size),
    "colour": (1.5, group_colour),
    "next_to": (1.0, group_next_to),
}
"""Rules for subsets."""
