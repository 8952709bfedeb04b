"""The REFER layout: expressions in ``refs(unc).p`` and the objects that they mean in ``instances.json``.

The layout is that of the REFER tool box (github.com/lichengunc/refer, ``refer.py``), which data sets of remote sensing
took over. Each reference has ``ref_id``, ``image_id``, ``ann_id``, ``split`` and ``sentences`` (``raw``, ``sent``); the
JSON file is COCO's. References with several targets or none are read as gRefCOCO writes them
(github.com/henghuiding/gRefCOCO): ``ann_id`` a list, [-1] or ``no_target`` for none; its file is ``grefs(unc).json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from remotesam.data.sources.coco import load_coco
from remotesam.data.sources.layout import check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import RecordSet
from remotesam.data.sources.refer_records import Boxes, ReferReader, key_of
from remotesam.data.sources.restricted_pickle import load_plain_pickle


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
    reader = ReferReader(file, refs_file, folder, problems, boxes, empty_masks, maker)
    reader.read_categories(document["categories"])
    reader.read_images(document["images"], {key_of(ref, "image_id") for ref in chosen})
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
