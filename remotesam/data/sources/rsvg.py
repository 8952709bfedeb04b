"""Visual grounding: RSVG and DIOR-RSVG, expressions with boxes and no masks.

DIOR-RSVG is laid out as its publisher documents and reads it (github.com/ZhanYang-nwpu/RSVG-pytorch, ``README.md`` and
``data_loader.py``): ``JPEGImages``, ``Annotations/*.xml`` with a <description> beside each <bndbox>, and
``<split>.txt`` with the running numbers of the split's objects, counted from 0 over the XML files in the order of their
names. So an image can have objects of several splits.

RSVG (Sun et al. 2022, sunyuxi.github.io/publication/GeoVG) is laid out as code that trains on it documents it
(``images`` and ``rsvg_<split>.pth``): each .pth file is a list of (image, [x1, y1, x2, y2], expression, ...) saved by
torch, which is loaded as plain data.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from remotesam.data.faults import Fault
from remotesam.data.sources.drafts import Box, Size, checked_box, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import check_split, checked_root, contents, first_existing
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, Expression, Record, RecordSet
from remotesam.data.sources.text_files import read_lines

SPLITS = ("train", "val", "test")


@dataclass
class _Draft:
    image: Path
    size: Size
    annotations: dict[tuple[str, Box], Annotation] = field(default_factory=dict)
    expressions: dict[Expression, None] = field(default_factory=dict)

    def add(self, category: str, box: Box, text: str) -> None:
        """Adds an expression and its object; the same object may have several."""
        if not text:
            raise Fault("has no description", "format")
        key = (category, checked_box(box, self.size))
        target = self.annotations.setdefault(key, Annotation(str(len(self.annotations)), category, key[1]))
        expression = Expression(text, (target.id,))
        if expression in self.expressions:
            raise Fault(f"repeats the description {text!r} of the same object", "duplicate")
        self.expressions[expression] = None

    def record(self) -> Record:
        annotations, expressions = tuple(self.annotations.values()), tuple(self.expressions)
        return Record(self.image.stem, self.image, self.size, annotations=annotations, expressions=expressions)


def read_dior_rsvg(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads DIOR-RSVG.

    Args:
        root: Folder with ``JPEGImages``, ``Annotations`` and the lists of the splits.
        split: "train", "val" or "test".
        on_error: What to do with faulty items.

    Returns:
        A record for each image with an object of the split: those objects, with boxes and no masks, and their
        expressions.

    Raises:
        SourceError: The folder or split is not there; an XML file cannot be read, or they hold fewer objects than the
            lists count, since the numbers of all later objects would be wrong then; with ``on_error="raise"``, anything
            else that is wrong.
    """
    root = checked_root(root, "DIOR-RSVG")
    annotations = first_existing(root, ("Annotations",), what="annotations of DIOR-RSVG")
    images = first_existing(root, ("JPEGImages",), what="images of DIOR-RSVG")
    lists = {name: root / f"{name}.txt" for name in SPLITS if (root / f"{name}.txt").is_file()}
    check_split(split, tuple(lists), root)
    problems = Problems(on_error)
    chosen = {name: _indices(path, problems) for name, path in lists.items()}
    drafts: dict[Path, _Draft | None] = {}
    categories: dict[str, None] = {}
    count = 0
    for path, tree in _documents(annotations):
        for number, element in enumerate(tree.iter("object")):
            categories[element.findtext("name", "")] = None
            if count in chosen[split]:
                _add_object(tree, element, f"object {number}", path, images, drafts, problems)
            count += 1
    highest = max((max(indices, default=-1) for indices in chosen.values()), default=-1)
    if highest >= count:
        raise SourceError(
            f"{annotations}: the files hold {count} objects, the lists of the splits count up to {highest}: files are "
            "missing, and the numbers of the others mean other objects; get all of them"
        )
    return RecordSet(
        [draft.record() for draft in drafts.values() if draft is not None and draft.expressions],
        name="DIOR-RSVG",
        split=split,
        licence="not stated by its publisher; images of DIOR, research use",
        categories=tuple(categories),
        problems=problems,
    )


