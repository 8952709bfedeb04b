"""Whether instances are next to, or between, those of another category."""

import numpy as np

from remotesam.data.geometry import SceneView, View

NEAR = 0.05
"""Objects at most this far apart, in sides of the picture, are surely next to each other."""

FAR = 0.3
"""Objects at least this far apart are surely not."""


def near_fits(scene: SceneView, members: list[View], anchors: list[View]) -> list[tuple[bool, bool]]:
    """Tell for each member whether it is (surely, possibly) next to any of the anchors."""
    left, top, right, bottom = scene.frame
    side = max(right - left, bottom - top)
    distances = [min(distance(view, anchor, limit=FAR * side) for anchor in anchors) / side for view in members]
    return [(value <= NEAR, value < FAR) for value in distances]


def distance(first: View, second: View, *, limit: float) -> float:
    """Return the smallest distance between two objects' outlines in pixels, 0 where they overlap.

    Args:
        first: An object.
        second: Another.
        limit: From this distance on, a lower bound of it is good enough.
    """
    gap_x = max(first.box[0] - second.box[2], second.box[0] - first.box[2], 0.0)
    gap_y = max(first.box[1] - second.box[3], second.box[1] - first.box[3], 0.0)
    gap = float(np.hypot(gap_x, gap_y))
    if gap >= limit:
        return gap
    if gap == 0 and bool((first.mask & second.mask).any()):
        return 0.0
    difference = first.outline[:, None] - second.outline[None]
    return float(np.sqrt((difference**2).sum(-1).min()))


def between_fits(members: list[View], first: View, second: View) -> list[tuple[bool, bool]]:
    """Tell for each member whether its centre lies (surely, possibly) between two other objects.

    Surely: in the middle half of the line that joins their centres, and no further off it than a fifth of its length.
    """
    start, end = np.array(first.centre), np.array(second.centre)
    axis = end - start
    squared = float(axis @ axis) or 1.0
    fits = []
    for view in members:
        offset = np.array(view.centre) - start
        along = float(offset @ axis) / squared
        aside = abs(float(offset[0] * axis[1] - offset[1] * axis[0])) / squared
        fits.append((0.25 <= along <= 0.75 and aside <= 0.2, -0.05 <= along <= 1.05 and aside <= 0.6))
    return fits
