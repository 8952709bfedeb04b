"""Write generated scenes as a data set in COCO form, to try readers, triplet sets and training without any data.

python tools/make_scenes.py data/scenes
python tools/make_scenes.py data/scenes --train 200 --val 50 --size 640 --context harbor

The folder then holds instances_train.json, instances_val.json and images/. Masks are run lengths.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask
from rich.progress import track

from remotesam.data.synthetic import CONTEXTS, generate_scene
from remotesam.files import write_image, write_json


def write_split(folder: Path, split: str, seeds: range, *, size: int, context: str | None) -> int:
    """Write the scenes of some seeds and ``instances_{split}.json``; returns how many objects they show."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    names: list[str] = []
    for seed in track(seeds, f"{split} scenes", transient=True):
        scene = generate_scene(seed, size=size, context=context)
        names = sorted({*names, *scene.annotated})
        path = folder / "images" / f"{seed:04d}.png"
        write_image(path, scene.image)
        images.append({"id": seed, "file_name": path.name, "height": size, "width": size})
        for instance in scene.instances:
            mask = instance.mask(size, size)
            if mask.any():
                annotations.append({"image_id": seed, "category": instance.category, **_outline(mask)})
    for number, annotation in enumerate(annotations, start=1):
        annotation |= {"id": number, "category_id": names.index(annotation.pop("category")) + 1, "iscrowd": 0}
    categories = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    write_json(
        folder / f"instances_{split}.json", {"images": images, "annotations": annotations, "categories": categories}
    )
    return len(annotations)


def _outline(mask: np.ndarray) -> dict[str, Any]:
    runs = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {
        "segmentation": {"size": list(mask.shape), "counts": runs["counts"].decode()},
        "bbox": coco_mask.toBbox(runs).tolist(),
        "area": int(mask.sum()),
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="folder of the data set")
    parser.add_argument("--train", type=int, default=40, help="scenes to train on (40)")
    parser.add_argument("--val", type=int, default=10, help="scenes to validate on (10)")
    parser.add_argument("--size", type=int, default=512, help="side of a scene in pixels, 64 to 1024 (512)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first scene; the others follow (0)")
    parser.add_argument("--context", choices=tuple(CONTEXTS), help="one setting only")
    arguments = parser.parse_args()
    if arguments.train < 1 or arguments.val < 1 or not 64 <= arguments.size <= 1024 or arguments.seed < 0:
        parser.error("--train and --val take 1 or more, --size 64 to 1024, --seed 0 or more")
    if arguments.output.is_file():
        parser.error(f"{arguments.output} is a file; name a folder")
    middle = arguments.seed + arguments.train
    for split, seeds in (("train", range(arguments.seed, middle)), ("val", range(middle, middle + arguments.val))):
        count = write_split(arguments.output, split, seeds, size=arguments.size, context=arguments.context)
        print(f"{arguments.output / f'instances_{split}.json'}: {len(seeds)} images, {count} objects")


if __name__ == "__main__":
    main()
