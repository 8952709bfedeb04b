"""What the choices at test time give and cost on a labelled set: input size, tiles, mirror images, presets.

    python benchmarks/inference_choices.py checkpoints/remotesam-mini \
        --annotations ../shared/data/nwpu_vhr10/instances_val.json --images ../shared/data/nwpu_vhr10/images \
        --sizes 384 512 640 --flips --tiles

Every annotated category of every image is asked for, present or not, as in training. Printed are the mean
IoU over (image, present category), N-acc over (image, absent category), the macro F1 of boxes at IoU 0.5 and of counts,
and milliseconds an image: the mean by the wall clock, and of CPU time over all threads. The choices take turns image by
image. Thresholds and gates are the checkpoint's; --gates shows the trade of mIoU against N-acc at others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.progress import track
from rich.table import Table

from remotesam import RemoteSAM
from remotesam.asking import contour_map
from remotesam.checkpoints import read_config
from remotesam.data.coco import CocoScenes
from remotesam.data.scene import Scene
from remotesam.data.triplets import Triplet, evaluation_triplets
from remotesam.evaluation.confidence_free import ConfidenceFreeMetric
from remotesam.evaluation.protocol import Answer, count, summary, table
from remotesam.evaluation.samples import ObjectsAnswer, ObjectsTruth
from remotesam.files import write_json
from remotesam.hub import find_checkpoint
from remotesam.inference import Inference
from remotesam.tasks import detect_instances


@dataclass
class Choice:
    """A model with its choices, and what was measured of it."""

    name: str
    model: RemoteSAM
    rows: list[dict[str, Any]] = field(default_factory=list)
    boxes: list[dict[str, Any]] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0

    def take(self, scene: Scene, triplets: Sequence[Triplet], metric: ConfidenceFreeMetric) -> None:
        """Answers a scene and counts."""
        wall, cpu = time.perf_counter(), time.process_time()
        maps = self.model.segmenter.segment(scene.image, [triplet.expression for triplet in triplets])
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        self.rows += count(
            Answer(scene, triplets, maps),
            threshold=self.model.thresholds("segment")["threshold"],
            calibration=getattr(self.model.segmenter, "calibration", None),
        )
        names = [triplet.category for triplet in triplets]
        found = detect_instances(
            maps, names, contour=contour_map(self.model.segmenter, scene.image), **self.model.limits("detect", names)
        )
        answer = ObjectsAnswer(
            categories=[one.category for one in found], boxes=np.array([one.box for one in found]).reshape(-1, 4)
        )
        self.boxes.append(metric.row(_truth(scene, names), answer))

    def figures(self, metric: ConfidenceFreeMetric, gates: Sequence[float]) -> dict[str, float | None]:
        """What is printed."""
        gate = self.model.thresholds("segment")["presence_threshold"]
        found = summary(table(self.rows), presence_threshold=gate, gates=gates)
        boxes = metric.summarise(pa.Table.from_pylist(self.boxes, schema=metric.schema))
        images = max(1, len(self.boxes))
        chosen = {"mIoU": found["mIoU"], "N-acc": found["N-acc"], "box F1": boxes["F1"], "count F1": boxes["count F1"]}
        chosen |= {"ms": 1000 * self.wall / images, "CPU ms": 1000 * self.cpu / images}
        return chosen | {name: value for name, value in found.items() if name.startswith("gate ")}


def _truth(scene: Scene, names: Sequence[str]) -> ObjectsTruth:
    height, width = scene.image.shape[:2]
    visible = [one for one in scene.instances if one.category in names]
    boxes = []
    for one in visible:
        points = np.concatenate(one.polygons)
        boxes.append(
            [*np.clip(points.min(axis=0), 0, (width, height)), *np.clip(points.max(axis=0), 0, (width, height))]
        )
    return ObjectsTruth(categories=[one.category for one in visible], boxes=np.array(boxes).reshape(-1, 4))


def choices(options: argparse.Namespace) -> list[Choice]:
    """The checkpoint as it is, its presets, and what the arguments add to it one at a time."""
    config = read_config(find_checkpoint(options.checkpoint))
    wanted = {"default": Inference()} | dict(config.presets)
    wanted |= {f"size {size}": Inference(size=size) for size in options.sizes}
    if options.tiles:
        wanted["tiles"] = Inference(tiles=True)
    if options.flips:
        wanted["flips"] = Inference(flips=True)
        wanted |= {f"size {size}, flips": Inference(size=size, flips=True) for size in options.sizes}
    return [
        Choice(name, RemoteSAM.from_pretrained(options.checkpoint, precision=options.precision, **one.to_dict()))
        for name, one in wanted.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="checkpoint folder, bundled name or hub id")
    parser.add_argument("--annotations", required=True, help="COCO instance file")
    parser.add_argument("--images", required=True, help="folder of its images")
    parser.add_argument("--limit", type=int, help="only the first images")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="input sizes to try, in pixels")
    parser.add_argument("--tiles", action="store_true", help="try overlapping tiles")
    parser.add_argument("--flips", action="store_true", help="try mirror images")
    parser.add_argument(
        "--gates", type=float, nargs="*", default=[], help="presence thresholds to try, as the checkpoint's"
    )
    parser.add_argument("--precision", choices=("float32", "bf16", "fp16"), help="chosen by default")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    options = parser.parse_args(arguments)
    source = CocoScenes(annotation_file=options.annotations, image_folder=options.images)
    total = len(source) if options.limit is None else min(options.limit, len(source))
    tried = choices(options)
    metric: ConfidenceFreeMetric | None = None
    for index in track(range(total), description="images", console=Console(stderr=True)):
        scene = source.scene(index, 0)
        triplets = evaluation_triplets(scene)
        metric = metric or ConfidenceFreeMetric(categories=[triplet.category for triplet in triplets])
        for one in tried:
            if index == 0:  # the first call chooses and builds kernels
                one.model.segmenter.segment(scene.image, ["a"])
            one.take(scene, triplets, metric)
    assert metric is not None
    figures = {one.name: one.figures(metric, options.gates) for one in tried}
    shown = Table("choice", *next(iter(figures.values())), title=f"{options.checkpoint}, {total} images")
    for name, values in figures.items():
        texts = ("–" if v is None else f"{v:.0f}" if "ms" in k else f"{v:.4f}" for k, v in values.items())
        shown.add_row(name, *texts)
    Console().print(shown)
    if options.json:
        write_json(options.json, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
