"""Where the JSON file and the images of a data set in COCO form lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from remotesam.data.sources.layout import ALL, check_split, checked_root, contents
from remotesam.data.sources.problems import SourceError

_PREFIX = re.compile(r"^_?(instances(only)?(_filtered)?|boxes|bboxes|annotations?|labels|isaid)[._-]?")
_SUFFIX = re.compile(r"[._-]?(coco|instances|annotations)$")
_YEAR = re.compile(r"(?<=[a-z])[_-]?(20\d\d)$")
_NO_SPLIT = ("", "coco", "instances", "annotations")
_OTHER_TASKS = re.compile(r"captions|keypoints|panoptic|stuff|proposals|image_info|sample")

Locator = Callable[[Sequence[Any]], Path]


def locate(
    root: Path, *, split: str, annotation_file: Path | str | None = None, image_folder: Path | str | None = None
) -> tuple[Path, Path | Locator]:
    """Finds the JSON file, and the folder of the images or a function that finds it from the file's ``images``.

    Raises:
        SourceError: There is no such folder or split, or several files could be meant.
    """
    if annotation_file is None or not Path(annotation_file).is_absolute():
        root = checked_root(root, "a data set in COCO form")
    file = root / annotation_file if annotation_file is not None else _file_of(root, split)
    if image_folder is None:
        return file, lambda entries: _image_folder(root, file, split, entries)
    folder = root / image_folder
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder of images; in {root} there {contents(root)}")
    return file, folder


def splits_of(root: Path) -> dict[str, list[Path]]:
    """The JSON files below a folder by the split that their names tell, "all" where they tell none."""
    splits: dict[str, list[Path]] = {}
    for path in sorted((*root.glob("*.json"), *root.glob("*/*.json"), *root.glob("*/annotations/*.json"))):
        if not _OTHER_TASKS.search(path.stem.lower()):
            splits.setdefault(_split_name(path, root), []).append(path)
    return splits


def _split_name(path: Path, root: Path) -> str:
    stem = _YEAR.sub("", _SUFFIX.sub("", _PREFIX.sub("", path.stem.lower())))
    if stem not in _NO_SPLIT:
        return stem
    folders = [part for part in path.relative_to(root).parts[:-1] if part.lower() not in ("annotations", "labels")]
    return folders[0] if folders else ALL


def _file_of(root: Path, split: str) -> Path:
    splits = splits_of(root)
    if not splits:
        raise SourceError(
            f"{root}: no JSON file there, in annotations/ or in folders of splits; there {contents(root)}"
        )
    check_split(split, list(splits), root)
    if len(splits[split]) > 1:
        names = ", ".join(str(path.relative_to(root)) for path in splits[split])
        raise SourceError(f"{root}: several files could be the split {split!r}: {names}; name one with annotation_file")
    return splits[split][0]


def _image_folder(root: Path, file: Path, split: str, entries: Sequence[Any]) -> Path:
    """The first likely folder that has one of the first images."""
    names = [entry["file_name"] for entry in entries[:50] if isinstance(entry, dict) and _is_name(entry)]
    years = [f"{split}{year}" for year in ("2017", "2014")]
    parents = (root / "images", root, file.parent / "images", file.parent)
    for parent in parents:
        for folder in (parent / split, *(parent / year for year in years), parent):
            if any((folder / name).is_file() for name in names):
                return folder
    return next((folder for folder in parents if folder.is_dir()), root)


def _is_name(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("file_name"), str)
