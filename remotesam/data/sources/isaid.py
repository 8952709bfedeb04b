"""iSAID: instances of 15 categories in the scenes of DOTA 1.0.

The layout is that of the publisher's development kit (https://github.com/CAPTAIN-WHU/iSAID_Devkit):
``<split>/images/P0003.png`` with ``P0003_instance_id_RGB.png``, in which each instance has a colour of its own, and
``P0003_instance_color_RGB.png``, in which each category has one; the colours are those of the kit's ``labels.py``. The
archives keep the two apart in ``<split>/Instance_masks/images`` and ``<split>/Semantic_masks/images``, with the COCO
form in ``<split>/Annotations/iSAID_<split>.json`` (as torchgeo reads it, https://github.com/microsoft/torchgeo).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from rich.progress import track
from skimage.measure import regionprops

from remotesam.data.faults import Fault
from remotesam.data.segmentation import mask_polygons
from remotesam.data.sources.coco import read_coco
from remotesam.data.sources.drafts import Draft, box_around
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.isaid_semantic import LEGEND
from remotesam.data.sources.layout import ALL, check_split, checked_root, first_existing
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import IGNORE, Annotation, RecordSet

CATEGORIES = LEGEND.exhaustive
LICENCE = "academic use only (iSAID, Waqas Zamir et al. 2019; DOTA); images of Google Earth under its terms"

_IDS, _COLOURS = "_instance_id_RGB.png", "_instance_color_RGB.png"


def read_isaid(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    form: Literal["coco", "pictures"] | None = None,
) -> RecordSet:
    """Reads iSAID.

    Args:
        root: Its folder.
        split: "train" or "val"; "all" where the folder has no splits.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        form: "coco" reads the JSON file, "pictures" decodes the coloured pictures of the instances now, which takes
            some tenths of a second a million pixels; None takes the JSON file where there is one.

    Returns:
        A record for each image; all categories are exhaustive.

    Raises:
        SourceError: There is no such folder, split or file; with ``on_error="raise"``, anything that is wrong in it.
    """
    root = checked_root(root, "iSAID")
    if form not in (None, "coco", "pictures"):
        raise SourceError(f"form is {form!r}; use 'coco' or 'pictures'")
    splits = sorted(path.parent.name for path in root.glob("*/images") if path.parent.name != "Instance_masks")
    check_split(split, splits or [ALL], root)
    folder = root / split if splits else root
    files = [f"Annotations/iSAID_{split}.json", f"iSAID_{split}.json", f"instancesonly_filtered_{split}.json"]
    if form == "coco" or (form is None and any((folder / file).is_file() for file in files)):
        return read_coco(
            folder,
            split=split,
            on_error=on_error,
            annotation_file=first_existing(folder, files, what="COCO file of iSAID").relative_to(folder),
            image_folder="images",
            name="isaid",
            licence=LICENCE,
        )
    problems = Problems(on_error)
    drafts = list(_drafts(folder, problems))
    return RecordSet(
        [draft.record(CATEGORIES) for draft in drafts],
        name="isaid",
        split=split,
        licence=LICENCE,
        categories=CATEGORIES,
        problems=problems,
    )


def _drafts(folder: Path, problems: Problems) -> Iterable[Draft]:
    images = folder / "images"
    ids = first_existing(folder, ["Instance_masks/images", "Instance_masks", "images"], what="folder of instances")
    colours = first_existing(folder, ["Semantic_masks/images", "Semantic_masks", "images"], what="folder of categories")
    stems = {path.name.removesuffix(_IDS) for path in ids.glob(f"*{_IDS}")}
    if not stems:
        raise SourceError(f"{ids}: no *{_IDS} in it; the publisher withholds those of the test split")
    stems |= {path.stem for path in images.glob("*.png") if not path.name.endswith((_IDS, _COLOURS))}
    for stem in track(sorted(stems), "instances of iSAID", transient=True, disable=not sys.stderr.isatty()):
        image, id_file, colour_file = images / f"{stem}.png", ids / f"{stem}{_IDS}", colours / f"{stem}{_COLOURS}"
        sizes = [checked_size(path, problems, item=stem) for path in (image, id_file, colour_file)]
        size = sizes[0]
        if size is None or None in sizes:
            continue
        if len(set(sizes)) > 1:
            problems.add(image, stem, f"the image and its pictures have the sizes {sizes} (height, width)", "size")
            continue
        draft = Draft(stem, image, size)
        try:
            categories, unknown = LEGEND.label_map(colour_file).decode()
            labels, codes = _instances(id_file)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            problems.add(id_file, stem, f"the pictures cannot be decoded ({error})", "unreadable")
            continue
        for colour, count in unknown.items():
            problems.note(colour_file, stem, f"{count} pixels have the undocumented colour {colour}", "category")
        categories[categories == IGNORE] = 0
        _take_instances(draft, labels, codes, categories, id_file, problems)
        yield draft


def _take_instances(
    draft: Draft, labels: np.ndarray, codes: np.ndarray, categories: np.ndarray, file: Path, problems: Problems
) -> None:
    """Makes an annotation of each instance; its category is the one of most of its pixels.

    Args:
        draft: Takes them.
        labels: (H, W) int32 number of the instance of each pixel, 0 for none.
        codes: Colour 0xRRGGBB of each number.
        categories: (H, W) uint8 index into the legend's categories, 0 for none.
        file: The picture of the instances, for messages.
        problems: Takes what is wrong.
    """
    names = LEGEND.categories
    counts = _count(labels, len(codes), categories)
    for index, name in enumerate(names):
        if name in CATEGORIES and counts[0, index]:
            fault = Fault(f"{counts[0, index]} pixels of {name} belong to no instance", "missing")
            draft.leave_out(fault, problems, file=file, item=draft.id, category=name)
    for region in regionprops(labels):
        number = region.label
        item = f"instance {codes[number]:06x}"
        best, total = int(counts[number].argmax()), int(counts[number].sum())
        if names[best] not in CATEGORIES:
            fault = Fault(f"has no category on {counts[number, best]} of its {total} pixels", "category")
            draft.leave_out(fault, problems, file=file, item=item)
            draft.unsure = True
            continue
        if counts[number, best] < total:
            message = f"is {names[best]} on {counts[number, best]} of its {total} pixels only; kept as that"
            problems.note(file, item, message, "category")
        shift = np.array([region.slice[1].start, region.slice[0].start], np.float32)
        polygons, holes = mask_polygons(region.image)
        moved = tuple(polygon + shift for polygon in polygons)
        draft.annotations.append(
            Annotation(
                id=f"{codes[number]:06x}",
                category=names[best],
                box=box_around(moved),
                polygons=moved,
                holes=tuple(hole + shift for hole in holes),
                maker="annotator",
            )
        )


def _instances(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) int32 number of the instance of each pixel, 0 for black, and the colour 0xRRGGBB of each number."""
    with Image.open(path) as picture:
        bands = np.asarray(picture.convert("RGB")).astype(np.int32)
    packed = bands[:, :, 0] << 16 | bands[:, :, 1] << 8 | bands[:, :, 2]
    table = np.zeros(1 << 24, np.int32)
    table[packed.ravel()] = 1
    table[0] = 1
    codes = np.flatnonzero(table)
    table[codes] = np.arange(len(codes))
    return table[packed], codes


def _count(labels: np.ndarray, instances: int, categories: np.ndarray) -> np.ndarray:
    """(instances, categories) pixels of each category in each instance."""
    width = len(LEGEND.categories)
    joined = labels.ravel() * width + categories.ravel()
    return np.bincount(joined, minlength=instances * width).reshape(instances, width)
