"""RRSIS-D: 17,402 images of DIOR, one expression and one mask each.

Layout and fields as RSRefSeg reads and prints them (github.com/KyanChen/RSRefSeg,
``tools_RSRefSeg/convert_data_to_jsonl.py``): ``rrsisd/refs(unc).p``, ``rrsisd/instances.json`` and
``images/rrsisd/JPEGImages`` in the REFER layout, but with ``categories_id`` in place of ``category_id``, a list with
one mask in run lengths, and boxes as corners. Some masks are known to be empty; they are faults.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import checked_root, first_existing
from remotesam.data.sources.problems import OnError
from remotesam.data.sources.records import RecordSet
from remotesam.data.sources.refer import read_refer

LICENCE = "not stated by its publisher; images of DIOR, research use"


def read_rrsisd(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads RRSIS-D.

    Args:
        root: Folder with ``rrsisd`` and ``images``.
        split: "train", "val" or "test".
        on_error: What to do with faulty items.

    Returns:
        A record an image, with its object and its expression; the masks were made by SAM from the boxes.

    Raises:
        SourceError: The folder, a file or the split is not there, a file cannot be read; with ``on_error="raise"``,
            anything that is wrong in them.
    """
    root = checked_root(root, "RRSIS-D")
    return read_refer(
        first_existing(root, ("rrsisd",), what="annotations of RRSIS-D"),
        split=split,
        on_error=on_error,
        refs="refs(unc).p",
        images=Path("..") / "images" / "rrsisd" / "JPEGImages",
        boxes="xyxy",
        name="RRSIS-D",
        licence=LICENCE,
        maker="SAM, checked by annotators",
    )
