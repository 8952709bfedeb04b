"""What the demonstration asks about a generated scene, and how the answers compare with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.data.geometry import SceneView
from remotesam.data.triplets import Kind, Triplet, unique_triplets
from remotesam.data.vocabulary import category as vocabulary_entry
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
        sentences: All of what covers most, and something that is absent.
        reference: A sentence about one object, of the category of which there are fewest.
        categories: Those with most objects, then some that are absent.
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
    view = SceneView(scene)
    present = sorted(view.present, key=lambda name: -len(view.members(name)))[:_PRESENT]
    absent = view.absent[:_ABSENT]
    if not present:
        raise ValueError(f"{scene.name} shows no object of its categories; choose another --seed")
    areas = {name: int(view.union(view.members(name)).sum()) for name in present}
    kinds: dict[str, Kind] = {max(present, key=areas.__getitem__): "one-to-many"}
    kinds.update((name, "one-to-zero") for name in absent[:1])
    sentences = tuple(
        Triplet(f"all {vocabulary_entry(name).plural}", view.union(view.members(name)), kind, name)
        for name, kind in kinds.items()
    )
    unique = [triplet for triplet in unique_triplets(scene, 0) if triplet.category in present]
    unique.sort(key=lambda triplet: (len(view.members(triplet.category)), present.index(triplet.category)))
    objects = [
        Instance.from_mask(name, 1.0, one.instance.mask(view.height, view.width))
        for name in present
        for one in view.members(name)
    ]
    truth = Instances(objects, image_size=(view.height, view.width), categories=(*present, *absent))
    return Questions(sentences, unique[0] if unique else sentences[0], truth.categories, truth)


def ask(model: RemoteSAM, image: np.ndarray, questions: Questions) -> Answers:
    """Asks a model all of it, with its own thresholds.

    Args:
        model: Whom to ask; one without contours of its own gets those of the image's gradient.
        image: (H, W, 3) uint8 RGB.
        questions: From ``questions_about``.
    """
    from remotesam.asking import ContourChoice, contour_map

    contours: ContourChoice = "auto"
    contour = contour_map(model.segmenter, image)
    if contour is None:  # the model has none of its own
        contours = "gradient"
        contour = contour_map(model.segmenter, image, contours)
        assert contour is not None
    names = list(questions.categories)
    return Answers(
        segment=model.segment(image, [triplet.expression for triplet in questions.sentences]),
        semantic=model.semantic(image, names),
        contour=contour,
        detect=model.detect(image, names, oriented=True, contours=contours),
        count=model.count(image, names, contours=contours),
        ground=model.ground(image, questions.reference.expression, contours=contours),
        classify=model.classify(image, names),
        caption=model.caption(image, names, contours=contours),
    )


def verdicts(questions: Questions, answers: Answers) -> dict[str, str]:
    """Compares answers with the truth.

    Returns:
        Task -> a short line; none for the caption, which rests on the detected objects.
    """
    there = {one.category for one in questions.objects}
    sentences = [
        f"{result.expression}: {_mask_verdict(result, triplet.mask)}"
        for result, triplet in zip(answers.segment, questions.sentences, strict=True)
    ]
    ious = [
        _iou(answers.semantic.mask(name), questions.classes == questions.categories.index(name) + 1) for name in there
    ]
    found = matched(answers.detect, questions.objects)
    truth = {name: len(questions.objects.of(name)) for name in questions.categories}
    counts = [f"{name} {n} (truth {truth[name]})" for name, n in answers.count.items() if n or truth[name]]
    labels = sum((name in answers.classify.labels) == (name in there) for name in questions.categories)
    return {
        "segment": "; ".join(sentences),
        "semantic": f"mean IoU {np.mean(ious):.2f} over what is there",
        "detect": f"{found} of {len(questions.objects)} objects found, {len(answers.detect) - found} boxes too many",
        "count": ", ".join(counts),
        "ground": f"{questions.reference.expression}: {_box_verdict(answers.ground, questions.reference.mask)}",
        "classify": f"{labels} of {len(questions.categories)} categories rightly there or not",
    }


def matched(found: Sequence[Instance], truth: Sequence[Instance]) -> int:
    """How many true objects have a box of their category with an IoU of at least 0.5, each box used once.

    Args:
        found: Best first.
        truth: The true objects.
    """
    left = list(truth)
    for one in found:
        same = [other for other in left if other.category == one.category]
        best = max(same, key=lambda other: box_iou(one.box, other.box), default=None)
        if best is not None and box_iou(one.box, best.box) >= _MATCH:
            left.remove(best)
    return len(truth) - len(left)


def box_iou(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> float:
    """Intersection over union of two boxes (x1, y1, x2, y2)."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def _mask_verdict(result: Segmentation, truth: np.ndarray) -> str:
    if not truth.any():
        return f"wrongly found (score {result.score:.2f})" if result.present else "rightly nothing"
    return f"IoU {_iou(result.mask, truth):.2f}" if result.present else f"missed (score {result.score:.2f})"


def _box_verdict(found: Instance | None, truth: np.ndarray) -> str:
    if found is None:
        return "missed"
    return f"box IoU {box_iou(found.box, Instance.from_mask('', 1.0, truth).box):.2f}"


def _iou(mask: np.ndarray, truth: np.ndarray) -> float:
    return int(np.count_nonzero(mask & truth)) / max(1, int(np.count_nonzero(mask | truth)))
