"""Loads pickles of plain data, and nothing else.

A pickle is a program: loading one may run any code. The expressions of the REFER data sets come as pickles all the
same, so this loader builds lists, tuples, dictionaries, sets, strings, bytes, numbers, booleans and None, and refuses
each name that a pickle asks to import: without one there is nothing in it that could be called.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

from remotesam.data.sources.problems import SourceError


class UnsafePickleError(SourceError):
    """A pickle asks for more than plain data."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnsafePickleError(f"asks to import {module}.{name}")

    def persistent_load(self, identifier: Any) -> NoReturn:
        raise UnsafePickleError(f"asks for the outside object {identifier!r:.60}")


def load_plain_pickle(path: Path) -> Any:
    """Loads a pickle of plain data.

    Args:
        path: The file, of any protocol; strings of Python 2 are read as UTF-8 or else as Latin-1.

    Returns:
        What it holds.

    Raises:
        UnsafePickleError: It asks to import something. Nothing of it was run.
        SourceError: It is missing, truncated or no pickle.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: the pickle cannot be read ({error.strerror})") from error
    try:
        try:
            return _PlainUnpickler(io.BytesIO(data), encoding="utf-8").load()
        except UnicodeDecodeError:
            return _PlainUnpickler(io.BytesIO(data), encoding="latin1").load()
    except UnsafePickleError as error:
        raise UnsafePickleError(
            f"{path}: refused, it {error}; nothing was run. Data sets hold plain data: get the file from its publisher"
        ) from None
    except Exception as error:  # damaged pickles raise anything: EOFError, IndexError, AttributeError, MemoryError ...
        raise SourceError(
            f"{path}: is no pickle of plain data, or truncated ({type(error).__name__}: {error})"
        ) from error
