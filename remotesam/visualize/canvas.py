"""What all pictures share: the scale of lines and letters, the enlarging of small images, the strip below."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from remotesam.visualize.colours import PAPER, rgb

_NARROWEST, _SMALLEST = 320, 480


@dataclass(frozen=True)
class Scale:
    """How large things are drawn, in pixels of the picture.

    Attributes:
        factor: The whole number by which the image is enlarged.
        height: Of the enlarged image.
        width: Of the enlarged image.
        line: How thick lines are at most.
        text: How high letters are, in the strip and at most in the picture.
        least: How high letters are at least, in the picture.
        strip: How wide the picture is once a strip stands below it.
    """

    factor: int
    height: int
    width: int
    line: int
    text: int
    least: int
    strip: int


def scale_of(image: np.ndarray, *, enlarge: bool = True, text_scale: float = 1.0) -> Scale:
    """Chooses lines and letters that can be read where the whole picture fits on a screen.

    Args:
        image: (H, W, 3).
        enlarge: Whether a small image is enlarged, so that its longer side has at least 480 pixels.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller.

    Returns:
        The scale.

    Raises:
        ValueError: ``text_scale`` is not from 0.5 to 4.

    Example:
        >>> scale_of(np.zeros((256, 256, 3), dtype=np.uint8))
        Scale(factor=2, height=512, width=512, line=1, text=12, least=11, strip=512)
    """
    if not 0.5 <= text_scale <= 4:
        raise ValueError(f"text_scale is {text_scale}; use a number from 0.5 to 4")
    factor = -(-_SMALLEST // max(image.shape[:2])) if enlarge else 1
    height, width = image.shape[0] * factor, image.shape[1] * factor
    # A wide picture is as wide as the screen; a high one is smaller on it, but not as much as its height says.
    seen = max(width, math.sqrt(height * width))
    size = float(np.clip(seen / 48, 12, 140))
    text, least = int(size * text_scale), round(max(11, 0.45 * size) * text_scale)
    strip = max(width, _NARROWEST, min(height, 24 * text))
    return Scale(factor, height, width, max(1, round(max(height, width) / 500)), text, least, strip)


def check_image(image: np.ndarray) -> None:
    """Checks that an image can be drawn on.

    Raises:
        ValueError: It is not (H, W, 3) uint8 with at least one pixel.
    """
    found = f"{image.shape} {image.dtype}" if isinstance(image, np.ndarray) else f"a {type(image).__name__}"
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image is {found}; give (H, W, 3) uint8 RGB, as remotesam.images.read_image returns it")
    if image.size == 0:
        raise ValueError(f"image is {found}; give at least one pixel")


def check_size(image: np.ndarray, size: tuple[int, ...], what: str) -> None:
    """Checks that a result belongs to an image of this size.

    Args:
        image: (H, W, 3).
        size: (height, width) of the result.
        what: What the result is called in the message.

    Raises:
        ValueError: The sizes differ.
    """
    if tuple(size) != image.shape[:2]:
        raise ValueError(
            f"{what} is {tuple(size)}, the image {image.shape[:2]} (height, width); draw results on the image they "
            "came from"
        )


def enlarged(array: np.ndarray, factor: int) -> np.ndarray:
    """Every pixel of an (H, W, ...) array as a square of ``factor`` x ``factor``; the array itself for 1."""
    return array if factor == 1 else array.repeat(factor, axis=0).repeat(factor, axis=1)


def line_within(regions: np.ndarray, scale: Scale) -> int:
    """How thick the outlines of regions are drawn, in pixels of the picture: thin where regions are narrow.

    Args:
        regions: (H, W) integers or bool, in pixels of the image; 0 is outside.
        scale: Of the picture.

    Returns:
        At most ``scale.line``, about an eighth of the mean width of the regions.
    """
    across = int(np.count_nonzero(regions[:, 1:] != regions[:, :-1]))
    down = int(np.count_nonzero(regions[1:] != regions[:-1]))
    # A square of side s has an area of s * s and an outline of 4 * s.
    width = 4 * int(np.count_nonzero(regions)) / max(1, across + down)
    return int(np.clip(width * scale.factor / 8, 1, scale.line))


def above(picture: np.ndarray, strip: np.ndarray) -> np.ndarray:
    """Puts a picture above a strip that is as wide or wider, in the middle."""
    height, width = picture.shape[:2]
    sheet = np.empty((height + strip.shape[0], strip.shape[1], 3), dtype=np.uint8)
    left = (strip.shape[1] - width) // 2
    sheet[:height, :left] = sheet[:height, left + width :] = rgb(PAPER)
    sheet[:height, left : left + width] = picture
    sheet[height:] = strip
    return sheet
