"""Exports a triplet set as WebDataset shards: tar files that are read in one stream from object stores."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from PIL import Image
from rich.progress import track

from remotesam.data.sources.records import Problem
from remotesam.data.triplet_set.grouping import group_by_picture
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.reader import TripletSet
from remotesam.data.triplet_set.schema import TripletRow
from remotesam.files import atomic_path, write_json

EXPORT = "export.json"
_COPIED = (".jpg", ".jpeg", ".png", ".webp")
_OF_PICTURE = ("image", "window", "width", "height")


def export_webdataset(
    triplets: TripletSet,
    folder: str | Path,
    *,
    pictures: int = 1000,
    on_error: Literal["raise", "skip"] = "raise",
) -> list[Problem]:
    """Write the pictures of a set, or of a view, with their triplets into tar files.

    A sample is ``NNNNNNNN.jpg`` (the file itself; windows and other formats become PNG) and ``NNNNNNNN.json``: the
    fields of the picture, and ``triplets``, a list of the fields of each sentence. Shards are written whole or not at
    all; the same call again goes on after the last one. ``export.json`` tells what was exported.

    Args:
        triplets: What to export.
        folder: Where ``shard-NNNNNN.tar`` are written.
        pictures: Pictures of a shard.
        on_error: "raise" stops at a picture that cannot be read; "skip" leaves it out.

    Returns:
        The pictures that were left out of the shards that were written now.

    Raises:
        TripletSetError: A picture cannot be read, or the folder holds another export.
        OSError: A file cannot be written.

    Example:
        >>> export_webdataset(TripletSet("ships"), "ships-wds", pictures=500)                       # doctest: +SKIP
        []
    """
    if pictures < 1:
        raise ValueError(f"pictures is {pictures}; a shard takes at least 1")
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error is {on_error!r}; use 'skip' or 'raise'")
    folder = Path(folder)
    order, starts = group_by_picture(triplets)
    count = len(starts) - 1
    _begin(folder, triplets, count=count, pictures=pictures)
    problems: list[Problem] = []
    firsts = range(0, count, pictures)
    shown = sys.stderr.isatty()
    for shard, first in enumerate(track(firsts, "exporting", disable=not shown, transient=True)):
        path = folder / f"shard-{shard:06d}.tar"
        if path.exists():
            continue
        with atomic_path(path) as temporary, tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
            for number in range(first, min(first + pictures, count)):
                rows = triplets.rows(order[starts[number] : starts[number + 1]])
                try:
                    content, extension = _picture(triplets, rows[0])
                except TripletSetError as error:
                    if on_error == "raise":
                        raise
                    problems.append(Problem(rows[0].image, rows[0].image_id, str(error), error.kind))
                    continue
                _add(tar, f"{number:08d}{extension}", content)
                _add(tar, f"{number:08d}.json", json.dumps(_description(rows), ensure_ascii=False).encode())
    return problems


def _begin(folder: Path, triplets: TripletSet, *, count: int, pictures: int) -> None:
    about = {
        "name": triplets.manifest.name,
        "schema_version": triplets.manifest.schema_version,
        "set_sha256": [shard.sha256 for shard in triplets.manifest.shards],
        "rows_sha256": hashlib.sha256(triplets.numbers().astype("<i8").tobytes()).hexdigest(),
        "pictures": count,
        "pictures_of_a_shard": pictures,
    }
    path = folder / EXPORT
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")) != about:
            raise TripletSetError(f"{folder} holds an export of another set or with other settings", kind="settings")
    elif folder.is_dir() and any(folder.iterdir()):
        raise TripletSetError(f"{folder} is not empty and holds no {EXPORT}; take another folder", kind="settings")
    else:
        write_json(path, about)


def _picture(triplets: TripletSet, row: TripletRow) -> tuple[bytes, str]:
    """Content and extension."""
    path = triplets.image_root / row.image
    extension = PurePosixPath(row.image).suffix.lower()
    if row.window is None and extension in _COPIED:
        try:
            content = path.read_bytes()
            with Image.open(io.BytesIO(content)) as picture:
                size = picture.size
        except FileNotFoundError:
            raise TripletSetError(f"{path}: the image is missing", kind="missing") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise TripletSetError(f"{path}: the image cannot be read ({error})", kind="unreadable") from error
        if size != (row.width, row.height):
            message = f"the image is {size[0]} x {size[1]} pixels, its rows say {row.width} x {row.height}"
            raise TripletSetError(f"{path}: {message}", kind="size")
        return content, extension
    stream = io.BytesIO()
    Image.fromarray(triplets.picture(row)).save(stream, format="png")
    return stream.getvalue(), ".png"


def _description(rows: Sequence[TripletRow]) -> dict[str, Any]:
    fields = [dataclasses.asdict(row) for row in rows]
    triplets = [{name: value for name, value in entry.items() if name not in _OF_PICTURE} for entry in fields]
    return {**{name: fields[0][name] for name in _OF_PICTURE}, "triplets": triplets}


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
