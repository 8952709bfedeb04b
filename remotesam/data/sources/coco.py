"""COCO instance files: polygons, run lengths compressed or not, boxes alone, crowds.

The format is that of the COCO data set (https://cocodataset.org/#format-data) and its library pycocotools
(https://github.com/ppwwyyxx/cocoapi), which fills the masks here too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from remotesam.data.faults import Fault
from remotesam.data.segmentation import Outlines, crosses_itself, read_segmentation
from remotesam.data.sources.coco_layout import locate
from remotesam.data.sources.drafts import Box, Draft, Size, box_around, checked_box, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet


def read_coco(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    annotation_file: Path | str | None = None,
    image_folder: Path | str | None = None,
    name: str = "coco",
    licence: str = "",
    masks: Literal["optional", "required"] = "optional",
    crossing: Literal["keep", "leave out"] = "keep",
    check_images: bool = True,
) -> RecordSet:
    """Reads a COCO instance file.

    Args:
        root: Its folder. Files are looked for as ``instances_<split>.json``, ``<split>.json`` and the like, there, in
            ``annotations/`` and in ``<split>/``; images in ``images/``, ``<split>/``, ``images/<split>/`` and beside
            the file, wherever the first of them are.
        split: "train", "val" ...; "all" where the name of the file tells none.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        annotation_file: The file itself, relative to ``root``; ``split`` is only a name then.
        image_folder: What ``file_name`` is relative to, itself relative to ``root``.
        name: The data set's name.
        licence: Its terms, in words.
        masks: "required" treats annotations with a box alone as faulty.
        crossing: An outline that crosses itself is filled as pycocotools does, and listed ("keep"), or is faulty.
        check_images: Compare the size that each image's header tells with that in the file.

    Returns:
        A record for each image that is there, in the order of the file. All categories count as exhaustive, but in
        each image those of which a crowd is marked or an annotation had to be left out do not.

    Raises:
        SourceError: There is no such file or split, it is no COCO file or has no usable image; with
            ``on_error="raise"``, anything that is wrong in it.
    """
    file, images = locate(Path(root), split=split, annotation_file=annotation_file, image_folder=image_folder)
    document = load_coco(file)
    images = images if isinstance(images, Path) else images(document["images"])
    reader = _Reader(file, images, Problems(on_error), masks_required=masks == "required", crossing=crossing)
    reader.read_categories(document["categories"])
    reader.read_images(document["images"], check=check_images)
    reader.read_annotations(document["annotations"])
    categories = tuple(dict.fromkeys(reader.categories.values()))
    return RecordSet(
        [draft.record(categories) for draft in reader.drafts.values()],
        name=name,
        split=split,
        licence=licence,
        categories=categories,
        problems=reader.problems,
    )


def load_coco(path: Path) -> dict[str, Any]:
    """Loads a COCO instance file and checks that it has the three lists.

    Raises:
        SourceError: It cannot be read, is no JSON, or no COCO file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: the annotation file cannot be read ({error.strerror})") from error
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path}: no valid JSON, perhaps truncated ({error}); copy or download it again") from error
    if not isinstance(document, dict):
        raise SourceError(f"{path}: holds a {type(document).__name__}, a COCO instance file holds an object")
    for field in ("images", "annotations", "categories"):
        if not isinstance(document.get(field), list):
            raise SourceError(f"{path}: lacks the list `{field}` of a COCO instance file; it has {', '.join(document)}")
    return document


