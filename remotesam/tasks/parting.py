"""Parting touching objects of one mask along a contour map: EPOC's watershed, and the cut for comparison."""

from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from remotesam.tasks.maps import check_map

ContourMode = Literal["watershed", "cut"]
CONTOUR_THRESHOLD = 0.25
MIN_SHARE = 0.2


def part_mask(
    mask: np.ndarray,
    contour: np.ndarray,
    *,
    mode: ContourMode = "watershed",
    threshold: float = CONTOUR_THRESHOLD,
    min_share: float = MIN_SHARE,
) -> np.ndarray:
    """Parts a mask into objects, 4-connected each, that never reach from one component of the mask into another.

    Each component of the mask has as many objects as it has markers: components of ``contour <= threshold`` inside it,
    without those smaller than ``min_share`` of its largest one, either in area or by the largest circle that they hold
    (what remains between a contour and the edge of a mask is long and thin). Where it has none, being contour
    everywhere, it is one object, whole.

    ``"watershed"`` (EPOC, arXiv 2402.14327) floods the rest of the mask from the markers, lowest contour first. So the
    objects tile the mask, none shrinks, and what held a marker too small joins the neighbour behind the lowest barrier.
    ``"cut"`` leaves the markers as they are, so that every object loses its rim.

    Args:
        mask: (H, W) bool.
        contour: (H, W) floating, the probability in [0, 1] that a pixel lies on the outline of an object.
        mode: ``"watershed"`` or ``"cut"``.
        threshold: What is up to this is inside an object, in [0, 1].
        min_share: How large a marker must be, as a share of the largest one of its component, in [0, 1]; 0 keeps all.

    Returns:
        (H, W) int32: 0 outside, objects 1, 2, ... in the order of their first pixels, row by row.

    Raises:
        ValueError: An argument has another shape, type or range, or holds NaN, or the mode is unknown.

    Example:
        >>> mask = np.ones((2, 5), dtype=bool)
        >>> contour = np.array([[0.0, 0.1, 0.9, 0.4, 0.0]] * 2, dtype=np.float32)
        >>> part_mask(mask, contour)
        array([[1, 1, 1, 2, 2],
               [1, 1, 1, 2, 2]], dtype=int32)
        >>> part_mask(mask, contour, mode="cut")
        array([[1, 1, 0, 0, 2],
               [1, 1, 0, 0, 2]], dtype=int32)
    """
    contour = _check(mask, contour, mode, threshold, min_share)
    mask = np.ascontiguousarray(mask)
    low = mask & (contour <= threshold)
    count, components, boxes, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    labels = np.zeros(mask.shape, dtype=np.int32)
    firsts = [np.array([-1])]  # the first pixel of each label, in the order of the labels
    used = 0
    for component in range(1, count):
        left, top, width, height, _ = boxes[component].tolist()
        window = slice(top, top + height), slice(left, left + width)
        here = components[window] == component
        pieces, number = _markers(low[window] & here, min_share)
        if number == 0 or (number == 1 and mode == "watershed"):
            pieces, number = here.astype(np.int32), 1
        elif mode == "watershed":
            pieces = watershed(contour[window], pieces, mask=here, connectivity=1)
        labels[window][pieces > 0] = pieces[pieces > 0] + used
        rows, columns = np.divmod(_first_indices(pieces, number), width)
        firsts.append((top + rows) * mask.shape[1] + left + columns)
        used += number
    numbers = np.empty(used + 1, dtype=np.int32)
    numbers[np.argsort(np.concatenate(firsts))] = np.arange(used + 1)
    return numbers[labels]


def _markers(low: np.ndarray, min_share: float) -> tuple[np.ndarray, int]:
    """The components of (h, w) bool that are large enough, numbered from 1, and how many they are."""
    count, markers, statistics, _ = cv2.connectedComponentsWithStats(low.view(np.uint8), connectivity=4)
    if count <= 2 or min_share == 0:
        return markers, count - 1
    # Distances end at the edge of the crop, too.
    depths = cv2.distanceTransform(np.pad(low.view(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    circles = ndimage.maximum(depths, markers, np.arange(1, count)) ** 2
    areas = statistics[1:, cv2.CC_STAT_AREA]
    sizes = np.minimum(areas / areas.max(), circles / circles.max())
    kept = np.concatenate([[False], sizes >= min_share * sizes.max()])
    return np.where(kept, np.cumsum(kept), 0).astype(np.int32)[markers], int(kept.sum())


def _first_indices(pieces: np.ndarray, number: int) -> np.ndarray:
    """For the labels 1 .. number the index of their first pixel in the flattened array."""
    flat = pieces.ravel()
    first = np.empty(number + 1, dtype=np.int64)
    first[flat[::-1]] = np.arange(flat.size)[::-1]  # of equal indices the last assignment stays
    return first[1:]


def _check(mask: np.ndarray, contour: np.ndarray, mode: str, threshold: float, min_share: float) -> np.ndarray:
    """Checks the arguments of ``part_mask`` and returns the contour as float32."""
    if not isinstance(mask, np.ndarray) or mask.dtype != bool or mask.ndim != 2 or mask.size == 0:
        found = f"{mask.dtype} of {mask.shape}" if isinstance(mask, np.ndarray) else f"a {type(mask).__name__}"
        raise ValueError(f"mask is {found}; give a numpy array (H, W) of bool, with at least one pixel")
    contour = check_map(contour, "contour")
    if contour.shape != mask.shape:
        raise ValueError(f"contour is {contour.shape} for a mask of {mask.shape}; give one of the mask's size")
    if mode not in get_args(ContourMode):
        raise ValueError(f"mode is {mode!r}; use one of {', '.join(get_args(ContourMode))}")
    for name, value in (("threshold", threshold), ("min_share", min_share)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}; use a number in [0, 1]")
    return contour
