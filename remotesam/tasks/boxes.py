"""From masks to boxes: the paper's eq. 2, and the smallest rectangle of any direction."""

from __future__ import annotations

import cv2
import numpy as np

from remotesam.results import OrientedBox


def mask_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The horizontal box of a mask, eq. 2 of RemoteSAM (arXiv 2505.18022).

    The paper names the first and last pixel; here the box ends at the outer edge of the last one, so that the box of
    one pixel has the width 1.

    Args:
        mask: (H, W) bool with at least one pixel set.

    Returns:
        (x1, y1, x2, y2) in pixels: the first column and row, and one past the last column and row.

    Raises:
        ValueError: The mask has another shape or type, or no pixel set.

    Example:
        >>> mask = np.zeros((8, 8), dtype=bool)
        >>> mask[2, 1] = mask[3, 5] = True
        >>> mask_box(mask)
        (1, 2, 6, 4)
    """
    _check(mask)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def min_area_box(mask: np.ndarray) -> OrientedBox:
    """The rectangle of smallest area, in any direction, around the pixel areas of a mask.

    It holds every pixel's four corners, so it is never larger than ``mask_box``: one pixel gives 1 x 1, a row of five
    5 x 1. Of rectangles of equal area it takes the one closest to horizontal, so that squares and discs stay upright
    and the answer turns with the mask.

    Args:
        mask: (H, W) bool with at least one pixel set.

    Returns:
        The box, in pixels of the mask.

    Raises:
        ValueError: The mask has another shape or type, or no pixel set.

    Example:
        >>> mask = np.zeros((8, 8), dtype=bool)
        >>> mask[2:4, 1:6] = True
        >>> min_area_box(mask)
        OrientedBox(x=3.5, y=3.0, width=5.0, height=2.0, angle=0.0)
    """
    _check(mask)
    # One side of the smallest rectangle lies on a side of the hull. cv2.minAreaRect finds it too, but in float32, and
    # of equal ones it takes any. Points are complex numbers here, so that a product with one turns them.
    hull = cv2.convexHull(_outer_corners(mask)).reshape(-1, 2).astype(np.float64).view(np.complex128).ravel()
    sides = np.roll(hull, -1) - hull
    along = sides / np.abs(sides)
    turned = hull[:, None] * along.conj()
    u, v = turned.real, turned.imag
    u1, v1, u2, v2 = u.min(axis=0), v.min(axis=0), u.max(axis=0), v.max(axis=0)
    areas = (u2 - u1) * (v2 - v1)
    turns = (np.degrees(np.angle(along)) + 45) % 90 - 45
    equal = np.flatnonzero(areas <= areas.min() * (1 + 1e-9))
    best = min(equal, key=lambda side: (round(abs(turns[side]), 6), round(turns[side], 6)))
    u1, v1, u2, v2 = u1[best], v1[best], u2[best], v2[best]
    corners = np.array([complex(u1, v1), complex(u2, v1), complex(u2, v2), complex(u1, v2)]) * along[best]
    return OrientedBox.from_corners(corners.view(np.float64).reshape(4, 2))


def _outer_corners(mask: np.ndarray) -> np.ndarray:
    """The corners of the first and last pixel of every row, (N, 2) int32 x, y: they have the hull of all corners."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    return np.concatenate([np.stack([x, y], axis=1) for x in (first, last) for y in (rows, rows + 1)]).astype(np.int32)


def _check(mask: np.ndarray) -> None:
    if not isinstance(mask, np.ndarray) or mask.dtype != bool or mask.ndim != 2:
        found = f"{mask.dtype} of {mask.shape}" if isinstance(mask, np.ndarray) else f"a {type(mask).__name__}"
        raise ValueError(f"mask is {found}; give a numpy array (H, W) of bool")
    if not mask.any():
        raise ValueError(f"mask of {mask.shape} has no pixel set; a box needs at least one")
