"""Captions: the JSON of Karpathy's splits, as UCM-Captions, Sydney-Captions and RSICD come.

Form, file and folder names as torchrs reads them (github.com/isaaccorley/torchrs, ``RSICD``, ``UCMCaptions``,
``SydneyCaptions``) and as the publisher links them (github.com/201528014227051/RSICD_optimal): ``{"images":
[{"filename", "split", "sentences": [{"raw", "tokens"}]}]}``. A plain object of file names with a list of sentences each
is read too; it has no splits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from remotesam.data.faults import Fault
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import ALL, check_split, checked_root, first_existing
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Record, RecordSet

_FOLDERS = ("images", "imgs", "RSICD_images", "Sydney_images", "UCM_images")
_FILES = ("dataset.json", "captions.json", "dataset_rsicd.json", "annotations_rsicd/dataset_rsicd.json")


def read_captions(
    root: Path,
    *,
    split: str = ALL,
    on_error: OnError = "skip",
    file: Path | str | None = None,
    images: Path | str | None = None,
    name: str | None = None,
    licence: str = "not stated",
) -> RecordSet:
    """Reads images with captions.

    Args:
        root: Folder of the JSON file and the images.
        split: As the file names it; "all" for every image.
        on_error: What to do with faulty items.
        file: The JSON file below ``root``; looked for if None.
        images: Folder of the images below ``root``; looked for if None.
        name: The data set's name, that of the folder if None.
        licence: Its terms, in words.

    Returns:
        A record an image with its captions, as published: some data sets repeat them. Images in a folder of their own
        have its name as label: the scene.

    Raises:
        SourceError: The folder, the file or the split is not there, or the file has another form; with
            ``on_error="raise"``, anything that is wrong in it.
    """
    root = checked_root(root, "images with captions")
    path = root / file if file is not None else first_existing(root, _FILES, what="captions")
    folder = root / images if images is not None else first_existing(root, _FOLDERS, what="images")
    problems = Problems(on_error)
    entries = list(_entries(path, problems))
    check_split(split, [ALL, *sorted({found for _, found, _ in entries} - {ALL})], path)
    records: dict[str, Record] = {}
    for image, found, captions in entries:
        if split not in (ALL, found):
            continue
        identifier = Path(image).with_suffix("").as_posix()
        if identifier in records:
            problems.add(path, image, "appears twice", "duplicate")
        elif (size := checked_size(folder / image, problems, item=image)) is not None:
            scene = Path(image).parent.name
            labels = (scene,) if scene else ()
            records[identifier] = Record(identifier, folder / image, size, captions=captions, labels=labels)
    categories = sorted({label for record in records.values() for label in record.labels})
    return RecordSet(
        list(records.values()),
        name=name or root.name,
        split=split,
        licence=licence,
        categories=categories,
        problems=problems,
    )


def read_ucm_captions(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads UCM-Captions: ``dataset.json`` and ``imgs`` (or ``images``), splits "train", "val" and "test".

    Raises:
        SourceError: As :func:`read_captions`.
    """
    licence = "images of USGS, public domain; captions not stated"
    return read_captions(root, split=split, on_error=on_error, name="UCM-Captions", licence=licence)


def read_sydney_captions(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads Sydney-Captions: ``dataset.json`` and ``imgs`` (or ``images``), splits "train", "val" and "test".

    Raises:
        SourceError: As :func:`read_captions`.
    """
    licence = "not stated; images of Google Earth"
    return read_captions(root, split=split, on_error=on_error, name="Sydney-Captions", licence=licence)


def read_rsicd(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads RSICD: ``dataset_rsicd.json`` and ``RSICD_images``, splits "train", "val" and "test".

    Raises:
        SourceError: As :func:`read_captions`.
    """
    licence = "research use; images of Google Earth, Baidu Map, MapABC and Tianditu"
    return read_captions(root, split=split, on_error=on_error, name="RSICD", licence=licence)


def _entries(path: Path, problems: Problems) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """File name, split and captions of each image."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: the captions cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: no valid JSON, perhaps truncated ({error})") from error
    if not isinstance(document, dict) or not document:
        raise SourceError(f'{path}: holds a {type(document).__name__}; it takes {{"images": [...]}}, not empty')
    if isinstance(document.get("images"), list):
        listed = [(entry, number) for number, entry in enumerate(document["images"])]
    else:
        listed = [({"filename": name, "split": ALL, "sentences": texts}, name) for name, texts in document.items()]
    for entry, number in listed:
        try:
            yield _entry(entry)
        except Fault as fault:
            problems.add(path, f"image {number}", str(fault), fault.kind)


def _entry(entry: Any) -> tuple[str, str, tuple[str, ...]]:
    if not isinstance(entry, dict) or not isinstance(entry.get("filename"), str):
        raise Fault(f"lacks a filename: {str(entry)[:80]}", "format")
    sentences = entry.get("sentences")
    if not isinstance(sentences, list) or not sentences:
        raise Fault(f"{entry['filename']} has no list of sentences but {str(sentences)[:60]!r}", "format")
    return entry["filename"], str(entry.get("split", ALL)), _captions(entry["filename"], sentences)


def _captions(image: str, sentences: Sequence[Any]) -> tuple[str, ...]:
    texts = [one.get("raw") if isinstance(one, dict) else one for one in sentences]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise Fault(f"{image} has an empty sentence, or one without `raw`: {str(sentences)[:80]}", "format")
    return tuple(" ".join(str(text).split()) for text in texts)
