"""DIOR and DIOR-R: 20 categories with upright boxes, and with oriented ones.

The folders are as mmrotate documents them for the archives of the publisher (tools/data/dior/README.md in
https://github.com/open-mmlab/mmrotate): ``JPEGImages-trainval``, ``JPEGImages-test``, ``Annotations/Horizontal Bounding
Boxes``, ``Annotations/Oriented Bounding Boxes`` and ``ImageSets/Main/<split>.txt``. Boxes are read as mmrotate's
DIORDataset and torchgeo's DIOR (https://github.com/microsoft/torchgeo) read them: <bndbox> and the eight numbers of
<robndbox> are edges and corners in pixels as they stand.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from remotesam.data.sources.drafts import Size, checked_box, checked_corners, numbers
from remotesam.data.sources.layout import checked_root, contents, first_existing
from remotesam.data.sources.problems import OnError, Problems, SourceError
from remotesam.data.sources.records import Annotation, RecordSet
from remotesam.data.sources.text_files import read_split
from remotesam.data.sources.voc import image_of, is_difficult, read_pairs, text_of

CATEGORIES = (
    "airplane",
    "airport",
    "baseballfield",
    "basketballcourt",
    "bridge",
    "chimney",
    "Expressway-Service-area",
    "Expressway-toll-station",
    "dam",
    "golffield",
    "groundtrackfield",
    "harbor",
    "overpass",
    "ship",
    "stadium",
    "storagetank",
    "tenniscourt",
    "trainstation",
    "vehicle",
    "windmill",
)
LICENCE = "research use only (DIOR, Li et al. 2020); images of Google Earth under its terms"

_CORNERS = ("left_top", "right_top", "right_bottom", "left_bottom")


def read_dior(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads DIOR with upright boxes.

    Args:
        root: Its folder; images may also lie in ``JPEGImages`` and XML files in ``Annotations`` itself.
        split: "train", "val", "trainval" or "test".
        on_error: "skip" lists what is wrong and goes on without it; "raise" stops there.

    Returns:
        A record for each image of the split, with boxes and no masks; all categories are exhaustive.

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    return _read(root, split, on_error, oriented=False)


def read_dior_r(root: Path, *, split: str = "train", on_error: OnError = "skip") -> RecordSet:
    """Reads DIOR-R, the same images with oriented boxes; see :func:`read_dior`.

    Raises:
        SourceError: There is no such folder or split; with ``on_error="raise"``, anything that is wrong in it.
    """
    return _read(root, split, on_error, oriented=True)


def _read(root: Path, split: str, on_error: OnError, *, oriented: bool) -> RecordSet:
    name = "dior-r" if oriented else "dior"
    root = checked_root(root, name)
    kind = "Oriented" if oriented else "Horizontal"
    places = [f"Annotations/{kind} Bounding Boxes", f"Annotations/{kind}_Bounding_Boxes", "Annotations"]
    annotations = first_existing(root, places, what=f"folder of the XML files of {name}")
    images = [root / part for part in ("JPEGImages", "JPEGImages-trainval", "JPEGImages-test", "images")]
    images = [folder for folder in images if folder.is_dir()]
    if not images:
        raise SourceError(
            f"{root}: no folder JPEGImages-trainval, JPEGImages-test or JPEGImages; there {contents(root)}"
        )
    stems = read_split(first_existing(root, ["ImageSets/Main", "Main", "ImageSets"], what="folder of splits"), split)
    return read_pairs(
        [(stem, image_of(images, stem), annotations / f"{stem}.xml") for stem in stems],
        _oriented if oriented else _upright,
        categories=CATEGORIES,
        name=name,
        split=split,
        licence=LICENCE,
        problems=Problems(on_error),
    )


def _upright(element: ElementTree.Element, identifier: str, category: str, size: Size) -> Annotation:
    edges = numbers(text_of(element, f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax"))
    return Annotation(identifier, category, box=checked_box(edges, size), difficult=is_difficult(element))


def _oriented(element: ElementTree.Element, identifier: str, category: str, size: Size) -> Annotation:
    names = [f"robndbox/{axis}_{corner}" for corner in _CORNERS for axis in "xy"]
    corners, box = checked_corners(numbers(text_of(element, name) for name in names), size)
    return Annotation(identifier, category, box=box, corners=corners, difficult=is_difficult(element))
