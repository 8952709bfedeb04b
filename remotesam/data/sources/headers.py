"""The size of an image from its header, without decoding a pixel."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from remotesam.data.sources.problems import Problems

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif")


def image_size(path: Path) -> tuple[int, int]:
    """Reads the size of an image from its header.

    Args:
        path: A file of any format that Pillow or tifffile knows.

    Returns:
        (height, width) in pixels as stored: like COCO, without the turn that EXIF may ask for.

    Raises:
        OSError: The file cannot be opened or is no image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about large images, which is no fault, and damage, which is told below
            with Image.open(path) as picture:
                return picture.height, picture.width
    except Image.DecompressionBombError as error:
        size = _oversized(path)  # the largest scenes of the field have 800 million pixels
        if size is not None:
            return size
        raise OSError(str(error)) from error
    except (UnidentifiedImageError, SyntaxError, ValueError) as error:
        if path.suffix.lower() not in (".tif", ".tiff"):
            raise OSError(str(error)) from error
    import tifffile  # knows the number types and band counts that Pillow does not, and has no limit

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages.first
            return int(page.imagelength), int(page.imagewidth)
    except Exception as error:  # of any kind, on damaged files
        raise OSError(f"no TIFF that can be read ({error})") from error


def checked_size(path: Path, problems: Problems, *, item: str = "") -> tuple[int, int] | None:
    """Reads the size of an image, or notes why it cannot be used.

    Args:
        path: The image.
        problems: Takes the note.
        item: What asked for the image, for the note.

    Returns:
        (height, width) in pixels, None where there is no such image or it cannot be read.

    Raises:
        SourceError: The image cannot be used, and ``problems`` stops at the first.
    """
    if not path.is_file():
        problems.add(path, item, "the image is missing", "missing")
        return None
    try:
        height, width = image_size(path)
    except OSError as error:
        problems.add(path, item, f"the image cannot be read ({error})", "unreadable")
        return None
    if not height or not width:
        problems.add(path, item, f"the image has no pixels ({width} x {height})", "size")
        return None
    return height, width


def _oversized(path: Path) -> tuple[int, int] | None:
    """The size of a file that Pillow refuses to open for it, None where its format is not among the common ones."""
    for name in ("PNG", "JPEG", "TIFF"):
        factory, accept = Image.OPEN[name]
        with path.open("rb") as file:
            head = file.read(16)
            file.seek(0)
            if accept is not None and accept(head):
                width, height = factory(file, path.name).size
                return height, width
    return None
