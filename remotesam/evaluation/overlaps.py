"""Objects as arrays, checked, and their IoU, with COCO's rule for crowds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from remotesam.evaluation.categories import Categories
from remotesam.evaluation.mask_counts import run_lengths_of
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth

Shape = Literal["box", "mask"]
SHAPES: tuple[Shape, ...] = ("box", "mask")


@dataclass(frozen=True)
class Objects:
    """Objects of one image.

    Attributes:
        classes: (N,) index into the categories.
        areas: (N,) float64, square pixels.
        shapes: N, as ``pycocotools.mask.iou`` takes them: (N, 4) x, y, width, height, or run lengths.
        crowd: (N,) bool.
    """

    classes: NDArray[np.int64]
    areas: NDArray[np.float64]
    shapes: NDArray[np.float64] | list[dict[str, Any]]
    crowd: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.classes)

    def chosen(self, which: NDArray[Any]) -> Objects:
        """Those at the given places, or where the flags are set, in that order."""
        places = np.flatnonzero(which) if which.dtype == np.bool_ else which
        shapes = [self.shapes[place] for place in places] if isinstance(self.shapes, list) else self.shapes[places]
        return Objects(self.classes[places], self.areas[places], shapes, self.crowd[places])


def checked_objects(objects: ObjectsTruth | ObjectsAnswer, categories: Categories, shape: Shape) -> Objects:
    """The objects of a truth or an answer.

    Raises:
        ValueError: The fields are not of one length, or a category, a box or a mask is none.
    """
    what = "truth" if isinstance(objects, ObjectsTruth) else "answer"
    classes = categories.numbers(objects.categories, what)
    shapes, areas = _boxes(objects.boxes, len(classes), what) if shape == "box" else _masks(objects, len(classes), what)
    crowd = np.zeros(len(classes), dtype=bool)
    if isinstance(objects, ObjectsTruth):
        areas = areas if objects.areas is None else _numbers(objects.areas, len(classes), "areas", what)
        crowd = crowd if objects.crowd is None else _numbers(objects.crowd, len(classes), "crowd", what).astype(bool)
    return Objects(classes, areas, shapes, crowd)


def checked_scores(scores: NDArray[Any] | None, count: int) -> NDArray[np.float64]:
    """The scores of an answer as float64; an answer without objects needs none.

    Raises:
        ValueError: There are none, not one an object, or one is not finite.
    """
    if scores is None and not count:
        return np.zeros(0)
    if scores is None:
        raise ValueError("the answer has no scores, which average precision ranks by; use the confidence-free metric")
    return _numbers(scores, count, "scores", "answer")


def ious(answer: Objects, truth: Objects) -> NDArray[np.float64]:
    """(M, N) IoU of each pair; with a crowd, the share of the answer that lies in it."""
    if not len(answer) or not len(truth):
        return np.zeros((len(answer), len(truth)))
    if isinstance(answer.shapes, list):
        sizes = {tuple(one["size"]) for one in [*answer.shapes, *truth.shapes]}
        if len(sizes) > 1:
            raise ValueError(f"masks are of the sizes {sorted(sizes)} (height, width); all of an image take one")
    found: NDArray[np.float64] = coco_mask.iou(answer.shapes, truth.shapes, truth.crowd.astype(np.uint8).tolist())
    return found


def _numbers(values: NDArray[Any], count: int, name: str, what: str) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise ValueError(
            f"{name} of the {what} are {numbers.shape}; give one finite number for each of {count} objects"
        )
    return numbers


def _boxes(boxes: NDArray[Any], count: int, what: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    edges = np.asarray(boxes, dtype=np.float64).reshape(-1, 4) if np.size(boxes) == 0 else np.asarray(boxes, np.float64)
    if edges.shape != (count, 4) or not np.isfinite(edges).all():
        raise ValueError(f"boxes of the {what} are {edges.shape}; give x1, y1, x2, y2 for each of {count} objects")
    sides = edges[:, 2:] - edges[:, :2]
    if (sides < 0).any():
        box = edges[(sides < 0).any(axis=1)][0].tolist()
        raise ValueError(f"the {what} has the box {box}; it takes x1 <= x2 and y1 <= y2")
    return np.concatenate([edges[:, :2], sides], axis=1), sides.prod(axis=1)


def _masks(objects: ObjectsTruth | ObjectsAnswer, count: int, what: str) -> tuple[list[dict[str, Any]], Any]:
    masks = objects.masks if objects.masks is not None else []
    if len(masks) != count:
        raise ValueError(f"the {what} has {len(masks)} masks for {count} objects; give one for each")
    encoded = [run_lengths_of(mask, what) for mask in masks]
    return [runs for runs, _ in encoded], np.array([area for _, area in encoded], dtype=np.float64)
