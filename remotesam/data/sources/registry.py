"""Data sets by name."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import RecordSet

SOURCES: dict[str, str] = {
    "coco": "coco:read_coco",
    "dior": "dior:read_dior",
    "dior-r": "dior:read_dior_r",
    "dota": "dota:read_dota",
    "hrplanes": "yolo:read_hrplanes",
    "hrrsd": "voc:read_hrrsd",
    "isaid": "isaid:read_isaid",
    "nwpu-vhr-10": "nwpu:read_nwpu",
    "voc": "voc:read_voc",
    "yolo": "yolo:read_yolo",
}
"""Name -> module in this package and the function in it that reads ``(root, *, split, on_error, ...)``."""


def open_source(name: str, root: Path | str, **options: Any) -> RecordSet:
    """Reads a data set by its name.

    Args:
        name: One of ``SOURCES``, in any case, with "-", "_" or " " between words.
        root: Its folder, laid out as its publisher does.
        **options: Those of the reader: ``split``, ``on_error`` and what it has beside.

    Returns:
        Its records.

    Raises:
        SourceError: The name is unknown, or the files cannot be read.
    """
    key = name.strip().lower().replace("_", "-").replace(" ", "-")
    if key not in SOURCES:
        raise SourceError(f"unknown data set {name!r}; there are {', '.join(sorted(SOURCES))}")
    module, function = SOURCES[key].split(":")
    reader = getattr(importlib.import_module(f"remotesam.data.sources.{module}"), function)
    records = reader(Path(root), **options)
    assert isinstance(records, RecordSet)
    return records
