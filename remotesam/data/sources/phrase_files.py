"""Sets with a line of text for each image and a mask picture of the same name: RefSegRS and RISBench."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from remotesam.data.faults import Fault
from remotesam.data.sources.headers import checked_size
from remotesam.data.sources.layout import check_split
from remotesam.data.sources.problems import Problems, SourceError
from remotesam.data.sources.progress import told
from remotesam.data.sources.records import Expression, Record, RecordSet
from remotesam.data.sources.stored_masks import MaskFile, StoredAnnotation
from remotesam.data.sources.text_files import read_lines

_START = "output_phrase_"


def read_phrases(
    root: Path,
    *,
    split: str,
    images: Path,
    masks: Path,
    file_name: Callable[[str], str],
    name: str,
    licence: str,
    problems: Problems,
    check_masks: bool,
) -> RecordSet:
    """Reads ``output_phrase_<split>.txt``: an image and an expression a line, parted by the first space.

    Args:
        root: Folder of the text files.
        split: The split.
        images: Folder of the images.
        masks: Folder of the masks.
        file_name: Makes the file's name of the line's first word.
        name: The data set.
        licence: Its terms.
        problems: Takes what is wrong.
        check_masks: Decode every mask now, and leave out damaged and empty ones.

    Returns:
        A record an image, with one target and the expressions that mean it, in the order of the lines. The data set
        names no categories: that of the target is "".

    Raises:
        SourceError: The split is not there or cannot be read, or an item is wrong and ``problems`` stops at the first.
    """
    check_split(split, sorted(path.stem.removeprefix(_START) for path in root.glob(f"{_START}*.txt")), root)
    path = root / f"{_START}{split}.txt"
    try:
        lines = read_lines(path)
    except Fault as fault:
        raise SourceError(f"{path}: {fault}") from fault
    phrases = _phrases(lines, path, problems)
    records = [
        record
        for stem, texts in told(list(phrases.items()), f"reading {name}")
        if (record := _record(stem, texts, images / file_name(stem), masks / file_name(stem), problems)) is not None
    ]
    if check_masks:
        checking = told(records, f"checking the masks of {name}")
        records = [record for record in checking if _mask_is_sound(record, problems)]
    return RecordSet(records, name=name, split=split, licence=licence, categories=(), problems=problems)


def _phrases(lines: Iterable[tuple[int, str]], path: Path, problems: Problems) -> dict[str, list[str]]:
    phrases: dict[str, list[str]] = {}
    for number, line in lines:
        stem, _, text = line.partition(" ")
        text = " ".join(text.split())
        if not text:
            problems.add(path, f"line {number}", f"has no expression after the image: {line[:60]!r}", "format")
        elif text in phrases.get(stem, ()):
            problems.add(path, f"line {number}", f"repeats the expression {text!r} of {stem}", "duplicate")
        else:
            phrases.setdefault(stem, []).append(text)
    return phrases


def _record(stem: str, texts: Sequence[str], image: Path, mask: Path, problems: Problems) -> Record | None:
    size = checked_size(image, problems, item=stem)
    if size is None:
        return None
    if not mask.is_file():
        problems.add(mask, stem, "the mask is missing", "missing")
        return None
    mask_size = checked_size(mask, problems, item=stem)
    if mask_size is None:
        return None
    if mask_size != size:
        message = f"the mask is {mask_size[1]} x {mask_size[0]} pixels, its image {size[1]} x {size[0]}"
        problems.add(mask, stem, message, "size")
        return None
    target = StoredAnnotation("target", "", maker="annotator", stored=MaskFile(mask, size))
    expressions = tuple(Expression(text, ("target",)) for text in texts)
    return Record(image.stem, image, size, annotations=(target,), expressions=expressions)


def _mask_is_sound(record: Record, problems: Problems) -> bool:
    stored = record.annotations[0].stored  # type: ignore[attr-defined]
    try:
        if stored.read().any():
            return True
        problems.add(stored.path, record.id, "the mask has no pixel", "area")
    except SourceError as error:
        problems.add(stored.path, record.id, str(error).split(": ", 1)[-1], "unreadable")
    return False
