"""What the demonstration asks about a generated scene, and how the answers compare with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.data.triplets import Triplet, evaluation_triplets, unique_triplets
from remotesam.data.vocabulary import category
from remotesam.results import (
    Caption,
    Classification,
    Counts,
    Instance,
    Instances,
    Segmentation,
    SemanticMap,
)

if TYPE_CHECKING:
    from remotesam.api import RemoteSAM
    from remotesam.data.scene import Scene

_PRESENT, _ABSENT = 4, 2
_MATCH = 0.5


@dataclass(frozen=True, eq=False)
class Questions:
    """What is asked about a scene, with the true answers.

    Attributes:
        sentences: All of what there is most of, and last something that is absent; (H, W) bool each.
        reference: A sentence about one object, if possible one of several alike.
        categories: The most frequent ones, then some that are absent.
        objects: The true objects of these categories.
    """

    sentences: tuple[Triplet, ...]
    reference: Triplet
    categories: tuple[str, ...]
    objects: Instances

    @property
    def classes(self) -> np.ndarray:
        """(H, W) int: the true class map, 0 = background; a small object lies on a large one."""
        classes = np.zeros(self.objects.image_size, dtype=np.int64)
        for one in sorted(self.objects, key=lambda one: -one.area):
            classes[one.mask] = self.categories.index(one.category) + 1
        return classes


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model answers to all of it."""

    segment: list[Segmentation]
    semantic: SemanticMap
    contour: np.ndarray
    detect: Instances
    count: Counts
    ground: Instance | None
    classify: Classification
    caption: Caption

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: all but the contours."""
        return {
            "segment": [one.to_dict() for one in self.segment],
            "semantic": self.semantic.to_dict(),
            "detect": self.detect.to_dict(),
            "count": self.count.to_dict(),
            "ground": None if self.ground is None else self.ground.to_dict(),
            "classify": self.classify.to_dict(),
            "caption": self.caption.to_dict(),
        }


def questions_about(scene: Scene) -> Questions:
    """Chooses what to ask about a scene.

    Args:
        scene: With objects of at least one of its annotated categories.

    Raises:
        ValueError: It shows none.
    """
    counts = Counter(one.category for one in scene.instances if one.category in scene.annotated)
    triplets = {triplet.category: triplet for triplet in evaluation_triplets(scene)}
    present = [name for name, _ in counts.most_common() if triplets[name].mask.any()][:_PRESENT]
    absent = [name for name, triplet in triplets.items() if not triplet.mask.any()][:_ABSENT]
    if not present:
        raise ValueError(f"{scene.name} shows no object of its categories; choose another --seed")
    sentences = tuple(
        Triplet(f"all {category(name).plural}", triplets[name].mask, triplets[name].kind, name)
        for name in [present[0], *absent[:1]]
    )
    unique = [triplet for triplet in unique_triplets(scene, 0) if triplet.category in present]
    unique.sort(key=lambda triplet: (counts[triplet.category] < 2, present.index(triplet.category)))
    categories = (*present, *absent)
    height, width = scene.image.shape[:2]
    masks = [(one.category, one.mask(height, width)) for one in scene.instances if one.category in categories]
    objects = [Instance.from_mask(name, 1.0, mask) for name, mask in masks if mask.any()]
    truth = Instances(objects, image_size=(height, width), categories=categories)
    return Questions(sentences, unique[0] if unique else sentences[0], categories, truth)


def ask(model: RemoteSAM, image: np.ndarray, questions: Questions) -> Answers:
    """Asks a model all of it, with its own thresholds.

    Args:
        model: Whom to ask.
        image: (H, W, 3) uint8 RGB.
        questions: From ``questions_about``.
    """
    from remotesam.asking import contour_map

    contour = contour_map(model.segmenter, image)
    assert contour is not None  # only "none" gives None
    names = list(questions.categories)
    return Answers(
        segment=model.segment(image, [triplet.expression for triplet in questions.sentences]),
        semantic=model.semantic(image, names),
        contour=contour,
        detect=model.detect(image, names, oriented=True),
        count=model.count(image, names),
        ground=model.ground(image, questions.reference.expression),
        classify=model.classify(image, names),
        caption=model.caption(image, names),
    )


def verdicts(questions: Questions, answers: Answers) -> dict[str, str]:
    """Compares answers with the truth.

    Returns:
        Task -> a short line.
    """
    right = sum(
        (one.category in answers.classify.labels) == (one.category in questions.objects_by_category)
        for one in questions.sentences
    )
    return {"classify": str(right)}
