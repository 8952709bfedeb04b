"""Triplets of a sentence, the mask it means and its kind, made from a scene: one target, many, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from remotesam.data.claims import UNIQUE
from remotesam.data.expressions import CANONICAL
from remotesam.data.geometry import Frame, SceneView
from remotesam.data.scene import Scene
from remotesam.data.sentences import CANONICAL_SHARE, SentenceWriter

Kind = Literal["one-to-one", "one-to-many", "one-to-zero"]

KIND_RATIO: Mapping[Kind, float] = MappingProxyType({"one-to-many": 0.45, "one-to-one": 0.2, "one-to-zero": 0.35})
"""Default share of each kind."""


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
    writer = SentenceWriter(SceneView(scene, frame=frame), rng, canonical=canonical)
    kinds = _draw_kinds(count, np.array(shares) / sum(shares), rng)
    if count >= 3 and "one-to-zero" not in kinds:
        kinds[int(rng.integers(count))] = "one-to-zero"
    if count >= 3 and all(kind == "one-to-zero" for kind in kinds):
        kinds[int(rng.integers(count))] = "one-to-many"
    return [_write(writer, kind) for kind in kinds]


_FALLBACKS: Mapping[Kind, tuple[Kind, ...]] = {
    "one-to-one": ("one-to-one", "one-to-many", "one-to-zero"),
    "one-to-many": ("one-to-many", "one-to-zero"),
    "one-to-zero": ("one-to-zero", "one-to-many"),
}


def _write(writer: SentenceWriter, kind: Kind) -> Triplet:
    makers = {"one-to-one": writer.one, "one-to-many": writer.many, "one-to-zero": writer.zero}
    repeated: Triplet | None = None
    for candidate in _FALLBACKS[kind]:
        drawn = makers[candidate]()
        if drawn is not None and (drawn[1] or repeated is None):
            sentence, fresh = drawn
            mask = writer.view.union(list(sentence.views))
            triplet = Triplet(sentence.expression, mask, candidate, sentence.category)
            if fresh:
                return triplet
            repeated = triplet
    return repeated or _last_resort(writer)


def _last_resort(writer: SentenceWriter) -> Triplet:
    """Only scraps at the border: the sentence about all of them is still true."""
    names = writer.view.scene.annotated
    name = names[int(writer.rng.integers(len(names)))]
    members = writer.view.members(name)
    kind: Kind = "one-to-many" if members else "one-to-zero"
    return Triplet(CANONICAL.format(name=name), writer.view.union(members), kind, name)


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