def read_rsvg(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads RSVG.

    Args:
        root: Folder with ``images`` and ``rsvg_train.pth``, ``rsvg_val.pth``, ``rsvg_test.pth``.
        split: "train", "val" or "test".
        on_error: What to do with faulty items.

    Returns:
        A record for each image of the split, its objects with boxes and no masks, and the expressions. The data set
        names no categories: those of the objects are "".

    Raises:
        SourceError: The folder or split is not there, the file cannot be read or holds more than plain data; with
            ``on_error="raise"``, anything that is wrong.
    """
    root = checked_root(root, "RSVG")
    images = first_existing(root, ("images",), what="images of RSVG")
    check_split(split, sorted(path.stem.removeprefix("rsvg_") for path in root.glob("rsvg_*.pth")), root)
    path = root / f"rsvg_{split}.pth"
    problems = Problems(on_error)
    drafts: dict[Path, _Draft | None] = {}
    for number, entry in enumerate(_load_list(path)):
        item = f"entry {number}"
        try:
            if not isinstance(entry, list | tuple) or len(entry) < 3 or not isinstance(entry[0], str):
                raise Fault(f"is {str(entry)[:80]}; it takes (image, [x1, y1, x2, y2], expression, ...)", "format")
            draft = _draft_of(images / entry[0], drafts, problems, item)
            if draft is not None:
                draft.add("", _edges(entry[1]), " ".join(str(entry[2]).split()))
        except Fault as fault:
            problems.add(path, item, str(fault), fault.kind)
    return RecordSet(
        [draft.record() for draft in drafts.values() if draft is not None and draft.expressions],
        name="RSVG",
        split=split,
        licence="not stated by its publisher; images of Google Earth, research use",
        categories=(),
        problems=problems,
    )


def _documents(folder: Path) -> Iterator[tuple[Path, ElementTree.Element]]:
    paths = sorted(folder.glob("*.xml"))
    if not paths:
        raise SourceError(f"{folder}: holds no XML file; there {contents(folder)}")
    for path in paths:
        try:
            yield path, ElementTree.parse(path).getroot()
        except (OSError, ElementTree.ParseError) as error:
            raise SourceError(
                f"{path}: cannot be read ({error}); the lists of the splits count the objects of all files, so none "
                "can be left out: get it again"
            ) from error


def _indices(path: Path, problems: Problems) -> frozenset[int]:
    try:
        lines = read_lines(path)
    except Fault as fault:
        raise SourceError(f"{path}: {fault}") from fault
    read: set[int] = set()
    for number, line in lines:
        if not line.isdecimal():
            problems.add(path, f"line {number}", f"has {line[:40]!r}, not the number of an object", "format")
        elif int(line) in read:
            problems.add(path, f"line {number}", f"repeats the object {line}", "duplicate")
        else:
            read.add(int(line))
    return frozenset(read)


def _add_object(
    tree: ElementTree.Element,
    element: ElementTree.Element,
    item: str,
    path: Path,
    images: Path,
    drafts: dict[Path, _Draft | None],
    problems: Problems,
) -> None:
    try:
        image = images / (tree.findtext("filename") or f"{path.stem}.jpg")
        draft = _draft_of(image, drafts, problems, item)
        if draft is None:
            return
        sides = (tree.findtext("size/height"), tree.findtext("size/width"))
        if None not in sides and tuple(numbers(sides)) != draft.size:
            height, width = draft.size
            raise Fault(f"is on an image of {sides[1]} x {sides[0]} pixels; {image} has {width} x {height}", "size")
        box = _edges([element.findtext(f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")])
        draft.add(element.findtext("name", ""), box, " ".join(element.findtext("description", "").split()))
    except Fault as fault:
        problems.add(path, item, str(fault), fault.kind)


def _draft_of(image: Path, drafts: dict[Path, _Draft | None], problems: Problems, item: str) -> _Draft | None:
    """The record of an image in the making, None where the image cannot be used, which is told once."""
    if image not in drafts:
        size = checked_size(image, problems, item=item)
        drafts[image] = _Draft(image, size) if size else None
    elif drafts[image] is None:
        problems.note(image, item, "is left out with its image", "missing")
    return drafts[image]


def _edges(values: Any) -> Box:
    if not isinstance(values, Iterable) or isinstance(values, str) or len(read := numbers(values)) != 4:
        raise Fault(f"has the box {str(values)[:60]}; it takes x1, y1, x2, y2", "format")
    return read[0], read[1], read[2], read[3]


def _load_list(path: Path) -> list[Any]:
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise SourceError(
            f"{path}: refused or damaged: it takes a list of plain data ({str(error).splitlines()[0][:120]})"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise SourceError(f"{path}: cannot be read ({error})") from error
    if not isinstance(loaded, list | tuple):
        raise SourceError(f"{path}: holds a {type(loaded).__name__}; it takes a list of entries")
    return list(loaded)
