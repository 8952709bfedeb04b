"""Labels in YOLO form, oriented boxes included, and HRPlanes.

The form is that of the documentation of Ultralytics (https://docs.ultralytics.com/datasets/detect/ and
https://docs.ultralytics.com/datasets/obb/): one text file an image, a line an object, ``class x y width height`` or
``class x1 y1 x2 y2 x3 y3 x4 y4`` in units of the image; an image without a text file has no objects. Folders are
``images/<split>`` and ``labels/<split>``, ``<split>/images`` and ``<split>/labels`` (Roboflow,
https://roboflow.com/formats/yolo), or the images with their text files beside them in ``<split>`` or the root
(Darknet, https://github.com/AlexeyAB/darknet). Class names stand in a YAML file under ``names``, or a line each in
``classes.txt`` or ``obj.names``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml  # type: ignore[import-untyped]

from remotesam.data.faults import Fault
from remotesam.data.segmentation import check_polygons
from remotesam.data.sources.coco import read_coco
from remotesam.data.sources.drafts import Draft, box_around, checked_box, checked_corners, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, contents, image_files
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet
from remotesam.data.sources.text_files import read_lines

HRPLANES_LICENCE = "CC BY 4.0 (HRPlanes, Bakirman and Sertel 2023); images of Google Earth under its terms"

_CLASS_FILES = ("classes.txt", "obj.names", "classes.names", "labels.txt", "_darknet.labels")
_TOLERANCE = 0.01


def read_yolo(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    classes: Sequence[str] | None = None,
    outlines: Literal["never", "always"] = "never",
    name: str = "yolo",
    licence: str = "",
) -> RecordSet:
    """Reads labels in YOLO form.

    Args:
        root: Their folder.
        split: A folder of images, see the module; "all" where there are no splits.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        classes: The class names in order; those of the YAML file or the class file where None.
        outlines: "always" takes lines of points for the outlines of masks; "never" takes four points for the corners of
            an oriented box, and more than four for faulty.
        name: The data set's name.
        licence: Its terms, in words.

    Returns:
        A record for each image. All classes count as exhaustive.

    Raises:
        SourceError: There is no such folder or split, or no class names; with ``on_error="raise"``, anything that is
            wrong in it.
    """
    root = checked_root(root, name)
    splits = _splits(root)
    if not splits:
        raise SourceError(f"{root}: no images with labels/ or text files beside them; there {contents(root)}")
    check_split(split, list(splits), root)
    images, labels = splits[split]
    names = tuple(classes) if classes is not None else _class_names(root)
    problems = Problems(on_error)
    drafts = []
    pictures = {path.stem: path for path in image_files(images)}
    texts = {path.stem: path for path in sorted(labels.glob("*.txt")) if path.name not in _CLASS_FILES}
    for stem in sorted(texts.keys() - pictures.keys()):
        problems.add(texts[stem], stem, f"there is no image {stem}.* in {images}", "missing")
    if not texts.keys() & pictures.keys():
        raise SourceError(f"{labels}: no text file that belongs to an image in {images}; there {contents(labels)}")
    for stem, path in pictures.items():
        size = checked_size(path, problems, item=stem)
        if size is not None:
            drafts.append(Draft(stem, path, size))
            if stem in texts:
                _read_text(drafts[-1], texts[stem], names, problems, outlines=outlines == "always")
    records = [draft.record(names) for draft in drafts]
    return RecordSet(records, name=name, split=split, licence=licence, categories=names, problems=problems)


def read_hrplanes(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads HRPlanes (https://github.com/TolgaBkm/HRPlanes): boxes of airplanes, in YOLO or COCO form.

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    root = checked_root(root, "HRPlanes")
    if any(root.glob("*.json")) or any(root.glob("*/*.coco.json")):
        return read_coco(root, split=split, on_error=on_error, name="hrplanes", licence=HRPLANES_LICENCE)
    return read_yolo(
        root, split=split, on_error=on_error, classes=("airplane",), name="hrplanes", licence=HRPLANES_LICENCE
    )


def _splits(root: Path) -> dict[str, tuple[Path, Path]]:
    """Folder of images and folder of labels by split."""
    found = {}
    if (root / "images").is_dir() and (root / "labels").is_dir():
        for folder in sorted(path for path in (root / "images").iterdir() if path.is_dir()):
            found[folder.name] = (folder, root / "labels" / folder.name)
        if not found:
            found[ALL] = (root / "images", root / "labels")
        return found
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if (folder / "images").is_dir() and (folder / "labels").is_dir():
            found[folder.name] = (folder / "images", folder / "labels")
        elif _has_pairs(folder):
            found[folder.name] = (folder, folder)
    if not found and _has_pairs(root):
        found[ALL] = (root, root)
    return found


def _has_pairs(folder: Path) -> bool:
    return any(path.with_suffix(".txt").is_file() for path in image_files(folder))


def _class_names(root: Path) -> tuple[str, ...]:
    for path in (*sorted(root.glob("*.yaml")), *sorted(root.glob("*.yml"))):
        names = _names_of_yaml(path)
        if names:
            return names
    for path in (root / file for file in _CLASS_FILES):
        if path.is_file():
            try:
                return tuple(line for _, line in read_lines(path))
            except Fault as fault:
                raise SourceError(f"{path}: {fault}") from fault
    wanted = ", ".join(("*.yaml with names", *_CLASS_FILES))
    raise SourceError(f"{root}: no class names; give classes=, or one of {wanted}")


def _names_of_yaml(path: Path) -> tuple[str, ...]:
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SourceError(f"{path}: no YAML that can be read ({error})") from error
    names = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, dict):
        if sorted(names) != list(range(len(names))):
            raise SourceError(f"{path}: the numbers of `names` are {sorted(names)}; they must run from 0 without a gap")
        names = [names[number] for number in range(len(names))]
    return tuple(str(entry) for entry in names) if isinstance(names, list) else ()


def _read_text(draft: Draft, path: Path, names: Sequence[str], problems: Problems, *, outlines: bool) -> None:
    for number, line in draft.lines(path, problems):
        item = f"line {number}"
        category = None
        try:
            index, *values = numbers(line.split())
            if index != int(index) or not 0 <= index < len(names):
                raise Fault(f"has the unknown class {index:g}; there are 0 to {len(names) - 1}", "category")
            category = names[int(index)]
            made = _annotation(str(number), category, values, draft, outlines=outlines)
            draft.add(made, problems, file=path, item=item)
        except Fault as fault:
            draft.leave_out(fault, problems, file=path, item=item, category=category)


def _annotation(identifier: str, category: str, values: list[float], draft: Draft, *, outlines: bool) -> Annotation:
    if values and not all(-_TOLERANCE <= value <= 1 + _TOLERANCE for value in values):
        raise Fault(
            f"has numbers from {min(values):g} to {max(values):g}; they are shares of the image, 0 to 1", "format"
        )
    height, width = draft.size
    if len(values) == 4:
        x, y, w, h = np.array(values) * (width, height, width, height)
        return Annotation(
            identifier, category, box=checked_box((x - w / 2, y - h / 2, x + w / 2, y + h / 2), draft.size)
        )
    if outlines and len(values) >= 6 and len(values) % 2 == 0:
        polygon = (np.array(values).reshape(-1, 2) * (width, height)).astype(np.float32)
        check_polygons([polygon], height, width)
        return Annotation(identifier, category, box=box_around([polygon]), polygons=(polygon,), maker="annotator")
    if not outlines and len(values) == 8:
        corners, box = checked_corners((np.array(values).reshape(4, 2) * (width, height)).ravel().tolist(), draft.size)
        return Annotation(identifier, category, box=box, corners=corners)
    raise Fault(f"has {len(values)} numbers after the class; it takes 4 of a box or 8 of an oriented one", "format")
