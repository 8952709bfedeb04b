"""DOTA 1.0, 1.5 and 2.0: oriented boxes in full scenes.

Its publisher describes the text files (https://captain-whu.github.io/DOTA/dataset.html): ``imagesource:`` and ``gsd:``
lines first, then ``x1 y1 x2 y2 x3 y3 x4 y4 category difficult`` with the corners clockwise, in pixels. The folders
``<split>/images`` and ``<split>/labelTxt`` are as Datumaro documents them
(https://openvinotoolkit.github.io/datumaro/stable/docs/data-formats/formats/dota.html),
``<split>/annotations/version<version>`` as the class DOTA of torchgeo reads them (https://github.com/microsoft/torchgeo).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from remotesam.data.faults import Fault
from remotesam.data.sources.drafts import Draft, Spellings, checked_corners, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, first_existing, image_files
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet

_FIRST = (
    "plane",
    "ship",
    "storage-tank",
    "baseball-diamond",
    "tennis-court",
    "basketball-court",
    "ground-track-field",
    "harbor",
    "bridge",
    "large-vehicle",
    "small-vehicle",
    "helicopter",
    "roundabout",
    "soccer-ball-field",
    "swimming-pool",
)
CATEGORIES = {
    "1.0": _FIRST,
    "1.5": (*_FIRST, "container-crane"),
    "2.0": (*_FIRST, "container-crane", "airport", "helipad"),
}
"""What each version annotates. Version 1.0 leaves out many objects of fewer than ten pixels."""
LICENCE = "academic use only (DOTA, Xia et al.); images of Google Earth under its terms"


def read_dota(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    version: Literal["1.0", "1.5", "2.0"] = "1.0",
    label_folder: Path | str | None = None,
) -> RecordSet:
    """Reads DOTA.

    Args:
        root: Its folder: ``<split>/images`` and ``<split>/labelTxt``, ``labelTxt-v<version>`` or
            ``annotations/version<version>``; or ``images`` and ``labelTxt`` themselves.
        split: "train" or "val"; "all" where the folder has no splits.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        version: Which annotations they are. It decides which categories are exhaustive: files of a later version
            read as an earlier one give problems of the kind "category".
        label_folder: The folder of the text files itself, relative to ``root``.

    Returns:
        A record for each image with a text file, with oriented boxes and no masks.

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    root = checked_root(root, "DOTA")
    if version not in CATEGORIES:
        raise SourceError(f"version is {version!r}; use {', '.join(CATEGORIES)}")
    splits = sorted(path.parent.name for path in root.glob("*/images"))
    check_split(split, splits or [ALL], root)
    folder = root / split if splits else root
    labels = root / label_folder if label_folder is not None else _label_folder(folder, split, version)
    if not labels.is_dir():
        raise SourceError(f"{labels}: there is no such folder of text files")
    problems = Problems(on_error)
    spellings = Spellings(CATEGORIES[version])
    images = {path.stem: path for path in image_files(first_existing(folder, ["images"], what="folder of images"))}
    texts = {path.stem: path for path in sorted(labels.glob("*.txt"))}
    drafts = []
    for stem in sorted(images.keys() | texts.keys()):
        if stem not in texts:
            problems.add(labels / f"{stem}.txt", stem, "the image has no text file", "missing")
        elif stem not in images:
            problems.add(texts[stem], stem, f"there is no image {stem}.* in {folder / 'images'}", "missing")
        elif (size := checked_size(images[stem], problems, item=stem)) is not None:
            drafts.append(Draft(stem, images[stem], size))
            _read_text(drafts[-1], texts[stem], spellings, problems)
    return RecordSet(
        [draft.record(CATEGORIES[version]) for draft in drafts],
        name=f"dota-{version}",
        split=split,
        licence=LICENCE,
        categories=CATEGORIES[version],
        problems=problems,
    )


def _label_folder(folder: Path, split: str, version: str) -> Path:
    versioned = f"labelTxt-v{version}"
    places = (
        f"{versioned}/DOTA-v{version}_{split}",
        f"{versioned}/labelTxt",
        versioned,
        f"annotations/version{version}",
    )
    return first_existing(folder, [*places, "labelTxt"], what=f"folder of text files of version {version}")


def _read_text(draft: Draft, path: Path, spellings: Spellings, problems: Problems) -> None:
    for number, line in draft.lines(path, problems):
        if line.startswith(("imagesource:", "gsd:")):
            continue
        item = f"line {number}"
        category = None
        try:
            fields = line.split()
            if len(fields) not in (9, 10):
                raise Fault(f"is {line[:80]!r}; it takes x1 y1 x2 y2 x3 y3 x4 y4 category difficult", "format")
            category = spellings.get(fields[8])
            *values, difficult = numbers([*fields[:8], *(fields[9:] or ["0"])])
            category = spellings.find(fields[8])
            corners, box = checked_corners(values, draft.size)
            made = Annotation(str(number), category, box=box, corners=corners, difficult=difficult > 0)
            draft.add(made, problems, file=path, item=item)
        except Fault as fault:
            draft.leave_out(fault, problems, file=path, item=item, category=category)
