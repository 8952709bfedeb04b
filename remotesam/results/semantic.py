"""Which category every pixel belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.results.instances import Instance, Instances
from remotesam.results.rle import encode_mask

if TYPE_CHECKING:
    import supervision as sv


@dataclass(frozen=True, eq=False, repr=False)
class SemanticMap:
    """A category for each pixel.

    Attributes:
        classes: (H, W) uint8, or uint16 from 256 categories on: 0 = background, i = ``categories[i - 1]``.
        probabilities: (N, H, W) float32 in [0, 1], of each category; large ones lie in a temporary file on disk.
        categories: The N categories, in the order of the question.
        confidences: (N,) float64 in [0, 1]: P(c|I), how certain it is that the image shows the category at all.
        present: (N,) bool: whether the category passed the gate of the paper's eq. 1 and has a pixel above the
            threshold; all its pixels may still belong to others that are more probable there.
    """

    classes: np.ndarray
    probabilities: np.ndarray
    categories: tuple[str, ...]
    confidences: np.ndarray
    present: np.ndarray

    def mask(self, category: str) -> np.ndarray:
        """(H, W) bool: the pixels of one category.

        Raises:
            ValueError: The category was not asked for.
        """
        if category not in self.categories:
            raise ValueError(f"{category!r} is none of the categories asked for: {', '.join(self.categories)}")
        return self.classes == self.categories.index(category) + 1

    @cached_property
    def areas(self) -> dict[str, int]:
        """The number of pixels of each category, in the order of the question, zeros included."""
        counts = np.zeros(len(self.categories) + 1, dtype=np.int64)
        for start in range(0, len(self.classes), 256):  # bincount widens what it counts to eight bytes
            counts += np.bincount(self.classes[start : start + 256].reshape(-1), minlength=len(counts))
        return dict(zip(self.categories, counts[1:].tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: for each category its confidence, pixels, share and mask as RLE.

        ``rle`` is None for a category without pixels.
        """
        entries = []
        for number, (category, area) in enumerate(self.areas.items(), start=1):
            entry = {
                "id": number,
                "category": category,
                "confidence": float(self.confidences[number - 1]),
                "present": bool(self.present[number - 1]),
                "area": area,
                "share": area / self.classes.size,
                "rle": encode_mask(self.classes == number) if area else None,
            }
            entries.append(entry)
        height, width = self.classes.shape
        return {"image_size": [height, width], "categories": entries}

    def to_coco(
        self, *, image_id: int | str = 1, category_ids: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        """The records of a COCO stuff results file: one mask for each category that has pixels.

        Args:
            image_id: The image's id in the COCO file.
            category_ids: Category -> id; None numbers ``categories`` from 1, as ``classes`` does.

        Raises:
            ValueError: A category that has pixels has no id.
        """
        return self._instances().to_coco(image_id=image_id, category_ids=category_ids)

    def to_supervision(self) -> sv.Detections:
        """As ``supervision.Detections`` with one mask a category; ``class_id`` counts ``categories`` from 0."""
        return self._instances().to_supervision()

    def _instances(self) -> Instances:
        """Everything of a category as one object."""
        found = [
            Instance.from_mask(category, self.confidences[number - 1], self.classes == number)
            for number, (category, area) in enumerate(self.areas.items(), start=1)
            if area
        ]
        height, width = self.classes.shape
        return Instances(found, image_size=(height, width), categories=self.categories)

    def __repr__(self) -> str:
        shares = ", ".join(f"{c} {a / self.classes.size:.1%}" for c, a in self.areas.items() if a)
        return f"SemanticMap({self.classes.shape[0]} x {self.classes.shape[1]}: {shares or 'background only'})"
