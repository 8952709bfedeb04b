"""Data sets by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from remotesam.data.sources.fifths import EveryFifth, take_fifths
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import RecordSet

SOURCES: dict[str, str] = {
    "aid": "folders:read_aid",
    "aid-multilabel": "label_tables:read_aid_multilabel",
    "captions": "karpathy:read_captions",
    "coco": "coco:read_coco",
    "deepglobe": "deepglobe:read_deepglobe",
    "dior": "dior:read_dior",
    "dior-r": "dior:read_dior_r",
    "dior-rsvg": "rsvg:read_dior_rsvg",
    "dota": "dota:read_dota",
    "folders": "folders:read_folders",
    "hrplanes": "yolo:read_hrplanes",
    "hrrsd": "voc:read_hrrsd",
    "isaid": "isaid:read_isaid",
    "isaid-semantic": "isaid_semantic:read_isaid_semantic",
    "loveda": "loveda:read_loveda",
    "mlrsnet": "label_tables:read_mlrsnet",
    "nwpu-vhr-10": "nwpu:read_nwpu",
    "own-vectors": "own_vectors:read_own_vectors",
    "palette": "palette:read_palette",
    "potsdam": "potsdam_vaihingen:read_potsdam",
    "refer": "refer:read_refer",
    "refsegrs": "refsegrs:read_refsegrs",
    "remotesam-270k": "remotesam270k:read_remotesam270k",
    "risbench": "risbench:read_risbench",
    "rrsis-d": "rrsisd:read_rrsisd",
    "rsicd": "karpathy:read_rsicd",
    "rsvg": "rsvg:read_rsvg",
    "sydney-captions": "karpathy:read_sydney_captions",
    "ucm-captions": "karpathy:read_ucm_captions",
    "ucm-multilabel": "label_tables:read_ucm_multilabel",
    "ucmerced": "folders:read_ucmerced",
    "udd5": "udd5:read_udd5",
    "vaihingen": "potsdam_vaihingen:read_vaihingen",
    "voc": "voc:read_voc",
    "yolo": "yolo:read_yolo",
}
"""Name -> module in this package and the function in it that reads ``(root, *, split, on_error, ...)``."""


def open_source(name: str, root: Path | str, /, *, every_fifth: EveryFifth | None = None, **options: Any) -> RecordSet:
    """Reads a data set by its name.

    Args:
        name: One of ``SOURCES``, in any case, with "-", "_" or " " between words.
        root: Its folder, laid out as its publisher does.
        every_fifth: For sets without a validation split: "only" takes every fifth image of the split, "leave out" the
            others; None takes all. See :mod:`remotesam.data.sources.fifths`.
        **options: Those of the reader: ``split``, ``on_error`` and what it has beside.

    Returns:
        Its records.

    Raises:
        SourceError: The name is unknown, the files cannot be read, or nothing is left.
    """
    records = find_reader(name)(Path(root), **options)
    assert isinstance(records, RecordSet)
    return records if every_fifth is None else take_fifths(records, every_fifth)


def find_reader(name: str) -> Callable[..., RecordSet]:
    """The function that reads a data set, by the data set's name as in :func:`open_source`.

    Raises:
        SourceError: The name is unknown.
    """
    key = name.strip().lower().replace("_", "-").replace(" ", "-")
    if key not in SOURCES:
        raise SourceError(f"unknown data set {name!r}; there are {', '.join(sorted(SOURCES))}")
    module, function = SOURCES[key].split(":")
    reader: Callable[..., RecordSet] = getattr(importlib.import_module(f"remotesam.data.sources.{module}"), function)
    return reader
