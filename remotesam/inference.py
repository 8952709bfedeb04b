"""How an image is looked at: the choices at test time, and what a checkpoint's presets name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

TASKS = ("segment", "semantic", "detect", "ground", "classify")
"""Tasks that may have thresholds of their own; counts and captions come from what ``detect`` finds."""

PRESETS = ("fast", "accurate")

_DIRECTIONS = (
    "left|right|top|bottom|upper|lower|uppermost|lowermost|lowest|highest|above|below|beneath|beside|north|south|east|"
    r"west|\w*northern|\w*southern|\w*eastern|\w*western|clockwise|anticlockwise|counterclockwise|diagonal"
)
_DIRECTED = re.compile(rf"\b(?:{_DIRECTIONS}|(?:left|right|top|bottom|upper|lower)most|(?:north|south)(?:east|west))\b")
_WHOLE = re.compile(
    r"\b(?:middle|cent(?:er|re)|central|corners?|edges?|borders?|half|third|quarter|first|second|last|only|largest|"
    r"smallest|biggest|tiniest|larger|smaller|bigger|large|small|big|little|longest|shortest|widest|narrowest|nearest|"
    r"closest|furthest|farthest|most|least|near|next|between|surrounded|around|adjacent|closer|further|one|two|three|"
    r"four|five|six|seven|eight|nine|ten|group|row|line|with|without|other|others|another|except)\b"
)


@dataclass(frozen=True, kw_only=True)
class Inference:
    """Choices at test time; the defaults look once at the whole image, at the size the checkpoint names.

    Attributes:
        size: Instead of the checkpoint's ``preprocessing.size``, in pixels; None leaves it.
        tiles: Whether images whose longer side exceeds the size by more than half are looked at in overlapping tiles at
            their own resolution. Sentences that need the whole image ("the largest ship") still see it whole.
        flips: Whether answers to the image and its mirror images are averaged, for sentences without a direction.

    Raises:
        ValueError: A value is of another kind or out of range; the message names the field.
    """

    size: int | None = None
    tiles: bool = False
    flips: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and (not isinstance(self.size, int) or isinstance(self.size, bool) or self.size < 32):
            raise ValueError(f"size is {self.size!r}; use at least 32 pixels")
        for name in ("tiles", "flips"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is {getattr(self, name)!r}; use true or false")

    @classmethod
    def from_dict(cls, values: Any) -> Inference:
        """Reads plain data.

        Raises:
            ValueError: A field is wrong or unknown.
        """
        known = [field.name for field in fields(cls)]
        if not isinstance(values, Mapping) or not values.keys() <= set(known):
            raise ValueError(f"{values!r} does not name choices of {', '.join(known)}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """What differs from the defaults, as plain data."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    def changed(self, *, size: int | None = None, tiles: bool | None = None, flips: bool | None = None) -> Inference:
        """With what is given instead of what it holds."""
        given = {"size": size, "tiles": tiles, "flips": flips}
        return replace(self, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def may_be_flipped(sentence: str) -> bool:
    """Whether a sentence means the same in a mirror image: it has no word of direction.

    Example:
        >>> may_be_flipped("the largest ship"), may_be_flipped("the ship on the left")
        (True, False)
    """
    return _DIRECTED.search(sentence.lower()) is None


def may_be_tiled(sentence: str) -> bool:
    """Whether a sentence can be answered from pieces of an image: it neither compares, counts nor places objects.

    Example:
        >>> may_be_tiled("all ships"), may_be_tiled("the largest ship"), may_be_tiled("ships near a harbor")
        (True, False, False)
    """
    lowered = sentence.lower()
    return may_be_flipped(lowered) and _WHOLE.search(lowered) is None
