"""Cuts the scenes of large images into tiles."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from remotesam.data.geometry import View
from remotesam.data.naming import wording
from remotesam.data.scene import Instance, Scene
from remotesam.data.sources.windows import Window, cover


@dataclass(frozen=True, kw_only=True)
class Tiling:
    """How large images are cut.

    Attributes:
        size: Side of a tile in pixels.
        overlap: How many pixels neighbouring tiles share at least.
        whole_up_to: Images whose longer side has at most so many pixels stay whole, because their tiles would be nearly
            the same; None takes half as much again as ``size``.
        min_visible: An object of which a smaller share is inside a tile is cut away there, and nothing is said of its
            category; in [0, 1].
    """

    size: int = 800
    overlap: int = 200
    whole_up_to: int | None = None
    min_visible: float = 0.4

    def __post_init__(self) -> None:
        if self.size < 32 or not 0 <= self.overlap < self.size:
            raise ValueError(
                f"tiling takes a size of at least 32 pixels and an overlap from 0 to below it, got {self.size} and "
                f"{self.overlap}"
            )
        if self.whole_up_to is not None and self.whole_up_to < self.size:
            raise ValueError(f"tiling.whole_up_to is {self.whole_up_to}; it takes at least the size, {self.size}")
        if not 0 <= self.min_visible <= 1:
            raise ValueError(f"tiling.min_visible is a share in [0, 1], got {self.min_visible}")

    def windows(self, height: int, width: int) -> list[Window]:
        """Windows (left, top, width, height) of an image; one for an image that stays whole.

        Example:
            >>> Tiling(size=400, overlap=100).windows(300, 1000)
            [(0, 0, 400, 300), (300, 0, 400, 300), (600, 0, 400, 300)]
            >>> Tiling(size=400, overlap=100, whole_up_to=1000).windows(300, 1000)
            [(0, 0, 1000, 300)]
        """
        limit = 1.5 * self.size if self.whole_up_to is None else self.whole_up_to
        if max(height, width) <= limit:
            return [(0, 0, width, height)]
        return cover(height, width, size=self.size, overlap=self.overlap)


def tiles(scene: Scene, tiling: Tiling, *, regions: Collection[str] = ()) -> Iterator[tuple[Window, Scene]]:
    """Cut a scene into tiles.

    Objects keep their whole outlines, in pixels of the tile, so that it is known which share of them is visible.

    Args:
        scene: The scene of the whole image.
        tiling: How to cut it.
        regions: Categories whose pieces are no objects (land cover): they are cut without further ado.

    Yields:
        Window (left, top, width, height) and the scene inside it.
    """
    height, width = scene.image.shape[:2]
    windows = tiling.windows(height, width)
    if windows == [(0, 0, width, height)]:
        yield windows[0], scene
        return
    boxes = _boxes(scene.instances)
    for window in windows:
        yield window, _cut(scene, boxes, window, min_visible=tiling.min_visible, regions=regions)


def _cut(scene: Scene, boxes: np.ndarray, window: Window, *, min_visible: float, regions: Collection[str]) -> Scene:
    left, top, width, height = window
    shift = np.array([left, top], np.float32)
    here = boxes - np.tile(shift, 2)
    touching = (here[:, 0] < width) & (here[:, 1] < height) & (here[:, 2] > 0) & (here[:, 3] > 0)
    inside = (here[:, :2] >= 0).all(1) & (here[:, 2] <= width) & (here[:, 3] <= height)
    kept: list[Instance] = []
    cut_away: set[str] = set()
    for index in np.flatnonzero(touching):
        instance = scene.instances[index]
        moved = replace(
            instance,
            polygons=tuple(polygon - shift for polygon in instance.polygons),
            holes=tuple(hole - shift for hole in instance.holes),
        )
        if not inside[index] and instance.category not in regions:
            view = View(moved, height, width)
            if view.visible < min_visible:
                cut_away.update({instance.category} if view.pixels else ())
                continue
        kept.append(moved)
    return Scene(
        image=scene.image[top : top + height, left : left + width],
        instances=tuple(kept),
        annotated=tuple(name for name in scene.annotated if not cut_away & _touched(name)),
        name=f"{scene.name} {window}",
    )


def _touched(name: str) -> set[str]:
    """Categories of which a scrap makes it unsure what belongs to a category."""
    words = wording(name)
    return {name, *words.includes, *words.overlapping}


def _boxes(instances: tuple[Instance, ...]) -> np.ndarray:
    """(N, 4) x1, y1, x2, y2 around the outlines."""
    boxes = np.zeros((len(instances), 4), np.float32)
    for index, instance in enumerate(instances):
        points = np.concatenate(instance.polygons)
        boxes[index] = (*points.min(0), *points.max(0))
    return boxes
