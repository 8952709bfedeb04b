"""An image with its description below."""

from __future__ import annotations

import numpy as np

from remotesam.results import Caption
from remotesam.visualize.canvas import above, check_image, enlarged, scale_of
from remotesam.visualize.legend import Entry, legend_strip

_LONGEST = 1500


def draw_caption(image: np.ndarray, result: Caption, *, legend: bool = True, text_scale: float = 1.0) -> np.ndarray:
    """Puts the text of a caption below the image.

    Args:
        image: (H, W, 3) uint8 RGB.
        result: Of this image; 1,500 letters of its text are shown.
        legend: Whether to add the text; without it the image is returned as it is. A small image is enlarged with it.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.

    Returns:
        uint8 RGB, (H, W, 3) without the text; with it higher, and at least 320 pixels wide.

    Raises:
        ValueError: The image is not (H, W, 3) uint8.

    Example:
        >>> draw_caption(np.zeros((64, 64, 3), dtype=np.uint8), Caption("Two ships lie in the harbor.", {})).shape
        (542, 512, 3)
    """
    check_image(image)
    if not legend:
        return image.copy()
    scale = scale_of(image, text_scale=text_scale)
    strip = legend_strip([Entry(result.text)], width=scale.strip, size=round(1.15 * scale.text), longest=_LONGEST)
    return above(enlarged(image, scale.factor), strip)
