"""The answer to one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.results.instances import Instance, Instances
from remotesam.results.rle import encode_mask

if TYPE_CHECKING:
    import supervision as sv


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation:
    """The answer to one referring expression.

    Attributes:
        expression: The sentence that was asked.
        mask: (H, W) bool at the image's own size; all False where nothing is present.
        probability: (H, W) float32 in [0, 1], how likely each pixel belongs to what the sentence names.
        present: Whether the image shows what the sentence names.
        score: Mean of the highest 0.2 % of the probabilities, in [0, 1].

    Example:
        >>> probability = np.array([[0.9, 0.2], [0.8, 0.1]], dtype=np.float32)
        >>> Segmentation("the ship", probability > 0.5, probability, present=True, score=0.9)
        Segmentation('the ship', present, score 0.90, 2 of 4 pixels)
    """

    expression: str
    mask: np.ndarray
    probability: np.ndarray
    present: bool
    score: float

    @cached_property
    def area(self) -> int:
        """The number of pixels in the mask."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def rle(self) -> dict[str, Any]:
        """The mask in COCO's compressed run-length encoding: ``{"size": [H, W], "counts": str}``."""
        return encode_mask(self.mask)

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: all but the probabilities, the mask as ``rle``."""
        return {
            "expression": self.expression,
            "present": self.present,
            "score": self.score,
            "area": self.area,
            "rle": dict(self.rle),
        }

    def to_coco(self, *, image_id: int | str = 1, category_id: int = 1) -> list[dict[str, Any]]:
        """The records of a COCO results file: one where something is present, none where nothing is."""
        return [one.to_coco(image_id=image_id, category_id=category_id) for one in self._instances()]

    def to_supervision(self) -> sv.Detections:
        """As ``supervision.Detections`` with one mask, whose class name is the sentence; empty where nothing is."""
        return self._instances().to_supervision()

    def _instances(self) -> Instances:
        found = [Instance.from_mask(self.expression, self.score, self.mask)] if self.mask.any() else []
        return Instances(found, image_size=(self.mask.shape[0], self.mask.shape[1]), categories=[self.expression])

    def __repr__(self) -> str:
        state = "present" if self.present else "absent"
        pixels = f"{self.area} of {self.mask.size} pixels"
        return f"Segmentation({self.expression!r}, {state}, score {self.score:.2f}, {pixels})"

    def __rich_repr__(self) -> Iterator[Any]:
        yield self.expression
        yield "present", self.present
        yield "score", round(self.score, 3)
        yield "area", self.area
        yield "size", self.mask.shape
