"""RISBench: 52,472 images of VRSBench with an expression and a mask each.

The publisher's page (github.com/HIT-SIRS/CroBIM) gives no layout. It is as code that reads the download has it, and as
AeroReformer2 documents it (github.com/lironui/AeroReformer2): ``img_rgb/train_0_0.png`` (or ``rgb``), ``mask`` with the
same names, and ``output_phrase_<split>.txt`` with ``<file> <expression>`` a line. What is not black is the target; a
few masks of the training split are known to be empty.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import checked_root, first_existing
from remotesam.data.sources.phrase_files import read_phrases
from remotesam.data.sources.problems import OnError, Problems
from remotesam.data.sources.records import RecordSet

LICENCE = "CC BY 4.0; images of DOTA and DIOR, research use"


def read_risbench(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_masks: bool = False
) -> RecordSet:
    """Reads RISBench.

    Args:
        root: Folder with ``img_rgb``, ``mask`` and the text files, or with ``RISBench_dataset``.
        split: "train", "val" or "test".
        on_error: What to do with faulty items.
        check_masks: Decode every mask now, and leave out damaged and empty ones.

    Returns:
        A record an image. The data set names no categories: that of the target is "".

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "RISBench")
    if (root / "RISBench_dataset").is_dir():
        root = root / "RISBench_dataset"
    return read_phrases(
        root,
        split=split,
        images=first_existing(root, ("img_rgb", "rgb"), what="images of RISBench"),
        masks=first_existing(root, ("mask", "masks"), what="masks of RISBench"),
        file_name=lambda name: name,
        name="RISBench",
        licence=LICENCE,
        problems=Problems(on_error),
        check_masks=check_masks,
    )
