"""What the commands print: tables, JSON documents and errors."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_LONGEST_CELL = 200
_PIPE_WIDTH = 2000


@cache
def console(*, stderr: bool = False) -> Console:
    """The console of standard output or standard error."""
    from rich.console import Console

    # In a pipe or file nothing is folded, so that a row stays a line.
    boundless = not (stderr or sys.stdout.isatty() or "COLUMNS" in os.environ)
    return Console(stderr=stderr, highlight=False, width=_PIPE_WIDTH if boundless else None)


def readable(text: object) -> str:
    """Text that can be printed and written, also where a file's name is not valid UTF-8."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def print_line(text: object, *, stderr: bool = False, style: str | None = None) -> None:
    """Prints a line as it is: brackets are no markup, nothing is wrapped."""
    console(stderr=stderr).print(readable(text), markup=False, style=style, soft_wrap=True)


def print_error(error: BaseException) -> None:
    """Says on standard error what went wrong, without a traceback."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        message = f"{where}{error.strerror}; {_fix_of(error)}"
    elif lacks_memory(error):
        message = f"not enough memory ({error}); use --max-batch 1, a smaller image, or --device cpu"
    elif isinstance(error, ValueError | OSError):
        message = str(error)
    else:
        message = f"{type(error).__name__}: {error} (run it with remotesam --debug for the traceback)"
    print_line(f"error: {message}", stderr=True, style="red")


def lacks_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on the processor or a GPU."""
    text = str(error)
    told = isinstance(error, RuntimeError) and ("allocate memory" in text or "out of memory" in text)
    return told or isinstance(error, MemoryError)


def print_json(document: dict[str, Any], *, indent: int | None = None) -> None:
    """Prints one JSON document on standard output."""
    encodes_all = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(document, ensure_ascii=not encodes_all, allow_nan=False, indent=indent) + "\n")
    sys.stdout.flush()


def document_of(image: Path | str, shape: Sequence[int], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON document of one image: its name, its size in pixels, and the answer."""
    return {"image": readable(image), "height": int(shape[0]), "width": int(shape[1]), **answer}


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Prints some columns of rows; of no rows only that there is nothing.

    Args:
        columns: Names of columns.
        rows: Column -> value: text, bool, int, float, or None for an empty cell. More columns than those are skipped.
    """
    from rich.table import Table

    rows = list(rows)
    if not rows:
        print_line("nothing found", style="dim")
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        numbers = all(isinstance(row[column], int | float | None) for row in rows)
        words = all(isinstance(row[column], bool) for row in rows)
        table.add_column(column, justify="right" if numbers and not words else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column], column) for column in columns))
    console().print(table)


def _cell(value: Any, column: str) -> Text:
    from rich.text import Text

    if isinstance(value, bool):
        return Text("yes", style="green") if value else Text("no", style="dim")
    if isinstance(value, float):
        return Text(f"{value:.1%}" if column == "share" else f"{value:.2f}")
    if isinstance(value, int):
        return Text(f"{value:,}")
    text = "" if value is None else readable(value)
    return Text(text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 3] + "...")


def _fix_of(error: OSError) -> str:
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "choose a place where you may write, or change its permissions"
    if isinstance(error, FileNotFoundError):
        return "check the path"
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return "a file and a folder have the same name there; choose another"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some space, or write elsewhere (nothing half-written was left)"
    return "choose another place"
