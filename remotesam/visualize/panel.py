"""Pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import Image

from remotesam.visualize.canvas import check_image
from remotesam.visualize.colours import PAPER, rgb
from remotesam.visualize.legend import Entry, legend_strip


def panel(
    images: Sequence[np.ndarray],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    cell: int = 384,
    fit: Literal["cell", "width"] = "cell",
) -> np.ndarray:
    """Puts pictures side by side under their titles.

    Args:
        images: (H, W, 3) uint8 RGB each, of any sizes.
        titles: As many as images.
        columns: Pictures in a row; None makes the panel about as wide as high.
        cell: Width of a cell in pixels.
        fit: ``"cell"`` fits each picture into a square; ``"width"`` makes all as wide as the cell and each row as high
            as its highest picture. The aspect ratio is kept.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: There is no image, not one title for each, or ``fit`` is none of the two.

    Example:
        >>> panel([np.zeros((64, 64, 3), dtype=np.uint8)] * 2, ["before", "after"], columns=2, cell=96).shape
        (127, 204, 3)
    """
    if not images or len(images) != len(titles):
        raise ValueError(f"a panel needs one title for each image and at least one; got {len(images)}, {len(titles)}")
    if fit not in ("cell", "width"):
        raise ValueError(f"fit is {fit!r}; use 'cell' or 'width'")
    columns = min(columns or int(np.ceil(np.sqrt(len(images)))), len(images))
    gap = max(4, cell // 48)
    strips = [legend_strip([Entry(title)], width=cell, size=max(11, cell // 26)) for title in titles]
    pictures = [_fitted(image, cell, fit) for image in images]
    rows = []
    for start in range(0, len(images), columns):
        part = slice(start, start + columns)
        title_height = max(strip.shape[0] for strip in strips[part])
        height = cell if fit == "cell" else max(picture.shape[0] for picture in pictures[part])
        row = _sheet(title_height + height + gap, columns * (cell + gap) + gap)
        for place, (strip, picture) in enumerate(zip(strips[part], pictures[part], strict=True)):
            left = gap + place * (cell + gap)
            row[: strip.shape[0], left : left + cell] = strip
            y = title_height + ((cell - picture.shape[0]) // 2 if fit == "cell" else 0)
            x = left + (cell - picture.shape[1]) // 2
            row[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        rows.append(row)
    return np.vstack([_sheet(gap, rows[0].shape[1]), *rows])


def _sheet(height: int, width: int) -> np.ndarray:
    return np.zeros((height, width, 3), dtype=np.uint8) + rgb(PAPER)


def _fitted(image: np.ndarray, cell: int, fit: str) -> np.ndarray:
    check_image(image)
    scale = cell / (max(image.shape[:2]) if fit == "cell" else image.shape[1])
    target = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    if target == (image.shape[1], image.shape[0]):
        return image
    smooth = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(target, smooth))
