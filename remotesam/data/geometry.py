"""What the instances of a scene look like inside its picture: visible pixels, sizes, places, distances.

Every rule comes in two strengths, ``surely`` and ``possibly``: a sentence holds for an instance that surely fits, and
is unique only if no other instance possibly fits. Between the two nothing is claimed.
"""

from functools import cached_property

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from remotesam.data.naming import wording
from remotesam.data.scene import Instance, Scene, encode_polygons
from remotesam.data.segmentation import polygon_area

MIN_PIXELS = 20
"""An object with fewer visible pixels is too small to be asked for, and too small to be called absent."""

MIN_VISIBLE = 0.15
"""Likewise one of which a smaller share is inside the picture."""

MIN_CUT = (300, 12.0)
"""Pixels, and pixels of the short side of the box, that an object at the border shows if it is asked for by itself."""

_PIECES = 0.5

Frame = tuple[float, float, float, float]


class View:
    """The visible side of one instance.

    Attributes:
        instance: The instance.
        runs: Run lengths of its visible pixels (pycocotools).
        pixels: Their number.
        box: Left, top, right, bottom of them, in pixels.
        visible: Their share of the whole object, 0 to 1.
    """

    def __init__(self, instance: Instance, height: int, width: int) -> None:
        self.instance = instance
        self._size = (height, width)
        self.runs = encode_polygons(instance.polygons, height, width)
        self.pixels = int(coco_mask.area(self.runs))
        if instance.holes:
            mask = instance.mask(height, width)
            self.runs = coco_mask.encode(np.asfortranarray(mask, np.uint8))
            self.pixels = int(mask.sum())
        left, top, box_width, box_height = (float(value) for value in coco_mask.toBbox(self.runs))
        self.box = (left, top, left + box_width, top + box_height)
        self.full_pixels = sum(abs(polygon_area(p)) for p in instance.polygons) - sum(
            abs(polygon_area(hole)) for hole in instance.holes
        )
        self.visible = min(self.pixels / max(self.full_pixels, 1.0), 1.0)

    @property
    def substantial(self) -> bool:
        """Whether enough is visible for its category to count as present."""
        return self.pixels >= MIN_PIXELS and self.visible >= MIN_VISIBLE

    @property
    def clear(self) -> bool:
        """Whether it can be the one target of a sentence."""
        return self.pixels >= 2 * MIN_PIXELS and self.visible >= 0.5 and self.one_piece

    @property
    def one_piece(self) -> bool:
        """Whether no second piece is half as large as the first: two courts outlined as one look like two."""
        areas = sorted(abs(polygon_area(polygon)) for polygon in self.instance.polygons)
        return len(areas) < 2 or areas[-2] < _PIECES * areas[-1]

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the middle of the visible box, in pixels."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @cached_property
    def length(self) -> float:
        """The long side of the smallest rectangle around the whole object, in pixels."""
        points = np.concatenate(self.instance.polygons).astype(np.float32)
        return float(max(cv2.minAreaRect(points)[1]))

    @cached_property
    def mask(self) -> np.ndarray:
        """Its visible pixels, ``(H, W)`` bool."""
        return coco_mask.decode(self.runs).astype(bool)

    @cached_property
    def outline(self) -> np.ndarray:
        """Points at most 4 pixels apart along its outlines inside the picture, ``(n, 2)`` x, y in pixels."""
        height, width = self._size
        points = []
        for polygon in self.instance.polygons:
            steps = np.roll(polygon, -1, axis=0) - polygon
            for start, step in zip(polygon, steps, strict=True):
                count = int(np.hypot(*step) / 4) + 1
                points.append(start + step * (np.arange(count) / count)[:, None])
        every = np.concatenate(points)
        inside = every[((every >= 0) & (every <= (width, height))).all(1)]
        return inside if len(inside) else np.array([self.centre])


