"""Options that several methods of ``RemoteSAM`` take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from remotesam.asking import ContourChoice
    from remotesam.tasks.contours import ContourSource


class ObjectOptions(TypedDict, total=False):
    """What counts as one object; None everywhere means the default.

    Attributes:
        contours: What parts touching objects: "auto" (the model's own outlines where it has some, else nothing; the
            default), "model", "gradient" (of the image), "none", or a function from image to contour map.
        contour_mode: "watershed" (touching objects part, none shrinks; the default), or "cut" (the reference's way).
        contour_threshold: A pixel is contour above this, in [0, 1].
        min_share: Pieces smaller than this share of the largest piece beside them are no objects, in [0, 1].
        min_area: Objects of fewer pixels are dropped.
        threshold: A pixel belongs above this, instead of the model's, in [0, 1].
        presence_threshold: Something is there above this score, instead of the model's, in [0, 1].
    """

    contours: ContourChoice | ContourSource | None
    contour_mode: Literal["watershed", "cut"] | None
    contour_threshold: float | None
    min_share: float | None
    min_area: int | None
    threshold: float | None
    presence_threshold: float | None


class DetectionOptions(ObjectOptions, total=False):
    """What counts as one object, and which of several objects in one place stay.

    Attributes:
        max_overlap: Of two objects with a mask IoU above this the worse is dropped, in [0, 1]; 1 keeps all.
    """

    max_overlap: float | None


OBJECT_OPTIONS = ObjectOptions.__optional_keys__
DETECTION_OPTIONS = DetectionOptions.__optional_keys__


def fraction(value: Any, name: str) -> float:
    """Checks a number from 0 to 1.

    Raises:
        ValueError: It is none.
    """
    number = float(value) if isinstance(value, Real) else math.nan
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is {value!r}; use a number from 0 to 1")
    return number


def fractions(value: float | Sequence[float], count: int, name: str) -> list[float]:
    """Checks a number from 0 to 1 that holds for all of N things, or one for each.

    Returns:
        N numbers.

    Raises:
        ValueError: One is none, or there are more or fewer than N.
    """
    if not isinstance(value, Sequence):
        return [fraction(value, name)] * count
    numbers = [fraction(one, name) for one in value]
    if len(numbers) != count:
        raise ValueError(f"{name} has {len(numbers)} numbers for {count}; give one for all, or one for each")
    return numbers
