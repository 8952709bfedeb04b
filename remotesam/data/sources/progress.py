"""A bar on long work, shown on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def told(items: Sequence[Item], what: str) -> Iterable[Item]:
    """Yields the items and shows how far it is, on standard error and only if that is a terminal."""
    return track(items, what, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
