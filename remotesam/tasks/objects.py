"""From one probability map to its objects: gate, threshold, connected components, parts along a contour map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
from scipy import ndimage

from remotesam.options import fraction
from remotesam.presence import presence_score
from remotesam.results import Instance, OrientedBox
from remotesam.tasks.boxes import min_area_box
from remotesam.tasks.maps import check_map
from remotesam.tasks.parting import CONTOUR_THRESHOLD, MIN_SHARE, ContourMode, part_mask

MIN_AREA = 16


@dataclass(frozen=True, kw_only=True)
class ObjectRules:
    """What counts as one object.

    Attributes:
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: A map shows something where its score (``remotesam.presence.presence_score``) is above this,
            and an object is one where its highest probability is.
        contour_mode: How contours part a mask, see ``remotesam.tasks.part_mask``.
        contour_threshold: A pixel is contour above this, in [0, 1].
        min_share: Pieces smaller than this share of the largest one of their component are no objects, in [0, 1].
        min_area: Objects of fewer pixels are left out, at least 1.
        oriented: Whether objects get the box of smallest area in any direction.
    """

    threshold: float = 0.5
    presence_threshold: float = 0.0
    contour_mode: ContourMode = "watershed"
    contour_threshold: float = CONTOUR_THRESHOLD
    min_share: float = MIN_SHARE
    min_area: int = MIN_AREA
    oriented: bool = False

    def __post_init__(self) -> None:
        for name in ("threshold", "presence_threshold", "contour_threshold", "min_share"):
            fraction(getattr(self, name), name)
        if self.contour_mode not in get_args(ContourMode):
            raise ValueError(f"contour_mode is {self.contour_mode!r}; use one of {', '.join(get_args(ContourMode))}")
        if isinstance(self.min_area, bool) or self.min_area != int(self.min_area) or self.min_area < 1:
            raise ValueError(f"min_area is {self.min_area!r}; use a whole number of pixels, at least 1")


def present_mask(probability: np.ndarray, rules: ObjectRules) -> np.ndarray | None:
    """The pixels above the threshold, (H, W) bool; None where there are none or the map does not pass the gate."""
    mask = probability > rules.threshold
    if not mask.any() or presence_score(probability) <= rules.presence_threshold:
        return None
    return mask


def find_objects(
    category: str, probability: np.ndarray, contour: np.ndarray | None, rules: ObjectRules
) -> Iterator[Instance]:
    """Goes through the objects of one map, from the upper left.

    The presence gate of eq. 1 holds for the map and for each object in it: one that is certain must not let through
    what would not be there alone. A map that passes has at least one such object, unless it is too small.

    Args:
        category: What the map shows.
        probability: (H, W) float32 in [0, 1], checked.
        contour: (H, W) float32 in [0, 1], checked, or None: then objects are the 4-connected components.
        rules: What counts as one object.

    Yields:
        Objects that share no pixel; the score is the mean probability inside the mask.
    """
    mask = present_mask(probability, rules)
    if mask is None:
        return
    for component, left, top in _components(mask, rules.min_area):
        near = None if contour is None else _inside(contour, component, left, top)
        for piece, x, y in component_pieces(component, near, rules):
            if _inside(probability, piece, left + x, top + y)[piece].max() > rules.presence_threshold:
                yield make_instance(category, probability, piece, left + x, top + y, oriented=rules.oriented)


def make_instance(
    category: str, probability: np.ndarray, crop: np.ndarray, left: int, top: int, *, oriented: bool
) -> Instance:
    """The instance of a mask inside its box, scored by the mean probability in the mask.

    Args:
        category: What it is.
        probability: (H, W) float32 in [0, 1] of the whole image.
        crop: (h, w) bool, every edge of which touches the object.
        left: x of the crop's first column, in pixels.
        top: y of the crop's first row, in pixels.
        oriented: Whether to add the box of smallest area in any direction.
    """
    score = float(_inside(probability, crop, left, top)[crop].mean(dtype=np.float64))
    box = None
    if oriented:
        near = min_area_box(crop)
        box = OrientedBox(near.x + left, near.y + top, near.width, near.height, near.angle)
    image_size = (int(probability.shape[0]), int(probability.shape[1]))
    return Instance(category, score, crop, left, top, image_size, box)


def check_contour(contour: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray | None:
    """Checks that there is no contour map, or one for maps of this shape, and returns it as float32."""
    if contour is None:
        return None
    contour = check_map(contour, "contour")
    if contour.shape != shape:
        raise ValueError(f"contour is {contour.shape} for maps of {shape}; give one of their size")
    return contour


def _inside(whole: np.ndarray, crop: np.ndarray, left: int, top: int) -> np.ndarray:
    """The part (h, w) of a map of the whole image that lies under a crop."""
    height, width = crop.shape
    return whole[top : top + height, left : left + width]


def _components(mask: np.ndarray, min_area: int) -> Iterator[tuple[np.ndarray, int, int]]:
    """The 4-connected components of enough pixels: the crop (h, w) bool, its left and top."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    # cv2.connectedComponentsWithStats also counts the background's pixels, and takes twice as long.
    labels, _ = ndimage.label(mask[top : rows[-1] + 1, left : columns[-1] + 1])
    yield from _cut_out(labels, min_area, left, top)


def _cut_out(labels: np.ndarray, min_area: int, left: int, top: int) -> Iterator[tuple[np.ndarray, int, int]]:
    """The regions of a labelled window that have enough pixels, as ``_components`` gives them."""
    for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        if (rows.stop - rows.start) * (columns.stop - columns.start) >= min_area:
            region = labels[rows, columns] == label
            if np.count_nonzero(region) >= min_area:
                yield region, left + columns.start, top + rows.start


def component_pieces(
    component: np.ndarray, contour: np.ndarray | None, rules: ObjectRules
) -> Iterator[tuple[np.ndarray, int, int]]:
    """The objects that contours part a component into.

    Args:
        component: (H, W) bool, 4-connected.
        contour: (H, W) float32 in [0, 1], or None: then the component is one object.
        rules: What counts as one object.

    Yields:
        The crop (h, w) bool of each, its left and its top in the component.
    """
    if contour is None or not (component & (contour > rules.contour_threshold)).any():
        yield component, 0, 0
        return
    labels = part_mask(
        component, contour, mode=rules.contour_mode, threshold=rules.contour_threshold, min_share=rules.min_share
    )
    yield from _cut_out(labels, rules.min_area, 0, 0)
