"""Triplets of a sentence, the mask it means and its kind, made from a scene: one target, many, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from remotesam.data.claims import GROUP, NONE, UNIQUE, Claim, propose
from remotesam.data.colours import COLOURS
from remotesam.data.expressions import (
    ALL,
    CANONICAL,
    NEXT_TO,
    PLACE_PHRASES,
    SINGLE,
    SIZES,
    fill,
    nouns,
    pick,
    with_article,
)
from remotesam.data.geometry import Frame, SceneView
from remotesam.data.scene import Scene
from remotesam.data.vocabulary import category

Kind = Literal["one-to-one", "one-to-many", "one-to-zero"]

KIND_RATIO: Mapping[Kind, float] = MappingProxyType({"one-to-many": 0.45, "one-to-one": 0.2, "one-to-zero": 0.35})
"""Default share of each kind."""

CANONICAL_SHARE = 0.35
_SUBSET_SHARE = 0.2
_ATTRIBUTE_SHARE = 0.2
_HARD_SHARE = 0.5
_ATTEMPTS = 6


@dataclass(frozen=True)
class Triplet:
    """A sentence about a picture and what it means there.

    Attributes:
        expression: The sentence.
        mask: ``(H, W)`` bool, all False for ``"one-to-zero"``.
        kind: Whether it means one instance, all (of a sort), or nothing in the picture.
        category: Canonical name of what is asked for.
    """

    expression: str
    mask: np.ndarray
    kind: Kind
    category: str


def make_triplets(
    scene: Scene,
    *,
    count: int,
    rng: np.random.Generator,
    kind_ratio: Mapping[Kind, float] = KIND_RATIO,
    frame: Frame | None = None,
    canonical: float = CANONICAL_SHARE,
) -> list[Triplet]:
    """Make sentences about a scene.

    With ``count >= 3`` at least one has a target if anything is there, and at least one has none if that can be said.
    A kind that the scene does not allow is replaced by another.

    Args:
        scene: The scene; only its ``annotated`` categories are asked for.
        count: How many, exactly.
        rng: Source of all choices.
        kind_ratio: Share of each kind; they need not add up to one.
        frame: Left, top, right, bottom in pixels of the picture inside the image if the rest is padding.
        canonical: Share of "{category} in the image" among the sentences about all or none of a category, in [0, 1].

    Raises:
        ValueError: The scene annotates no category, ``kind_ratio`` is no ratio, or ``canonical`` no share.

    Example:
        >>> from remotesam.data.scene import Instance
        >>> square = np.array([[8, 8], [24, 8], [24, 24], [8, 24]], np.float32)
        >>> image = np.zeros((64, 64, 3), np.uint8)
        >>> scene = Scene(image, (Instance("ship", (square,)),), ("ship", "harbor"), "example")
        >>> triplets = make_triplets(scene, count=3, rng=np.random.default_rng(0))
        >>> sorted({bool(triplet.mask.any()) for triplet in triplets})
        [False, True]
    """
    if not scene.annotated:
        raise ValueError(f"{scene.name}: the scene annotates no category, so nothing can be asked; set Scene.annotated")
    shares = [kind_ratio.get(kind, 0.0) for kind in KIND_RATIO]
    if min(shares) < 0 or sum(shares) <= 0 or set(kind_ratio) - set(KIND_RATIO):
        raise ValueError(f"kind_ratio takes non-negative shares of {', '.join(KIND_RATIO)}, got {dict(kind_ratio)}")
    if not 0 <= canonical <= 1:
        raise ValueError(f"canonical is a share in [0, 1], got {canonical}")
    writer = _Writer(SceneView(scene, frame=frame), rng, canonical)
    kinds = _draw_kinds(count, np.array(shares) / sum(shares), rng)
    if count >= 3 and "one-to-zero" not in kinds:
        kinds[int(rng.integers(count))] = "one-to-zero"
    if count >= 3 and all(kind == "one-to-zero" for kind in kinds):
        kinds[int(rng.integers(count))] = "one-to-many"
    return [writer.triplet(kind) for kind in kinds]


def _draw_kinds(count: int, probabilities: np.ndarray, rng: np.random.Generator) -> list[Kind]:
    """Draw with evenly spaced pointers: every kind comes up as often as expected, rounded up or down."""
    pointers = (np.arange(count) + rng.random()) / count
    order = rng.permutation(len(probabilities))
    drawn = order[np.searchsorted(np.cumsum(probabilities[order])[:-1], pointers, side="right")]
    names = list(KIND_RATIO)
    return [names[index] for index in rng.permutation(drawn)]


def evaluation_triplets(scene: Scene, categories: list[str] | None = None) -> list[Triplet]:
    """Ask "{category} in the image" for every category, with the union mask at the size of the scene's image.

    Args:
        scene: The scene.
        categories: Canonical names; all annotated ones where None.

    Raises:
        ValueError: A category is not among ``scene.annotated``: its absence is not known.
    """
    names = list(scene.annotated) if categories is None else categories
    unknown = sorted(set(names) - set(scene.annotated))
    if unknown:
        raise ValueError(
            f"{scene.name}: not annotated: {', '.join(unknown)}; annotated are {', '.join(scene.annotated)}"
        )
    view = SceneView(scene)
    triplets = []
    for name in names:
        mask = view.union(view.members(name))
        kind: Kind = "one-to-many" if mask.any() else "one-to-zero"
        triplets.append(Triplet(CANONICAL.format(name=name), mask, kind, name))
    return triplets


def unique_triplets(scene: Scene, seed: int) -> list[Triplet]:
    """Make every kind of one-to-one sentence that the scene allows, one per category and rule, for validation.

    The same scene and seed give the same sentences.
    """
    view = SceneView(scene)
    triplets: dict[str, Triplet] = {}
    for number, name in enumerate(view.present):
        for order, (_, rule) in enumerate(UNIQUE.values()):
            claim = rule(view, name, np.random.default_rng([seed, number, order]))
            if claim is not None:
                triplets.setdefault(claim[0], Triplet(claim[0], view.union(claim[1]), "one-to-one", name))
    return list(triplets.values())


class _Writer:
    """Writes the sentences of one scene, avoiding repetition."""

    def __init__(self, view: SceneView, rng: np.random.Generator, canonical: float) -> None:
        self.view = view
        self.rng = rng
        self.canonical = canonical
        self.used: set[str] = set()
        self.meant: set[tuple[str, tuple[int, ...]]] = set()

    def triplet(self, kind: Kind) -> Triplet:
        makers = {"one-to-one": self._one, "one-to-many": self._many, "one-to-zero": self._zero}
        fallbacks: dict[Kind, tuple[Kind, ...]] = {
            "one-to-one": ("one-to-one", "one-to-many", "one-to-zero"),
            "one-to-many": ("one-to-many", "one-to-zero"),
            "one-to-zero": ("one-to-zero", "one-to-many"),
        }
        repeated: Triplet | None = None
        for candidate in fallbacks[kind]:
            for attempt in range(_ATTEMPTS):
                made = makers[candidate]()
                if made is None:
                    break
                name, (expression, views) = made
                meaning = (name, tuple(id(view) for view in views))
                # The first attempts also ask for a new meaning: the same mask in other words teaches less.
                fresh = expression not in self.used and (attempt >= _ATTEMPTS // 2 or meaning not in self.meant)
                if fresh or repeated is None:
                    triplet = Triplet(expression, self.view.union(views), candidate, name)
                    if fresh:
                        self.used.add(expression)
                        self.meant.add(meaning)
                        return triplet
                    repeated = triplet
        return repeated or self._last_resort()

    def _choose(self, names: list[str]) -> str:
        return names[int(self.rng.integers(len(names)))]

    def _one(self) -> tuple[str, Claim] | None:
        for index in self.rng.permutation(len(self.view.present)):
            name = self.view.present[index]
            claim = propose(UNIQUE, self.view, name, self.rng)
            if claim is not None:
                return name, claim
        return None

    def _many(self) -> tuple[str, Claim] | None:
        if not self.view.present:
            return None
        name = self._choose(self.view.present)
        if self.rng.random() < self.canonical:
            return name, (CANONICAL.format(name=name), self.view.members(name))
        if self.rng.random() * (1 - self.canonical) < _SUBSET_SHARE:
            claim = propose(GROUP, self.view, name, self.rng)
            if claim is not None:
                return name, claim
        return name, (self._about_all(name), self.view.members(name))

    def _about_all(self, name: str) -> str:
        return fill(ALL[int(self.rng.integers(len(ALL)))], *nouns(category(name), self.rng))

    def _zero(self) -> tuple[str, Claim] | None:
        if self.view.present and (not self.view.absent or self.rng.random() < _ATTRIBUTE_SHARE):
            name = self._choose(self.view.present)
            claim = propose(NONE, self.view, name, self.rng)
            if claim is not None:
                return name, claim
        if not self.view.absent:
            return None
        name = self._absent_name()
        if self.rng.random() < self.canonical:
            return name, (CANONICAL.format(name=name), [])
        if self.rng.random() < _ATTRIBUTE_SHARE:
            return name, (self._about_one(name), [])
        return name, (self._about_all(name), [])

    def _absent_name(self) -> str:
        confusable = {other for name in self.view.present for other in category(name).confusable}
        hard = [name for name in self.view.absent if name in confusable]
        return self._choose(hard if hard and self.rng.random() < _HARD_SHARE else self.view.absent)

    def _about_one(self, name: str) -> str:
        """A sentence of the one-to-one forms for a category that is absent."""
        rng = self.rng
        single, plural = nouns(category(name), rng)
        form = int(rng.integers(5))
        if form == 0:
            return fill(pick(SINGLE, rng), single, plural)
        if form == 1:
            return f"the {single} {pick(PLACE_PHRASES[self._choose(list(PLACE_PHRASES))], rng)}"
        if form == 2:
            return fill(pick(SIZES[self._choose(list(SIZES))], rng), single, plural)
        if form == 3 and self.view.present:
            other = nouns(category(self._choose(self.view.present)), rng)[0]
            return f"the {single} {pick(NEXT_TO, rng)} {with_article(other)}"
        return f"the {self._choose(list(COLOURS))} {single}"

    def _last_resort(self) -> Triplet:
        """Only scraps at the border: the sentence about all of them is still true."""
        name = self._choose(list(self.view.scene.annotated))
        members = self.view.members(name)
        kind: Kind = "one-to-many" if members else "one-to-zero"
        return Triplet(CANONICAL.format(name=name), self.view.union(members), kind, name)
