"""Which category every pixel belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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
        present: (N,) bool: whether the category passed the gate P(c|I) >= tau.
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

    @property
    def areas(self) -> dict[str, int]:
        """The number of pixels of each category."""
        counts = np.bincount(self.classes.reshape(-1), minlength=len(self.categories) + 1)
        return {category: int(count) for category, count in zip(self.categories, counts[1:], strict=True)}

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: for each category its confidence, pixels, share and mask as RLE."""
        entries = []
        for number, (category, area) in enumerate(self.areas.items(), start=1):
            entry = {
                "id": number,
                "category": category,
                "confidence": float(self.confidences[number - 1]),
                "present": bool(self.present[number - 1]),
                "area": area,
                "share": area / max(1, self.classes.size),
                "rle": encode_mask(self.classes == number) if area else None,
            }
            entries.append(entry)
        return {"categories": entries}

    def to_coco(self, *, image_id: int | str = 1) -> list[dict[str, Any]]:
        """The records of a COCO stuff results file: one mask for each category that has pixels."""
        return [
            {
                "image_id": image_id,
                "category_id": entry["id"],
                "segmentation": entry["rle"],
                "score": entry["confidence"],
            }
            for entry in self.to_dict()["categories"]
            if entry["rle"] is not None
        ]

    def to_supervision(self) -> sv.Detections:
        """As ``supervision.Detections`` with one mask a category; ``class_id`` counts ``categories`` from 0."""
        import supervision as sv

        found = [number for number, area in enumerate(self.areas.values()) if area]
        if not found:
            return sv.Detections.empty()
        masks = np.stack([self.classes == number + 1 for number in found])
        return sv.Detections(
            xyxy=sv.mask_to_xyxy(masks).astype(np.float32),
            mask=masks,
            confidence=self.confidences[found].astype(np.float32),
            class_id=np.array(found),
            data={"class_name": np.array([self.categories[number] for number in found])},
        )

    def __repr__(self) -> str:
        shares = ", ".join(f"{c} {a / max(1, self.classes.size):.1%}" for c, a in self.areas.items() if a)
        return f"SemanticMap({self.classes.shape[0]} x {self.classes.shape[1]}: {shares or 'background only'})"
