"""From scenes and a segmenter to the rows and figures of referring segmentation, at each image's own size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.calibration import Calibration
from remotesam.data.scene import Scene, SceneSource
from remotesam.data.triplets import Triplet, evaluation_triplets
from remotesam.evaluation.referring import PRECISION_THRESHOLDS, SCHEMA, ReferringMetric
from remotesam.evaluation.samples import MaskAnswer, MaskTruth
from remotesam.presence import presence_score
from remotesam.segmenters.base import Segmenter

ROW_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in ("id", "image", "question", "category")] + list(SCHEMA))
"""The columns of :func:`count`."""


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


def count(answer: Answer, *, threshold: float = 0.5, calibration: Calibration | None = None) -> list[dict[str, Any]]:
    """Rows of every sentence of an answer; the presence gate is applied later, when they are summarised.

    Args:
        answer: The answer.
        threshold: A pixel belongs where its probability is above this.
        calibration: Makes probabilities of presence scores, so that gates are some, too.

    Returns:
        For each sentence ``id``, ``image``, ``question``, ``category`` and the counts of
        :class:`~remotesam.evaluation.referring.ReferringMetric`.
    """
    metric = ReferringMetric()
    rows = []
    for triplet, probability in zip(answer.triplets, answer.probabilities, strict=True):
        name = answer.scene.name
        presence = presence_score(probability)
        if calibration is not None:
            presence = calibration.about(triplet.expression).probability(presence)
        found = MaskAnswer(mask=probability > threshold, presence=presence)
        counts = metric.row(MaskTruth(mask=triplet.mask), found)
        question = {"id": f"{name}|{triplet.expression}", "image": name, "question": triplet.expression}
        rows.append({**question, "category": triplet.category, **counts})
    return rows


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The rows of :func:`count` as a table, also where there are none."""
    return pa.Table.from_pylist(list(rows), schema=ROW_SCHEMA)


def summary(rows: pa.Table, *, presence_threshold: float, gates: Sequence[float] = ()) -> dict[str, Any]:
    """The figures of a validation, flat and fit for JSON.

    Args:
        rows: All samples.
        presence_threshold: The gate of the main figures.
        gates: Further gates, for ``gate X/mIoU`` and ``gate X/N-acc``.

    Returns:
        ``samples`` and ``targeted``, how many there are; ``mIoU``, ``oIoU`` and ``Pr@X`` over the samples with a
        target, that is (image, present category); ``N-acc``, ``T-acc``, ``gIoU`` and ``cIoU`` over all samples;
        ``IoU/<category>`` as ``mIoU`` of one category. None stands for what cannot be computed.
    """
    targeted = int(np.count_nonzero(rows.column("target").to_numpy()))
    found = _figures(rows, presence_threshold)
    result: dict[str, Any] = {"samples": rows.num_rows, "targeted": targeted}
    for name in ("oIoU", "mIoU", "gIoU", "cIoU", *(f"Pr@{limit}" for limit in PRECISION_THRESHOLDS), "N-acc", "T-acc"):
        result[name] = found[name]
    for gate in gates:
        gated = _figures(rows, gate)
        result |= {f"gate {gate}/{name}": gated[name] for name in ("mIoU", "N-acc")}
    return result | {name: value for name, value in found.items() if name.startswith("IoU/")}


def _figures(rows: pa.Table, gate: float) -> dict[str, float | None]:
    """With mIoU, oIoU and Pr@X over the samples that have a target."""
    found = ReferringMetric(presence_threshold=gate).summarise(rows)
    return found | {
        name.removesuffix("/targeted"): value for name, value in found.items() if name.endswith("/targeted")
    }
