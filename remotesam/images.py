"""Any image as (H, W, 3) uint8 RGB: files, Pillow images and arrays of every number type."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

from remotesam.image_files import MAX_PIXELS, Bands, ImageError, decode_file, decode_picture

__all__ = ["MAX_PIXELS", "ImageError", "ImageInput", "read_image"]

ImageInput = str | os.PathLike[str] | Image.Image | np.ndarray

STRETCH_PERCENTILES = (2.0, 98.0)
_STRETCH_SAMPLES = 2_000_000  # enough for a percentile, and quick on the largest images
FILL_MAGNITUDE = 1e37  # what GIS tools write where a float raster has no data is about -3.4e38


def read_image(image: ImageInput) -> np.ndarray:
    """Reads an image as 8-bit RGB.

    - EXIF orientation is applied (files and Pillow images).
    - One band is grey. Of two bands the first is used, of more than three the first three.
    - Alpha marks missing data: where it is 0 the pixel becomes black; elsewhere the colour stays as it is, without
      blending. In an array of four bands the fourth is taken for another band, not for alpha.
    - Integers other than uint8: values that all lie in [0, 255] stay; others are stretched, the 2nd percentile to 0
      and the 98th to 255, over the three bands together so that colours keep their hue.
    - Floats: values in [0, 1] are multiplied by 255; values in [0, 255] stay; others are stretched likewise.
    - Complex values, as in radar imagery, are taken by their magnitude.
    - NaN, infinity, a TIFF's nodata value and float fill values (beyond 1e37) become 0 and do not count in the stretch.

    Args:
        image: A path, a Pillow image, or an array (H, W) or (H, W, C) of bool, integers, floats or complex numbers.

    Returns:
        (H, W, 3) uint8 RGB, contiguous.

    Raises:
        ImageError: The file is missing, empty, damaged, too large or no image, or the array has no pixels, another
            shape or type, or no finite value.

    Example:
        >>> read_image(np.zeros((2, 3), dtype=np.uint16)).shape
        (2, 3, 3)
    """
    if isinstance(image, str | os.PathLike):
        name = os.fspath(image)
        if not name:
            raise ImageError("the path of the image is empty; name a file")
        return _to_rgb(decode_file(Path(name)), name)
    if isinstance(image, Image.Image):
        name = getattr(image, "filename", "") or "Pillow image"
        try:
            bands = decode_picture(image)
        except (OSError, SyntaxError) as error:
            raise ImageError(f"{name}: cannot be decoded, it is damaged or truncated ({error})") from error
        return _to_rgb(bands, name)
    if isinstance(image, np.ndarray):
        return _to_rgb(Bands(_checked_array(image)), "image array")
    raise ImageError(
        f"image is a {type(image).__module__}.{type(image).__qualname__}; give a path, a Pillow image or a numpy array "
        "of shape (H, W) or (H, W, C)"
    )


def _checked_array(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (2, 3):
        raise ImageError(f"image array: has shape {array.shape}; give (H, W) or (H, W, C), one image at a time")
    if array.dtype.kind not in "buifc":
        raise ImageError(f"image array: has the type {array.dtype}; convert it to uint8, uint16 or float32")
    if array.ndim == 3 and array.shape[0] <= 4 and array.shape[1] > 16 and array.shape[2] > 16:
        raise ImageError(f"image array: has shape {array.shape}, bands first; give array.transpose(1, 2, 0)")
    return array if array.ndim == 3 else array[:, :, None]


def _to_rgb(bands: Bands, name: str) -> np.ndarray:
    pixels, valid = bands
    if pixels.size == 0:
        raise ImageError(f"{name}: has no pixels (shape {pixels.shape}); give at least 1 x 1")
    pixels = pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, :1]
    grey = _to_uint8(pixels, valid, name)
    if valid is not None:
        grey = np.where(valid[:, :, None], grey, np.uint8(0))
    return np.ascontiguousarray(np.broadcast_to(grey, (*grey.shape[:2], 3)))


def _to_uint8(pixels: np.ndarray, valid: np.ndarray | None, name: str) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    is_complex = pixels.dtype.kind == "c"
    is_float = is_complex or pixels.dtype.kind == "f"
    with np.errstate(over="ignore", invalid="ignore"):
        values = (np.abs(pixels) if is_complex else pixels).astype(np.float32)
    finite = np.abs(values) < FILL_MAGNITUDE  # also False for NaN
    if valid is not None:
        finite &= valid[:, :, None]
    if not finite.any():
        if valid is not None and not valid.any():
            return np.zeros(pixels.shape, dtype=np.uint8)  # all nodata: an empty picture, not a damaged one
        raise ImageError(f"{name}: has no finite value (all NaN or infinite); check how it was computed or exported")
    low, high = value_range(values, finite, is_float=is_float)
    values = np.where(finite, values, low)
    scaled = (np.clip(values, low, high) - low) * (255.0 / (high - low))
    return np.where(finite, np.rint(scaled), 0).astype(np.uint8)


def value_range(values: np.ndarray, finite: np.ndarray, *, is_float: bool) -> tuple[float, float]:
    """The values that become 0 and 255."""
    smallest = float(values.min(where=finite, initial=np.inf))
    largest = float(values.max(where=finite, initial=-np.inf))
    # The tolerance takes what resampling adds. Floats that end below 16 are no 8-bit values: they would come out black.
    if is_float and smallest >= -1e-3 and largest <= 1 + 1e-3:
        return 0.0, 1.0
    if smallest >= 0 and largest <= 255 and (largest > 16 or not is_float):
        return 0.0, 255.0
    step = max(1, finite.size // _STRETCH_SAMPLES)
    sample = values.reshape(-1)[::step][finite.reshape(-1)[::step]]
    if sample.size:
        low, high = (float(value) for value in np.percentile(sample, STRETCH_PERCENTILES))
        if high > low:
            return low, high
    if largest > smallest:
        return smallest, largest
    return smallest - 1.0 - abs(smallest), largest + 1.0 + abs(largest)  # a constant image becomes mid-grey
