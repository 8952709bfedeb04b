"""Which categories an image shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import supervision as sv


@dataclass(frozen=True, eq=False)
class Classification:
    """Labels and scores of a whole image.

    Attributes:
        labels: The categories that hold, best first: any number of them (multi-label), or at most the scene.
        scores: Category -> score in [0, 1], in the order of the question; 0 for what is absent.
        scene: The category with the highest score, or None where none is present.
        multi_label: Whether any number of labels may hold.
    """

    labels: tuple[str, ...]
    scores: Mapping[str, float]
    scene: str | None
    multi_label: bool

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes."""
        return {
            "labels": list(self.labels),
            "scores": dict(self.scores),
            "scene": self.scene,
            "multi_label": self.multi_label,
        }

    def to_supervision(self) -> sv.Classifications:
        """As ``supervision.Classifications``: all categories with their scores; ids count ``scores`` from 0."""
        import supervision as sv

        return sv.Classifications(
            class_id=np.arange(len(self.scores)), confidence=np.array(list(self.scores.values()), dtype=np.float32)
        )
