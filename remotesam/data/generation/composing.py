"""Sentences of all kinds about one picture, in the numbers asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from remotesam.data.generation.settings import Numbers
from remotesam.data.geometry import SceneView
from remotesam.data.scene import Scene
from remotesam.data.sentences import ChooseAbsent, Sentence, SentenceWriter
from remotesam.data.triplets import Kind, Triplet

Draw = Callable[[str], tuple[Sentence, bool] | None]


def compose(
    scene: Scene,
    numbers: Numbers,
    *,
    rng: np.random.Generator,
    choose_absent: ChooseAbsent,
    never_absent: Collection[str] = (),
    regions: Collection[str] = (),
) -> list[Triplet]:
    """Write the sentences of a picture, no two of them the same.

    Args:
        scene: The picture.
        numbers: How many of each kind.
        rng: Source of all choices.
        choose_absent: How absent categories are drawn.
        never_absent: Categories that are not said to be absent.
        regions: Categories whose pieces are no objects: only all of them together are asked for.

    Returns:
        First those about one object, then many, then none; as many as the picture allows.
    """
    if not scene.annotated:
        return []
    view = SceneView(scene)
    writer = SentenceWriter(
        view,
        rng,
        canonical=numbers.canonical,
        subsets=numbers.subsets,
        choose_absent=choose_absent,
        never_absent=never_absent,
        regions=regions,
    )
    ones = _in_turn(writer.one, writer.objects, numbers.one_to_one, rng)
    many = _in_turn(writer.many, view.present, numbers.one_to_many, rng)
    targets = len(ones) + len(many)
    wanted = int(numbers.zero_ratio * targets + rng.random()) if targets else numbers.empty
    zeros = _in_turn(lambda _: writer.zero(), [""], min(wanted, numbers.one_to_zero), rng)
    kinds: list[tuple[Kind, list[Sentence]]] = [("one-to-one", ones), ("one-to-many", many), ("one-to-zero", zeros)]
    return [
        Triplet(sentence.expression, view.union(list(sentence.views)), kind, sentence.category)
        for kind, sentences in kinds
        for sentence in sentences
    ]


def _in_turn(draw: Draw, names: Sequence[str], count: int, rng: np.random.Generator) -> list[Sentence]:
    """Draw for one category after the other, from the start again, each until it has nothing new to say."""
    order = [names[index] for index in rng.permutation(len(names))]
    sentences: list[Sentence] = []
    while order and len(sentences) < count:
        name = order.pop(0)
        drawn = draw(name)
        if drawn is not None and drawn[1]:
            sentences.append(drawn[0])
            order.append(name)
    return sentences
