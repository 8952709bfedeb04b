"""Polygons of COCO segmentations: flat lists, and run lengths compressed or not."""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault
from remotesam.data.scene import encode_polygons, polygon_area

Outlines = tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]
"""Polygons and holes as in :class:`~remotesam.data.scene.Instance`."""

_ROWS = 256


def read_segmentation(segmentation: Any, height: int | None, width: int | None) -> Outlines:
    """Read the ``segmentation`` field of a COCO annotation.

    Args:
        segmentation: A list of flat polygons ``[x1, y1, x2, y2, ...]``, or run lengths
            ``{"size": [h, w], "counts": ...}`` with a list of counts or a compressed string.
        height: Height of the image in pixels, None where unknown.
        width: Its width.

    Returns:
        Polygons and holes as in :class:`~remotesam.data.scene.Instance`.

    Raises:
        Fault: What is wrong with it, as the end of a sentence.
    """
    if not segmentation:
        raise Fault("has no segmentation (boxes alone give no masks)", "missing")
    if isinstance(segmentation, dict):
        return _read_run_lengths(segmentation, height, width)
    if not isinstance(segmentation, list):
        raise Fault(
            f"has a segmentation that is neither a list of polygons nor run lengths: {segmentation!r:.60}", "format"
        )
    polygons = []
    for part in segmentation:
        try:
            flat = np.asarray(part, np.float32)
        except (TypeError, ValueError):
            raise Fault(f"has a polygon that is no list of numbers: {str(part)[:60]}", "format") from None
        if flat.ndim != 1 or flat.size < 6 or flat.size % 2:
            raise Fault(f"has a polygon of {flat.size} numbers; it takes x, y pairs of at least three points", "format")
        if not np.isfinite(flat).all():
            raise Fault("has a polygon with a coordinate that is not finite", "format")
        polygons.append(flat.reshape(-1, 2))
    check_polygons(polygons, height, width)
    return tuple(polygons), ()


def check_polygons(polygons: Sequence[np.ndarray], height: int | None, width: int | None) -> None:
    """Check that polygons cover something of their image.

    Args:
        polygons: ``(n, 2)`` x, y each, finite.
        height: Height of the image in pixels, None where unknown.
        width: Its width.

    Raises:
        Fault: They have no area, lie outside the image, or cover none of its pixels.
    """
    points = np.concatenate(polygons)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    # The two loops of an outline that crosses itself can have areas that cancel out.
    if not any(polygon_area(polygon) for polygon in polygons) and not any(map(crosses_itself, polygons)):
        raise Fault("has zero area", "area")
    if right <= 0 or bottom <= 0 or left >= (width or math.inf) or top >= (height or math.inf):
        raise Fault(
            f"lies outside its image: x {left:g} to {right:g}, y {top:g} to {bottom:g} in {width} x {height} pixels",
            "outside",
        )
    if height and width and not coco_mask.area(encode_polygons(tuple(polygons), height, width)):
        raise Fault("covers no pixel", "area")


def crosses_itself(polygon: np.ndarray) -> bool:
    """Tell whether two edges of an ``(n, 2)`` polygon cross; edges that only touch do not count.

    Example:
        >>> crosses_itself(np.array([[0, 0], [2, 2], [2, 0], [0, 2]]))
        True
    """
    points = polygon.astype(np.float64)
    for first in range(0, len(points), _ROWS):
        rows = np.arange(first, min(first + _ROWS, len(points)))
        # Two edges cross where the ends of each lie on different sides of the other.
        if np.any(_parted(points, rows, None) & _parted(points, None, rows).T):
            return True
    return False


def _parted(points: np.ndarray, edges: np.ndarray | None, others: np.ndarray | None) -> np.ndarray:
    """Whether the ends of some other edges of a polygon lie on different sides of the lines along some of its edges.

    Args:
        points: ``(n, 2)`` float64.
        edges: Which edges, each from its point to the next one; all where None.
        others: Which other edges; all where None.

    Returns:
        ``(edges, others)`` bool.
    """
    count = len(points)
    edges = np.arange(count) if edges is None else edges
    start = points[edges]
    along = points[(edges + 1) % count] - start
    which = np.append(np.arange(count), 0) if others is None else np.append(others, (others[-1] + 1) % count)
    x, y = points[which].T
    # Positive on one side of the line, negative on the other.
    side = along[:, :1] * (y - start[:, 1:]) - along[:, 1:] * (x - start[:, :1])
    parted: np.ndarray = side[:, :-1] * side[:, 1:] < 0
    return parted


