"""Captions by rule: how many there are of what, and where, with the facts behind every sentence."""

from __future__ import annotations

import random
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from remotesam.results import Caption, Instances
from remotesam.tasks.regions import GRIDS, PHRASES, Grid, region_of
from remotesam.tasks.sentences import Group, absence_sentence, cover_sentence, location_sentence, overview_sentence
from remotesam.tasks.wording import noun

_LARGE_SHARE = 0.2
_ORDER = {region: place for place, region in enumerate(PHRASES)}


def caption_instances(instances: Instances, *, regions: Grid = 3, seed: int = 0, max_categories: int = 6) -> Caption:
    """Describes an image by the objects found in it.

    The first sentence says how many there are of what, most first; then one for each category says where they are, by
    the centroids of their masks (see ``remotesam.tasks.regions``), and another how much of the image they cover, where
    they are counted in areas ("farmland") or cover at least a fifth of it. Every number is exact, up to twelve in
    words; only the share covered is rounded. The words of the categories are kept, and put in singular or plural.

    The text depends on the facts and the seed alone: not on the order of the categories or of the instances, nor on the
    process.

    Args:
        instances: What was found, as ``detect_instances`` returns it.
        regions: 3 for a grid of 3 x 3 parts of the image, 2 for 2 x 2.
        seed: Chooses among the forms of each sentence.
        max_categories: The text names at most this many, those with most objects (of equal ones the larger), and counts
            the objects of the others together.

    Returns:
        The text with its facts. ``facts`` has "image_size" (height, width), "regions", "seed", "counts" (category ->
        number, in the order of the question, zeros included) and "sentences": for each its "text", its "kind"
        ("overview", "location", "cover" or "absence") and its "facts", a list of entries with "category", "count" and
        "instances" (their numbers in the list, from 0); for a location also "region", for a cover also "area" in
        pixels.

    Raises:
        TypeError: ``instances`` is no ``Instances``, which alone know the image's size and what was asked for.
        ValueError: An option cannot be used.

    Example:
        >>> masks = np.zeros((3, 90, 90), dtype=bool)
        >>> masks[0, 5:10, 5:9] = masks[1, 15:20, 5:9] = masks[2, 70:80, 40:50] = True
        >>> names = ["ship", "ship", "harbor"]
        >>> found = [Instance.from_mask(name, 0.9, mask) for name, mask in zip(names, masks, strict=True)]
        >>> caption = caption_instances(Instances(found, image_size=(90, 90)))
        >>> print(caption.text.replace(". ", ".\\n"))
        There are two ships and a harbor in the image.
        Both ships are located in the upper left.
        The harbor is located at the bottom.
        >>> caption.facts["sentences"][1]["facts"]
        [{'category': 'ship', 'count': 2, 'region': 'upper left', 'instances': [0, 1]}]
    """
    seed = _check(instances, regions, seed, max_categories)
    choose = random.Random(seed)
    members = _by_category(instances, regions)
    found = sorted((one for one in members.values() if one.group.count), key=_most_first)
    sentences: list[dict[str, Any]] = []
    if found:
        shown, hidden = found[:max_categories], found[max_categories:]
        others = sum(one.group.count for one in hidden)
        text = overview_sentence([one.group for one in shown], others, len(hidden), choose)
        sentences.append(_sentence(text, "overview", [one.fact() for one in found]))
        for one in shown:
            text = location_sentence(one.group, choose)
            sentences.append(_sentence(text, "location", one.location_facts()))
            sentences.extend(_cover(one, instances))
    else:
        text = absence_sentence(instances.categories, max_categories, choose)
        sentences.append(_sentence(text, "absence", [one.fact() for one in members.values()]))
    facts = {
        "image_size": [int(side) for side in instances.image_size],
        "regions": int(regions),
        "seed": seed,
        "counts": {category: one.group.count for category, one in members.items()},
        "sentences": sentences,
    }
    return Caption(text=" ".join(sentence["text"] for sentence in sentences), facts=facts)


@dataclass(frozen=True)
class _Members:
    """The objects of one category: their numbers in the list by region, and the sum of their areas in pixels."""

    category: str
    group: Group
    regions: dict[str, list[int]]
    area: int

    def fact(self) -> dict[str, Any]:
        everywhere = sorted(number for numbers in self.regions.values() for number in numbers)
        return {"category": self.category, "count": self.group.count, "instances": everywhere}

    def location_facts(self) -> list[dict[str, Any]]:
        return [
            {"category": self.category, "count": count, "region": region, "instances": self.regions[region]}
            for region, count in self.group.places
        ]


def _by_category(instances: Instances, grid: Grid) -> dict[str, _Members]:
    regions: dict[str, dict[str, list[int]]] = {category: {} for category in instances.categories}
    areas = dict.fromkeys(instances.categories, 0)
    for number, instance in enumerate(instances):
        regions[instance.category].setdefault(region_of(instance, grid), []).append(number)
        areas[instance.category] += instance.area
    members = {}
    for category, places in regions.items():
        counts = sorted(((region, len(numbers)) for region, numbers in places.items()), key=_most_first_place)
        group = Group(noun(category), sum(count for _, count in counts), tuple(counts))
        members[category] = _Members(category, group, places, areas[category])
    return members


def _most_first(one: _Members) -> tuple[int, int, str]:
    return -one.group.count, -one.area, one.category


def _most_first_place(place: tuple[str, int]) -> tuple[int, int]:
    return -place[1], _ORDER[place[0]]


def _cover(one: _Members, instances: Instances) -> list[dict[str, Any]]:
    """The sentence about the share of the image, where it is worth one."""
    height, width = instances.image_size
    fewest = 0 if one.group.noun.areal else _LARGE_SHARE * height * width
    if one.area < fewest:
        return []
    covered = np.zeros((height, width), dtype=bool)  # objects may overlap
    fact = one.fact()
    for number in fact["instances"]:
        x1, y1, x2, y2 = instances[number].box
        covered[y1:y2, x1:x2] |= instances[number].crop
    area = int(np.count_nonzero(covered))
    text = cover_sentence(one.group.count, area, height * width) if area >= fewest else ""
    return [_sentence(text, "cover", [fact | {"area": area}])] if text else []


def _sentence(text: str, kind: str, facts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": text, "kind": kind, "facts": facts}


def _check(instances: Any, regions: Any, seed: Any, max_categories: Any) -> int:
    """Returns the seed."""
    if not isinstance(instances, Instances):
        raise TypeError(
            f"instances is a {type(instances).__name__}; give Instances(found, image_size=(height, width)), which "
            "detect_instances returns"
        )
    if regions not in GRIDS:
        raise ValueError(f"regions is {regions!r}; use 2 (2 x 2 parts of the image) or 3 (3 x 3)")
    if not isinstance(seed, Integral):
        raise ValueError(f"seed is {seed!r}; use a whole number")
    if not isinstance(max_categories, Integral) or max_categories < 1:
        raise ValueError(f"max_categories is {max_categories!r}; use a whole number, at least 1")
    return int(seed)
