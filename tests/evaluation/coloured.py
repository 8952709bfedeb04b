"""Pictures of coloured rectangles, which the colour segmenter answers without a fault, and answers made of truths."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from remotesam.evaluation import samples
from remotesam.evaluation.mask_counts import run_lengths_of
from remotesam.evaluation.questions import Picture, Question
from tests.fakes import COLOURS

HEIGHT, WIDTH = 48, 64
NAMES = ("red", "green", "blue")

Rectangles = Sequence[tuple[str, tuple[int, int, int, int]]]
"""Colour and x1, y1, x2, y2 of each."""

SCENES: tuple[Rectangles, ...] = (
    (("red", (4, 4, 20, 20)), ("green", (30, 26, 60, 44))),
    (("red", (8, 10, 24, 30)), ("red", (40, 12, 56, 28)), ("blue", (20, 34, 36, 46))),
    (("green", (10, 10, 50, 40)),),
    (),
    (("blue", (2, 2, 40, 22)), ("green", (44, 24, 60, 46))),
)


def paint(rectangles: Rectangles) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: pure colours on black."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for colour, (x1, y1, x2, y2) in rectangles:
        pixels[y1:y2, x1:x2, COLOURS[colour]] = 255
    return pixels


def write_coloured(folder: Path, scenes: Sequence[Rectangles] = SCENES) -> Path:
    """A COCO data set of the scenes; returns its file."""
    folder.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for number, rectangles in enumerate(scenes, start=1):
        Image.fromarray(paint(rectangles)).save(folder / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "height": HEIGHT, "width": WIDTH})
        for colour, (x1, y1, x2, y2) in rectangles:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 10 * (NAMES.index(colour) + 1),
                    "segmentation": [[x1, y1, x2, y1, x2, y2, x1, y2]],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": 10 * number, "name": name} for number, name in enumerate(NAMES, start=1)]
    path = folder / "instances_val.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def answer_of(truth: Any) -> Any:
    """The answer that is right."""
    match truth:
        case samples.MaskTruth():
            return samples.MaskAnswer(mask=truth.mask)
        case samples.ClassMapTruth():
            return samples.ClassMapAnswer(class_map=truth.class_map)
        case samples.ObjectsTruth():
            scores = np.ones(len(truth.boxes))
            return samples.ObjectsAnswer(
                categories=truth.categories, boxes=truth.boxes, scores=scores, masks=truth.masks
            )
        case samples.OrientedTruth():
            return samples.OrientedAnswer(
                categories=truth.categories, corners=truth.corners, scores=np.ones(len(truth.corners))
            )
        case samples.BoxTruth():
            return samples.BoxAnswer(box=truth.box)
        case samples.CountsTruth():
            return samples.CountsAnswer(counts=truth.counts)
        case samples.LabelsTruth():
            return samples.LabelsAnswer(labels=truth.labels, scores=dict.fromkeys(truth.labels, 1.0))
        case samples.SceneTruth():
            return samples.SceneAnswer(label=truth.label)
        case samples.CaptionTruth():
            return samples.CaptionAnswer(text=truth.references[0])
    raise TypeError(truth)


def entry_of(question: Question) -> dict[str, Any]:
    """The right answer as a line of a file of predictions."""
    truth, entry = question.truth(), {"id": question.id}
    match truth:
        case samples.MaskTruth():
            runs, area = run_lengths_of(truth.mask, "truth")
            counts = runs["counts"]
            text = counts.decode() if isinstance(counts, bytes) else counts
            return entry | {"rle": {"size": list(runs["size"]), "counts": text} if area else None}
        case samples.ObjectsTruth():
            scores = [1.0] * len(truth.boxes)
            return entry | {"boxes": truth.boxes.tolist(), "categories": list(truth.categories), "scores": scores}
        case samples.OrientedTruth():
            scores = [1.0] * len(truth.corners)
            return entry | {"corners": truth.corners.tolist(), "categories": list(truth.categories), "scores": scores}
        case samples.BoxTruth():
            return entry | {"box": [float(edge) for edge in truth.box]}
        case samples.CountsTruth():
            return entry | {"counts": dict(truth.counts)}
        case samples.LabelsTruth():
            return entry | {"labels": sorted(truth.labels), "scores": dict.fromkeys(truth.labels, 1.0)}
        case samples.SceneTruth():
            return entry | {"label": truth.label}
        case samples.CaptionTruth():
            return entry | {"caption": truth.references[0]}
    raise TypeError(truth)


class Oracle:
    """Answers every question rightly."""

    has_maps = False

    def answers(self, picture: Picture) -> Iterator[tuple[Question, Any, None]]:
        for question in picture.questions:
            yield question, answer_of(question.truth()), None
