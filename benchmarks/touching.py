"""How many touching objects are told apart, by contour source and mode, on scenes made of nothing else.

    python benchmarks/touching.py --scenes 200

Draws crowded car parks and rows of moored ships (``touching_scenes.py``), finds the objects in their masks, and prints
F1 at box IoU 0.5 and at mask IoU 0.5 over all objects, and the mean box IoU of the objects found, which shows how much
they shrink. The masks are (a) the true ones of the category as a whole, (b) those of the model. The contours are none
(connected components), the image's gradient, the model's, those of the model's pyramid, and the true outlines, which
bound what contours can do.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.optimize import linear_sum_assignment
from touching_scenes import CATEGORY, KINDS, touching_scene, visible_masks

from remotesam import RemoteSAM
from remotesam.data.dataset import draw_contours
from remotesam.data.scene import Scene
from remotesam.hub import find_checkpoint
from remotesam.results import Instance
from remotesam.segmenters.rmsin import RmsinSegmenter
from remotesam.tasks import PyramidContour, detect_instances, gradient_contour
from remotesam.tasks.maps import category_sentence
from remotesam.tasks.parting import CONTOUR_THRESHOLD, MIN_SHARE

Boxes = np.ndarray  # (N, 4) x1, y1, x2, y2
Labels = np.ndarray  # (H, W), 0 where nothing is
Row = tuple[str, str]  # source of the contours, mode
MODES = ("watershed", "cut")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how touching objects are told apart.")
    parser.add_argument("--scenes", type=int, default=200, help="scenes in all, half of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of the first scene")
    parser.add_argument("--model", default="remotesam-mini", help="bundled model, checkpoint folder or hub id")
    parser.add_argument("--contour-threshold", type=float, default=CONTOUR_THRESHOLD)
    parser.add_argument("--min-share", type=float, default=MIN_SHARE)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    segmenter = RmsinSegmenter.from_folder(find_checkpoint(arguments.model), precision="float32")
    options = {"contour_threshold": arguments.contour_threshold, "min_share": arguments.min_share}
    tallies: dict[tuple[str, str, Row], Tally] = defaultdict(Tally)
    for number in track(range(arguments.scenes), "scenes", console=Console(stderr=True)):
        kind = KINDS[number % 2]
        scene = touching_scene(kind, arguments.seed + number // 2)
        for masks, row, found, truth in answers(scene, kind, segmenter, options):
            tallies[kind, masks, row].add(found, truth)
    for masks in ("true masks", "model's masks"):
        show(masks, {(kind, row): tally for (kind, m, row), tally in tallies.items() if m == masks})


def answers(
    scene: Scene, kind: str, segmenter: RmsinSegmenter, options: dict[str, float]
) -> Iterator[tuple[str, Row, list[Instance], list[np.ndarray]]]:
    """For each kind of masks and each way to part them, the objects found and the true masks."""
    truth = visible_masks(scene)
    height, width = scene.image.shape[:2]
    limits = RemoteSAM(segmenter).limits("detect", [CATEGORY[kind]])
    maps = {
        "true masks": (np.any(truth, axis=0)[None].astype(np.float32), [0.0]),
        "model's masks": (
            segmenter.segment(scene.image, [category_sentence(CATEGORY[kind])]),
            limits["presence_threshold"],
        ),
    }
    contours: dict[str, np.ndarray | None] = {"none": None, "gradient": gradient_contour(scene.image)}
    if segmenter.has_contour:
        contours["model"] = segmenter.contour(scene.image)
        contours["model, pyramid"] = PyramidContour(segmenter.contour)(scene.image)
    contours["true outlines"] = draw_contours(scene.instances, height, width).astype(np.float32)
    for masks, (probabilities, gate) in maps.items():
        for source, contour in contours.items():
            for mode in MODES if contour is not None else ("",):
                found = detect_instances(
                    probabilities,
                    [CATEGORY[kind]],
                    contour=contour,
                    contour_mode="cut" if mode == "cut" else "watershed",
                    threshold=limits["threshold"],
                    presence_threshold=gate,
                    **options,  # type: ignore[arg-type]
                )
                yield masks, (source, mode), found, truth


class Tally:
    """Objects found, true ones, and pairs of both that fit."""

    def __init__(self) -> None:
        self.found = self.true = self.boxes = self.masks = 0
        self.overlap = 0.0

    def add(self, found: list[Instance], truth: list[np.ndarray]) -> None:
        """Counts one scene."""
        self.found += len(found)
        self.true += len(truth)
        if not found or not truth:
            return
        ious = box_ious(np.array([instance.box for instance in found]), np.array([box_of(mask) for mask in truth]))
        pairs = matched(ious)
        self.boxes += len(pairs)
        self.overlap += float(sum(ious[pair] for pair in pairs))
        self.masks += len(matched(mask_ious(found, truth)))

    def __add__(self, other: Tally) -> Tally:
        total = Tally()
        for name, value in vars(self).items():
            setattr(total, name, value + getattr(other, name))
        return total

    def figures(self) -> list[str]:
        """F1 of boxes, F1 of masks, mean IoU of the boxes that fit."""
        both = max(self.found + self.true, 1)
        return [
            f"{2 * self.boxes / both:.3f}",
            f"{2 * self.masks / both:.3f}",
            f"{self.overlap / max(self.boxes, 1):.3f}",
        ]


def matched(ious: np.ndarray) -> list[tuple[int, int]]:
    """The most pairs of one found and one true object with an IoU of at least 0.5."""
    fits = ious >= 0.5
    rows, columns = linear_sum_assignment(np.where(fits, ious + 1, 0), maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if fits[i, j]]


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return x, y, x + width, y + height


def box_ious(found: Boxes, true: Boxes) -> np.ndarray:
    corners = np.maximum(found[:, None, :2], true[:, :2]), np.minimum(found[:, None, 2:], true[:, 2:])
    shared = np.prod(np.clip(corners[1] - corners[0], 0, None), axis=2)
    one, other = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (found, true))
    return shared / (one[:, None] + other - shared)


def mask_ious(found: list[Instance], truth: list[np.ndarray]) -> np.ndarray:
    labels: Labels = np.zeros(truth[0].shape, dtype=np.int64)
    for number, mask in enumerate(truth, start=1):
        labels[mask] = number  # they share no pixel
    areas = np.bincount(labels.ravel(), minlength=len(truth) + 1)[1:]
    ious = np.zeros((len(found), len(truth)))
    for row, instance in enumerate(found):
        x1, y1, x2, y2 = instance.box
        shared = np.bincount(labels[y1:y2, x1:x2][instance.crop], minlength=len(truth) + 1)[1:]
        ious[row] = shared / (instance.area + areas - shared)
    return ious


def show(title: str, tallies: dict[tuple[str, Row], Tally]) -> None:
    """Prints one table: a row for each source and mode, the figures of each kind of scene and of all."""
    table = Table(title=title)
    for name in ("contours", "mode"):
        table.add_column(name)
    for name in (*KINDS, "all"):
        for figure in ("box F1", "mask F1", "box IoU"):
            table.add_column(f"{name}\n{figure}", justify="right")
    for row in dict.fromkeys(row for _, row in tallies):
        parts = [tallies[kind, row] for kind in KINDS if (kind, row) in tallies]
        table.add_row(*row, *(text for tally in (*parts, sum(parts, Tally())) for text in tally.figures()))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
