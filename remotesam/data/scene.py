"""What a labelled picture is: an image, its instances, and the categories of which nothing was left out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from pycocotools import mask as coco_mask


@dataclass(frozen=True)
class Instance:
    """One object of a scene.

    Attributes:
        category: Canonical name, lower case with spaces, e.g. ``"storage tank"``.
        polygons: Outlines of the parts, each ``(n, 2)`` float32 x, y in pixels. Coordinates are continuous with the
            origin at the corner of the first pixel (the COCO convention) and may lie outside the image. The object is
            their union.
        holes: Outlines of what is cut out of that union; a smaller part inside a hole is an island.
        colour: A basic colour word such as ``"white"`` where it is known, otherwise None.

    Example:
        >>> square = np.array([[1, 1], [3, 1], [3, 3], [1, 3]], np.float32)
        >>> Instance("ship", (square,)).mask(4, 5).astype(int)
        array([[0, 0, 0, 0, 0],
               [0, 1, 1, 0, 0],
               [0, 1, 1, 0, 0],
               [0, 0, 0, 0, 0]])
    """

    category: str
    polygons: tuple[np.ndarray, ...]
    holes: tuple[np.ndarray, ...] = ()
    colour: str | None = None

    def mask(self, height: int, width: int) -> np.ndarray:
        """Rasterise what is visible of the object in an image of the given size in pixels.

        Returns:
            ``(height, width)`` bool. All False where no part lies inside.
        """
        return rasterise_outlines(self.polygons, self.holes, height, width)


@dataclass(frozen=True)
class Scene:
    """An image with its instances.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB.
        instances: The objects, in no particular order.
        annotated: Canonical names of the categories that are annotated exhaustively: only these may be said to be
            absent.
        name: File name or ``"synthetic:<seed>"``, for error messages.
    """

    image: np.ndarray
    instances: tuple[Instance, ...]
    annotated: tuple[str, ...]
    name: str


class SceneError(ValueError):
    """A scene cannot be read. ``skip`` says that the reader was told to log this and go on with other scenes."""

    def __init__(self, message: str, *, skip: bool = False) -> None:
        super().__init__(message)
        self.skip = skip


class SceneSource(Protocol):
    """A numbered collection of scenes."""

    def __len__(self) -> int:
        """Number of scenes."""
        ...

    def scene(self, index: int, seed: int) -> Scene:
        """Return scene ``index``, ``0 <= index < len(self)``; the same arguments give the same scene in every process.

        Generated sources also depend on ``seed``; files ignore it.
        """
        ...


def encode_polygons(polygons: tuple[np.ndarray, ...], height: int, width: int) -> dict[str, object]:
    """Run-length encode the union of ``(n, 2)`` polygons, ``n >= 3``, as pycocotools does (``{"size", "counts"}``)."""
    parts = [np.asarray(polygon, np.float64).ravel().tolist() for polygon in polygons]
    encoded: dict[str, object] = coco_mask.merge(coco_mask.frPyObjects(parts, height, width))
    return encoded


def rasterise(polygons: tuple[np.ndarray, ...], height: int, width: int) -> np.ndarray:
    """Return the union of ``(n, 2)`` polygons as an ``(height, width)`` bool mask; no polygon gives an empty mask."""
    if not polygons:
        return np.zeros((height, width), bool)
    decoded: np.ndarray = coco_mask.decode(encode_polygons(polygons, height, width))
    return np.ascontiguousarray(decoded.astype(bool))


def rasterise_outlines(
    polygons: tuple[np.ndarray, ...], holes: tuple[np.ndarray, ...], height: int, width: int
) -> np.ndarray:
    """Return parts with holes, in which islands may lie, as an ``(height, width)`` bool mask.

    Example:
        >>> nested = [np.array([[a, a], [b, a], [b, b], [a, b]], np.float32) for a, b in ((0, 5), (1, 4), (2, 3))]
        >>> rasterise_outlines((nested[0], nested[2]), (nested[1],), 5, 5).astype(int)
        array([[1, 1, 1, 1, 1],
               [1, 0, 0, 0, 1],
               [1, 0, 1, 0, 1],
               [1, 0, 0, 0, 1],
               [1, 1, 1, 1, 1]])
    """
    if len(polygons) < 2 or not holes:
        mask = rasterise(polygons, height, width)
        return mask & ~rasterise(holes, height, width) if holes else mask
    parts = [(polygon, True) for polygon in polygons] + [(hole, False) for hole in holes]
    mask = np.zeros((height, width), bool)
    for part, filled in sorted(parts, key=lambda entry: -abs(polygon_area(entry[0]))):
        mask[rasterise((part,), height, width)] = filled
    return mask


def polygon_area(polygon: np.ndarray) -> float:
    """Return the signed area of an ``(n, 2)`` polygon in square pixels (shoelace formula)."""
    x, y = polygon[:, 0].astype(np.float64), polygon[:, 1].astype(np.float64)
    if not len(x):
        return 0.0
    return float(0.5 * (x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1]))
