"""Draws sentences of each kind about one picture, avoiding repetition."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from remotesam.data.claims import GROUP, NONE, UNIQUE, nouns_of, propose
from remotesam.data.colours import COLOURS
from remotesam.data.expressions import (
    CANONICAL,
    NEXT_TO,
    PLACE_PHRASES,
    SINGLE,
    SIZES,
    about_all,
    fill,
    pick,
    with_article,
)
from remotesam.data.geometry import SceneView, View
from remotesam.data.naming import wording

CANONICAL_SHARE = 0.35
SUBSET_SHARE = 0.2
ATTRIBUTE_SHARE = 0.2
HARD_SHARE = 0.5
_ATTEMPTS = 6

ChooseAbsent = Callable[[Sequence[str], Sequence[str], np.random.Generator], str]
"""Takes the absent and the present categories and a generator, and returns one of the absent."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and what it means.

    Attributes:
        category: Canonical name of what is asked for.
        expression: The sentence.
        views: What of the picture it means; none for an absent category.
    """

    category: str
    expression: str
    views: tuple[View, ...]


def choose_absent(absent: Sequence[str], present: Sequence[str], rng: np.random.Generator) -> str:
    """Draw an absent category; half of the time one that is easily confused with a present one."""
    confusable = {other for name in present for other in wording(name).confusable}
    hard = [name for name in absent if name in confusable]
    names = hard if hard and rng.random() < HARD_SHARE else absent
    return names[int(rng.integers(len(names)))]


class SentenceWriter:
    """Writes the sentences of one picture.

    Args:
        view: The picture.
        rng: Source of all choices.
        canonical: Share of "{category} in the image" among the sentences about all or none of a category, in [0, 1].
        subsets: Share of sub-groups ("the ships on the left") among the sentences about many.
        choose_absent: How an absent category is drawn.
        never_absent: Categories that are not said to be absent, whatever the scene says.
        regions: Categories whose pieces are no objects, such as those of a label map, where objects that touch are one
            piece: they are only asked for as a whole.
    """

    def __init__(
        self,
        view: SceneView,
        rng: np.random.Generator,
        *,
        canonical: float = CANONICAL_SHARE,
        subsets: float = SUBSET_SHARE,
        choose_absent: ChooseAbsent = choose_absent,
        never_absent: Collection[str] = (),
        regions: Collection[str] = (),
    ) -> None:
        self.view = view
        self.rng = rng
        self.canonical = canonical
        self.subsets = subsets
        self._choose_absent = choose_absent
        self._absent = [name for name in view.absent if name not in set(never_absent)]
        self._objects = [name for name in view.present if name not in set(regions)]
        self._used: set[str] = set()
        self._meant: set[tuple[str, tuple[int, ...]]] = set()

    @property
    def objects(self) -> tuple[str, ...]:
        """Present categories whose members can be told apart."""
        return tuple(self._objects)

    def one(self, name: str | None = None) -> tuple[Sentence, bool] | None:
        """Draw a sentence that means exactly one object.

        Args:
            name: Of :attr:`objects`; any of them where None.

        Returns:
            The sentence and whether it is new; None where the picture allows none.
        """
        return self._draw(lambda: self._one(self._objects if name is None else [name]))

    def many(self, name: str | None = None) -> tuple[Sentence, bool] | None:
        """Draw a sentence that means all of a present category, or a sub-group; see :meth:`one`."""
        return self._draw(lambda: self._many(self.view.present if name is None else [name]))

    def zero(self) -> tuple[Sentence, bool] | None:
        """Draw a sentence that means nothing in the picture; see :meth:`one`."""
        return self._draw(self._zero)

    def _draw(self, make: Callable[[], Sentence | None]) -> tuple[Sentence, bool] | None:
        repeated = None
        for attempt in range(_ATTEMPTS):
            sentence = make()
            if sentence is None:
                break
            meaning = (sentence.category, tuple(id(view) for view in sentence.views))
            # The first attempts also ask for a new meaning: the same mask in other words teaches less.
            if sentence.expression not in self._used and (attempt >= _ATTEMPTS // 2 or meaning not in self._meant):
                self._used.add(sentence.expression)
                self._meant.add(meaning)
                return sentence, True
            repeated = repeated or sentence
        return None if repeated is None else (repeated, False)

    def _choose(self, names: Sequence[str]) -> str:
        return names[int(self.rng.integers(len(names)))]

    def _one(self, names: Sequence[str]) -> Sentence | None:
        for index in self.rng.permutation(len(names)):
            name = names[index]
            claim = propose(UNIQUE, self.view, name, self.rng)
            if claim is not None:
                return Sentence(name, claim[0], tuple(claim[1]))
        return None

    def _many(self, names: Sequence[str]) -> Sentence | None:
        if not names:
            return None
        name = self._choose(names)
        members = tuple(self.view.members(name))
        if self.rng.random() < self.canonical:
            return Sentence(name, CANONICAL.format(name=name), members)
        if name in self._objects and self.rng.random() * (1 - self.canonical) < self.subsets:
            claim = propose(GROUP, self.view, name, self.rng)
            if claim is not None:
                return Sentence(name, claim[0], tuple(claim[1]))
        return Sentence(name, about_all(*nouns_of(self.view, name, self.rng), self.rng), members)

    def _zero(self) -> Sentence | None:
        if self._objects and (not self._absent or self.rng.random() < ATTRIBUTE_SHARE):
            name = self._choose(self._objects)
            claim = propose(NONE, self.view, name, self.rng)
            if claim is not None:
                return Sentence(name, claim[0], ())
        if not self._absent:
            return None
        name = self._choose_absent(self._absent, self.view.present, self.rng)
        if self.rng.random() < self.canonical:
            return Sentence(name, CANONICAL.format(name=name), ())
        if self.rng.random() < ATTRIBUTE_SHARE:
            return Sentence(name, self._about_one(name), ())
        return Sentence(name, about_all(*nouns_of(self.view, name, self.rng), self.rng), ())

    def _about_one(self, name: str) -> str:
        """A sentence of the one-to-one forms for a category that is absent."""
        rng = self.rng
        single, plural = nouns_of(self.view, name, rng)
        form = int(rng.integers(5))
        if form == 0 and single != plural:
            return fill(pick(SINGLE, rng), single, plural)
        if form == 2:
            return fill(pick(SIZES[self._choose(list(SIZES))], rng), single, plural)
        if form == 3 and self.view.present:
            other = nouns_of(self.view, self._choose(self.view.present), rng)[0]
            return f"the {single} {pick(NEXT_TO, rng)} {with_article(other)}"
        if form == 4:
            return f"the {self._choose(list(COLOURS))} {single}"
        return f"the {single} {pick(PLACE_PHRASES[self._choose(list(PLACE_PHRASES))], rng)}"
