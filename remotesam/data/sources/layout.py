"""Where a data set's files lie: clear errors where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from remotesam.data.sources.headers import IMAGE_SUFFIXES
from remotesam.data.sources.problems import SourceError

ALL = "all"
"""The split of data sets that have none."""


def checked_root(root: Path | str, name: str) -> Path:
    """Returns the folder of a data set.

    Raises:
        SourceError: There is no such folder.
    """
    path = Path(root)
    if not path.is_dir():
        raise SourceError(
            f"{path}: {'is a file, not the folder' if path.exists() else 'there is no such folder'} of {name}"
        )
    return path


def first_existing(root: Path, candidates: Iterable[str], *, what: str) -> Path:
    """Returns the first of some paths below ``root`` that exists.

    Raises:
        SourceError: None does; it names them and what is there.
    """
    names = list(candidates)
    for name in names:
        if (root / name).exists():
            return root / name
    raise SourceError(f"{root}: no {what}: looked for {', '.join(names)}; there {contents(root)}")


def check_split(split: str, splits: Sequence[str], root: Path) -> None:
    """Checks that a split is there.

    Raises:
        SourceError: It is not one of ``splits``.
    """
    if split not in splits:
        raise SourceError(f"{root}: there is no split {split!r}; there are {', '.join(map(repr, splits)) or 'none'}")


def contents(folder: Path, most: int = 8) -> str:
    """Says what a folder holds, as the end of a sentence beginning with "there".

    Example:
        >>> contents(Path("/nowhere"))
        'is no such folder'
    """
    if not folder.is_dir():
        return "is no such folder"
    names = sorted(entry.name + "/" * entry.is_dir() for entry in folder.iterdir())
    if not names:
        return "is nothing"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names[:most])}{more}"


def image_files(folder: Path, *, recursive: bool = False, keep: Callable[[Path], bool] | None = None) -> list[Path]:
    """Lists the image files of a folder in the order of their paths, hidden ones left out."""
    entries = folder.rglob("*") if recursive else folder.iterdir()
    return sorted(
        path
        for path in entries
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and (keep is None or keep(path))
    )
