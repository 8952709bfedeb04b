"""What the rules share: who fits, how places and nouns are worded."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from remotesam.data.expressions import PLACE_PHRASES, SYNONYM_SHARE, nouns, pick, with_article
from remotesam.data.geometry import PLACES, SceneView, View, fits_place
from remotesam.data.naming import wording
from remotesam.data.relations import near_fits

Claim = tuple[str, list[View]]
Fit = tuple[bool, bool]
Rule = Callable[[SceneView, str, np.random.Generator], Claim | None]
Rules = Mapping[str, tuple[float, Rule]]

MAX_MEMBERS = 30
_CORNER = 0.2
_EDGE = 0.25


def only_one(scene: SceneView, members: list[View], fits: list[Fit]) -> View | None:
    """The one member that surely fits while no other possibly does."""
    possible = [view for view, (_, possibly) in zip(members, fits, strict=True) if possibly]
    sure = [view for view, (surely, _) in zip(members, fits, strict=True) if surely]
    return sure[0] if len(sure) == len(possible) == 1 and scene.clear(sure[0]) else None


def some_of(scene: SceneView, members: list[View], fits: list[Fit]) -> list[View] | None:
    """The members that fit, where they are two or more but not all and no member is in doubt."""
    if any(surely != possibly for surely, possibly in fits):
        return None
    chosen = [view for view, (surely, _) in zip(members, fits, strict=True) if surely]
    return chosen if 2 <= len(chosen) < len(members) and any(map(scene.clear, chosen)) else None


def shuffled(words: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [words[index] for index in rng.permutation(len(words))]


def place_fits(scene: SceneView, members: list[View], place: str) -> list[Fit]:
    return [fits_place(scene.place(view), place) for view in members]


def phrase(scene: SceneView, word: str, views: Sequence[View], rng: np.random.Generator) -> str:
    """A wording of a place; only what is near a corner is "in the corner", and near an edge "at the top"."""
    sides = PLACES[word]
    limit = 0.0
    for box in map(scene.place, views):
        middles = [(box[axis] + box[axis + 2]) / 2 for axis in (0, 1) if sides[axis] != "any"]
        limit = max(limit, *(min(middle, 1 - middle) for middle in middles))
    phrases = tuple(
        phrase
        for phrase in PLACE_PHRASES[word]
        if not (phrase.endswith("corner") and limit >= _CORNER) and not (phrase.startswith("at the") and limit >= _EDGE)
    )
    return pick(phrases, rng)


def other_categories(scene: SceneView, name: str, rng: np.random.Generator) -> list[str]:
    """Other present categories that share no member with this one, in random order."""
    own = {id(view) for view in scene.members(name)}
    related = {name, *wording(name).overlapping}
    others = tuple(o for o in scene.present if o not in related and not own & {id(v) for v in scene.members(o)})
    return shuffled(others, rng)


def near_others(
    scene: SceneView, members: list[View], name: str, rng: np.random.Generator
) -> Iterator[tuple[str, list[Fit]]]:
    """Other categories, each with whether the members are next to one of it; none where there are too many."""
    if len(members) <= MAX_MEMBERS:
        for other in other_categories(scene, name, rng):
            anchors = scene.members(other)
            if len(anchors) <= MAX_MEMBERS:
                yield other, near_fits(scene, members, anchors)


def every(rng: np.random.Generator) -> str:
    return pick(("the", "all", "all the"), rng)


def nouns_of(scene: SceneView, name: str, rng: np.random.Generator) -> tuple[str, str]:
    """(singular, plural) of a category; its own name where something that it includes is there (a truck is no car)."""
    own = all(view.instance.category == name for view in scene.members(name))
    return nouns(wording(name), rng, synonym=SYNONYM_SHARE if own else 0.0)


def anchored(scene: SceneView, name: str, rng: np.random.Generator) -> str:
    """A category that something is near to, with "the" where it has one member."""
    noun = nouns_of(scene, name, rng)[0]
    members = scene.members(name)
    return f"the {noun}" if len(members) == 1 and members[0].one_piece else with_article(noun)
