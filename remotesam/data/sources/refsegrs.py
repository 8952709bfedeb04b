"""RefSegRS: 4,420 images of SkyScapes with an expression and a mask each.

The publisher keeps it at huggingface.co/datasets/JessicaYuan/RefSegRS (github.com/zhu-xlab/rrsis); the layout is as
SegEarth-R1 documents it (github.com/earth-insights/SegEarth-R1, ``docs/Preparation.md``): ``images/<id>.tif``,
``masks/<id>.tif`` and ``output_phrase_<split>.txt`` with ``<id> <expression>`` a line. What is not black is the target.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import checked_root, first_existing
from remotesam.data.sources.phrase_files import read_phrases
from remotesam.data.sources.problems import OnError, Problems
from remotesam.data.sources.records import RecordSet

LICENCE = "CC BY 4.0"


def read_refsegrs(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_masks: bool = False
) -> RecordSet:
    """Reads RefSegRS.

    Args:
        root: Folder with ``images``, ``masks`` and the text files.
        split: "train", "val" or "test".
        on_error: What to do with faulty items.
        check_masks: Decode every mask now, and leave out damaged and empty ones.

    Returns:
        A record an image. The data set names no categories: that of the target is "".

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "RefSegRS")
    return read_phrases(
        root,
        split=split,
        images=first_existing(root, ("images",), what="images of RefSegRS"),
        masks=first_existing(root, ("masks",), what="masks of RefSegRS"),
        file_name=lambda stem: f"{stem}.tif",
        name="RefSegRS",
        licence=LICENCE,
        problems=Problems(on_error),
        check_masks=check_masks,
    )
