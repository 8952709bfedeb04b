"""ISPRS Potsdam and Vaihingen: urban aerial images with six colours of land cover.

Layouts as torchgeo (``Potsdam2D``, ``Vaihingen2D``) and mmsegmentation (``tools/dataset_converters/potsdam.py`` and
``vaihingen.py``, ``docs`` on data set preparation) read them; the colours are those of the benchmark's page at
isprs.org (2D semantic labelling). The splits are the benchmark's: the scenes whose labels were given to participants,
and the others.

- Potsdam: ``2_Ortho_RGB/top_potsdam_2_10_RGB.tif`` (or ``4_Ortho_RGBIR``, ``3_Ortho_IRRG``) and
  ``5_Labels_all/top_potsdam_2_10_label.tif``.
- Vaihingen: ``top/top_mosaic_09cm_area1.tif`` (infrared, red, green) and labels of the same name in another folder.
- Labels without boundaries (``*_noBoundary.tif``) are black, that is unlabelled, along the edges of objects.
- Converted by mmsegmentation: ``img_dir/<split>`` and ``ann_dir/<split>``, 0 boundary, 1 to 6 the colours in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from remotesam.data.sources.layout import check_split, checked_root, first_existing
from remotesam.data.sources.problems import OnError, Problems
from remotesam.data.sources.records import PixelValue, RecordSet
from remotesam.data.sources.semantic import Legend, mmseg_folders, same_names, semantic_set

_COLOURS = {
    "impervious surfaces": (255, 255, 255),
    "building": (0, 0, 255),
    "low vegetation": (0, 255, 255),
    "tree": (0, 255, 0),
    "car": (255, 255, 0),
    "clutter": (255, 0, 0),
}
_VALUES: dict[PixelValue, str] = {
    **{colour: name for name, colour in _COLOURS.items()},
    **{number: name for number, name in enumerate(_COLOURS, 1)},
}
LEGEND = Legend(values=_VALUES, categories=tuple(_COLOURS), rest=("clutter",), unlabelled=(0, (0, 0, 0)))
LICENCE = "ISPRS benchmark on urban object detection: research use; images of BSF Swissphoto and DGPF"

_POTSDAM = {
    "train": "2_10 2_11 2_12 3_10 3_11 3_12 4_10 4_11 4_12 5_10 5_11 5_12 "
    "6_7 6_8 6_9 6_10 6_11 6_12 7_7 7_8 7_9 7_10 7_11 7_12",
    "test": "2_13 2_14 3_13 3_14 4_13 4_14 4_15 5_13 5_14 5_15 6_13 6_14 6_15 7_13",
}
_VAIHINGEN = {
    "train": "1 3 5 7 11 13 15 17 21 23 26 28 30 32 34 37",
    "test": "2 4 6 8 10 12 14 16 20 22 24 27 29 31 33 35 38",
}


def read_potsdam(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False
) -> RecordSet:
    """Reads ISPRS Potsdam.

    Args:
        root: Folder with the benchmark's folders, or with ``img_dir`` and ``ann_dir``.
        split: "train" (24 scenes) or "test" (14); converted folders as they are named, "all" where they have no splits.
        on_error: What to do with faulty items. Scenes of the split that are not there count as such.
        check_maps: Decode every label map now. Some published maps have a few pixels of other colours.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "ISPRS Potsdam")
    problems = Problems(on_error)
    if (folders := mmseg_folders(root, split)) is not None:
        pairs = same_names(*folders, problems)
    else:
        check_split(split, tuple(_POTSDAM), root)
        images = first_existing(root, ("2_Ortho_RGB", "4_Ortho_RGBIR", "3_Ortho_IRRG"), what="images of Potsdam")
        kinds = ("5_Labels_all", "5_Labels_all_noBoundary", "5_Labels_for_participants")
        labels = first_existing(root, kinds, what="labels of Potsdam")
        names = [f"top_potsdam_{scene}" for scene in _POTSDAM[split].split()]
        bands = images.name.rsplit("_", 1)[1]
        pairs = _scenes(names, images, (f"_{bands}",), labels, ("_label", "_label_noBoundary"))
    return semantic_set(
        pairs, LEGEND, name="ISPRS Potsdam", split=split, licence=LICENCE, problems=problems, check_maps=check_maps
    )


def read_vaihingen(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False
) -> RecordSet:
    """Reads ISPRS Vaihingen.

    Args:
        root: Folder with ``top`` and the folder of labels, or with ``img_dir`` and ``ann_dir``.
        split: "train" (16 scenes) or "test" (17); converted folders as they are named, "all" where they have no splits.
        on_error: What to do with faulty items. Scenes of the split that are not there count as such.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "ISPRS Vaihingen")
    problems = Problems(on_error)
    if (folders := mmseg_folders(root, split)) is not None:
        pairs = same_names(*folders, problems)
    else:
        check_split(split, tuple(_VAIHINGEN), root)
        images = first_existing(root, ("top",), what="images of Vaihingen")
        complete = "ISPRS_semantic_labeling_Vaihingen_ground_truth_COMPLETE"
        eroded = "ISPRS_semantic_labeling_Vaihingen_ground_truth_eroded_COMPLETE"
        # torchgeo unpacks the complete labels beside the images' folder.
        labels = next(
            (root / name for name in (complete, "gts_for_participants", eroded) if (root / name).is_dir()), root
        )
        names = [f"top_mosaic_09cm_area{scene}" for scene in _VAIHINGEN[split].split()]
        pairs = _scenes(names, images, ("",), labels, ("", "_noBoundary"))
    return semantic_set(
        pairs, LEGEND, name="ISPRS Vaihingen", split=split, licence=LICENCE, problems=problems, check_maps=check_maps
    )


def _scenes(
    names: Sequence[str], images: Path, image_ends: Sequence[str], maps: Path, map_ends: Sequence[str]
) -> list[tuple[str, Path, Path]]:
    """The files of named scenes; those that are not there keep their first name, to be reported."""

    def find(folder: Path, name: str, ends: Sequence[str]) -> Path:
        paths = [folder / f"{name}{end}.tif" for end in ends]
        return next((path for path in paths if path.is_file()), paths[0])

    return [(name, find(images, name, image_ends), find(maps, name, map_ends)) for name in names]
