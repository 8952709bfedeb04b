"""Maps of values in [0, 1], such as probabilities and contours, as heat pictures."""

from __future__ import annotations

import numpy as np

from remotesam.tasks.maps import check_map


def draw_map(values: np.ndarray) -> np.ndarray:
    """Shows a map in colours from black (0) over violet and orange to pale yellow (1).

    Args:
        values: (H, W) floating, in [0, 1].

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: The map has another shape, type or range, or holds NaN.

    Example:
        >>> draw_map(np.array([[0.0, 1.0]])).tolist()
        [[[0, 0, 4], [252, 255, 164]]]
    """
    import cv2

    values = check_map(values, "values")
    levels = np.round(values * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB))
