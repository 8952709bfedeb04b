"""iSAID semantic: full DOTA images with the colours of fifteen categories.

Layout, colours and names as mmsegmentation reads them (``tools/dataset_converters/isaid.py``,
``mmseg/datasets/isaid.py``) and as the publisher's development kit lays them out
(github.com/CAPTAIN-WHU/iSAID_Devkit): ``<split>/images/P0003.png`` and ``<split>/Semantic_masks/images/
P0003_instance_color_RGB.png``, or both in one folder. mmsegmentation's conversion (numbers 0 to 15) is read too. The
instances are in another reader.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import ALL, check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import PixelValue, RecordSet
from remotesam.data.sources.semantic import Legend, mmseg_folders, same_names, semantic_set

_COLOURS = {
    "background": (0, 0, 0),
    "ship": (0, 0, 63),
    "storage_tank": (0, 63, 63),
    "baseball_diamond": (0, 63, 0),
    "tennis_court": (0, 63, 127),
    "basketball_court": (0, 63, 191),
    "Ground_Track_Field": (0, 63, 255),
    "Bridge": (0, 127, 63),
    "Large_Vehicle": (0, 127, 127),
    "Small_Vehicle": (0, 0, 127),
    "Helicopter": (0, 0, 191),
    "Swimming_pool": (0, 0, 255),
    "Roundabout": (0, 191, 127),
    "Soccer_ball_field": (0, 127, 191),
    "plane": (0, 127, 255),
    "Harbor": (0, 100, 155),
}
_VALUES: dict[PixelValue, str] = {
    **{colour: name for name, colour in _COLOURS.items()},
    **{number: name for number, name in enumerate(_COLOURS)},
}
LEGEND = Legend(values=_VALUES, categories=tuple(_COLOURS), rest=("background",), unlabelled=(255,))
LICENCE = "academic use only; images of Google Earth, GF-2 and JL-1"
_END = "_instance_color_RGB"


def read_isaid_semantic(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False
) -> RecordSet:
    """Reads the label maps of iSAID.

    Args:
        root: Folder with ``train`` and ``val``, with ``images`` alone, or with ``img_dir`` and ``ann_dir``.
        split: "train" or "val"; "all" for a folder without splits.
        on_error: What to do with faulty items.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "iSAID")
    problems = Problems(on_error)
    folders = mmseg_folders(root, split)
    if folders is None:
        splits = sorted(folder.parent.name for folder in root.glob("*/images"))
        if not splits and not (root / "images").is_dir():
            raise SourceError(f"{root}: no <split>/images and no images; there {contents(root)}")
        check_split(split, splits or [ALL], root)
        base = root / split if splits else root
        images = base / "images"
        maps = base / "Semantic_masks" / "images"
        folders = (images, maps if maps.is_dir() else images)
    # The development kit keeps the maps of instances in the same folder.
    pairs = same_names(*folders, problems, map_end=_END, leave_out="_instance_id_RGB")
    return semantic_set(
        pairs, LEGEND, name="iSAID semantic", split=split, licence=LICENCE, problems=problems, check_maps=check_maps
    )
