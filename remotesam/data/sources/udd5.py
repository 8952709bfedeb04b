"""UDD5: drone images of four Chinese cities with five categories.

Layout and values as its publisher documents them (github.com/MarcWong/UDD): ``src/*.JPG`` and ``gt/*.png`` below
``train`` and ``val``; the maps are numbers 0 to 4 or the colours of its table. UDD6 has other numbers and is not read.
"""

from __future__ import annotations

from pathlib import Path

from remotesam.data.sources.layout import check_split, checked_root, contents
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import PixelValue, RecordSet
from remotesam.data.sources.semantic import Legend, same_names, semantic_set

_COLOURS = {
    "vegetation": (107, 142, 35),
    "building": (102, 102, 156),
    "road": (128, 64, 128),
    "vehicle": (0, 0, 142),
    "other": (0, 0, 0),
}
_VALUES: dict[PixelValue, str] = {
    **{colour: name for name, colour in _COLOURS.items()},
    **{number: name for number, name in enumerate(_COLOURS)},
}
LEGEND = Legend(values=_VALUES, categories=tuple(_COLOURS), rest=("other",))
LICENCE = "non-commercial use only"


def read_udd5(root: Path, *, split: str = "train", on_error: OnError = "skip", check_maps: bool = False) -> RecordSet:
    """Reads UDD5.

    Args:
        root: Folder with ``train`` and ``val``.
        split: "train" or "val".
        on_error: What to do with faulty items.
        check_maps: Decode every label map now.

    Returns:
        A record an image, with its label map.

    Raises:
        SourceError: The folder or split is not there, or an item is faulty and ``on_error`` is "raise".
    """
    root = checked_root(root, "UDD5")
    splits = sorted(folder.parent.name for folder in root.glob("*/gt") if (folder.parent / "src").is_dir())
    if not splits:
        raise SourceError(f"{root}: no <split>/src and <split>/gt; there {contents(root)}")
    check_split(split, splits, root)
    problems = Problems(on_error)
    return semantic_set(
        same_names(root / split / "src", root / split / "gt", problems),
        LEGEND,
        name="UDD5",
        split=split,
        licence=LICENCE,
        problems=problems,
        check_maps=check_maps,
    )
