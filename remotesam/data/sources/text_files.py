"""Small text files of data sets: lists of images, labels, class names."""

from __future__ import annotations

from pathlib import Path

from remotesam.data.faults import Fault
from remotesam.data.sources.layout import check_split
from remotesam.data.sources.problems import SourceError


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Reads the lines of a text file with their numbers, from 1; blank ones are left out, others stripped.

    Raises:
        Fault: It is missing, cannot be read, or is no UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Fault("is missing", "missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"cannot be read ({error})", "unreadable") from error
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def read_split(folder: Path, split: str) -> list[str]:
    """Reads the names that ``<split>.txt`` in a folder lists; "trainval" joins train and val where it has no file.

    Raises:
        SourceError: There is no such split, or its file cannot be read.
    """
    parts = [split]
    if split == "trainval" and not (folder / "trainval.txt").is_file():
        parts = ["train", "val"]
    splits = sorted(path.stem for path in folder.glob("*.txt")) if folder.is_dir() else []
    names: list[str] = []
    for part in parts:
        check_split(part, splits, folder)
        try:
            names += [line for _, line in read_lines(folder / f"{part}.txt")]
        except Fault as fault:
            raise SourceError(f"{folder / f'{part}.txt'}: {fault}") from fault
    return list(dict.fromkeys(names))
