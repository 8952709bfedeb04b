"""Turns the references, images and objects of the REFER layout into records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from remotesam.data.faults import Fault
from remotesam.data.segmentation import crosses_itself, read_segmentation
from remotesam.data.sources.drafts import Box, Size, box_around, checked_box, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.problems import Problems
from remotesam.data.sources.progress import told
from remotesam.data.sources.records import Annotation, Expression, Record
from remotesam.data.sources.stored_masks import StoredAnnotation, run_lengths

Boxes = Literal["xywh", "xyxy", "masks"]


def key_of(entry: Any, name: str) -> str | None:
    """An id as text, None where it is missing or neither a number nor a text."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return str(value) if isinstance(value, int | str) else None


@dataclass
class ReferDraft:
    """A record in the making.

    Attributes:
        id: Of the image.
        image: Its file.
        size: (height, width) in pixels.
        annotations: Its objects by their ids.
        nothing: Ids of objects without a pixel, which mean that there is no target.
        expressions: The sentences, each once, in order.
    """

    id: str
    image: Path
    size: Size
    annotations: dict[str, Annotation] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)
    expressions: dict[Expression, None] = field(default_factory=dict)

    def record(self) -> Record:
        """The finished record."""
        annotations, expressions = tuple(self.annotations.values()), tuple(self.expressions)
        return Record(self.id, self.image, self.size, annotations=annotations, expressions=expressions)


