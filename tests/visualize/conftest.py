"""Objects on grey images, and what a picture's strip says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from remotesam.results import Instance, OrientedBox
from remotesam.visualize import classification, instances, masks, semantic
from remotesam.visualize.legend import Entry, legend_strip

MakeInstance = Callable[..., Instance]
GREY = 90


def grey(height: int, width: int) -> np.ndarray:
    """(height, width, 3) uint8 of one grey that is no colour of any category."""
    return np.full((height, width, 3), GREY, dtype=np.uint8)


def rectangle(
    category: str, left: int, top: int, width: int, height: int, *, size: tuple[int, int], turned: float | None = None
) -> Instance:
    """A solid rectangle; with an angle in degrees also an oriented box around its centre."""
    oriented = None
    if turned is not None:
        oriented = OrientedBox(left + width / 2, top + height / 2, 1.5 * width, 1.5 * height, turned)
    return Instance(category, 0.9, np.ones((height, width), dtype=bool), left, top, size, oriented)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What legends of pictures drawn in the test say, line by line; "(pale)" behind what is not there."""
    lines: list[str] = []

    def listen(entries: list[Entry], **options: int) -> np.ndarray:
        lines.extend(entry.text if entry.bright else f"{entry.text} (pale)" for entry in entries)
        return legend_strip(entries, **options)

    for module in (instances, masks, semantic):
        monkeypatch.setattr(module, "legend_strip", listen)
    assert not hasattr(classification, "legend_strip")
    return lines
