"""Horizontal and oriented boxes, drawn around objects rather than over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from remotesam.results import Instance
from remotesam.visualize.canvas import Scale
from remotesam.visualize.colours import palette

_MANY = 8


def draw_boxes(
    scene: np.ndarray, instances: Sequence[Instance], numbers: Sequence[int], colours: Sequence[str], scale: Scale
) -> list[np.ndarray]:
    """Draws the box of each instance in place, oriented where it has one; large ones first.

    Args:
        scene: (H, W, 3) uint8, blue first, enlarged by ``scale.factor``.
        instances: N objects.
        numbers: N indices into ``colours``.
        colours: ``"#rrggbb"`` each.
        scale: How the image was enlarged, and the thickest line.

    Returns:
        The outer corners of the lines of each instance, (4, 2) float64 x, y in pixels of the picture; clockwise, the
        topmost first.
    """
    import supervision as sv

    crowded = _crowded(instances)
    lines = [_line(instance, scale, thin=thin) for instance, thin in zip(instances, crowded, strict=True)]
    # A dark rim on both sides keeps the line apart from grounds of its own colour, but hides what is near.
    rims = [0 if thin else max(1, line // 4) for line, thin in zip(lines, crowded, strict=True)]
    corners = [
        (_horizontal if instance.oriented is None else _oriented)(instance, line + 2 * rim, scale)
        for instance, line, rim in zip(instances, lines, rims, strict=True)
    ]
    lookup, painted = sv.ColorLookup.CLASS, palette(colours)
    for index in sorted(range(len(instances)), key=lambda index: -instances[index].crop.size):
        instance, line, whole = instances[index], lines[index], lines[index] + 2 * rims[index]
        # The centre of the line, in numbers of pixels rather than edges between them.
        centre = np.round(_inset(corners[index], whole / 2) - 0.5)
        box = np.concatenate([centre.min(axis=0), centre.max(axis=0)])[None].astype(np.float32)
        detections = sv.Detections(xyxy=box, class_id=np.array([numbers[index]]))
        annotator: type = sv.BoxAnnotator
        if instance.oriented is not None:
            detections.data["xyxyxyxy"] = centre[None].astype(np.float32)
            annotator = sv.OrientedBoxAnnotator
        if rims[index]:
            annotator(sv.Color.BLACK, thickness=_thickness(whole)).annotate(scene, detections)
        annotator(painted, thickness=_thickness(line), color_lookup=lookup).annotate(scene, detections)
    return corners


def _line(instance: Instance, scale: Scale, *, thin: bool) -> int:
    """How thick a box is drawn, in pixels of the picture: thin around what is small, so that neighbours stay seen."""
    short = min(instance.crop.shape) if instance.oriented is None else instance.oriented.height
    line = int(np.clip(short * scale.factor / 8, 1, max(2, scale.line)))
    return (line // 2 if thin else line) // 2 * 2 + 1


def _thickness(line: int) -> int:
    """What OpenCV calls a line of an odd number of pixels: it draws a thickness of 2 as 3 pixels, of 4 as 5."""
    return max(1, line - 1)


def _crowded(instances: Sequence[Instance]) -> list[bool]:
    """Whether an instance is one of many of a category where more than half of the boxes cross two others or more."""
    low = np.array([instance.corners.min(axis=0) for instance in instances])
    high = np.array([instance.corners.max(axis=0) for instance in instances])
    total, crossing = Counter[str](), Counter[str]()
    for index, instance in enumerate(instances):
        total[instance.category] += 1
        near = np.flatnonzero(((low < high[index]) & (high > low[index])).all(axis=1))
        meets = [other for other in near if other != index and _meet(instance, instances[int(other)])]
        crossing[instance.category] += len(meets) > 1
    return [
        total[instance.category] >= _MANY and 2 * crossing[instance.category] > total[instance.category]
        for instance in instances
    ]


def _meet(first: Instance, second: Instance) -> bool:
    """Whether two boxes share more than a border; for horizontal ones the caller knows that they do."""
    import cv2

    if first.oriented is None or second.oriented is None:
        return True
    boxes = [((box.x, box.y), (box.width, box.height), box.angle) for box in (first.oriented, second.oriented)]
    return bool(cv2.rotatedRectangleIntersection(*boxes)[0] != cv2.INTERSECT_NONE)


def _horizontal(instance: Instance, line: int, scale: Scale) -> np.ndarray:
    x1, y1, x2, y2 = (edge * scale.factor for edge in instance.box)
    # At the border of the image the line lies on the object: outside nobody would see it.
    x1, y1 = max(x1 - line, 0), max(y1 - line, 0)
    x2, y2 = min(x2 + line, scale.width), min(y2 + line, scale.height)
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], dtype=np.float64)


def _oriented(instance: Instance, line: int, scale: Scale) -> np.ndarray:
    box = instance.oriented
    assert box is not None
    factor = scale.factor
    around = replace(
        box,
        x=box.x * factor,
        y=box.y * factor,
        width=box.width * factor + 2 * line,
        height=box.height * factor + 2 * line,
    )
    return around.corners


def _inset(corners: np.ndarray, margin: float) -> np.ndarray:
    """The corners of a rectangle, each moved inwards by so much along both sides."""
    along, across = corners[1] - corners[0], corners[3] - corners[0]
    steps = [side / max(float(np.hypot(*side)), 1e-9) * margin for side in (along, across)]
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], dtype=np.float64)
    return np.asarray(corners + signs @ np.stack(steps))