class _Reader:
    def __init__(self, file: Path, images: Path, problems: Problems, *, masks_required: bool, crossing: str) -> None:
        self.file, self.images, self.problems = file, images, problems
        self.masks_required = masks_required
        self.crossing = crossing
        self.categories: dict[Any, str] = {}
        self.drafts: dict[Any, Draft] = {}
        self.left_out: set[Any] = set()

    def read_categories(self, entries: Sequence[Any]) -> None:
        for entry in entries:
            identifier = _identifier(entry, "id")
            if identifier is None or not str(entry.get("name") or "").strip():
                self.problems.add(self.file, "", f"category {str(entry)[:80]} lacks an id or a name", "format")
            elif identifier in self.categories:
                self.problems.add(self.file, "", f"category id {identifier} appears twice", "duplicate")
            else:
                self.categories[identifier] = str(entry["name"])

    def read_images(self, entries: Sequence[Any], *, check: bool) -> None:
        for entry in entries:
            identifier = _identifier(entry, "id")
            if identifier is None or not isinstance(entry.get("file_name"), str):
                self.problems.add(self.file, "", f"image {str(entry)[:80]} lacks an id or a file_name", "format")
                continue
            if identifier in self.drafts or identifier in self.left_out:
                self.problems.add(self.file, "", f"image id {identifier} appears twice", "duplicate")
                continue
            path = self.images / entry["file_name"]
            size = self._size(entry, path, identifier, check=check)
            if size is None:
                self.left_out.add(identifier)
            else:
                self.drafts[identifier] = Draft(str(identifier), path, size)
        if not self.drafts:
            found = f" ({self.problems.summary()})" if self.problems else ""
            raise SourceError(f"{self.file}: no usable image{found}; `images` must list at least one in {self.images}")

    def _size(self, entry: Mapping[str, Any], path: Path, identifier: Any, *, check: bool) -> Size | None:
        """The image's size, None where it cannot be used."""
        stated = entry.get("height"), entry.get("width")
        usable = all(isinstance(side, int) and side > 0 for side in stated)
        if not path.is_file():
            self.problems.add(path, "", f"the image of id {identifier} is missing", "missing")
            return None
        if usable and not check:
            return stated  # type: ignore[return-value]
        found = checked_size(path, self.problems, item=f"image {identifier}")
        if found is not None and usable and found != stated:
            message = f"the image is {found[1]} x {found[0]} pixels, {self.file} says {stated[1]} x {stated[0]}"
            self.problems.add(path, f"image {identifier}", message, "size")
            return None
        return found

    def read_annotations(self, entries: Sequence[Any]) -> None:
        seen: set[Any] = set()
        unused: Counter[Any] = Counter()
        for number, entry in enumerate(entries):
            image = _identifier(entry, "image_id")
            draft = self.drafts.get(image)
            if image is not None and image in self.left_out:
                unused[image] += 1
                continue
            identifier = _identifier(entry, "id")
            item = f"annotation {'' if identifier is None else identifier} of image {image}"
            category = None
            try:
                if image is None or _identifier(entry, "category_id") is None:
                    raise Fault(f"lacks an image_id or a category_id: {str(entry)[:80]}", "format")
                if draft is None:
                    raise Fault("belongs to no image of the file", "missing")
                category = self.categories.get(entry["category_id"])
                if category is None:
                    raise Fault(f"has the unknown category id {entry['category_id']}", "category")
                if identifier is not None and identifier in seen:
                    raise Fault("repeats the id of another annotation", "duplicate")
                seen.add(identifier)
                name = f"#{number}" if identifier is None else str(identifier)
                draft.annotations.append(self._annotation(entry, name, category, draft, item))
            except Fault as fault:
                if draft is None:
                    self.problems.add(self.file, item, str(fault), fault.kind)
                else:
                    draft.leave_out(fault, self.problems, file=self.file, item=item, category=category)
            if draft is not None and category is not None and isinstance(entry, dict) and entry.get("iscrowd"):
                draft.incomplete.add(category)
        for image, count in unused.items():
            self.problems.note(self.file, f"image {image}", f"is left out with its {count} annotations", "missing")

    def _annotation(
        self, entry: Mapping[str, Any], identifier: str, category: str, draft: Draft, item: str
    ) -> Annotation:
        outlines: Outlines = ((), ())
        box = None
        if entry.get("segmentation") or self.masks_required:
            outlines = read_segmentation(entry.get("segmentation"), *draft.size)
            self._check_crossing(outlines, item)
            box = box_around(outlines[0])
        if entry.get("bbox") is not None:
            try:
                box = _box(entry["bbox"], draft.size)
            except Fault:
                if box is None:
                    raise
        if box is None:
            raise Fault("has neither a segmentation nor a bbox", "missing")
        attributes = entry.get("attributes")
        return Annotation(
            id=identifier,
            category=category,
            box=box,
            polygons=outlines[0],
            holes=outlines[1],
            maker="annotator" if outlines[0] else "",
            crowd=bool(entry.get("iscrowd")),
            attributes={str(k): str(v) for k, v in attributes.items()} if isinstance(attributes, dict) else {},
        )

    def _check_crossing(self, outlines: Outlines, item: str) -> None:
        if not any(map(crosses_itself, outlines[0])):
            return
        if self.crossing != "keep":
            raise Fault("has an outline that crosses itself", "crossing")
        self.problems.note(
            self.file, item, "has an outline that crosses itself; kept, filled by pycocotools", "crossing"
        )


def _identifier(entry: Any, field: str) -> Any:
    """A field that is a number or a string, None where it is missing or something else."""
    value = entry.get(field) if isinstance(entry, dict) else None
    return value if isinstance(value, int | str) else None


def _box(bbox: Any, size: Size) -> Box:
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise Fault(f"has the bbox {str(bbox)[:60]}; it takes [x, y, width, height]", "format")
    x, y, width, height = numbers(bbox)
    return checked_box((x, y, x + width, y + height), size)
