"""Give a data set of boxes masks made by a model, and keep the images where they agree with the boxes.

    python tools/mask_boxes.py hrplanes --root ../shared/data/hrplanes -o runs/hrplanes_masks.json

The model is asked for every category of an image; what it answers inside a box is the mask of that box, and agrees as
far as the box around it has IoU with the given one. An image is kept where every box got a mask that agrees, so that
what is left is annotated completely. The COCO file written can be trained on (``type="coco"``, with ``image_folder``).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pycocotools import mask as coco_mask

from remotesam.data.scene import encode_polygons
from remotesam.data.sources import open_source
from remotesam.data.sources.maskers.apply import make_all_masks, summarise
from remotesam.data.sources.maskers.segmenter import SegmenterMasker
from remotesam.data.sources.records import RecordSet
from remotesam.files import write_text


def to_coco(records: RecordSet, root: Path) -> dict[str, Any]:
    """The records that have a mask for every box, as COCO instances; file names are relative to ``root``/images."""
    numbers = {name: number for number, name in enumerate(records.categories, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for record in records:
        if not record.annotations or not all(annotation.has_mask for annotation in record.annotations):
            continue
        height, width = record.size
        number = len(images) + 1
        name = record.image.resolve().relative_to((root / "images").resolve()).as_posix()
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for annotation in record.annotations:
            runs = encode_polygons(annotation.polygons, height, width)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": numbers[annotation.category],
                    "segmentation": [p.round(2).ravel().tolist() for p in annotation.polygons],
                    "area": int(coco_mask.area(runs)),
                    "bbox": coco_mask.toBbox(runs).tolist(),
                    "iscrowd": 0,
                }
            )
    categories = [{"id": number, "name": name} for name, number in numbers.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def main() -> int:
    """Run the command; 0 if all went well, 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="name of a data set of remotesam.data.sources.SOURCES")
    parser.add_argument("--root", type=Path, required=True, help="its folder")
    parser.add_argument("--split", default="train")
    parser.add_argument("--model", default="remotesam-mini", help="bundled model, checkpoint folder or hub id")
    parser.add_argument("--size", type=int, help="input size in pixels instead of the model's own")
    parser.add_argument("--threshold", type=float, default=0.4, help="probability from which a pixel is the object's")
    parser.add_argument("--margin", type=float, default=0.05, help="share of a box that a mask may reach beyond it")
    parser.add_argument("--min-agreement", type=float, default=0.6, help="IoU of the mask's box with the given one")
    parser.add_argument("-o", "--output", type=Path, required=True, help="COCO file to write")
    arguments = parser.parse_args()

    from remotesam.hub import find_checkpoint
    from remotesam.segmenters.rmsin import RmsinSegmenter

    try:
        segmenter = RmsinSegmenter.from_folder(find_checkpoint(arguments.model), size=arguments.size)
        masker = SegmenterMasker(
            segmenter, name=arguments.model, threshold=arguments.threshold, margin=arguments.margin
        )
        records = open_source(arguments.data, arguments.root, split=arguments.split)
        masked, agreements = make_all_masks(records, masker, min_agreement=arguments.min_agreement)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    coco = to_coco(masked, arguments.root)
    write_text(arguments.output, json.dumps(coco))
    for name, figures in summarise(agreements).items():
        print(name, json.dumps(figures))
    print(f"{arguments.output}: {len(coco['images'])} of {len(records)} images, {len(coco['annotations'])} masks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
