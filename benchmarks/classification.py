"""What the gate of the paper's eq. 1 does to classification by its eq. 3 to 5, on images with COCO annotations.

    python benchmarks/classification.py --annotations ../shared/data/nwpu_vhr10/instances_val.json \
        --images ../shared/data/nwpu_vhr10/images

Every category of the file is asked of every image. "open" takes the maps as they are (both thresholds 0), "gated" those
of the model. Several labels: share of right (image, category) pairs and F1, macro averaged over the categories that the
images have, and micro. Scene: share of images whose scene is a category that the image has; of all, and of those with
one category.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from remotesam import RemoteSAM
from remotesam.images import read_image
from remotesam.tasks import classify_maps
from remotesam.tasks.maps import category_sentence
from remotesam.thresholds import Limits


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the gate does to classification.")
    parser.add_argument("--annotations", type=Path, required=True, help="COCO instances file")
    parser.add_argument("--images", type=Path, required=True, help="folder of its images")
    parser.add_argument("--model", default="remotesam-mini", help="name or folder of a checkpoint")
    arguments = parser.parse_args()
    document = json.loads(arguments.annotations.read_text())
    numbers = {category["id"]: number for number, category in enumerate(document["categories"])}
    names = [category["name"].replace("_", " ") for category in document["categories"]]
    truth = np.zeros((len(document["images"]), len(names)), dtype=bool)
    rows = {image["id"]: row for row, image in enumerate(document["images"])}
    for annotation in document["annotations"]:
        truth[rows[annotation["image_id"]], numbers[annotation["category_id"]]] = True

    model = RemoteSAM.from_pretrained(arguments.model)
    sentences = [category_sentence(name) for name in names]
    open_gate: Limits = {"threshold": 0.0, "presence_threshold": [0.0] * len(names)}
    shut_gate = model.limits("classify", names)
    settings = [(f"{gate}, {task}", limits, task == "labels") for gate, limits in
                (("open", open_gate), ("gated", shut_gate)) for task in ("labels", "scene")]  # fmt: skip
    labels = {title: np.zeros_like(truth) for title, _, _ in settings}
    for row, image in enumerate(document["images"]):
        maps = model.segmenter.segment(read_image(arguments.images / image["file_name"]), sentences)
        for title, limits, multi_label in settings:
            found = classify_maps(maps, names, multi_label=multi_label, **limits)
            labels[title][row] = [name in found.labels for name in names]

    print(f"{arguments.model} on {arguments.annotations.name}: {truth.shape[0]} images, {truth.shape[1]} categories")
    told = model.thresholds("classify")
    print(f"pixel threshold {told['threshold']}, gate {told['presence_threshold']}, lambda 0.5 and 1, tau 0.5")
    for title, _, multi_label in settings:
        print(f"{title:14s} {_labels(labels[title], truth) if multi_label else _scenes(labels[title], truth)}")


def _labels(found: np.ndarray, truth: np.ndarray) -> str:
    right, wrong, missed = ((one.sum(axis=0)) for one in (found & truth, found & ~truth, ~found & truth))
    shown = truth.any(axis=0)
    macro = (2 * right[shown] / (2 * right + wrong + missed)[shown]).mean()
    micro = 2 * right.sum() / (2 * right + wrong + missed).sum()
    return f"accuracy {(found == truth).mean():.3f}  macro F1 {macro:.3f}  micro F1 {micro:.3f}"


def _scenes(found: np.ndarray, truth: np.ndarray) -> str:
    hit = (found & truth).any(axis=1)
    single: Sequence[bool] = truth.sum(axis=1) == 1
    none = int((~found.any(axis=1)).sum())
    return f"accuracy {hit.mean():.3f}  one category {hit[single].mean():.3f}  images without a scene {none}"


if __name__ == "__main__":
    main()
