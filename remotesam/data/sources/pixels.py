"""The pixels of a record, whether it is a whole image file or a window of one."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from remotesam.data.faults import Fault
from remotesam.data.sources.records import Record
from remotesam.images import read_image


def read_pixels(record: Record) -> np.ndarray:
    """Reads the image of a record.

    Args:
        record: The record; of its image file only the window is decoded where that is 8-bit and rasterio is there.

    Returns:
        (height, width, 3) uint8 RGB, as stored: like COCO, without the turn that EXIF may ask for. Number types other
        than uint8 are stretched as :func:`remotesam.read_image` does, by the values of the whole file, so that its
        windows fit together.

    Raises:
        Fault: The file is missing, damaged or too large, or has another size than the record says.
    """
    try:
        pixels = _as_stored(record.image) if record.window is None else _window(record.image, record.window)
    except FileNotFoundError:
        raise Fault("the image is missing", "missing") from None
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Fault(f"the image cannot be read ({error})", "unreadable") from error
    if pixels.shape[:2] != tuple(record.size):
        height, width = record.size
        part = "" if record.window is None else f" in the window {record.window}"
        message = (
            f"the image is {pixels.shape[1]} x {pixels.shape[0]} pixels{part}, the data set says {width} x {height}"
        )
        raise Fault(message, "size")
    return pixels


def _as_stored(path: Path) -> np.ndarray:
    if path.suffix.lower() in (".tif", ".tiff"):
        return read_image(path)  # Pillow knows few of their number types and band counts
    with Image.open(path) as picture:
        picture.load()
        if picture.mode in ("RGB", "L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr"):
            return np.asarray(picture.convert("RGB"))
        return read_image(np.asarray(picture))


def _window(path: Path, place: tuple[int, int, int, int]) -> np.ndarray:
    left, top, width, height = place
    window = _decoded_window(path, left, top, width, height)
    if window is None:
        window = _whole(path)[top : top + height, left : left + width]
    return np.ascontiguousarray(window)


@lru_cache(maxsize=1)
def _whole(path: Path) -> np.ndarray:
    """Windows of a file follow each other, so the last file is kept."""
    return _as_stored(path)


def _decoded_window(path: Path, left: int, top: int, width: int, height: int) -> np.ndarray | None:
    """One window of an 8-bit raster, None where the file is of another kind or cannot be read so."""
    if path.suffix.lower() not in (".tif", ".tiff"):
        return None
    try:
        import rasterio
        from rasterio.errors import NotGeoreferencedWarning
        from rasterio.windows import Window
    except ImportError:
        return None
    try:
        quiet = warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning)
        with quiet, rasterio.open(path) as file:
            if file.driver != "GTiff" or set(file.dtypes) != {"uint8"} or file.colorinterp[0].name == "palette":
                return None
            place = Window(left, top, width, height)
            bands = file.read([1, 2, 3] if file.count >= 3 else [1], window=place)
            valid = file.dataset_mask(window=place)
    except OSError:
        return None  # the other way says what is wrong with the file
    pixels = np.where(valid > 0, bands, np.uint8(0)).transpose(1, 2, 0)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
