"""Referring data sets: the REFER layout, phrase files and visual grounding."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from pycocotools import mask as coco_mask

from tests.data_factories.pictures import rectangle, ring, save, save_noise

HEIGHT, WIDTH = 20, 30


def encoded(mask: np.ndarray) -> dict[str, Any]:
    """Compressed run lengths of a mask as JSON has them."""
    runs = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": list(runs["size"]), "counts": runs["counts"].decode()}


@dataclass
class ReferSet:
    """What is drawn into a REFER data set; change it before it is written.

    Image 1 has a ship (polygon) and a ring of trees (run lengths), image 2 a ship.
    """

    masks: dict[int, np.ndarray] = field(
        default_factory=lambda: {
            11: rectangle(HEIGHT, WIDTH, 3, 4, 9, 8),
            12: ring(HEIGHT, WIDTH),
            21: rectangle(HEIGHT, WIDTH, 0, 0, 30, 1),
        }
    )
    images: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": number, "file_name": f"{number}.png", "height": HEIGHT, "width": WIDTH} for number in (1, 2)
        ]
    )
    annotations: list[dict[str, Any]] = field(default_factory=list)
    refs: list[Any] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": 7, "name": "ship"}, {"id": 8, "name": "tree"}]
    )

    def __post_init__(self) -> None:
        self.annotations += [
            {
                "id": 11,
                "image_id": 1,
                "category_id": 7,
                "bbox": [3, 4, 6, 4],
                "segmentation": [[3, 4, 9, 4, 9, 8, 3, 8]],
            },
            {
                "id": 12,
                "image_id": 1,
                "category_id": 8,
                "bbox": [2, 2, 28, 18],
                "segmentation": encoded(self.masks[12]),
            },
            {"id": 21, "image_id": 2, "category_id": 7, "bbox": [0, 0, 30, 1], "segmentation": encoded(self.masks[21])},
        ]
        self.refs += [
            reference(0, 1, 11, ["the ship", "the white ship on the left"]),
            reference(1, 1, [11, 12], ["everything"]),
            reference(2, 1, -1, ["the airplane"]),
            reference(3, 2, 21, ["the ship at the top"], split="testA"),
        ]

    def write(self, root: Path, *, refs: str = "refs(unc).p", images: str = "images", protocol: int = 2) -> Path:
        """Writes the files."""
        for number, image in enumerate(self.images):
            save_noise(root / images / image.get("file_name", "nameless.png"), HEIGHT, WIDTH, seed=number)
        document = {"images": self.images, "annotations": self.annotations, "categories": self.categories}
        root.mkdir(parents=True, exist_ok=True)
        (root / "instances.json").write_text(json.dumps(document))
        if refs.endswith(".json"):
            (root / refs).write_text(json.dumps(self.refs))
        else:
            (root / refs).write_bytes(pickle.dumps(self.refs, protocol=protocol))
        return root


def reference(number: int, image: int, targets: Any, texts: Sequence[str], *, split: str = "train") -> dict[str, Any]:
    """One entry of ``refs(unc).p``."""
    sentences = [
        {"sent_id": index, "sent": text, "raw": text, "tokens": text.split()} for index, text in enumerate(texts)
    ]
    return {"ref_id": number, "image_id": image, "ann_id": targets, "split": split, "sentences": sentences}


def write_rrsisd(root: Path) -> dict[str, np.ndarray]:
    """Writes a look-alike of RRSIS-D and returns the mask of each sentence; the third mask is empty."""
    masks = [ring(HEIGHT, WIDTH), rectangle(HEIGHT, WIDTH, 5, 6, 7, 8), np.zeros((HEIGHT, WIDTH), bool)]
    boxes = [[2, 2, 30, 20], [5, 6, 7, 8], [1, 1, 2, 2]]
    images, annotations, refs = [], [], []
    for number, (mask, box) in enumerate(zip(masks, boxes, strict=True)):
        name = f"{number:05d}.jpg"
        save_noise(root / "images" / "rrsisd" / "JPEGImages" / name, HEIGHT, WIDTH, seed=number)
        images.append({"file_name": name, "height": HEIGHT, "width": WIDTH, "id": number})
        entry = {"bbox": box, "categories_id": 15, "id": number, "image_id": number, "area": 1}
        annotations.append({**entry, "segmentation": [encoded(mask)]})
        refs.append({**reference(number, number, number, [f"tank {number}"]), "category_id": 15, "file_name": name})
    folder = root / "rrsisd"
    folder.mkdir()
    document = {"images": images, "annotations": annotations, "categories": [{"name": "storagetank", "id": 15}]}
    (folder / "instances.json").write_text(json.dumps(document))
    (folder / "refs(unc).p").write_bytes(pickle.dumps(refs))
    return {f"tank {number}": mask for number, mask in enumerate(masks[:2])}


def write_phrases(root: Path, *, images: str, masks: str, suffix: str, with_suffix: bool) -> dict[str, np.ndarray]:
    """Writes ``output_phrase_train.txt`` with its images and masks, and returns the mask of each sentence."""
    drawn = {"the road": ring(HEIGHT, WIDTH), "a vehicle at the bottom": rectangle(HEIGHT, WIDTH, 8, 15, 12, 20)}
    lines = []
    for number, (text, mask) in enumerate(drawn.items()):
        save_noise(root / images / f"{number}{suffix}", HEIGHT, WIDTH, seed=number)
        save(root / masks / f"{number}{suffix}", mask.astype(np.uint8) * (255 if number else 1))
        lines.append(f"{number}{suffix if with_suffix else ''} {text} ")
    (root / "output_phrase_train.txt").write_text("\n".join(lines) + "\n")
    return drawn


def write_dior_rsvg(
    root: Path,
    objects: Mapping[str, Sequence[tuple[str, tuple[int, int, int, int], str]]],
    splits: Mapping[str, Sequence[int]],
) -> None:
    """Writes XML files of (category, box, description) and lists of running numbers."""
    for stem, entries in objects.items():
        save_noise(root / "JPEGImages" / f"{stem}.jpg", HEIGHT, WIDTH)
        tree = ElementTree.Element("annotation")
        ElementTree.SubElement(tree, "filename").text = f"{stem}.jpg"
        size = ElementTree.SubElement(tree, "size")
        for side, value in (("width", WIDTH), ("height", HEIGHT), ("depth", 3)):
            ElementTree.SubElement(size, side).text = str(value)
        for category, box, text in entries:
            element = ElementTree.SubElement(tree, "object")
            ElementTree.SubElement(element, "name").text = category
            ElementTree.SubElement(element, "pose").text = "Unspecified"
            corners = ElementTree.SubElement(element, "bndbox")
            for edge, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
                ElementTree.SubElement(corners, edge).text = str(value)
            ElementTree.SubElement(element, "description").text = text
        path = root / "Annotations" / f"{stem}.xml"
        path.parent.mkdir(exist_ok=True)
        ElementTree.ElementTree(tree).write(path)
    for split, numbers in splits.items():
        (root / f"{split}.txt").write_text("".join(f"{number}\n" for number in numbers))
