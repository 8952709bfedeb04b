"""LoveDA: land cover of 1024-pixel images of Nanjing, Changzhou and Wuhan.

Layout and values as its publisher (github.com/Junjue-Wang/LoveDA) and torchgeo (``torchgeo.datasets.LoveDA``) document
them: ``<Split>/<Urban|Rural>/images_png`` and ``masks_png``, one-band PNGs with 1 background to 7 agriculture, 0 for no
data. The labels of Test are not published. mmsegmentation's conversion (``img_dir``, ``ann_dir``) is read too.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import RecordSet
from remotesam.data.sources.semantic import Legend, mmseg_folders, same_names, semantic_set

_CATEGORIES = ("background", "building", "road", "water", "barren", "forest", "agriculture")
LEGEND = Legend(
    values={number: name for number, name in enumerate(_CATEGORIES, 1)},
    categories=_CATEGORIES,
    rest=("background",),
    unlabelled=(0,),
)
LICENCE = "CC BY-NC-SA 4.0, academic use only; Google Earth terms of use"


def read_loveda(root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False) -> RecordSet:
    """Reads LoveDA.

    Args:
        root: Folder with ``Train`` and ``Val``, or with ``img_dir`` and ``ann_dir``.
        split: "train" or "val"; "all" for a converted folder without splits.
        on_error: What to do with faulty items.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "LoveDA")
    problems = Problems(on_error)
    pairs = []
    if (folders := mmseg_folders(root, split)) is not None:
        pairs = same_names(*folders, problems)
    else:
        labelled = {f.parents[1].name.lower(): f.parents[1] for f in sorted(root.glob("*/*/masks_png"))}
        if not labelled:
            raise SourceError(f"{root}: no <Split>/<Urban|Rural>/masks_png and no img_dir; there {contents(root)}")
        check_split(split, sorted(labelled), root)
        for scene in sorted(folder.parent for folder in labelled[split].glob("*/masks_png")):
            found = same_names(scene / "images_png", scene / "masks_png", problems)
            pairs += [(f"{scene.name}/{stem}", image, path) for stem, image, path in found]
    return semantic_set(
        pairs, LEGEND, name="LoveDA", split=split, licence=LICENCE, problems=problems, check_maps=check_maps
    )
