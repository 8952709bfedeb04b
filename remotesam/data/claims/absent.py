"""Sentences that are false for every instance of a present category."""

import numpy as np

from remotesam.data.claims.common import (
    MAX_MEMBERS,
    Claim,
    Rules,
    anchored,
    every,
    near_others,
    nouns_of,
    place_fits,
    shuffled,
)
from remotesam.data.colours import colour_fits, words_for
from remotesam.data.expressions import NEXT_TO, PLACE_PHRASES, pick
from remotesam.data.geometry import PLACES, SceneView


def _subject(scene: SceneView, name: str, rng: np.random.Generator, middle: str = "") -> str:
    singular, plural = nouns_of(scene, name, rng)
    if rng.random() < 0.5:
        return f"the {middle}{singular}"
    return f"{every(rng)} {middle}{plural}"


def no_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """A place where no instance is."""
    members = scene.members(name)
    for word in shuffled(tuple(PLACES), rng):
        if not any(possibly for _, possibly in place_fits(scene, members, word)):
            return f"{_subject(scene, name, rng)} {pick(PLACE_PHRASES[word], rng)}", []
    return None


def no_colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """A colour that no instance has."""
    members = scene.members(name)
    if len(members) > MAX_MEMBERS:
        return None
    for word in shuffled(words_for(scene, members), rng):
        if not any(possibly for _, possibly in colour_fits(scene, members, word)):
            return _subject(scene, name, rng, f"{word} "), []
    return None


def no_next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """Another category that is present but far from every instance."""
    members = scene.members(name)
    for other, fits in near_others(scene, members, name, rng):
        if not any(near for _, near in fits):
            return f"{_subject(scene, name, rng)} {pick(NEXT_TO, rng)} {anchored(scene, other, rng)}", []
    return None


NONE: Rules = {
    "place": (2.0, no_place),
    "colour": (2.0, no_colour),
    "next_to": (1.0, no_next_to),
}
"""Rules for attributes that no instance has."""
