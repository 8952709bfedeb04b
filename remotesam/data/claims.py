"""Sentences with attributes (place, size, colour, relation), each proposed only where the scene leaves no doubt.

A rule takes the scene, a category and a random generator and returns a sentence with the instances that it means, or
None where it has nothing to say. Those of ``UNIQUE`` mean exactly one instance, those of ``GROUP`` two or more but not
all, and those of ``NONE`` are false for every instance of a present category.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from remotesam.data.colours import colour_fits, words_for
from remotesam.data.expressions import (
    EXTREMES,
    GROUP_SIZES,
    NEXT_TO,
    PLACE_PHRASES,
    SINGLE,
    SIZES,
    fill,
    nouns,
    pick,
    with_article,
)
from remotesam.data.geometry import PLACES, SceneView, View, fits_place
from remotesam.data.naming import wording
from remotesam.data.relations import between_fits, near_fits

Claim = tuple[str, list[View]]
Fit = tuple[bool, bool]
Rule = Callable[[SceneView, str, np.random.Generator], Claim | None]

_SIZE_RATIO = 1.6
_LENGTH_RATIO = 1.15
_ALIKE = 1.4
_CORNER = 0.2
_GROUP_RATIO = 2.0
_MAX_MEMBERS = 30


def _target(members: list[View], fits: list[Fit]) -> View | None:
    """The one member that surely fits while no other possibly does."""
    possible = [view for view, (_, possibly) in zip(members, fits, strict=True) if possibly]
    sure = [view for view, (surely, _) in zip(members, fits, strict=True) if surely]
    return sure[0] if len(sure) == len(possible) == 1 and sure[0].clear else None


def _group(members: list[View], fits: list[Fit]) -> list[View] | None:
    """The members that fit, where they are two or more but not all and no member is in doubt."""
    if any(surely != possibly for surely, possibly in fits):
        return None
    chosen = [view for view, (surely, _) in zip(members, fits, strict=True) if surely]
    return chosen if 2 <= len(chosen) < len(members) and any(view.clear for view in chosen) else None


def _shuffled(words: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [words[index] for index in rng.permutation(len(words))]


def _place_fits(scene: SceneView, members: list[View], place: str) -> list[Fit]:
    return [fits_place(scene.place(view), place) for view in members]


def _phrase(scene: SceneView, word: str, views: Sequence[View], rng: np.random.Generator) -> str:
    """A wording of a place; only what is near a corner of the picture is "in the corner"."""
    middles = [(np.array(box[:2]) + box[2:]) / 2 for box in map(scene.place, views)]
    cornered = all(np.minimum(middle, 1 - middle).max() < _CORNER for middle in middles)
    return pick(tuple(p for p in PLACE_PHRASES[word] if cornered or not p.endswith("corner")), rng)


def _anchors(scene: SceneView, name: str, rng: np.random.Generator) -> list[str]:
    """Other present categories that share no member with this one, in random order."""
    own = {id(view) for view in scene.members(name)}
    related = {name, *wording(name).overlapping}
    others = tuple(o for o in scene.present if o not in related and not own & {id(v) for v in scene.members(o)})
    return _shuffled(others, rng)


def single(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The category alone, where it has one instance."""
    members = scene.members(name)
    if len(members) != 1 or not members[0].clear:
        return None
    return fill(pick(SINGLE, rng), *nouns(wording(name), rng)), members


def place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance on a side, in a corner or in the middle."""
    members = scene.members(name)
    for word in _shuffled(tuple(PLACES), rng):
        target = _target(members, _place_fits(scene, members, word))
        if target is not None:
            return f"the {nouns(wording(name), rng)[0]} {_phrase(scene, word, [target], rng)}", [target]
    return None


def extreme(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The outermost instance in a direction, an eighth of the picture ahead of the next."""
    members = scene.members(name)
    if len(members) < 2:
        return None
    for word in _shuffled(tuple(EXTREMES), rng):
        axis, sign = (0 if word in ("left", "right") else 1), (1 if word in ("left", "top") else -1)
        places = [scene.place(view) for view in members]
        middles = [sign * (box[axis] + box[axis + 2]) / 2 for box in places]
        fronts = [min(sign * box[axis], sign * box[axis + 2]) for box in places]
        first, second = np.argsort(middles)[:2]
        ahead = middles[second] - middles[first] >= 0.125 and fronts[first] < min(np.delete(fronts, first)) - 0.05
        if ahead and members[first].clear:
            return fill(pick(EXTREMES[word], rng), *nouns(wording(name), rng)), [members[first]]
    return None


