"""The REFER layout: expressions in ``refs(unc).p`` and the objects that they mean in ``instances.json``.

The layout is that of the REFER tool box (github.com/lichengunc/refer, ``refer.py``), which data sets of remote sensing
took over. Each reference has ``ref_id``, ``image_id``, ``ann_id``, ``split`` and ``sentences`` (``raw``, ``sent``); the
JSON file is COCO's. References with several targets or none are read as gRefCOCO writes them
(github.com/henghuiding/gRefCOCO): ``ann_id`` a list, [-1] or ``no_target`` for none; its file is ``grefs(unc).json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from remotesam.data.faults import Fault
from remotesam.data.segmentation import crosses_itself, read_segmentation
from remotesam.data.sources.coco import load_coco
from remotesam.data.sources.drafts import Box, Size, box_around, checked_box, numbers
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, Expression, Record, RecordSet
from remotesam.data.sources.restricted_pickle import load_plain_pickle
from remotesam.data.sources.stored_masks import StoredAnnotation, run_lengths

Boxes = Literal["xywh", "xyxy", "masks"]


def read_refer(
    root: Path,
    *,
    split: str = "train",
    on_error: OnError = "skip",
    refs: Path | str | None = None,
    instances: Path | str = "instances.json",
    images: Path | str | None = None,
    boxes: Boxes = "xywh",
    empty_masks: Literal["fault", "no target"] = "fault",
    name: str | None = None,
    licence: str = "not stated",
    maker: str = "annotator",
) -> RecordSet:
    """Reads a data set in the REFER layout.

    Args:
        root: Its folder.
        split: As the references name it; "test" also stands for "testA", "testB" and so on together.
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.
        refs: The file of the references, relative to ``root``; the only ``refs(...).p`` or ``grefs(...).json`` if None.
        instances: The file of the objects.
        images: Folder of the images; looked for if None.
        boxes: What ``bbox`` means: [x, y, width, height] as in COCO, or corners [x1, y1, x2, y2]; "masks" takes boxes
            from the masks instead.
        empty_masks: Whether a mask without a pixel is a fault, or says that the sentence means nothing in the image.
        name: The data set's name, that of the folder if None.
        licence: Its terms, in words.
        maker: Who made the masks.

    Returns:
        A record for each image that a reference of the split is about, in the order of the references, with all its
        objects and the expressions of the split. No category counts as exhaustive.

    Raises:
        SourceError: A file or the split is not there, a file cannot be read or holds another form, the pickle asks to
            import something; with ``on_error="raise"``, anything that is wrong in them.
    """
    root = checked_root(root, "a data set in the REFER layout")
    refs_file = root / refs if refs is not None else _find_refs(root)
    references = _load_refs(refs_file)
    check_split(split, _splits(references), refs_file)
    chosen = [ref for ref in references if _in_split(ref, split)]
    file = root / instances
    document = load_coco(file)
    problems = Problems(on_error)
    folder = root / images if images is not None else _find_images(root, document["images"])
    reader = _Reader(file, refs_file, folder, problems, boxes, empty_masks, maker)
    reader.read_categories(document["categories"])
    reader.read_images(document["images"], {_key(ref, "image_id") for ref in chosen})
    reader.read_annotations(document["annotations"])
    reader.read_references(chosen)
    return RecordSet(
        [draft.record() for draft in reader.drafts.values() if draft.expressions],
        name=name or root.name,
        split=split,
        licence=licence,
        categories=tuple(dict.fromkeys(reader.categories.values())),
        problems=problems,
    )


def _find_refs(root: Path) -> Path:
    found = sorted((*root.glob("refs(*)*.p"), *root.glob("grefs(*).json")))
    if len(found) != 1:
        what = "no refs(...).p" if not found else f"several files of references ({', '.join(p.name for p in found)})"
        raise SourceError(f"{root}: {what}; name it with refs=...; there {contents(root)}")
    return found[0]


def _load_refs(path: Path) -> list[Any]:
    if path.suffix == ".json":
        try:
            references = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SourceError(f"{path}: the references cannot be read ({error.strerror})") from error
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path}: no valid JSON, perhaps truncated ({error})") from error
    else:
        references = load_plain_pickle(path)
    if not isinstance(references, list):
        raise SourceError(f"{path}: holds a {type(references).__name__}, REFER takes a list of references")
    return references


def _splits(references: Iterable[Any]) -> list[str]:
    splits = {str(ref["split"]) for ref in references if isinstance(ref, dict) and "split" in ref}
    return sorted(splits | ({"test"} if any(name.startswith("test") for name in splits) else set()))


def _in_split(ref: Any, split: str) -> bool:
    """References that are broken belong to every split, so that they are told of."""
    if not isinstance(ref, dict) or "split" not in ref:
        return True
    return ref["split"] == split or (split == "test" and str(ref["split"]).startswith("test"))


def _find_images(root: Path, entries: Sequence[Any]) -> Path:
    names = [str(entry.get("file_name")) for entry in entries[:50] if isinstance(entry, dict)]
    folders = [root / "JPEGImages", root / "images", root]
    return next((folder for folder in folders if any((folder / name).is_file() for name in names)), folders[0])


@dataclass
class _Draft:
    id: str
    image: Path
    size: Size
    annotations: dict[str, Annotation] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)
    """Ids of objects without a pixel, which mean that there is no target."""
    expressions: dict[Expression, None] = field(default_factory=dict)

    def record(self) -> Record:
        annotations, expressions = tuple(self.annotations.values()), tuple(self.expressions)
        return Record(self.id, self.image, self.size, annotations=annotations, expressions=expressions)


class _Reader:
    def __init__(
        self, file: Path, refs_file: Path, images: Path, problems: Problems, boxes: Boxes, empty: str, maker: str
    ) -> None:
        self.file, self.refs_file, self.images, self.problems = file, refs_file, images, problems
        self.boxes, self.empty, self.maker = boxes, empty, maker
        self.categories: dict[str, str] = {}
        self.drafts: dict[str, _Draft] = {}
        self.left_out: set[str] = set()

    def read_categories(self, entries: Iterable[Any]) -> None:
        for entry in entries:
            identifier = _key(entry, "id")
            if identifier is None or not isinstance(entry.get("name"), str):
                self.problems.add(self.file, "", f"category {str(entry)[:80]} lacks an id or a name", "format")
            elif identifier in self.categories:
                self.problems.add(self.file, "", f"category id {identifier} appears twice", "duplicate")
            else:
                self.categories[identifier] = entry["name"]

    def read_images(self, entries: Iterable[Any], wanted: set[str | None]) -> None:
        for entry in entries:
            identifier = _key(entry, "id")
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
                self.drafts[identifier] = _Draft(identifier, path, size)

    def read_annotations(self, entries: Iterable[Any]) -> None:
        for entry in entries:
            identifier, image = _key(entry, "id"), _key(entry, "image_id")
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
        number = _key(entry, "category_id" if "category_id" in entry else "categories_id")  # RRSIS-D has the latter
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
        seen: set[str] = set()
        for number, ref in enumerate(references):
            identifier = _key(ref, "ref_id") or f"#{number}"
            try:
                if _key(ref, "image_id") is None or not {"ann_id", "sentences", "split"} <= ref.keys():
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


def _key(entry: Any, name: str) -> str | None:
    """An id as text, None where it is missing or neither a number nor a text."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return str(value) if isinstance(value, int | str) else None


def _text(sentence: Any) -> str:
    if isinstance(sentence, dict):
        sentence = sentence.get("raw") or sentence.get("sent") or ""
    return " ".join(sentence.split()) if isinstance(sentence, str) else ""
