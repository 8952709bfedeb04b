"""What is right and what was answered, for one sample of each task: light values that every metric takes.

An answer that is made without arguments finds nothing: ``MaskAnswer()`` is an empty mask, ``CaptionAnswer()`` no word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = Mapping[str, Any] | NDArray[np.bool_]
"""(H, W) bool, or COCO's run lengths ``{"size": [H, W], "counts": str, bytes or list}``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskTruth:
    """The pixels that a sentence means.

    Attributes:
        mask: At the image's own size; empty for a sentence that means nothing there.
        targets: How many objects the sentence means, where that is known.
        ignored: Pixels that count neither as right nor as wrong, where the data set has such.
    """

    mask: Mask
    targets: int | None = None
    ignored: Mask | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskAnswer:
    """The pixels that were found.

    Attributes:
        mask: Before any presence gate; None for an empty one.
        presence: How certain it is that anything is there, in [0, 1].
    """

    mask: Mask | None = None
    presence: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassMapTruth:
    """The class of every pixel.

    Attributes:
        class_map: (H, W) uint8 or uint16, index into the classes of the metric, or its ignore index.
    """

    class_map: NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassMapAnswer:
    """The class found for every pixel.

    Attributes:
        class_map: As in the truth, where the ignore index says "none of the classes"; None says so of every pixel.
    """

    class_map: NDArray[Any] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectsTruth:
    """All objects of an image.

    Attributes:
        categories: N names.
        boxes: (N, 4) x1, y1, x2, y2 in continuous pixels.
        masks: N masks, for metrics on masks.
        areas: (N,) in square pixels, for figures by size; by default of the boxes, or of the masks for such metrics.
        crowd: (N,) bool: a crowd of objects that are not told apart; neither a hit nor a miss.
    """

    categories: Sequence[str] = ()
    boxes: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 4)))
    masks: Sequence[Mask] | None = None
    areas: NDArray[Any] | None = None
    crowd: NDArray[np.bool_] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectsAnswer:
    """The objects found.

    Attributes:
        categories: M names.
        boxes: (M, 4) x1, y1, x2, y2 in continuous pixels.
        scores: (M,); None where the system gives none, for metrics that need none.
        masks: M masks, for metrics on masks.
    """

    categories: Sequence[str] = ()
    boxes: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 4)))
    scores: NDArray[Any] | None = None
    masks: Sequence[Mask] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class OrientedTruth:
    """All objects of an image as oriented boxes.

    Attributes:
        categories: N names.
        corners: (N, 4, 2) x, y in continuous pixels, going round each box.
        difficult: (N,) bool: hard to see; neither a hit nor a miss.
    """

    categories: Sequence[str] = ()
    corners: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 4, 2)))
    difficult: NDArray[np.bool_] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class OrientedAnswer:
    """The oriented boxes found.

    Attributes:
        categories: M names.
        corners: (M, 4, 2) x, y in continuous pixels, going round each box.
        scores: (M,).
    """

    categories: Sequence[str] = ()
    corners: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 4, 2)))
    scores: NDArray[Any] = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxTruth:
    """Where the object of a sentence is.

    Attributes:
        box: (4,) x1, y1, x2, y2 in continuous pixels; None where the sentence means nothing there.
    """

    box: NDArray[Any] | Sequence[float] | None


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxAnswer:
    """Where it was found.

    Attributes:
        box: (4,) x1, y1, x2, y2 in continuous pixels; None where nothing was found.
    """

    box: NDArray[Any] | Sequence[float] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class CountsTruth:
    """How many there are.

    Attributes:
        counts: Category -> number, of every category that was asked for, zeros included.
    """

    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class CountsAnswer:
    """How many were found.

    Attributes:
        counts: Category -> number; those left out count 0.
    """

    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelsTruth:
    """The categories that an image shows.

    Attributes:
        labels: Any number of them.
    """

    labels: frozenset[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelsAnswer:
    """The categories that were found.

    Attributes:
        labels: Any number of them.
        scores: Category -> score, for average precision; those left out score 0.
    """

    labels: frozenset[str] = frozenset()
    scores: Mapping[str, float] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class SceneTruth:
    """The one category of a whole image.

    Attributes:
        label: Its name.
    """

    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class SceneAnswer:
    """The category that was found.

    Attributes:
        label: Its name; None where none was found, which counts as wrong.
    """

    label: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class CaptionTruth:
    """What people wrote about an image.

    Attributes:
        references: At least one description.
    """

    references: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class CaptionAnswer:
    """What was written about it.

    Attributes:
        text: The description.
    """

    text: str = ""