class ReferReader:
    """Reads the parts of a data set one after the other: categories, images, annotations, references.

    Args:
        file: The file of the objects, for messages.
        refs_file: The file of the references, for messages.
        images: Folder of the images.
        problems: Takes what is wrong.
        boxes: What ``bbox`` means, see :func:`remotesam.data.sources.refer.read_refer`.
        empty: Whether a mask without a pixel is a "fault" or means "no target".
        maker: Who made the masks.

    Attributes:
        categories: Names by ids.
        drafts: The records in the making by the ids of their images.
        left_out: Ids of images that cannot be used.
    """

    def __init__(
        self, file: Path, refs_file: Path, images: Path, problems: Problems, boxes: Boxes, empty: str, maker: str
    ) -> None:
        self.file, self.refs_file, self.images, self.problems = file, refs_file, images, problems
        self.boxes, self.empty, self.maker = boxes, empty, maker
        self.categories: dict[str, str] = {}
        self.drafts: dict[str, ReferDraft] = {}
        self.left_out: set[str] = set()

    def read_categories(self, entries: Iterable[Any]) -> None:
        """Reads ``categories``."""
        for entry in entries:
            identifier = key_of(entry, "id")
            if identifier is None or not isinstance(entry.get("name"), str):
                self.problems.add(self.file, "", f"category {str(entry)[:80]} lacks an id or a name", "format")
            elif identifier in self.categories:
                self.problems.add(self.file, "", f"category id {identifier} appears twice", "duplicate")
            else:
                self.categories[identifier] = entry["name"]

    def read_images(self, entries: Sequence[Any], wanted: set[str | None]) -> None:
        """Reads those of ``images`` whose ids are wanted, and the headers of their files."""
        for entry in told(entries, "reading the images"):
            identifier = key_of(entry, "id")
            if identifier is None or not isinstance(entry.get("file_name"), str):
                self.problems.add(self.file, "", f"image {str(entry)[:80]} lacks an id or a file_name", "format")
                continue
            if identifier not in wanted:
                continue
            if identifier in self.drafts or identifier in self.left_out:
                self.problems.add(self.file, "", f"image id {identifier} appears twice", "duplicate")
                continue
            path = self.images / entry["file_name"]
            size = checked_size(path, self.problems, item=f"image {identifier}")
            stated = (entry.get("height"), entry.get("width"))
            if size is not None and None not in stated and stated != size:
                message = f"the image is {size[1]} x {size[0]} pixels, {self.file} says {stated[1]} x {stated[0]}"
                self.problems.add(path, f"image {identifier}", message, "size")
                size = None
            if size is None:
                self.left_out.add(identifier)
            else:
                self.drafts[identifier] = ReferDraft(identifier, path, size)

    def read_annotations(self, entries: Sequence[Any]) -> None:
        """Reads those of ``annotations`` that lie in images that were read."""
        for entry in told(entries, "reading the objects"):
            identifier, image = key_of(entry, "id"), key_of(entry, "image_id")
            if identifier is None or image is None:
                self.problems.add(self.file, "", f"annotation {str(entry)[:80]} lacks an id or an image_id", "format")
                continue
            if (draft := self.drafts.get(image)) is None:
                continue
            item = f"annotation {identifier} of image {image}"
            try:
                if identifier in draft.annotations or identifier in draft.nothing:
                    raise Fault("repeats the id of another annotation", "duplicate")
                annotation = self._annotation(entry, draft.size, item)
                if annotation is None:
                    draft.nothing.add(identifier)
                else:
                    draft.annotations[identifier] = annotation
            except Fault as fault:
                self.problems.add(self.file, item, str(fault), fault.kind)

    def _annotation(self, entry: Mapping[str, Any], size: Size, item: str) -> Annotation | None:
        """The object, None where it has no pixel and that means that there is none."""
        number = key_of(entry, "category_id" if "category_id" in entry else "categories_id")  # RRSIS-D has the latter
        if number is None or number not in self.categories:
            raise Fault(f"has the unknown category id {number}", "category")
        segmentation = entry.get("segmentation")
        common: dict[str, Any] = {
            "id": str(entry["id"]),
            "category": self.categories[number],
            "maker": self.maker,
            "crowd": bool(entry.get("iscrowd")),
        }
        first = segmentation[0] if isinstance(segmentation, list) and segmentation else segmentation
        if isinstance(first, dict):
            stored = run_lengths(segmentation, *size)
            if not stored.area:
                if self.empty == "fault":
                    raise Fault("has a mask without a pixel", "area")
                return None
            return StoredAnnotation(**common, stored=stored, box=self._box(entry, size, item, stored.box))
        if not segmentation and self.empty != "fault":
            return None
        polygons, holes = read_segmentation(segmentation, *size)
        if any(map(crosses_itself, polygons)):
            message = "has an outline that crosses itself; kept, filled by pycocotools"
            self.problems.note(self.file, item, message, "crossing")
        box = self._box(entry, size, item, box_around(polygons))
        return Annotation(**common, polygons=polygons, holes=holes, box=box)

    def _box(self, entry: Mapping[str, Any], size: Size, item: str, around: Box) -> Box:
        """The object's box; the one around its mask where it has none that can be used."""
        bbox = entry.get("bbox")
        if bbox is None or self.boxes == "masks":
            return around
        try:
            if not isinstance(bbox, list) or len(bbox) != 4:
                raise Fault(f"has the bbox {str(bbox)[:60]}; it takes four numbers", "format")
            x, y, right, bottom = numbers(bbox)
            return checked_box((x, y, right, bottom) if self.boxes == "xyxy" else (x, y, x + right, y + bottom), size)
        except Fault as fault:
            self.problems.note(self.file, item, f"{fault}; the box around its mask is used", fault.kind)
            return around

    def read_references(self, references: Iterable[Any]) -> None:
        """Reads the references and adds their sentences to the images."""
        seen: set[str] = set()
        for number, ref in enumerate(references):
            identifier = key_of(ref, "ref_id") or f"#{number}"
            try:
                if key_of(ref, "image_id") is None or not {"ann_id", "sentences", "split"} <= ref.keys():
                    raise Fault(f"lacks image_id, ann_id, sentences or split: {str(ref)[:80]}", "format")
                if identifier in seen:
                    raise Fault("repeats the ref_id of another reference", "duplicate")
                seen.add(identifier)
                self._reference(ref, f"reference {identifier}")
            except Fault as fault:
                self.problems.add(self.refs_file, f"reference {identifier}", str(fault), fault.kind)

    def _reference(self, ref: Mapping[str, Any], item: str) -> None:
        image = str(ref["image_id"])
        draft = self.drafts.get(image)
        if draft is None:
            why = "is left out" if image in self.left_out else "is not in the file of instances"
            raise Fault(f"is about image {image}, which {why}", "missing")
        wanted = ref["ann_id"] if isinstance(ref["ann_id"], list | tuple) else [ref["ann_id"]]
        wanted = [] if ref.get("no_target") else [str(one) for one in wanted if one not in (-1, None)]
        lost = [one for one in wanted if one not in draft.annotations and one not in draft.nothing]
        if lost:
            message = f"means annotation {', '.join(lost)} of image {image}, which is not there or is left out"
            raise Fault(message, "missing")
        if not isinstance(ref["sentences"], list | tuple):
            raise Fault(f"has the sentences {str(ref['sentences'])[:60]!r}, not a list of them", "format")
        targets = tuple(one for one in wanted if one in draft.annotations)
        for sentence in ref["sentences"]:
            text = _text(sentence)
            expression = Expression(text, targets)
            if not text:
                self.problems.add(self.refs_file, item, f"has an empty sentence: {str(sentence)[:60]}", "format")
            elif expression in draft.expressions:
                self.problems.note(self.refs_file, item, f"repeats the sentence {text!r} for its target", "duplicate")
            else:
                draft.expressions[expression] = None


def _text(sentence: Any) -> str:
    if isinstance(sentence, dict):
        sentence = sentence.get("raw") or sentence.get("sent") or ""
    return " ".join(sentence.split()) if isinstance(sentence, str) else ""
