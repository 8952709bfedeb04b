"""The sentences of a caption: what there is, where it is, how much of the image it covers, what there is not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from remotesam.tasks.regions import PHRASES, WHOLE
from remotesam.tasks.wording import LARGEST_WORD, Noun, listed, noun, number

_MOST_PLACES = 3
"""In more regions than this, objects are "spread over the image"."""


@dataclass(frozen=True)
class Group:
    """All objects of one category.

    Attributes:
        noun: The category.
        count: How many there are.
        places: Regions with the number of objects in each, most first.
    """

    noun: Noun
    count: int
    places: tuple[tuple[str, int], ...]


def overview_sentence(groups: Sequence[Group], others: int, other_categories: int, choose: random.Random) -> str:
    """Says how many there are of what.

    Args:
        groups: What is named, at least one.
        others: The number of objects that are not.
        other_categories: How many categories those have.
        choose: Picks the form.
    """
    items = [group.noun.counted(group.count) for group in groups]
    if others:
        kinds = "another category" if other_categories == 1 else f"{number(other_categories)} other categories"
        items.append(f"{number(others)} {'object' if others == 1 else 'objects'} of {kinds}")
    what = listed(items)
    forms = [f"The image shows {what}.", f"This is an image of {what}.", f"The scene contains {what}."]
    first = groups[0].count
    if first > 1:
        forms.append(f"There are {what} in the image.")
    elif len(items) == 1:
        forms.append(f"There is {what} in the image.")
    if first <= LARGEST_WORD:
        forms.append(f"{_capital(what)} can be seen in the image.")
    return choose.choice(forms)


def location_sentence(group: Group, choose: random.Random) -> str:
    """Says where the objects of one category are."""
    if group.count == 1:
        return _one_object(group, choose)
    if len(group.places) == 1:
        return _one_place(group, choose)
    if len(group.places) <= _MOST_PLACES:
        return _few_places(group, choose)
    return _many_places(group, choose)


def cover_sentence(count: int, area: int, pixels: int) -> str:
    """Says how much of the image the objects of the sentence before cover; "" for less than half a percent.

    Args:
        count: How many objects there are.
        area: The pixels that they cover together.
        pixels: The pixels of the image.
    """
    percent = round(100 * area / pixels)
    if percent == 0:
        return ""
    if area == pixels:
        share = "the whole image"
    else:
        share = "almost the whole image" if percent == 100 else f"about {percent}% of the image"
    return f"It covers {share}." if count == 1 else f"Together they cover {share}."


def absence_sentence(categories: Sequence[str], most: int, choose: random.Random) -> str:
    """Says that nothing was found.

    Args:
        categories: What was asked for.
        most: With more categories than this (and than two) only their number is named.
        choose: Picks the form.
    """
    if not categories:
        return "Nothing was found in the image."
    if len(categories) > max(most, 2):
        return f"None of the {number(len(categories))} categories was found in the image."
    # What cannot be counted first: the verb goes with the last.
    nouns = sorted((noun(category) for category in categories), key=lambda one: (not one.mass, one.any))
    what = listed([one.any for one in nouns], "or")
    verb = "was" if nouns[-1].mass else "were"
    forms = (
        f"No {what} {verb} found.",
        f"The image shows no {what}.",
        f"The image does not show any {what}.",
        f"No {what} can be seen in the image.",
    )
    return choose.choice(forms)


def _one_object(group: Group, choose: random.Random) -> str:
    region = group.places[0][0]
    if region == WHOLE:
        return f"The {group.noun.singular} stretches {PHRASES[WHOLE]}."
    verb = choose.choice(("is", "is located", "can be seen"))
    return f"The {group.noun.singular} {verb} {PHRASES[region]}."


def _one_place(group: Group, choose: random.Random) -> str:
    region, count = group.places[0]
    many = group.noun.plural
    every = "Both" if count == 2 else f"All {number(count)}"
    if region == WHOLE:
        return f"{every} {many} stretch {PHRASES[WHOLE]}."
    verb = choose.choice(("are", "are located", "can be seen"))
    forms = (
        f"{every} {many} {verb} {PHRASES[region]}.",
        f"The {number(count)} {many} {verb} {PHRASES[region]}.",
        f"The {many} are {'both' if count == 2 else 'all'} {PHRASES[region]}.",
    )
    return choose.choice(forms)


def _few_places(group: Group, choose: random.Random) -> str:
    (region, first), *rest = group.places
    if group.count == 2:
        clauses = [f"the other {_is(1, rest[0][0])}"]
    else:
        clauses = [f"{number(count)} {_is(count, where)}" for where, count in rest]
    forms = [f"Of the {number(group.count)} {group.noun.plural}, {listed([_number_is(first, region), *clauses])}."]
    if first <= LARGEST_WORD:
        start = _capital(number(first))
        for subject in (f"{start} {group.noun.form(first)}", f"{start} of the {group.noun.plural}"):
            forms.append(f"{listed([f'{subject} {_is(first, region)}', *clauses])}.")
    return choose.choice(forms)


def _many_places(group: Group, choose: random.Random) -> str:
    total, many = group.count, group.noun.plural
    region, first = group.places[0]
    if 4 * first >= 3 * total:
        rest = f"the other {number(total - first)} are elsewhere"
        return f"Of the {number(total)} {many}, {_number_is(first, region)} and {rest}."
    spread = choose.choice(("spread over the image", "scattered over the image"))
    start = choose.choice((f"The {number(total)} {many}", f"The {many}"))
    if 2 * first >= total and region != WHOLE:
        return f"{start} are {spread}, with {number(first)} of them {PHRASES[region]}."
    return f"{start} are {spread}."


def _number_is(count: int, region: str) -> str:
    return f"{number(count)} {_is(count, region)}"


def _is(count: int, region: str) -> str:
    if region == WHOLE:
        return f"{'stretches' if count == 1 else 'stretch'} {PHRASES[region]}"
    return f"{'is' if count == 1 else 'are'} {PHRASES[region]}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
