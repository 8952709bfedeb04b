"""Files that are either whole or not there: written to a temporary name, then renamed."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path beside ``path`` that becomes ``path`` when the block ends well.

    The temporary file keeps the extension, because image writers choose their format by it. Missing parent folders
    are made. If the block raises, the temporary file is removed and an older file at ``path`` stays as it was.

    Args:
        path: The file to write.

    Yields:
        The path to write to, in the same folder.

    Raises:
        OSError: The file cannot be written (full disk, no permission ...); ``filename`` names ``path``.

    Example:
        >>> with atomic_path("out/report.txt") as temporary:
        ...     _ = temporary.write_text("whole")
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem[:40]}-{uuid.uuid4().hex[:12]}{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        # Users know the name they asked for, not the temporary one. The number chooses the subclass.
        if error.errno is not None and error.filename in (None, str(temporary)):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Writes ``text`` as UTF-8, whole or not at all.

    Raises:
        OSError: The file cannot be written; ``filename`` names it.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | Path, value: Any) -> None:
    """Writes ``value`` as indented JSON with a final newline, whole or not at all.

    Raises:
        OSError: The file cannot be written; ``filename`` names it.
        ValueError: ``value`` holds NaN or infinity, which JSON does not have.
        TypeError: ``value`` holds something that is no JSON type.
    """
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_image(path: str | Path, image: np.ndarray, *, quality: int = 95) -> None:
    """Writes an image in the format of the extension, whole or not at all.

    Args:
        path: The file; its extension chooses the format (``.png``, ``.jpg``, ``.tif``, ``.webp`` ...).
        image: (H, W, 3) uint8 RGB, or (H, W) uint8 grey or bool (written as 0 and 255).
        quality: 1 to 100, for formats with losses.

    Raises:
        OSError: The file cannot be written; ``filename`` names it.
        ValueError: The array has another shape or type, or the extension is of no known image format.
    """
    import numpy as np
    from PIL import Image

    path = Path(path)
    Image.init()
    if path.suffix.lower() not in Image.EXTENSION or Image.EXTENSION[path.suffix.lower()] not in Image.SAVE:
        raise ValueError(f"{path}: {path.suffix or 'no extension'!r} names no image format; use .png, .jpg or .tif")
    pixels = np.asarray(image)
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * 255
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)):
        raise ValueError(f"{path}: an image to write is (H, W, 3) or (H, W) uint8, got {pixels.shape} {pixels.dtype}")
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    lossy = Image.EXTENSION[path.suffix.lower()] in ("JPEG", "WEBP")
    with atomic_path(path) as temporary:
        if lossy:
            picture.save(temporary, quality=quality)
        else:
            picture.save(temporary)
