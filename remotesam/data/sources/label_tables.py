"""Tables that say for each image and label whether the image shows it: UCM and AID multi-label, MLRSNet.

- UCM multi-label (Chaudhuri et al. 2018) comes as ``LandUse_Multilabeled.txt`` (and .xlsx, .mat with the same content)
  beside UC Merced; its form is documented by code that reads it with pandas: tabs, ``IMAGE\\LABEL`` and 17 labels in
  the first line, ``agricultural00`` and 0 or 1 each in the others.
- AID multi-label (github.com/Hua-YS/AID-Multilabel-Dataset) comes as ``multilabel.csv`` (and .mat) with ``images_tr``
  (2,400) and ``images_test`` (600), whose folders are the scenes.
- MLRSNet (github.com/cugbrs/MLRSNet, ``labels/*.csv``) has a CSV file for each of its 46 scenes, ``image`` and 60
  labels in the first line, and ``Images/<scene>``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from remotesam.data.faults import Fault
from remotesam.data.sources.headers import IMAGE_SUFFIXES, checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, contents, first_existing, image_files
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.progress import told
from remotesam.data.sources.records import Record, RecordSet

_YES_NO = {"0": False, "1": True, "0.0": False, "1.0": True}


def read_ucm_multilabel(root: Path, *, split: str = ALL, on_error: OnError = "skip") -> RecordSet:
    """Reads UC Merced with 17 labels.

    Args:
        root: Folder with ``LandUse_Multilabeled.txt`` and ``Images``, or with ``UCMerced_LandUse`` that holds them.
        split: "all"; there are no splits.
        on_error: What to do with faulty items.

    Returns:
        A record an image with its labels; all labels are exhaustive.

    Raises:
        SourceError: The folder, the table or the split is not there; with ``on_error="raise"``, anything wrong.
    """
    root = _inside(checked_root(root, "UCM multi-label"), "UCMerced_LandUse")
    check_split(split, (ALL,), root)
    table = first_existing(root, ("LandUse_Multilabeled.txt", "multilabels.txt"), what="table of UCM multi-label")
    images = first_existing(root, ("Images", "images"), what="images of UC Merced")
    licence = "images of USGS, public domain; labels not stated"
    return _read([table], [images], images, "UCM multi-label", split, licence, Problems(on_error))


def read_aid_multilabel(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads AID with 17 labels.

    Args:
        root: Folder with ``multilabel.csv``, ``images_tr`` and ``images_test``, or with ``AID_multilabel``.
        split: "train" or "test".
        on_error: What to do with faulty items.

    Returns:
        A record an image with its labels; all labels are exhaustive.

    Raises:
        SourceError: The folder, the table or the split is not there; with ``on_error="raise"``, anything wrong.
    """
    root = _inside(checked_root(root, "AID multi-label"), "AID_multilabel")
    folders = {name: root / folder for name, folder in (("train", "images_tr"), ("test", "images_test"))}
    there = {name: folder for name, folder in folders.items() if folder.is_dir()}
    check_split(split, tuple(there), root)
    table = first_existing(root, ("multilabel.csv", "Multilabel.csv"), what="table of AID multi-label")
    licence = "research use; images of Google Earth"
    return _read([table], list(there.values()), there[split], "AID multi-label", split, licence, Problems(on_error))


def read_mlrsnet(root: Path, *, split: str = ALL, on_error: OnError = "skip") -> RecordSet:
    """Reads MLRSNet.

    Args:
        root: Folder with ``labels`` and ``Images``, or with ``MLRSNet``.
        split: "all"; there are no splits.
        on_error: What to do with faulty items.

    Returns:
        A record an image with its labels; all labels are exhaustive.

    Raises:
        SourceError: The folder, the tables or the split are not there; with ``on_error="raise"``, anything wrong.
    """
    root = _inside(checked_root(root, "MLRSNet"), "MLRSNet")
    check_split(split, (ALL,), root)
    labels = first_existing(root, ("labels", "Labels"), what="labels of MLRSNet")
    images = first_existing(root, ("Images", "images"), what="images of MLRSNet")
    tables = sorted(labels.glob("*.csv"))
    if not tables:
        raise SourceError(f"{labels}: holds no CSV file; there {contents(labels)}")
    return _read(tables, [images], images, "MLRSNet", split, "CC BY 4.0", Problems(on_error))


def _inside(root: Path, name: str) -> Path:
    return root / name if (root / name).is_dir() else root


def _read(
    tables: Sequence[Path],
    folders: Sequence[Path],
    chosen: Path,
    name: str,
    split: str,
    licence: str,
    problems: Problems,
) -> RecordSet:
    """Joins tables with images by their names; images of other folders than the chosen one belong to other splits."""
    files = _index(folders, problems)
    categories: dict[str, None] = {}
    lines: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for table in tables:
        for item, image, labels, names in _table(table, problems):
            categories.update(dict.fromkeys(names))
            if image not in files:
                problems.add(table, item, f"there is no image {image}.* in {', '.join(map(str, folders))}", "missing")
            elif image in lines:
                problems.add(table, item, f"repeats the image {image}", "duplicate")
            else:
                lines[image] = labels, names
    records = []
    for image, path in told(list(files.items()), f"reading {name}"):
        if chosen not in path.parents:
            continue
        if image not in lines:
            problems.add(path, "", "no table has a line for it", "missing")
        elif (size := checked_size(path, problems)) is not None:
            identifier = path.relative_to(chosen).with_suffix("").as_posix()
            labels, names = lines[image]
            records.append(Record(identifier, path, size, labels=labels, exhaustive=names))
    return RecordSet(records, name=name, split=split, licence=licence, categories=tuple(categories), problems=problems)


def _index(folders: Iterable[Path], problems: Problems) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in folders:
        for path in image_files(folder, recursive=True):
            if path.stem in files:
                problems.add(
                    path, "", f"has the same name as {files[path.stem]}: a table cannot tell them", "duplicate"
                )
            else:
                files[path.stem] = path
    return files


def _table(path: Path, problems: Problems) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Line, image without extension, its labels and all labels of the table, for each line but the first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: the table cannot be read ({error})") from error
    first = text.partition("\n")[0]
    delimiter = max("\t,;", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    header = [name.strip() for name in next(rows, [])]
    names = tuple(name for name in header[1:] if name)
    if not names or len(set(names)) != len(names):
        raise SourceError(f"{path}: the first line is {first[:80]!r}; it takes a name for the images and the labels")
    for number, row in enumerate(rows, 2):
        values = [value.strip() for value in row]
        if not any(values):
            continue
        item = f"line {number}"
        try:
            yield item, _stem(values[0]), _labels(dict(zip(header[1:], values[1:], strict=False)), names), names
        except Fault as fault:
            problems.add(path, item, str(fault), fault.kind)


def _stem(image: str) -> str:
    return Path(image).stem if Path(image).suffix.lower() in IMAGE_SUFFIXES else Path(image).name


def _labels(values: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    strange = [name for name in names if values.get(name, "") not in _YES_NO]
    if strange:
        raise Fault(f"has {values.get(strange[0], '')!r} for {strange[0]!r}; it takes 0 or 1", "format")
    return tuple(name for name in names if _YES_NO[values[name]])