def size(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The largest or smallest instance, by 1.6 in area and 1.15 in length; what the border cuts off counts in full."""
    members = scene.members(name)
    if not 2 <= len(members) <= _MAX_MEMBERS:
        return None
    for word in _shuffled(tuple(SIZES), rng):
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
        if ratio >= _SIZE_RATIO and apart >= _LENGTH_RATIO and whole and target.clear:
            return fill(pick(SIZES[word], rng), *nouns(wording(name), rng)), [target]
    return None


def colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance of a colour."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for word in _shuffled(words_for(scene, members), rng):
        target = _target(members, colour_fits(scene, members, word))
        if target is not None:
            return f"the {word} {nouns(wording(name), rng)[0]}", [target]
    return None


def next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance close to another category."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for other in _anchors(scene, name, rng):
        anchors = scene.members(other)
        if len(anchors) <= _MAX_MEMBERS:
            target = _target(members, near_fits(scene, members, anchors))
            if target is not None:
                noun = nouns(wording(name), rng)[0]
                return f"the {noun} {pick(NEXT_TO, rng)} {_anchor(other, len(anchors), rng)}", [target]
    return None


def between(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance between the two instances of another category."""
    members = scene.members(name)
    for other in _anchors(scene, name, rng):
        anchors = scene.members(other)
        if len(anchors) == 2:
            target = _target(members, between_fits(members, *anchors))
            if target is not None:
                return f"the {nouns(wording(name), rng)[0]} between the two {nouns(wording(other), rng)[1]}", [target]
    return None


def colour_and_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance of a colour at a place."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for hue in _shuffled(words_for(scene, members), rng):
        hues = colour_fits(scene, members, hue)
        for word in _shuffled(tuple(PLACES), rng) if any(surely for surely, _ in hues) else ():
            target = _target(members, _both(hues, _place_fits(scene, members, word)))
            if target is not None:
                return f"the {hue} {nouns(wording(name), rng)[0]} {_phrase(scene, word, [target], rng)}", [target]
    return None


def next_to_and_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The only instance at a place that is close to another category."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for other in _anchors(scene, name, rng):
        anchors = scene.members(other)
        near = near_fits(scene, members, anchors) if len(anchors) <= _MAX_MEMBERS else []
        for word in _shuffled(tuple(PLACES), rng) if any(surely for surely, _ in near) else ():
            target = _target(members, _both(near, _place_fits(scene, members, word)))
            if target is not None:
                noun, place = nouns(wording(name), rng)[0], _phrase(scene, word, [target], rng)
                return f"the {noun} {place} {pick(NEXT_TO, rng)} {_anchor(other, len(anchors), rng)}", [target]
    return None


def _both(first: list[Fit], second: list[Fit]) -> list[Fit]:
    return [(a and c, b and d) for (a, b), (c, d) in zip(first, second, strict=True)]


def _anchor(name: str, count: int, rng: np.random.Generator) -> str:
    noun = nouns(wording(name), rng)[0]
    return f"the {noun}" if count == 1 else with_article(noun)


def group_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances on one side."""
    members = scene.members(name)
    for word in _shuffled(tuple(PLACES), rng):
        chosen = _group(members, _place_fits(scene, members, word))
        if chosen:
            return f"{_all(rng)} {nouns(wording(name), rng)[1]} {_phrase(scene, word, chosen, rng)}", chosen
    return None


def group_size(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """The large or the small ones, where the areas fall into two sorts a factor of two apart."""
    members = sorted(scene.members(name), key=lambda view: view.pixels)
    if not 3 <= len(members) <= _MAX_MEMBERS or any(view.visible < 0.9 for view in members):
        return None
    areas = np.array([view.pixels for view in members], np.float64)
    ratios = areas[1:] / areas[:-1]
    cut = int(ratios.argmax()) + 1
    if ratios[cut - 1] < _GROUP_RATIO or np.delete(ratios, cut - 1).max(initial=1.0) > _ALIKE:
        return None
    for word in _shuffled(tuple(GROUP_SIZES), rng):
        chosen = members[cut:] if word == "large" else members[:cut]
        if len(chosen) >= 2 and any(view.clear for view in chosen):
            return fill(pick(GROUP_SIZES[word], rng), *nouns(wording(name), rng)), chosen
    return None


def group_colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances of a colour."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for word in _shuffled(words_for(scene, members), rng):
        chosen = _group(members, colour_fits(scene, members, word))
        if chosen:
            return f"{_all(rng)} {word} {nouns(wording(name), rng)[1]}", chosen
    return None


def group_next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """All instances close to another category."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for other in _anchors(scene, name, rng):
        anchors = scene.members(other)
        chosen = _group(members, near_fits(scene, members, anchors)) if len(anchors) <= _MAX_MEMBERS else None
        if chosen:
            anchor = _anchor(other, len(anchors), rng)
            return f"{_all(rng)} {nouns(wording(name), rng)[1]} {pick(NEXT_TO, rng)} {anchor}", chosen
    return None


def _all(rng: np.random.Generator) -> str:
    return pick(("the", "all", "all the"), rng)


def _subject(name: str, rng: np.random.Generator, middle: str = "") -> str:
    singular, plural = nouns(wording(name), rng)
    if rng.random() < 0.5:
        return f"the {middle}{singular}"
    return f"{_all(rng)} {middle}{plural}"


def no_place(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """A place where no instance is."""
    members = scene.members(name)
    for word in _shuffled(tuple(PLACES), rng):
        if not any(possibly for _, possibly in _place_fits(scene, members, word)):
            return f"{_subject(name, rng)} {pick(PLACE_PHRASES[word], rng)}", []
    return None


def no_colour(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """A colour that no instance has."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for word in _shuffled(words_for(scene, members), rng):
        if not any(possibly for _, possibly in colour_fits(scene, members, word)):
            return _subject(name, rng, f"{word} "), []
    return None


def no_next_to(scene: SceneView, name: str, rng: np.random.Generator) -> Claim | None:
    """Another category that is present but far from every instance."""
    members = scene.members(name)
    if len(members) > _MAX_MEMBERS:
        return None
    for other in _anchors(scene, name, rng):
        anchors = scene.members(other)
        if len(anchors) <= _MAX_MEMBERS and not any(near for _, near in near_fits(scene, members, anchors)):
            return f"{_subject(name, rng)} {pick(NEXT_TO, rng)} {_anchor(other, len(anchors), rng)}", []
    return None


UNIQUE: Mapping[str, tuple[float, Rule]] = {
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

GROUP: Mapping[str, tuple[float, Rule]] = {
    "place": (3.0, group_place),
    "size": (1.0, group_size),
    "colour": (1.5, group_colour),
    "next_to": (1.0, group_next_to),
}
"""Rules for subsets."""

NONE: Mapping[str, tuple[float, Rule]] = {
    "place": (2.0, no_place),
    "colour": (2.0, no_colour),
    "next_to": (1.0, no_next_to),
}
"""Rules for attributes that no instance has."""


def propose(
    rules: Mapping[str, tuple[float, Rule]], scene: SceneView, name: str, rng: np.random.Generator
) -> Claim | None:
    """Try the rules in a random order (by weight) until one can say something of the category."""
    weights = np.array([weight for weight, _ in rules.values()])
    order = rng.choice(len(weights), len(weights), replace=False, p=weights / weights.sum())
    functions = [rule for _, rule in rules.values()]
    return next((claim for index in order if (claim := functions[index](scene, name, rng)) is not None), None)
