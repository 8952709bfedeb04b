"""RemoteSAM-270K: expressions with one target, several or none, of a dozen data sets.

Its folder is documented as ``JPEGImages``, ``Annotations``, ``refs(unc).p`` and ``instances.json`` by guides that
describe the download (huggingface.co/datasets/1e12Leon/RemoteSAM270k); some name the references
``refs(unc)_RemoteSAM.p``. That it is the REFER layout, and that masks without a pixel mean "no target", is what section
3.1 of the paper (arXiv 2505.18022) says of the data; no other library reads it.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import checked_root, first_existing
from remotesam.data.sources.problems import OnError
from remotesam.data.sources.records import RecordSet
from remotesam.data.sources.refer import read_refer

LICENCE = "CC BY-NC 4.0; images of its sources under their own terms"


def read_remotesam270k(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads RemoteSAM-270K.

    Args:
        root: Folder with ``JPEGImages``.
        split: As the references name it.
        on_error: What to do with faulty items.

    Returns:
        A record an image, with its objects and expressions; boxes are those around the masks.

    Raises:
        SourceError: The folder, a file or the split is not there, a file cannot be read; with ``on_error="raise"``,
            anything that is wrong in them.
    """
    root = checked_root(root, "RemoteSAM-270K")
    refs = first_existing(root, ("refs(unc).p", "refs(unc)_RemoteSAM.p"), what="references of RemoteSAM-270K")
    return read_refer(
        root,
        split=split,
        on_error=on_error,
        refs=refs.name,
        images="JPEGImages",
        boxes="masks",
        empty_masks="no target",
        name="RemoteSAM-270K",
        licence=LICENCE,
        maker="its sources and models",
    )
