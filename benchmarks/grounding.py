"""Which box answers a sentence best: the box of the whole mask, or the box of its best object.

    python benchmarks/grounding.py --annotations ../shared/data/nwpu_vhr10/instances_train.json \
        --images ../shared/data/nwpu_vhr10/images

Every one-to-one sentence that the annotations allow ("the airplane on the left") is asked; a box is compared with the
box of the mask that is right, and no box counts as IoU 0.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from remotesam import RemoteSAM
from remotesam.data.coco import CocoScenes
from remotesam.data.triplets import unique_triplets
from remotesam.tasks import ground_sentence
from remotesam.tasks.boxes import mask_box

WAYS: dict[str, dict[str, Any]] = {
    "union": {"box": "union"},
    "best component": {"box": "best"},
    "best, parted along contours": {"box": "best", "contour": True},
}


def box_iou(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """IoU of two boxes x1, y1, x2, y2, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (sum(areas) - shared)


def main() -> int:
    """Ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", required=True, help="COCO instance file")
    parser.add_argument("--images", required=True, help="folder of its images")
    parser.add_argument("--model", default="remotesam-mini", help="bundled model or checkpoint folder")
    parser.add_argument("--limit", type=int, help="only the first images")
    arguments = parser.parse_args()
    model = RemoteSAM.from_pretrained(arguments.model)
    source = CocoScenes(annotation_file=arguments.annotations, image_folder=arguments.images)
    total = min(len(source), arguments.limit or len(source))
    ious: dict[str, list[float]] = {way: [] for way in WAYS}
    for index in track(range(total), description="images", console=Console(stderr=True)):
        scene = source.scene(index)
        triplets = unique_triplets(scene, 0)
        if not triplets:
            continue
        maps = model.segmenter.segment(scene.image, [triplet.expression for triplet in triplets])
        contour = model.segmenter.contour(scene.image)  # type: ignore[attr-defined]
        for triplet, probability in zip(triplets, maps, strict=True):
            limits = model.limits("ground", [triplet.expression])
            fixed = {"threshold": limits["threshold"], "presence_threshold": limits["presence_threshold"][0]}
            for way, options in WAYS.items():
                found = ground_sentence(
                    triplet.expression,
                    probability,
                    **{**fixed, **options, "contour": contour if "contour" in options else None},
                )
                ious[way].append(box_iou(found.box, mask_box(triplet.mask)) if found else 0.0)
    print(f"{arguments.model}, {total} images, {len(ious['union'])} sentences")
    for way, values in ious.items():
        shares = "  ".join(f"IoU >= {limit}: {np.mean(np.array(values) >= limit):.3f}" for limit in (0.5, 0.7))
        print(f"{way:28s} mean IoU {np.mean(values):.3f}  {shares}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
