"""DeepGlobe land cover: 2448-pixel satellite images with seven colours.

File names, colours and the threshold of 128 as the challenge documents them (codalab.org competition 18468, kept with
the copy at kaggle.com/datasets/balraj98/deepglobe-land-cover-classification-dataset): ``<split>/<id>_sat.jpg`` and
``<id>_mask.png``, of which only ``train`` has masks. The division of torchgeo (``DeepGlobeLandCover``:
``data/training_data/images`` and ``masks``, ``data/test_data``) is read too.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import RecordSet
from remotesam.data.sources.semantic import Legend, same_names, semantic_set

_COLOURS = {
    "urban land": (0, 255, 255),
    "agriculture land": (255, 255, 0),
    "rangeland": (255, 0, 255),
    "forest land": (0, 255, 0),
    "water": (0, 0, 255),
    "barren land": (255, 255, 255),
}
LEGEND = Legend(
    values={colour: name for name, colour in _COLOURS.items()},
    categories=tuple(_COLOURS),
    unlabelled=((0, 0, 0),),  # "unknown": clouds and others
    threshold=128,
)
LICENCE = "terms of the DeepGlobe challenge 2018: research use; images of DigitalGlobe"


def read_deepglobe(
    root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False
) -> RecordSet:
    """Reads DeepGlobe land cover.

    Args:
        root: Folder with ``train``, or with torchgeo's ``data``.
        split: "train"; "test" too where the division is torchgeo's.
        on_error: What to do with faulty items.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "DeepGlobe land cover")
    problems = Problems(on_error)
    divided = {"train": root / "data" / "training_data", "test": root / "data" / "test_data"}
    splits = {name: (folder / "images", folder / "masks") for name, folder in divided.items() if folder.is_dir()}
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if next(folder.glob("*_mask.png"), None) is not None:
            splits[folder.name] = (folder, folder)
    if not splits:
        raise SourceError(f"{root}: no folder with *_sat.jpg and *_mask.png; there {contents(root)}")
    check_split(split, sorted(splits), root)
    return semantic_set(
        same_names(*splits[split], problems, image_end="_sat", map_end="_mask"),
        LEGEND,
        name="DeepGlobe land cover",
        split=split,
        licence=LICENCE,
        problems=problems,
        check_maps=check_maps,
    )
