"""Every task as a pure function of probability maps, from whatever model they come.

Example:
    >>> from remotesam.tasks import detect_instances
    >>> maps = np.zeros((1, 8, 8), dtype=np.float32)
    >>> maps[0, 2:4, 1:6] = 0.9
    >>> detect_instances(maps, ["ship"], min_area=1)
    [Instance('ship', score 0.90, box (1, 2, 6, 4), 10 pixels)]

The names below are loaded on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remotesam.tasks.captioning import caption_instances
    from remotesam.tasks.classification import category_score, classify_maps
    from remotesam.tasks.contours import ContourSource, PyramidContour, gradient_contour
    from remotesam.tasks.counting import count_instances
    from remotesam.tasks.detection import detect_instances
    from remotesam.tasks.directsam import DirectSam
    from remotesam.tasks.grounding import ground_sentence
    from remotesam.tasks.parting import part_mask
    from remotesam.tasks.referring import segment_referring
    from remotesam.tasks.semantic import semantic_map

_HOMES = {
    "ContourSource": "contours",
    "DirectSam": "directsam",
    "PyramidContour": "contours",
    "caption_instances": "captioning",
    "category_score": "classification",
    "classify_maps": "classification",
    "count_instances": "counting",
    "detect_instances": "detection",
    "gradient_contour": "contours",
    "ground_sentence": "grounding",
    "part_mask": "parting",
    "segment_referring": "referring",
    "semantic_map": "semantic",
}

__all__ = [
    "ContourSource",
    "DirectSam",
    "PyramidContour",
    "caption_instances",
    "category_score",
    "classify_maps",
    "count_instances",
    "detect_instances",
    "gradient_contour",
    "ground_sentence",
    "part_mask",
    "segment_referring",
    "semantic_map",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
