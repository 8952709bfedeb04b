"""The pixels of a record."""

from __future__ import annotations

import numpy as np
from PIL import Image, UnidentifiedImageError

from remotesam.data.faults import Fault
from remotesam.data.sources.records import Record


def read_record_image(record: Record) -> np.ndarray:
    """Decodes the image of a record, or its window of it, as stored: like COCO, without the turn that EXIF may ask for.

    Returns:
        (height, width, 3) uint8 RGB, of the record's size.

    Raises:
        Fault: The file is missing, damaged or no image, or has another size than the record says.
    """
    try:
        with Image.open(record.image) as picture:
            if record.window is not None:
                left, top, width, height = record.window
                right, bottom = left + width, top + height
                if left < 0 or top < 0 or right > picture.width or bottom > picture.height:
                    raise Fault(
                        f"the window {record.window} (left, top, width, height) is not inside the image of "
                        f"{picture.width} x {picture.height} pixels",
                        "size",
                    )
            pixels = _rgb(picture)
    except FileNotFoundError:
        raise Fault("the image is missing", "missing") from None
    except Fault:
        raise
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Fault(f"the image cannot be read ({error})", "unreadable") from error
    if record.window is not None:
        pixels = pixels[top:bottom, left:right]
    if pixels.shape[:2] != tuple(record.size):
        height, width = record.size
        message = f"the image is {pixels.shape[1]} x {pixels.shape[0]} pixels, the data set says {width} x {height}"
        raise Fault(message, "size")
    return pixels


def _rgb(picture: Image.Image) -> np.ndarray:
    picture.load()
    if picture.mode in ("RGB", "L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr"):
        return np.asarray(picture.convert("RGB"))
    from remotesam.images import read_image  # only rare files need it, and it is heavier than this module

    return read_image(np.asarray(picture))
