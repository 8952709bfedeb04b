"""Reasoning segmentation: gIoU and cIoU as LISA and LISAT report them."""

from __future__ import annotations

from typing import Any, ClassVar

import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.referring import SCHEMA, SIZES, ReferringMetric
from remotesam.evaluation.samples import MaskAnswer, MaskTruth


class ReasoningMetric:
    """Masks for questions that must be reasoned about, at the image's own size; rows as in referring segmentation.

    - ``gIoU``: mean IoU of all samples, where nothing found for a question without a target counts 1.
    - ``cIoU``: sum of intersections over sum of unions.
    - ``gIoU/small``, ``cIoU/small`` ...: by the size of the target.

    Pixels that the data set marks as ignored count neither as right nor as wrong.

    Args:
        presence_threshold: Answers whose presence is not above it count as empty; None for no gate.
    """

    name: ClassVar[str] = "reason"
    task: ClassVar[str] = "reason"
    truth_type: ClassVar[type] = MaskTruth
    answer_type: ClassVar[type] = MaskAnswer
    schema: ClassVar[pa.Schema] = SCHEMA

    def __init__(self, *, presence_threshold: float | None = None) -> None:
        self._referring = ReferringMetric(presence_threshold=presence_threshold)

    @property
    def settings(self) -> dict[str, Any]:
        """The gate."""
        return {"presence_threshold": self._referring.presence_threshold}

    @property
    def rules(self) -> str:
        """Size and gate in words."""
        return self._referring.rules

    def row(self, truth: MaskTruth, answer: MaskAnswer) -> dict[str, Any]:
        """The pixels of one sample.

        Raises:
            ValueError: A mask is damaged, or the sizes differ.
        """
        return self._referring.row(truth, answer)

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        found = self._referring.summarise(rows, weights)
        figures = {name: found[name] for name in ("gIoU", "cIoU")}
        for part in SIZES:
            if f"mIoU/{part}" in found:
                figures |= {f"gIoU/{part}": found[f"mIoU/{part}"], f"cIoU/{part}": found[f"oIoU/{part}"]}
        return figures
