"""NWPU VHR-10: ten categories in 650 images with objects and 150 without.

The text layout is the one that its publisher describes (Cheng et al., the readme of the archive): folders "positive
image set", "negative image set" and "ground truth", in which each line of ``NNN.txt`` is ``(x1,y1),(x2,y2),a`` with the
category a from 1 to 10. The outlines are those of Su et al. in COCO form
(https://github.com/chaozhong2010/VHR-10_dataset_coco), one ``annotations.json`` as the class VHR10 of torchgeo reads it
(https://github.com/microsoft/torchgeo), or split into ``instances_<split>.json``. The publisher names no splits for
training and testing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from remotesam.data.faults import Fault
from remotesam.data.sources.coco import load_coco, read_coco
from remotesam.data.sources.drafts import Draft, checked_box
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import check_split, checked_root, first_existing, image_files
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet

CATEGORIES = (
    "airplane",
    "ship",
    "storage tank",
    "baseball diamond",
    "tennis court",
    "basketball court",
    "ground track field",
    "harbor",
    "bridge",
    "vehicle",
)
LICENCE = "research use only (NWPU VHR-10, Cheng et al.); outlines by Su et al. 2019"

_LINE = re.compile(r"\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)\s*,\s*\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)\s*,\s*(\d+)")
_IMAGES = ("positive image set", "images", "NWPU VHR-10 dataset/positive image set")
_NEGATIVES = ("negative image set", "NWPU VHR-10 dataset/negative image set")
_TEXTS = ("ground truth", "ground_truth", "NWPU VHR-10 dataset/ground truth")
_OUTLINES = ("annotations.json", "NWPU VHR-10 dataset/annotations.json")


def read_nwpu(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    form: Literal["outlines", "boxes"] = "outlines",
) -> RecordSet:
    """Reads NWPU VHR-10.

    Args:
        root: Its folder.
        split: "positive" (all images with objects), "negative" (those without), or where there are files
            ``instances_<split>.json``, one of these.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        form: "outlines" reads the COCO file, "boxes" the publisher's boxes of the same images, which are loose around
            storage tanks.

    Returns:
        A record for each image; all ten categories are exhaustive.

    Raises:
        SourceError: There is no such folder, split or file; with ``on_error="raise"``, anything that is wrong in it.
    """
    root = checked_root(root, "NWPU VHR-10")
    if form not in ("outlines", "boxes"):
        raise SourceError(f"form is {form!r}; use 'outlines' or 'boxes'")
    files = _outline_files(root)
    splits = list(files)
    if any((root / name).is_dir() for name in _TEXTS):
        splits += ["positive"] * ("positive" not in splits)
    if any((root / name).is_dir() for name in _NEGATIVES):
        splits.append("negative")
    check_split(split, splits, root)
    if form == "outlines" and split in files:
        images = first_existing(root, _IMAGES, what="folder of images")
        return read_coco(
            root,
            split=split,
            on_error=on_error,
            annotation_file=files[split],
            image_folder=images.relative_to(root),
            name="nwpu-vhr-10",
            licence=LICENCE,
        )
    if form == "outlines" and split != "negative":
        raise SourceError(f"{root}: there is no COCO file of the split {split!r}; read the boxes with form='boxes'")
    problems = Problems(on_error)
    drafts = _negatives(root, problems) if split == "negative" else _boxes(root, files.get(split), problems)
    return RecordSet(
        [draft.record(CATEGORIES) for draft in drafts],
        name="nwpu-vhr-10",
        split=split,
        licence=LICENCE,
        categories=CATEGORIES,
        problems=problems,
    )


def _outline_files(root: Path) -> dict[str, Path]:
    """The COCO files, relative to the root, by split."""
    files = {path.stem.removeprefix("instances_"): Path(path.name) for path in sorted(root.glob("instances_*.json"))}
    whole = next((Path(name) for name in _OUTLINES if (root / name).is_file()), None)
    return files if whole is None else {"positive": whole, **files}


def _negatives(root: Path, problems: Problems) -> Iterable[Draft]:
    for path in image_files(first_existing(root, _NEGATIVES, what="folder of images without objects")):
        size = checked_size(path, problems, item=path.stem)
        if size is not None:
            yield Draft(f"negative/{path.stem}", path, size)


def _boxes(root: Path, outlines: Path | None, problems: Problems) -> Iterable[Draft]:
    """The images that the COCO file of the split lists, or all, with the publisher's boxes."""
    images = first_existing(root, _IMAGES, what="folder of images")
    texts = first_existing(root, _TEXTS, what="folder of ground truth")
    if outlines is None:
        stems = sorted({path.stem for path in image_files(images)} | {path.stem for path in texts.glob("*.txt")})
    else:
        stems = [Path(str(entry.get("file_name"))).stem for entry in load_coco(root / outlines)["images"]]
    for stem in stems:
        path = images / f"{stem}.jpg"
        size = checked_size(path, problems, item=stem)
        if size is not None:
            draft = Draft(stem, path, size)
            _read_boxes(draft, texts / f"{stem}.txt", problems)
            yield draft


def _read_boxes(draft: Draft, path: Path, problems: Problems) -> None:
    for number, line in draft.lines(path, problems):
        category = None
        try:
            match = _LINE.fullmatch(line)
            if match is None:
                raise Fault(f"is {line[:60]!r}; it takes (x1,y1),(x2,y2),category", "format")
            x1, y1, x2, y2, index = map(int, match.groups())
            if not 1 <= index <= len(CATEGORIES):
                raise Fault(f"has the unknown category {index}; it takes 1 to {len(CATEGORIES)}", "category")
            category = CATEGORIES[index - 1]
            box = checked_box((x1, y1, x2, y2), draft.size)
            draft.add(Annotation(str(number), category, box=box), problems, file=path, item=f"line {number}")
        except Fault as fault:
            draft.leave_out(fault, problems, file=path, item=f"line {number}", category=category)
