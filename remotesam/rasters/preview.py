"""A page to look at the answer over the image: one file, no connection needed."""

from __future__ import annotations

from pathlib import Path

from remotesam.rasters.source import Source
from remotesam.rasters.vectors import Layer


def write_preview(path: Path, source: Source, layer: Layer) -> None:
    """Writes the page."""
    raise NotImplementedError
