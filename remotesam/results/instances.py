"""One object found, and all objects found in an image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from remotesam.results.boxes import OrientedBox
from remotesam.results.rle import encode_crop

if TYPE_CHECKING:
    import supervision as sv


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """One object with its mask and boxes.

    Only the part of the mask inside the box is stored, so that thousands of objects on a large image fit into memory.

    Attributes:
        category: What it is, in the words of the question.
        score: How certain that is, in [0, 1].
        crop: (h, w) bool, the mask inside ``box``; every edge of it touches the object.
        left: x of the crop's first column, in pixels.
        top: y of the crop's first row, in pixels.
        image_size: (height, width) of the image, in pixels.
        oriented: The box of smallest area in any direction, where it was asked for.

    Example:
        >>> mask = np.zeros((8, 8), dtype=bool)
        >>> mask[2:4, 1:6] = True
        >>> Instance.from_mask("ship", 0.9, mask).box
        (1, 2, 6, 4)
    """

    category: str
    score: float
    crop: np.ndarray
    left: int
    top: int
    image_size: tuple[int, int]
    oriented: OrientedBox | None = None

    @classmethod
    def from_mask(
        cls, category: str, score: float, mask: np.ndarray, *, oriented: OrientedBox | None = None
    ) -> Instance:
        """Makes an instance from a mask of the whole image.

        Args:
            category: What it is.
            score: How certain that is, in [0, 1].
            mask: (H, W) bool, or integers of which all but 0 belong, with at least one pixel set.
            oriented: Its oriented box, where there is one.

        Raises:
            ValueError: The mask is empty, of another type, or not of two dimensions.
        """
        mask = np.asarray(mask)
        if mask.ndim != 2 or mask.dtype.kind not in "bui":
            raise ValueError(f"mask is {mask.dtype} of {mask.shape}; give (H, W) of bool (of probabilities, p > 0.5)")
        mask = mask.astype(bool, copy=False)
        if not mask.any():
            raise ValueError(f"mask of {mask.shape} has no pixel set; an instance needs at least one")
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        crop = mask[top : rows[-1] + 1, left : columns[-1] + 1].copy()
        size = (int(mask.shape[0]), int(mask.shape[1]))
        return cls(category, float(score), crop, left, top, size, oriented)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x1, y1, x2, y2) in pixels: the outer edges of the mask, so that x2 - x1 is its width."""
        height, width = self.crop.shape
        return self.left, self.top, self.left + width, self.top + height

    @cached_property
    def corners(self) -> np.ndarray:
        """(4, 2) float64 x, y in pixels: of the oriented box where there is one, else of ``box``.

        Clockwise as seen on the image, the topmost (of two the left one) first.
        """
        if self.oriented is not None:
            return self.oriented.corners
        x1, y1, x2, y2 = self.box
        return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], dtype=np.float64)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool at the image's own size; made anew each time."""
        mask = np.zeros(self.image_size, dtype=bool)
        x1, y1, x2, y2 = self.box
        mask[y1:y2, x1:x2] = self.crop
        return mask

    @cached_property
    def area(self) -> int:
        """The number of pixels in the mask."""
        return int(np.count_nonzero(self.crop))

    @cached_property
    def rle(self) -> dict[str, Any]:
        """The mask in COCO's compressed run-length encoding: ``{"size": [H, W], "counts": str}``."""
        return encode_crop(self.crop, self.left, self.top, self.image_size)

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes: box as x1, y1, x2, y2, mask as ``rle``."""
        document: dict[str, Any] = {
            "category": self.category,
            "score": float(self.score),
            "box": [int(edge) for edge in self.box],
            "corners": self.corners.round(3).tolist(),
            "area": self.area,
        }
        if self.oriented is not None:
            document["oriented_box"] = self.oriented.to_dict()
        return document | {"rle": dict(self.rle)}

    def to_coco(self, *, image_id: int | str = 1, category_id: int = 1) -> dict[str, Any]:
        """The record of a COCO results file: ``bbox`` as x, y, width, height; ``segmentation`` as RLE."""
        x1, y1, x2, y2 = (int(edge) for edge in self.box)
        return {
            "image_id": image_id,
            "category_id": category_id,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": self.area,
            "segmentation": dict(self.rle),
            "score": float(self.score),
        }

    def to_supervision(self) -> sv.Detections:
        """As ``supervision.Detections`` of one object."""
        return Instances([self], image_size=self.image_size).to_supervision()

    def __repr__(self) -> str:
        return f"Instance({self.category!r}, score {self.score:.2f}, box {self.box}, {self.area} pixels)"


class Instances(list[Instance]):
    """All objects found in one image; a list that knows the image's size and what was asked for.

    Args:
        instances: The objects.
        image_size: (height, width) of the image, in pixels.
        categories: What was asked for, in the order of the question; None takes those of the instances.

    Raises:
        ValueError: An instance is of none of the categories, or of an image of another size.
    """

    def __init__(
        self,
        instances: Iterable[Instance] = (),
        *,
        image_size: tuple[int, int],
        categories: Sequence[str] | None = None,
    ) -> None:
        super().__init__(instances)
        self.image_size = image_size
        named = dict.fromkeys(instance.category for instance in self)
        self.categories: tuple[str, ...] = tuple(categories if categories is not None else named)
        unknown = sorted(named.keys() - set(self.categories))
        if unknown:
            raise ValueError(f"there are instances of {unknown}; the categories are {list(self.categories)}")
        other = sorted({instance.image_size for instance in self} - {tuple(image_size)})
        if other:
            raise ValueError(f"there are instances of images of {other}; image_size is {image_size}")

    def of(self, category: str) -> Instances:
        """Those of one category, in the same order.

        Raises:
            ValueError: The category was not asked for.
        """
        if category not in self.categories:
            raise ValueError(f"{category!r} is none of the categories asked for: {', '.join(self.categories)}")
        return Instances(
            (one for one in self if one.category == category), image_size=self.image_size, categories=[category]
        )

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes."""
        return {"categories": list(self.categories), "instances": [instance.to_dict() for instance in self]}

    def to_coco(
        self, *, image_id: int | str = 1, category_ids: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        """The records of a COCO results file, which pycocotools' ``loadRes`` reads.

        Args:
            image_id: The image's id in the COCO file.
            category_ids: Category -> id; None numbers ``categories`` from 1.

        Raises:
            ValueError: A category has no id.
        """
        ids = dict(category_ids) if category_ids is not None else {c: i for i, c in enumerate(self.categories, start=1)}
        missing = sorted({instance.category for instance in self} - ids.keys())
        if missing:
            raise ValueError(f"category_ids has no id for {missing}; it has {sorted(ids)}")
        return [instance.to_coco(image_id=image_id, category_id=ids[instance.category]) for instance in self]

    def to_coco_dataset(self, *, file_name: str, image_id: int = 1) -> dict[str, Any]:
        """A whole COCO instances file about this image: images, categories, annotations."""
        height, width = self.image_size
        annotations = [
            {"id": number, "iscrowd": 0, **record}
            for number, record in enumerate(self.to_coco(image_id=image_id), start=1)
        ]
        return {
            "images": [{"id": image_id, "file_name": file_name, "width": width, "height": height}],
            "categories": [{"id": number, "name": name} for number, name in enumerate(self.categories, start=1)],
            "annotations": annotations,
        }

    def to_supervision(self, *, masks: bool = True) -> sv.Detections:
        """As ``supervision.Detections``: ``class_id`` counts ``categories`` from 0, names are in ``data``.

        Oriented boxes, where every instance has one, are in ``data["xyxyxyxy"]`` (N, 4, 2).

        Args:
            masks: Whether to add the masks, (N, H, W) bool: a byte for each object and pixel of the image, so rather
                not for thousands of objects on a large one.
        """
        import supervision as sv

        if not self:
            return sv.Detections.empty()
        numbers = {category: number for number, category in enumerate(self.categories)}
        data: dict[str, Any] = {"class_name": np.array([instance.category for instance in self])}
        if all(instance.oriented is not None for instance in self):
            data["xyxyxyxy"] = np.stack([instance.corners for instance in self]).astype(np.float32)
        return sv.Detections(
            xyxy=np.array([instance.box for instance in self], dtype=np.float32),
            mask=np.stack([instance.mask for instance in self]) if masks else None,
            confidence=np.array([instance.score for instance in self], dtype=np.float32),
            class_id=np.array([numbers[instance.category] for instance in self]),
            data=data,
        )

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        chosen = super().__getitem__(index)
        if isinstance(chosen, list):
            return Instances(chosen, image_size=self.image_size, categories=self.categories)
        return chosen

    def __rich_repr__(self) -> Iterator[Any]:
        yield from (repr(instance) for instance in self)
