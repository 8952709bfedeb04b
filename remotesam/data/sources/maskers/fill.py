"""Boxes taken for masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from remotesam.data.segmentation import Outlines
from remotesam.data.sources.maskers.base import region_of


class PolygonFill:
    """Fills the oriented box of an object, or its upright box.

    Right for what fills its box, such as sports grounds in oriented boxes, and too large for all else.

    Example:
        >>> fill = PolygonFill()
        >>> [(polygons, holes)] = fill.mask(np.zeros((9, 9, 3), np.uint8), np.array([[1, 2, 3, 4]]), [None], ["ship"])
        >>> polygons[0].tolist()
        [[1.0, 2.0], [3.0, 2.0], [3.0, 4.0], [1.0, 4.0]]
    """

    name = "box fill"

    def mask(
        self, image: np.ndarray, boxes: np.ndarray, corners: Sequence[np.ndarray | None], categories: Sequence[str]
    ) -> list[Outlines]:
        """Returns the boxes as outlines; see :class:`~remotesam.data.sources.maskers.base.BoxMasker`."""
        return [((region_of(box, quad),), ()) for box, quad in zip(boxes, corners, strict=True)]
