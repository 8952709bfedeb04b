"""From scenes and a segmenter to the figures of referring segmentation, at each image's own size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remotesam.data.scene import Scene, SceneSource
from remotesam.data.triplets import Triplet, evaluation_triplets
from remotesam.evaluation.referring import ReferringMetrics
from remotesam.presence import presence_score
from remotesam.segmenters.base import Segmenter


@dataclass(frozen=True)
class Answer:
    """What a segmenter said about one scene.

    Attributes:
        scene: The scene.
        triplets: What was asked, with the masks that are right.
        probabilities: (K, H, W) float32, one map per triplet.
    """

    scene: Scene
    triplets: Sequence[Triplet]
    probabilities: NDArray[np.float32]


def answers(
    source: SceneSource,
    segmenter: Segmenter,
    *,
    ask: Callable[[Scene], Sequence[Triplet]] = evaluation_triplets,
    indices: Iterable[int] | None = None,
) -> Iterator[Answer]:
    """Ask a segmenter about scenes, all sentences about one image in one call.

    Args:
        source: Scenes.
        segmenter: Who answers.
        ask: Makes the sentences of a scene; by default "{category} in the image" for every annotated category, present
            or absent. Scenes that it has nothing to ask about are passed over.
        indices: Which scenes; all by default.
    """
    for index in range(len(source)) if indices is None else indices:
        scene = source.scene(index, 0)
        triplets = ask(scene)
        if triplets:
            maps = segmenter.segment(scene.image, [triplet.expression for triplet in triplets])
            yield Answer(scene, triplets, maps)


def count(answer: Answer, metrics: ReferringMetrics, *, threshold: float = 0.5) -> None:
    """Add every sentence of an answer to the metrics; the presence gate is applied later, by them.

    Args:
        answer: The answer.
        metrics: What it is added to.
        threshold: A pixel belongs where its probability is above this.
    """
    for triplet, probability in zip(answer.triplets, answer.probabilities, strict=True):
        metrics.add(
            probability > threshold,
            triplet.mask,
            presence=presence_score(probability),
            category=triplet.category,
            name=f"{answer.scene.name}: {triplet.expression}",
        )


def summary(metrics: ReferringMetrics, *, presence_threshold: float, gates: Sequence[float] = ()) -> dict[str, Any]:
    """The figures of a validation, flat and fit for JSON.

    Args:
        metrics: All samples.
        presence_threshold: The gate of the main figures.
        gates: Further gates, for ``gate X/mIoU`` and ``gate X/N-acc``.

    Returns:
        ``mIoU``, ``oIoU`` and ``Pr@X`` over the samples with a target, that is (image, present category);
        ``N-acc``, ``T-acc``, ``gIoU`` and ``cIoU`` over all samples; ``IoU/<category>`` as ``mIoU`` of one category.
        None stands for what cannot be computed.
    """
    targeted = metrics.targeted()
    everything = metrics.compute(presence_threshold=presence_threshold).to_dict()
    present = targeted.compute(presence_threshold=presence_threshold).to_dict()
    result = {
        name: present[name] if name in ("mIoU", "oIoU") or name.startswith("Pr@") else value
        for name, value in everything.items()
    }
    for gate in gates:
        result[f"gate {gate}/mIoU"] = targeted.compute(presence_threshold=gate).to_dict()["mIoU"]
        result[f"gate {gate}/N-acc"] = metrics.compute(presence_threshold=gate).to_dict()["N-acc"]
    for category, part in targeted.by_category().items():
        result[f"IoU/{category}"] = part.compute(presence_threshold=presence_threshold).to_dict()["mIoU"]
    return result
