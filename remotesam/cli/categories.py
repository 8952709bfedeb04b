"""Categories from the command line and from files."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from remotesam.cli.plan import check_words

EVERY = "all"
_HELP = "What to look for, such as: ship harbor 'storage tank'."
_FILE_HELP = (
    f"A file of names, one a line (# begins a comment) or as a JSON list; or '{EVERY}' for every category of the "
    "project's vocabulary, of which a model may know only some."
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, kw_only=True)
class CategoryOptions:
    """What to look for."""

    categories: Annotated[list[str] | None, typer.Argument(metavar="CATEGORY", help=_HELP, show_default=False)] = None
    category_file: Annotated[
        str | None, typer.Option("--categories", "-c", metavar="FILE", help=_FILE_HELP, show_default=False)
    ] = None

    @property
    def files(self) -> list[str]:
        """The file of categories, if there is one."""
        return [self.category_file] if self.category_file not in (None, EVERY) else []  # type: ignore[list-item]

    def names(self, *, image: str) -> tuple[str, ...]:
        """The categories: those of the command line, then those of the file.

        Args:
            image: What was given as the image, for what is told of words in the wrong order.

        Raises:
            typer.BadParameter: There is none, or one on the command line is blank, there twice, or an image.
            ValueError: The file is missing, empty or no text, or a name in it is blank or there twice.
        """
        named = self.categories or []
        check_words(image, named, hint="categories")
        return read_categories(named, self.category_file)


def read_categories(named: Sequence[str], file: str | None) -> tuple[str, ...]:
    """Puts the categories of the command line and of a file together, each once; see ``CategoryOptions.names``."""
    entries = [(name, f"CATEGORY {number}") for number, name in enumerate(named, start=1)]
    if file == EVERY:
        from remotesam.data.vocabulary import CATEGORIES

        known = {_key(name) for name in named}
        entries += [(name, EVERY) for name in CATEGORIES if name not in known]
    elif file is not None:
        entries += _file_entries(Path(file))
    if not entries:
        raise typer.BadParameter(
            "name at least one, such as: ship harbor 'storage tank'; or give --categories FILE, or --categories "
            f"{EVERY} for every known one",
            param_hint="CATEGORY",
        )
    places: dict[str, str] = {}
    for name, place in entries:
        problem = _problem(name)
        if problem is None and _key(name) in places:
            problem = f"{name!r} is there already as {places[_key(name)]}; give each once"
        if problem is not None and place.startswith("CATEGORY "):
            raise typer.BadParameter(problem, param_hint=place)
        if problem is not None:
            raise ValueError(f"{place}: {problem}")
        places[_key(name)] = place
    return tuple(name.strip() for name, _ in entries)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _problem(name: str) -> str | None:
    if not name.strip():
        return "the name is blank; give one, such as ship"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return f"{name!r} is no valid Unicode; write it as UTF-8"
    return None


def _file_entries(path: Path) -> Iterator[tuple[str, str]]:
    text = _read_text(path)
    entries = list(_json_entries(path, text) if text.lstrip().startswith(("[", "{")) else _line_entries(path, text))
    if not entries:
        raise ValueError(f"{path}: names no category; write one a line, such as ship")
    yield from entries


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file of categories; check the path, or use --categories {EVERY}") from None
    if content.startswith(_UTF16):
        raise ValueError(f"{path}: is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: is no UTF-8 text; save it as UTF-8") from None


def _line_entries(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        # A sign inside a word, as in "pier#2", begins no comment.
        name = "" if line.lstrip().startswith("#") else line.partition(" #")[0].partition("\t#")[0].strip()
        if name:
            yield name, f"{path}, line {number}"


def _json_entries(path: Path, text: str) -> Iterator[tuple[str, str]]:
    try:
        names = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}: is no valid JSON ({error.msg})") from None
    if not isinstance(names, list):
        raise ValueError(f'{path}: holds JSON, but no list; give a list of names, such as ["ship", "harbor"]')
    for number, name in enumerate(names, start=1):
        if not isinstance(name, str):
            raise ValueError(f"{path}, entry {number}: is {json.dumps(name)[:50]}; give a name in quotation marks")
        yield name, f"{path}, entry {number}"