class SceneView:
    """A scene with every instance rasterised once.

    Args:
        scene: The scene.
        frame: Left, top, right, bottom in pixels of the part of the image that the picture fills (the rest is padding);
            the whole image where None. Places such as "on the left" refer to it.

    Attributes:
        views: One :class:`View` per instance with a visible pixel.
        present: Canonical names of the annotated categories with a substantial instance.
        absent: Annotated categories that may be said to be absent: not a pixel of them, nor of anything that could
            rightly be called so.
        measured_colours: What has been measured so far of the objects' colours.
    """

    def __init__(self, scene: Scene, *, frame: Frame | None = None) -> None:
        self.scene = scene
        self.height, self.width = scene.image.shape[:2]
        self.frame = frame or (0.0, 0.0, float(self.width), float(self.height))
        views = (View(instance, self.height, self.width) for instance in scene.instances)
        self.views = [view for view in views if view.pixels]
        self.measured_colours: dict[View, dict[str, tuple[float, float]]] = {}
        self._members: dict[str, list[View]] = {}
        visible = {view.instance.category for view in self.views}
        self.present = [name for name in scene.annotated if any(view.substantial for view in self.members(name))]
        self.absent = [
            name
            for name in scene.annotated
            if not self.members(name) and not visible.intersection(wording(name).overlapping)
        ]

    def members(self, name: str) -> list[View]:
        """Everything visible that belongs to a category, with the categories that it includes."""
        if name not in self._members:
            names = {name, *wording(name).includes}
            self._members[name] = [view for view in self.views if view.instance.category in names]
        return self._members[name]

    def union(self, views: list[View]) -> np.ndarray:
        """Union of the visible pixels, ``(H, W)`` bool; all False for none."""
        if not views:
            return np.zeros((self.height, self.width), bool)
        union: np.ndarray = coco_mask.decode(coco_mask.merge([view.runs for view in views])).astype(bool)
        return union

    def at_border(self, view: View) -> bool:
        """Whether the object touches the border of the frame, where images are often cut through objects."""
        left, top, right, bottom = self.frame
        box = view.box
        return box[0] < left + 2 or box[1] < top + 2 or box[2] > right - 2 or box[3] > bottom - 2

    def clear(self, view: View) -> bool:
        """Whether an object can be the one target of a sentence: of one that the border cuts more has to be seen."""
        left, top, right, bottom = view.box
        pixels, side = MIN_CUT
        enough = view.pixels >= pixels and min(right - left, bottom - top) >= side
        return view.clear and (enough or not self.at_border(view))

    def place(self, view: View) -> tuple[float, float, float, float]:
        """The visible box in units of the frame: left, top, right, bottom, 0 to 1."""
        left, top, right, bottom = self.frame
        width, height = max(right - left, 1.0), max(bottom - top, 1.0)
        box = view.box
        return (box[0] - left) / width, (box[1] - top) / height, (box[2] - left) / width, (box[3] - top) / height


def _low_surely(start: float, end: float) -> bool:
    return (start + end) / 2 < 0.36 and end < 0.56


def _low_possibly(start: float, end: float) -> bool:
    return (start + end) / 2 < 0.56 or start < 0.3


def _sides(start: float, end: float) -> dict[str, tuple[bool, bool]]:
    middle = (start + end) / 2
    return {
        "low": (_low_surely(start, end), _low_possibly(start, end)),
        "high": (_low_surely(1 - end, 1 - start), _low_possibly(1 - end, 1 - start)),
        "middle": (abs(middle - 0.5) < 0.09, abs(middle - 0.5) < 0.28 or (start < 0.45 and end > 0.55)),
        "any": (True, True),
    }


PLACES = {
    "left": ("low", "any"),
    "right": ("high", "any"),
    "top": ("any", "low"),
    "bottom": ("any", "high"),
    "upper left": ("low", "low"),
    "upper right": ("high", "low"),
    "lower left": ("low", "high"),
    "lower right": ("high", "high"),
    "middle": ("middle", "middle"),
}
"""Every place word with the side it means along x and along y."""


def fits_place(box: tuple[float, float, float, float], place: str) -> tuple[bool, bool]:
    """Tell whether a box is (surely, possibly) at a place of :data:`PLACES`.

    Args:
        box: Left, top, right, bottom in units of the picture, 0 to 1.
        place: A key of :data:`PLACES`.

    Example:
        >>> fits_place((0.1, 0.4, 0.2, 0.5), "left"), fits_place((0.45, 0.1, 0.6, 0.2), "left")
        ((True, True), (False, True))
    """
    side_x, side_y = PLACES[place]
    surely_x, possibly_x = _sides(box[0], box[2])[side_x]
    surely_y, possibly_y = _sides(box[1], box[3])[side_y]
    return surely_x and surely_y, possibly_x and possibly_y
