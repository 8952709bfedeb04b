"""Grounding: share of boxes with enough IoU, meanIoU and cumIoU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.columns import mean, numbers, ratio
from remotesam.evaluation.metric import sample_weights
from remotesam.evaluation.samples import BoxAnswer, BoxTruth

PRECISION_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


class GroundingMetric:
    """Areas of the box found, the box that is right, and what they share; one row a sentence.

    - ``Pr@X``: share of sentences with box IoU >= X (``Pr@0.5`` is elsewhere called AP50).
    - ``meanIoU``: mean of the IoUs; ``cumIoU``: sum of intersections over sum of unions.
    - ``found``: share of sentences with a target that were answered with a box.

    No box where there is one, or a box where there is none, counts IoU 0; no box where there is none counts 1.
    """

    name: ClassVar[str] = "vg"
    task: ClassVar[str] = "vg"
    truth_type: ClassVar[type] = BoxTruth
    answer_type: ClassVar[type] = BoxAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [
            pa.field("intersection", pa.float64(), nullable=False),
            pa.field("predicted", pa.float64(), nullable=False),
            pa.field("target", pa.float64(), nullable=False),
            pa.field("found", pa.bool_(), nullable=False),
            pa.field("present", pa.bool_(), nullable=False),
        ]
    )

    @property
    def settings(self) -> dict[str, Any]:
        """None."""
        return {}

    @property
    def rules(self) -> str:
        """How boxes are compared, in words."""
        return "IoU of boxes in continuous coordinates, no box counts 0"

    def row(self, truth: BoxTruth, answer: BoxAnswer) -> dict[str, Any]:
        """The areas of one sentence's boxes, in square pixels.

        Raises:
            ValueError: A box is not x1, y1, x2, y2 with x1 <= x2 and y1 <= y2.

        Example:
            >>> GroundingMetric().row(BoxTruth(box=[0, 0, 4, 4]), BoxAnswer(box=[2, 0, 6, 4]))
            {'intersection': 8.0, 'predicted': 16.0, 'target': 16.0, 'found': True, 'present': True}
        """
        right, found = _checked(truth.box, "truth"), _checked(answer.box, "answer")
        shared = 0.0
        if right is not None and found is not None:
            sides = np.minimum(right[2:], found[2:]) - np.maximum(right[:2], found[:2])
            shared = float(np.maximum(sides, 0).prod())
        areas = [0.0 if box is None else float((box[2:] - box[:2]).prod()) for box in (found, right)]
        return {
            "intersection": shared,
            "predicted": areas[0],
            "target": areas[1],
            "found": found is not None,
            "present": right is not None,
        }

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        shared, predicted, target = (numbers(rows, name) for name in ("intersection", "predicted", "target"))
        found, present = (numbers(rows, name).astype(bool) for name in ("found", "present"))
        union = predicted + target - shared
        iou = np.where(found | present, shared / np.where(union > 0, union, 1), 1.0)
        figures = {f"Pr@{limit}": mean(iou >= limit, once) for limit in PRECISION_THRESHOLDS}
        figures |= {"meanIoU": mean(iou, once), "cumIoU": ratio(once @ shared, once @ union)}
        return figures | {"found": mean(found, once * present)}


def _checked(box: NDArray[Any] | Sequence[float] | None, what: str) -> NDArray[np.float64] | None:
    if box is None:
        return None
    edges = np.asarray(box, dtype=np.float64)
    if edges.shape != (4,) or not np.isfinite(edges).all() or (edges[:2] > edges[2:]).any():
        raise ValueError(f"the box of the {what} is {edges.tolist()}; it takes x1, y1, x2, y2, x1 <= x2 and y1 <= y2")
    return edges