def clip_polygon(polygon: np.ndarray, height: float, width: float) -> np.ndarray:
    """Cut an ``(n, 2)`` polygon off at the borders of an image (Sutherland-Hodgman).

    Returns:
        The polygon inside, ``(m, 2)``; ``m < 3`` where nothing is. Parts of a concave one stay joined along the border.

    Example:
        >>> clip_polygon(np.array([[-2, 0], [2, 0], [2, 2], [-2, 2]], np.float32), 4, 4).tolist()
        [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    """
    for axis, sign, limit in ((0, 1, 0.0), (0, -1, -width), (1, 1, 0.0), (1, -1, -height)):
        if not len(polygon):
            break
        depth = sign * polygon[:, axis] - limit
        if (depth >= 0).all():
            continue
        kept: list[np.ndarray] = []
        for number in range(len(polygon)):
            before, here = depth[number - 1], depth[number]
            if (before >= 0) != (here >= 0):
                share = before / (before - here)
                kept.append(polygon[number - 1] + share * (polygon[number] - polygon[number - 1]))
            if here >= 0:
                kept.append(polygon[number])
        polygon = np.array(kept, np.float32).reshape(-1, 2)
    return polygon


def mask_polygons(mask: np.ndarray) -> Outlines:
    """Outline an ``(H, W)`` bool mask exactly along the edges of its pixels.

    Returns:
        Outer polygons and holes, each ``(n, 2)`` float32 x, y with whole numbers; none for an empty mask.

    Example:
        >>> polygons, holes = mask_polygons(np.eye(2, dtype=bool)[:1])
        >>> polygons[0].tolist(), holes
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], ())
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return (), ()
    top, left = int(rows[0]), int(columns[0])
    cut = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    # Three sub-pixels a pixel: contours through the outer sub-pixels' centres name the pixel edge next to them.
    finer = np.kron(cut.astype(np.uint8), np.ones((3, 3), np.uint8))
    contours, hierarchy = cv2.findContours(finer, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    polygons: list[np.ndarray] = []
    holes: list[np.ndarray] = []
    for contour, parent in zip(contours, np.asarray(hierarchy).reshape(-1, 4)[:, 3], strict=True):
        edges = (contour[:, 0] + 1) // 3 + (left, top)
        edges = edges[np.any(edges != np.roll(edges, 1, axis=0), axis=1)].astype(np.float32)
        (polygons if parent < 0 else holes).append(edges)
    return tuple(polygons), tuple(holes)


def _decompress(text: str) -> list[int]:
    """Read COCO's compressed counts: five bits a character, differences to the count two before."""
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value -= 1 << shift
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value, shift = 0, 0
    return counts


def _read_run_lengths(encoded: dict[str, Any], height: int | None, width: int | None) -> Outlines:
    size, counts = encoded.get("size"), encoded.get("counts")
    if not isinstance(size, list) or len(size) != 2 or not isinstance(counts, list | str | bytes):
        raise Fault("has run lengths without `size` [height, width] and `counts`", "format")
    if height and width and (size[0], size[1]) != (height, width):
        raise Fault(f"has run lengths for {size[1]} x {size[0]} pixels in an image of {width} x {height}", "size")
    if isinstance(counts, list):
        if any(not isinstance(count, int) or count < 0 for count in counts) or sum(counts) != size[0] * size[1]:
            raise Fault(f"has run lengths that do not add up to {size[1]} x {size[0]} pixels", "size")
        runs = coco_mask.frPyObjects(encoded, size[0], size[1])
    else:
        text = counts if isinstance(counts, str) else counts.decode("ascii", "replace")
        lengths = _decompress(text)
        if min(lengths, default=-1) < 0 or sum(lengths) != size[0] * size[1]:
            raise Fault(f"has compressed run lengths that do not add up to {size[1]} x {size[0]} pixels", "size")
        runs = {"size": size, "counts": counts}
    polygons, holes = mask_polygons(coco_mask.decode(runs).astype(bool))
    if not polygons:
        raise Fault("has zero area", "area")
    return polygons, holes
