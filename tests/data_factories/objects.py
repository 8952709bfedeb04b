"""Look-alikes of data sets with objects: the same drawn pictures written in the layout of each of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

HEIGHT, WIDTH = 80, 120


@dataclass(frozen=True)
class Drawn:
    """One object of a picture.

    Attributes:
        category: Its name.
        corners: (4, 2) x, y in pixels, clockwise.
        difficult: Whether it is hard to see.
    """

    category: str
    corners: np.ndarray
    difficult: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The upright box around it."""
        (x1, y1), (x2, y2) = self.corners.min(0), self.corners.max(0)
        return float(x1), float(y1), float(x2), float(y2)

    @property
    def mask(self) -> np.ndarray:
        """Its pixels, as pycocotools fills them."""
        runs = coco_mask.frPyObjects([self.corners.astype(float).ravel().tolist()], HEIGHT, WIDTH)
        return coco_mask.decode(coco_mask.merge(runs)).astype(bool)


def upright(category: str, x1: int, y1: int, x2: int, y2: int, *, difficult: bool = False) -> Drawn:
    """An upright object."""
    return Drawn(category, np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32), difficult)


def oriented(category: str, points: Sequence[tuple[int, int]], *, difficult: bool = False) -> Drawn:
    """An object with four corners."""
    return Drawn(category, np.array(points, np.float32), difficult)


PICTURES: dict[str, list[Drawn]] = {
    "0001": [
        oriented("ship", [(20, 10), (50, 22), (46, 32), (16, 20)]),
        upright("harbor", 70, 5, 110, 60),
        upright("ship", 4, 40, 30, 52, difficult=True),
    ],
    "0002": [oriented("airplane", [(60, 20), (90, 40), (60, 60), (30, 40)])],
    "0003": [],
}
"""Pictures by name. The names of the categories are those of every data set here."""


