"""What makes masks from boxes, and the windows in which it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from remotesam.data.scene import rasterise
from remotesam.data.segmentation import Outlines, mask_polygons

Window = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class BoxMasker(Protocol):
    """Makes a mask for each box of an image.

    Attributes:
        name: Written to ``Annotation.maker``; it says which model or rule it was.
    """

    name: str

    def mask(
        self, image: np.ndarray, boxes: np.ndarray, corners: Sequence[np.ndarray | None], categories: Sequence[str]
    ) -> list[Outlines]:
        """Makes the masks of one image.

        Args:
            image: (H, W, 3) uint8 RGB.
            boxes: (N, 4) x1, y1, x2, y2 in pixels.
            corners: (4, 2) x, y of the oriented box of each, None for upright ones.
            categories: Their categories in the data set's spelling.

        Returns:
            N masks as polygons and holes in pixels of the image; none for an empty one. Outlines instead of pixels,
            because a scene of 100 million pixels with a thousand objects would need 100 GB.
        """
        ...


def region_of(box: np.ndarray, corners: np.ndarray | None, margin: float = 0.0) -> np.ndarray:
    """The corners of a box, oriented where it is, grown by a share of its sides on each side.

    Args:
        box: x1, y1, x2, y2.
        corners: (4, 2) x, y of an oriented box, None for an upright one.
        margin: Share of the sides to add on each side.

    Returns:
        (4, 2) float32.

    Example:
        >>> region_of(np.array([0, 0, 10, 20]), None, 0.1).tolist()
        [[-1.0, -2.0], [11.0, -2.0], [11.0, 22.0], [-1.0, 22.0]]
    """
    if corners is None:
        x1, y1, x2, y2 = box
        corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)
    centre = corners.mean(axis=0)
    return ((corners - centre) * (1 + 2 * margin) + centre).astype(np.float32)


def outlines_within(mask: np.ndarray, region: np.ndarray | None, *, left: int = 0, top: int = 0) -> Outlines:
    """Outlines a mask of a window, cut off at a region.

    Args:
        mask: (h, w) bool.
        region: (n, 2) x, y in pixels of the whole image outside which nothing belongs to the mask; None for no limit.
        left: Where the window lies in the image.
        top: Likewise.

    Returns:
        Polygons and holes in pixels of the whole image.
    """
    shift = np.array([left, top], np.float32)
    if region is not None:
        mask = mask & rasterise((region - shift,), *mask.shape)
    polygons, holes = mask_polygons(mask)
    return tuple(polygon + shift for polygon in polygons), tuple(hole + shift for hole in holes)


def windows(boxes: np.ndarray, size: tuple[int, int], *, side: int) -> list[tuple[Window, list[int]]]:
    """Places square windows so that every box lies in one, with an eighth of the side around it where there is room.

    Networks that see an image at a fixed size, such as SAM, lose small objects in large images.

    Args:
        boxes: (N, 4) x1, y1, x2, y2 in pixels.
        size: (height, width) of the image in pixels.
        side: Side of the windows in pixels; larger only for larger boxes. An image that is not larger is one window.

    Returns:
        Windows, each with the indices of its boxes; every box is in exactly one.

    Example:
        >>> windows(np.array([[10, 10, 20, 20], [900, 10, 920, 30], [15, 30, 25, 40]]), (100, 1000), side=100)
        [((0, 0, 100, 100), [0, 2]), ((860, 0, 960, 100), [1])]
    """
    height, width = size
    if max(height, width) <= side:
        return [((0, 0, width, height), list(range(len(boxes))))] if len(boxes) else []
    left = [int(index) for index in np.lexsort((boxes[:, 0], boxes[:, 1]))]
    placed = []
    while left:
        x1, y1, x2, y2 = boxes[left[0]]
        span = max(side, int(np.ceil(1.25 * max(x2 - x1, y2 - y1))))
        # Boxes come from the top, so the window hangs down from this one.
        window_left = int(np.clip((x1 + x2 - span) / 2, 0, max(width - span, 0)))
        window_top = int(np.clip(y1 - span / 8, 0, max(height - span, 0)))
        window = (window_left, window_top, min(window_left + span, width), min(window_top + span, height))
        inside = [index for index in left if index == left[0] or _fits(boxes[index], window, size, span / 8)]
        placed.append((window, sorted(inside)))
        left = [index for index in left if index not in set(inside)]
    return placed


def _fits(box: np.ndarray, window: Window, size: tuple[int, int], room: float) -> bool:
    """Whether a box has room around it in a window; at the border of the image none is needed."""
    height, width = size
    return bool(
        (box[0] >= window[0] + room or window[0] == 0)
        and (box[1] >= window[1] + room or window[1] == 0)
        and (box[2] <= window[2] - room or window[2] == width)
        and (box[3] <= window[3] - room or window[3] == height)
    )
