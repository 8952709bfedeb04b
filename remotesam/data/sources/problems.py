"""Collects what is wrong in the files of a data set, or stops at the first of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

from remotesam.data.sources.records import Problem

OnError = Literal["skip", "raise"]


class SourceError(ValueError):
    """The files of a data set cannot be read, or hold something wrong and the reader was told to stop there."""


class Problems(list[Problem]):
    """What was found wrong so far.

    Args:
        on_error: "skip" keeps a note and lets the reader go on without the item; "raise" stops.

    Raises:
        ValueError: ``on_error`` is neither.
    """

    def __init__(self, on_error: OnError) -> None:
        super().__init__()
        if on_error not in ("skip", "raise"):
            raise ValueError(f"on_error is {on_error!r}; use 'skip' or 'raise'")
        self.on_error = on_error

    def add(self, file: Path | str, item: str, message: str, kind: str) -> None:
        """Notes a problem.

        Raises:
            SourceError: With ``on_error="raise"``.
        """
        problem = Problem(str(file), item, message, kind)
        if self.on_error == "raise":
            raise SourceError(f"{problem}; repair it, or leave such items out with on_error='skip'")
        self.append(problem)

    def note(self, file: Path | str, item: str, message: str, kind: str) -> None:
        """Lists something doubtful that is used all the same: it never stops the reader."""
        self.append(Problem(str(file), item, message, kind))

    def summary(self) -> str:
        """How many of each kind, such as "3 missing, 1 outside"."""
        return ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(p.kind for p in self).items()))