def draw(path: Path, size: tuple[int, int] = (HEIGHT, WIDTH), seed: int = 0) -> None:
    """Writes an image of noise of (height, width) pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)


def coco_document(pictures: dict[str, list[Drawn]], form: str = "polygons", suffix: str = ".png") -> dict[str, Any]:
    """A COCO file; ``form`` is "polygons", "counts", "compressed" or "boxes"."""
    names = sorted({drawn.category for objects in pictures.values() for drawn in objects})
    images, annotations = [], []
    for number, (stem, objects) in enumerate(pictures.items()):
        images.append({"id": number, "file_name": f"{stem}{suffix}", "height": HEIGHT, "width": WIDTH})
        for drawn in objects:
            x1, y1, x2, y2 = drawn.box
            entry: dict[str, Any] = {
                "id": len(annotations) + 1,
                "image_id": number,
                "category_id": names.index(drawn.category) + 1,
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "iscrowd": 0,
            }
            if form != "boxes":
                entry["segmentation"] = _segmentation(drawn, form)
            annotations.append(entry)
    categories = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _segmentation(drawn: Drawn, form: str) -> Any:
    if form == "polygons":
        return [drawn.corners.ravel().tolist()]
    if form == "compressed":
        runs = coco_mask.encode(np.asfortranarray(drawn.mask, np.uint8))
        return {"size": runs["size"], "counts": runs["counts"].decode()}
    flat = drawn.mask.ravel(order="F").astype(int)
    edges = [0, *np.flatnonzero(np.diff(flat, prepend=0)), flat.size]
    return {"size": [HEIGHT, WIDTH], "counts": np.diff(edges).tolist()}


def write_coco(root: Path, *, split: str = "train", form: str = "polygons") -> Path:
    """A COCO data set: ``annotations/instances_<split>2017.json`` and ``<split>2017``."""
    for stem in PICTURES:
        draw(root / f"{split}2017" / f"{stem}.png")
    path = root / "annotations" / f"instances_{split}2017.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(coco_document(PICTURES, form)))
    return path


def write_nwpu(root: Path) -> None:
    """NWPU VHR-10 as published, with the COCO file of its outlines."""
    numbers = {"airplane": 1, "ship": 2, "harbor": 8}
    (root / "ground truth").mkdir(parents=True)
    for stem, objects in PICTURES.items():
        draw(root / "positive image set" / f"{stem}.jpg")
        lines = [_nwpu_line(drawn.box, numbers[drawn.category]) for drawn in objects]
        (root / "ground truth" / f"{stem}.txt").write_text("\n".join(lines) + "\n")
    draw(root / "negative image set" / "0001.jpg")
    (root / "annotations.json").write_text(json.dumps(coco_document(PICTURES, suffix=".jpg")))


def _nwpu_line(box: tuple[float, float, float, float], number: int) -> str:
    x1, y1, x2, y2 = map(int, box)
    return f"({x1:3d},{y1:3d}),({x2:3d},{y2:3d}),{number} "


def write_dota(root: Path, *, split: str = "train", labels: str = "labelTxt") -> Path:
    """DOTA: ``<split>/images`` and ``<split>/<labels>``; returns the folder of the text files."""
    names = {"airplane": "plane"}
    folder = root / split / labels
    folder.mkdir(parents=True)
    for stem, objects in PICTURES.items():
        draw(root / split / "images" / f"{stem}.png")
        lines = ["imagesource:GoogleEarth", "gsd:0.146343590398"]
        for drawn in objects:
            coordinates = " ".join(f"{value:.1f}" for value in drawn.corners.ravel())
            lines.append(f"{coordinates} {names.get(drawn.category, drawn.category)} {int(drawn.difficult)}")
        (folder / f"{stem}.txt").write_text("\n".join(lines) + "\n")
    return folder


def write_voc(root: Path, *, split: str = "train") -> Path:
    """Pascal VOC in ``OPT2017`` as HRRSD has it; returns the folder of the XML files."""
    folder = root / "OPT2017"
    for stem, objects in PICTURES.items():
        draw(folder / "JPEGImages" / f"{stem}.jpg")
        shapes = [{"bndbox": _pixels(drawn.box)} for drawn in objects]
        _write_xml(folder / "Annotations" / f"{stem}.xml", objects, shapes)
    _write_split(folder / "ImageSets" / "Main", split)
    return folder / "Annotations"


def _pixels(box: tuple[float, float, float, float]) -> dict[str, int]:
    """First and last pixel of a box, counted from 1."""
    x1, y1, x2, y2 = map(int, box)
    return {"xmin": x1 + 1, "ymin": y1 + 1, "xmax": x2, "ymax": y2}


def write_dior(root: Path, *, split: str = "train") -> None:
    """DIOR and DIOR-R with the folders of its archives."""
    for stem, objects in PICTURES.items():
        draw(root / "JPEGImages-trainval" / f"{stem}.jpg")
        upright_shapes = [{"bndbox": dict(zip(("xmin", "ymin", "xmax", "ymax"), d.box, strict=True))} for d in objects]
        _write_xml(root / "Annotations" / "Horizontal Bounding Boxes" / f"{stem}.xml", objects, upright_shapes)
        places = ("left_top", "right_top", "right_bottom", "left_bottom")
        names = [f"{axis}_{place}" for place in places for axis in "xy"]
        shapes = [{"robndbox": dict(zip(names, d.corners.ravel().tolist(), strict=True))} for d in objects]
        _write_xml(root / "Annotations" / "Oriented Bounding Boxes" / f"{stem}.xml", objects, shapes)
    _write_split(root / "ImageSets" / "Main", split)


def _write_split(folder: Path, split: str) -> None:
    folder.mkdir(parents=True)
    (folder / f"{split}.txt").write_text("\n".join(PICTURES) + "\n")


def _write_xml(path: Path, objects: Sequence[Drawn], shapes: Sequence[dict[str, dict[str, Any]]]) -> None:
    tree = ElementTree.Element("annotation")
    size = ElementTree.SubElement(tree, "size")
    for name, value in (("width", WIDTH), ("height", HEIGHT), ("depth", 3)):
        ElementTree.SubElement(size, name).text = str(value)
    for drawn, shape in zip(objects, shapes, strict=True):
        element = ElementTree.SubElement(tree, "object")
        ElementTree.SubElement(element, "name").text = drawn.category
        ElementTree.SubElement(element, "difficult").text = str(int(drawn.difficult))
        for kind, values in shape.items():
            box = ElementTree.SubElement(element, kind)
            for name, value in values.items():
                ElementTree.SubElement(box, name).text = f"{value:g}"
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(tree).write(path)


ISAID_COLOURS = {"ship": (0, 0, 63), "harbor": (0, 100, 155), "airplane": (0, 127, 255)}
ISAID_NAMES = {"ship": "ship", "harbor": "Harbor", "airplane": "plane"}


def write_isaid(root: Path, *, split: str = "train", apart: bool = False) -> Path:
    """iSAID as its kit lays it out, or with the pictures of each kind apart; returns the folder of the instances."""
    images = root / split / "images"
    ids = root / split / "Instance_masks" / "images" if apart else images
    colours = root / split / "Semantic_masks" / "images" if apart else images
    for stem, objects in PICTURES.items():
        draw(images / f"{stem}.png")
        instances, categories = np.zeros((2, HEIGHT, WIDTH, 3), np.uint8)
        for number, drawn in enumerate(objects, start=1):
            instances[drawn.mask] = (75, 5 * number, 150)
            categories[drawn.mask] = ISAID_COLOURS[drawn.category]
        for folder, pixels, end in ((ids, instances, "id"), (colours, categories, "color")):
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{stem}_instance_{end}_RGB.png")
    return ids


def write_yolo(root: Path, *, split: str = "train", layout: str = "ultralytics", corners: bool = False) -> Path:
    """Labels in YOLO form; ``layout`` is "ultralytics", "roboflow" or "darknet"; returns their folder."""
    folders = {
        "ultralytics": (root / "images" / split, root / "labels" / split),
        "roboflow": (root / split / "images", root / split / "labels"),
        "darknet": (root / split, root / split),
    }
    images, labels = folders[layout]
    labels.mkdir(parents=True)
    names = ["ship", "harbor", "airplane"]
    for stem, objects in PICTURES.items():
        draw(images / f"{stem}.jpg")
        lines = [f"{names.index(drawn.category)} {_shares(drawn, corners)}" for drawn in objects]
        if lines:
            (labels / f"{stem}.txt").write_text("\n".join(lines))
    if layout == "darknet":
        (root / "obj.names").write_text("\n".join(names) + "\n")
    else:
        listed = "".join(f"  {number}: {name}\n" for number, name in enumerate(names))
        (root / "data.yaml").write_text(f"train: {split}\nnames:\n{listed}")
    return labels


def _shares(drawn: Drawn, corners: bool) -> str:
    if corners:
        values = (drawn.corners / (WIDTH, HEIGHT)).ravel()
    else:
        x1, y1, x2, y2 = drawn.box
        values = np.array([(x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT, (x2 - x1) / WIDTH, (y2 - y1) / HEIGHT])
    return " ".join(f"{value:.8f}" for value in values)
