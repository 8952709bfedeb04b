"""Objects that answer (image, expressions) with one probability map per expression."""

from remotesam.segmenters.base import Segmenter

__all__ = ["Segmenter"]
