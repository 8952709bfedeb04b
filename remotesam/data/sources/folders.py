"""Scenes: a folder for each class, such as UC Merced and AID.

The form is that of torchvision's ImageFolder (pytorch.org/vision). UC Merced is laid out as its publisher
(weegee.vision.ucmerced.edu/datasets/landuse.html) and torchgeo (``torchgeo.datasets.UCMerced``) have it:
``UCMerced_LandUse/Images/<class>``, with torchgeo's lists ``uc_merced-<split>.txt`` where they are there. AID
(captain-whu.github.io/AID) has its 30 classes directly, as torchrs (``torchrs.datasets.AID``) reads it, and no splits.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.faults import Fault
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, contents, image_files
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Record, RecordSet
from remotesam.data.sources.text_files import read_lines


def read_folders(
    root: Path,
    *,
    split: str = ALL,
    on_error: OnError = "skip",
    lists: str = "{split}.txt",
    name: str | None = None,
    licence: str = "not stated",
) -> RecordSet:
    """Reads a folder for each class.

    Args:
        root: Folder of the folders, or of a folder for each split that holds them.
        split: "all" for every image; otherwise a folder of that name, or a list of file names.
        on_error: What to do with faulty items.
        lists: Name of the lists, with ``{split}`` in place of the split.
        name: The data set's name, that of the folder if None.
        licence: Its terms, in words.

    Returns:
        A record an image with its class as the only label. No category is exhaustive: what else the image shows is not
        said.

    Raises:
        SourceError: The folder or split is not there, or holds no class; with ``on_error="raise"``, anything wrong.
    """
    root = checked_root(root, "scenes in folders")
    problems = Problems(on_error)
    base, listed = _split_of(root, root, split, lists)
    return _scenes(base, listed, name=name or root.name, split=split, licence=licence, problems=problems)


def read_ucmerced(root: Path, *, split: str = ALL, on_error: OnError = "skip") -> RecordSet:
    """Reads the UC Merced land use data set.

    Args:
        root: Folder with ``UCMerced_LandUse``, with ``Images`` or with the 21 folders of the classes.
        split: "all", or "train", "val", "test" where torchgeo's lists lie in ``root``.
        on_error: What to do with faulty items.

    Returns:
        A record an image with its class as the only label.

    Raises:
        SourceError: As :func:`read_folders`.
    """
    root = checked_root(root, "UC Merced")
    candidates = (root / "UCMerced_LandUse" / "Images", root / "Images", root)
    images = next(folder for folder in candidates if folder.is_dir())
    base, listed = _split_of(root, images, split, "uc_merced-{split}.txt")
    licence = "images of USGS, public domain"
    return _scenes(base, listed, name="UC Merced", split=split, licence=licence, problems=Problems(on_error))


def read_aid(root: Path, *, split: str = ALL, on_error: OnError = "skip") -> RecordSet:
    """Reads AID.

    Args:
        root: Folder with the folders of the classes, or with ``AID``.
        split: "all"; the publisher gives no splits. Others as in :func:`read_folders`.
        on_error: What to do with faulty items.

    Returns:
        A record an image with its class as the only label.

    Raises:
        SourceError: As :func:`read_folders`.
    """
    root = checked_root(root, "AID")
    base, listed = _split_of(root, root / "AID" if (root / "AID").is_dir() else root, split, "{split}.txt")
    licence = "research use; images of Google Earth"
    return _scenes(base, listed, name="AID", split=split, licence=licence, problems=Problems(on_error))


def _split_of(root: Path, images: Path, split: str, lists: str) -> tuple[Path, frozenset[str] | None]:
    """The folder of the classes, and the names of the split's files where a list tells them."""
    folders = {path.name for path in images.iterdir() if path.is_dir() and any(map(Path.is_dir, path.iterdir()))}
    before, _, after = lists.partition("{split}")
    files = {path.name[len(before) : len(path.name) - len(after)] for path in root.glob(f"{before}*{after}")}
    whole = set() if folders else {ALL}
    check_split(split, sorted(whole | folders | files), root)
    if split in folders:
        return images / split, None
    if split == ALL:
        return images, None
    path = root / lists.format(split=split)
    try:
        return images, frozenset(Path(line).name for _, line in read_lines(path))
    except Fault as fault:
        raise SourceError(f"{path}: {fault}") from fault


def _scenes(
    base: Path, listed: frozenset[str] | None, *, name: str, split: str, licence: str, problems: Problems
) -> RecordSet:
    classes = sorted(path for path in base.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not classes:
        raise SourceError(f"{base}: holds no folder of a class; there {contents(base)}")
    for path in image_files(base):
        problems.add(path, "", "lies in no folder of a class", "category")
    records: dict[str, Record] = {}
    unseen = set(listed or ())
    for folder in classes:
        paths = image_files(folder, recursive=True)
        if not paths:
            problems.add(folder, "", f"the folder of the class holds no image; there {contents(folder)}", "missing")
        for path in paths:
            unseen.discard(path.name)
            if listed is not None and path.name not in listed:
                continue
            identifier = path.relative_to(base).with_suffix("").as_posix()
            size = checked_size(path, problems)
            if identifier in records:
                problems.add(path, identifier, f"has the same name as {records[identifier].image.name}", "duplicate")
            elif size is not None:
                records[identifier] = Record(identifier, path, size, labels=(folder.name,))
    for lost in sorted(unseen):
        problems.add(base, lost, "is in the list of the split but in no folder", "missing")
    categories = [folder.name for folder in classes]
    return RecordSet(
        list(records.values()), name=name, split=split, licence=licence, categories=categories, problems=problems
    )
