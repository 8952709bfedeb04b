"""The pixels of a record, whether it is a whole image file or a window of one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from remotesam.data.sources.records import Record
from remotesam.images import read_image


def read_pixels(record: Record) -> np.ndarray:
    """Reads the image of a record.

    Args:
        record: The record; of its image file only the window is decoded where that is 8-bit and rasterio is there.

    Returns:
        (height, width, 3) uint8 RGB, as :func:`remotesam.read_image` gives it: other number types are stretched by the
        values of the whole file, so that its windows fit together.

    Raises:
        ImageError: The file is missing, damaged or too large.
    """
    if record.window is None:
        return read_image(record.image)
    left, top, width, height = record.window
    window = _decoded_window(record.image, left, top, width, height)
    if window is None:
        window = _whole(record.image)[top : top + height, left : left + width]
    return np.ascontiguousarray(window)


@lru_cache(maxsize=1)
def _whole(path: Path) -> np.ndarray:
    """Windows of a file follow each other, so the last file is kept."""
    return read_image(path)


def _decoded_window(path: Path, left: int, top: int, width: int, height: int) -> np.ndarray | None:
    """One window of an 8-bit raster, None where the file is of another kind or cannot be read so."""
    try:
        import rasterio
        from rasterio.windows import Window
    except ImportError:
        return None
    try:
        with rasterio.open(path) as file:
            if file.driver != "GTiff" or set(file.dtypes) != {"uint8"} or file.colorinterp[0].name == "palette":
                return None
            place = Window(left, top, width, height)
            bands = file.read([1, 2, 3] if file.count >= 3 else [1], window=place)
            valid = file.dataset_mask(window=place)
    except OSError:
        return None  # the other way says what is wrong with the file
    pixels = np.where(valid > 0, bands, np.uint8(0)).transpose(1, 2, 0)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
