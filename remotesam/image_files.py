"""Image files decoded to arrays of bands, whatever their kind: what Pillow flattens is read by tifffile or OpenCV."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from tifffile import TiffPage

MAX_PIXELS = 2 * 89_478_485  # where Pillow itself refuses to open a file: about 13,377 x 13,377

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_KNOWN_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\0\0\0\x0cjP")
_EXIF_ORIENTATION = 274
_GDAL_NODATA = 42113


class ImageError(ValueError):
    """An image that cannot be read; the message names the file, the problem and the fix."""


class Bands(NamedTuple):
    """Decoded pixels, still in the file's own number type.

    Attributes:
        pixels: (H, W, C) array of any number type.
        valid: (H, W) bool, False where alpha or the nodata value says that there is nothing; None where all is valid.
    """

    pixels: np.ndarray
    valid: np.ndarray | None = None


def decode_file(path: Path) -> Bands:
    """Decodes an image file, upright (EXIF orientation applied).

    Args:
        path: A file of any format that Pillow reads, or a TIFF with any number of bands of any number type.

    Returns:
        The bands in the file's number type, and where they are valid.

    Raises:
        ImageError: The file is missing, empty, truncated, larger than ``MAX_PIXELS`` or no image.
    """
    if not os.path.exists(path):  # False where Path.exists raises, as on names that are too long
        hint = "download it first" if str(path).startswith(("http:", "https:", "s3:", "gs:")) else "check the path"
        raise ImageError(f"{path}: no such file; {hint}")
    if path.is_dir():
        raise ImageError(f"{path}: is a folder, not an image file; name a file in it")
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from error
    if not head:
        raise ImageError(f"{path}: is empty (0 bytes); copy or download it again")
    try:
        if head[:4] in _TIFF_MAGIC:
            return _decode_tiff(path)
        with Image.open(path) as picture:
            _check_size(path, *picture.size)
            # Pillow keeps only the high byte of colour PNG files with 16 bits a band.
            if picture.format == "PNG" and head[24] == 16 and head[25] in (2, 6):
                pixels = _opencv_pixels(path)
                valid = pixels[:, :, 3] > 0 if pixels.shape[2] == 4 else None
                return _upright(pixels[:, :, :3], valid, _orientation(picture))
            return decode_picture(picture)
    except ImageError:
        raise
    except Image.UnidentifiedImageError as error:
        if head.startswith(_KNOWN_MAGIC):
            raise ImageError(f"{path}: is damaged or truncated at its beginning; copy or download it again") from error
        raise ImageError(
            f"{path}: is not an image that can be read (it begins with {head[:8]!r}); convert it to PNG, JPEG or TIFF"
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{path}: {error}; {_too_large_fix()}") from error
    except MemoryError as error:
        raise ImageError(f"{path}: not enough memory to decode it; cut it into tiles") from error
    except Exception as error:  # decoders raise anything on damaged files: SyntaxError, struct.error, KeyError ...
        raise ImageError(
            f"{path}: cannot be decoded, it is damaged or truncated ({error}); copy or download it again"
        ) from error


def decode_picture(picture: Image.Image) -> Bands:
    """Decodes a Pillow image of any mode, upright (EXIF orientation applied).

    Palettes, CMYK, YCbCr and Lab become RGB; 16-bit, 32-bit and float modes keep their numbers.

    Args:
        picture: The image; its transparency, if any, says where it is valid.

    Returns:
        The bands, (H, W, 1) or (H, W, 3), and where they are valid.

    Raises:
        OSError: The data of a lazily opened image is truncated.
    """
    picture.load()
    valid = None
    if picture.has_transparency_data:
        picture_rgba = picture.convert("RGBA")
        valid = np.asarray(picture_rgba.getchannel("A")) > 0
        # Premultiplied colours ("RGBa", "La") are divided by alpha in the conversion.
        pixels = np.asarray(picture_rgba.convert("RGB"))
    elif picture.mode in ("L", "F") or picture.mode.startswith("I"):
        pixels = np.asarray(picture)
    else:
        pixels = np.asarray(picture.convert("RGB"))
    return _upright(pixels, valid, _orientation(picture))


def _decode_tiff(path: Path) -> Bands:
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        _check_size(path, page.imagewidth, page.imagelength)
        plain = page.photometric in (tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB)
        if plain and page.bitspersample >= 8:
            try:
                pixels = page.asarray()
            except ValueError as error:
                # Some compressions need the package imagecodecs, which few have; the two others read most of them.
                if "imagecodecs" not in str(error):
                    raise
                return _decode_compressed_tiff(path, page, error)
            return _tiff_bands(page, pixels)
    with Image.open(path) as picture:
        return decode_picture(picture)


def _decode_compressed_tiff(path: Path, page: TiffPage, cause: ValueError) -> Bands:
    import tifffile

    if page.bitspersample == 8 and (page.samplesperpixel == 1 or page.photometric == tifffile.PHOTOMETRIC.RGB):
        with Image.open(path) as picture:
            return decode_picture(picture)
    # OpenCV mixes up bands that are stored one after the other.
    if page.samplesperpixel in (1, 3, 4) and page.planarconfig == 1:
        return _tiff_bands(page, _opencv_pixels(path))
    method = tifffile.COMPRESSION(page.compression).name
    raise ImageError(
        f"{path}: {page.samplesperpixel} bands compressed as {method} need another decoder; pip install imagecodecs, "
        "or write the file again with DEFLATE or no compression"
    ) from cause


def _tiff_bands(page: TiffPage, pixels: np.ndarray) -> Bands:
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    elif page.planarconfig == 2 and pixels.shape[0] == page.samplesperpixel:
        pixels = np.moveaxis(pixels, 0, -1)
    valid = None
    # 1 and 2 are the two kinds of alpha; 0 is a further band such as near infrared.
    extra = [int(kind) for kind in page.extrasamples]
    alpha = next((i for i, kind in enumerate(extra, pixels.shape[2] - len(extra)) if kind in (1, 2)), None)
    if alpha is not None:
        valid = pixels[:, :, alpha] > 0
        pixels = np.delete(pixels, alpha, axis=2)
    nodata = _nodata(page)
    if nodata is not None:
        filled = ~np.all(pixels == nodata, axis=2)
        valid = filled if valid is None else valid & filled
    return _upright(pixels, valid, page.tags.valueof(_EXIF_ORIENTATION, default=1))


def _nodata(page: TiffPage) -> float | None:
    text = str(page.tags.valueof(_GDAL_NODATA, default="")).strip("\0 ")
    try:
        return float(text) if text else None
    except ValueError:
        return None  # a damaged note about missing data is no reason to refuse the data


def _opencv_pixels(path: Path) -> np.ndarray:
    """Decodes to (H, W) or (H, W, C) of the file's number type, RGB(A) order."""
    import cv2

    log = cv2.utils.logging
    level = log.getLogLevel()
    log.setLogLevel(log.LOG_LEVEL_SILENT)  # it prints a line for each geographic tag of a TIFF
    try:
        pixels = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        log.setLogLevel(level)
    if pixels is None:
        raise ValueError("OpenCV finds no complete image in it")
    return pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]] if pixels.ndim == 3 and pixels.shape[2] >= 3 else pixels


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_EXIF_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, EOFError, OSError):
        return 1  # damaged metadata is no reason to refuse sound pixels


def _upright(pixels: np.ndarray, valid: np.ndarray | None, orientation: Any) -> Bands:
    """Undoes the EXIF orientations 2 to 8 (JEITA CP-3451, tag 0x0112)."""

    def turn(array: np.ndarray) -> np.ndarray:
        if orientation in (5, 6, 7, 8):
            array = np.swapaxes(array, 0, 1)
        if orientation in (2, 3, 6, 7):
            array = array[:, ::-1]
        if orientation in (3, 4, 7, 8):
            array = array[::-1]
        return array

    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return Bands(turn(pixels), None if valid is None else turn(valid))


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(f"{path}: {width} x {height} pixels are more than {MAX_PIXELS:,}; {_too_large_fix()}")
    if width * height == 0:
        raise ImageError(f"{path}: has no pixels ({width} x {height}); write the file again")


def _too_large_fix() -> str:
    return "cut it into tiles of a few thousand pixels, or make it smaller"
