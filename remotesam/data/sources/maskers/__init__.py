"""From boxes to masks: SAM, a referring segmenter restricted to the box, or the box itself."""

from remotesam.data.sources.maskers.apply import Agreement, make_all_masks, make_masks, summarise
from remotesam.data.sources.maskers.base import BoxMasker
from remotesam.data.sources.maskers.fill import PolygonFill
from remotesam.data.sources.maskers.sam import SamMasker
from remotesam.data.sources.maskers.segmenter import SegmenterMasker

__all__ = [
    "Agreement",
    "BoxMasker",
    "PolygonFill",
    "SamMasker",
    "SegmenterMasker",
    "make_all_masks",
    "make_masks",
    "summarise",
]
