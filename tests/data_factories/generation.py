"""Data sets to make triplet sets of: pictures of rectangles on grounds that tell them apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from remotesam.data.scene import Scene
from tests.data.scenes import random_scene, write_coco

CATEGORIES = ["airplane", "building", "harbor", "ship", "storage tank", "truck", "vehicle"]


def textured(scene: Scene, seed: int) -> Scene:
    """The scene on a ground of its own: smooth light and dark patches, not coloured, that leave the objects alone."""
    rng = np.random.default_rng([7, seed])
    height, width = scene.image.shape[:2]
    patches = Image.fromarray(rng.integers(90, 150, (7, 7), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    image = np.repeat(np.asarray(patches)[..., None], 3, axis=2)
    for instance in scene.instances:
        mask = instance.mask(height, width)
        image[mask] = scene.image[mask]
    return replace(scene, image=image)


def scenes(count: int, *, first: int = 0, size: int = 128) -> list[Scene]:
    """Scenes of up to nine rectangles, all different."""
    return [textured(random_scene(seed, size=size), seed) for seed in range(first, first + count)]


def write_set(root: Path, drawn: Sequence[Scene], *, boxes: bool = False) -> Path:
    """A COCO data set of scenes, with boxes instead of masks where asked for."""
    root.mkdir(parents=True, exist_ok=True)
    path, _ = write_coco(root, drawn)
    if boxes:
        document = json.loads(path.read_text())
        for entry in document["annotations"]:
            (polygon,) = entry.pop("segmentation")
            xs, ys = np.clip(polygon[::2], 0, 128), np.clip(polygon[1::2], 0, 128)
            entry["bbox"] = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
        path.write_text(json.dumps(document))
    return root


def settings_of(output: Path, *roots: Path, **fields: Any) -> dict[str, Any]:
    """Settings for COCO data sets; fields of ``source`` go to each of them."""
    options = fields.pop("source", {})
    sources = [
        {"source": "coco", "root": str(root), "split": "all", "name": root.name, "options": {}, **options}
        for root in roots
    ]
    return {"output": str(output), "sources": sources, "shard_rows": 40, **fields}


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their paths, without hidden ones."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
