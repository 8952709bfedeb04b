"""Where the pictures of a set lie: copied, cut out, or left in their place."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from remotesam.data.sources.records import Record
from remotesam.data.sources.windows import Window
from remotesam.data.triplet_set.manifest import IMAGES
from remotesam.files import atomic_path, write_image

_COPIED = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the pictures made of an image file go.

    Attributes:
        folder: Folder of the set.
        stem: Path of the image in the set without its extension, "/" between folders; or, for references, its path
            relative to the common root.
        reference: Whether pictures stay where they are.
        extension: Of pictures that are written anew, such as ".png".
    """

    folder: Path
    stem: str
    reference: bool
    extension: str

    def put(self, record: Record, window: Window | None, pixels: np.ndarray) -> tuple[str, Window | None]:
        """Write a picture, unless it is only referred to.

        Args:
            record: The record; the picture is its image or a part of it.
            window: Which part of the record's image; None for all of it.
            pixels: (H, W, 3) uint8 of the picture.

        Returns:
            ``image`` and ``window`` of its rows.

        Raises:
            OSError: It cannot be written.
        """
        place = _in_file(record, window)
        if self.reference:
            return self.stem, place
        if place is None and record.image.suffix.lower() in _COPIED:
            name = f"{self.stem}{record.image.suffix.lower()}"
            with atomic_path(self.folder / name) as temporary:
                shutil.copyfile(record.image, temporary)
            return name, None
        part = "" if place is None else f"__{place[0]}_{place[1]}"
        name = f"{self.stem}{part}{self.extension}"
        write_image(self.folder / name, pixels)
        return name, None


def picture_id(record: Record, window: Window | None) -> str:
    """Id of a picture: that of its record, with the window in the image file where it is a part of it.

    Example:
        >>> record = Record(id="P0001", image=Path("P0001.png"), size=(900, 900))
        >>> picture_id(record, None), picture_id(record, (0, 100, 800, 800))
        ('P0001', 'P0001@0,100,800,800')
    """
    return record.id if window is None else f"{record.id}@{','.join(map(str, window))}"


def stems(images: Iterable[Path], prefix: str) -> dict[Path, str]:
    """Give each image file a path in the set: ``images/prefix/name``, with a checksum where two have the same name."""
    files = list(dict.fromkeys(images))
    common = Counter(_slug(file.stem).lower() for file in files)
    root = Path(os.path.commonpath([file.parent for file in files])) if files else Path()
    named = {}
    for file in files:
        name = _slug(file.stem)
        if common[name.lower()] > 1:
            digest = blake2b(file.relative_to(root).as_posix().encode(), digest_size=4).hexdigest()
            name = f"{name}-{digest}"
        named[file] = f"{IMAGES}/{prefix}/{name}"
    return named


def prefix_of(source: str, split: str) -> str:
    """Folder of a source's pictures below ``images/``.

    Example:
        >>> prefix_of("DOTA v1.5", "train")
        'dota-v1.5-train'
    """
    return _slug(f"{source}-{split}".lower())


def _in_file(record: Record, window: Window | None) -> Window | None:
    if record.window is None or window is None:
        return record.window if window is None else window
    return (record.window[0] + window[0], record.window[1] + window[1], window[2], window[3])


def _slug(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text).strip("-.") or "image"
