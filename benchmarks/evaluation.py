"""Time and memory of the metrics, on random answers that look like a segmenter's.

    python benchmarks/evaluation.py                          all of them
    python benchmarks/evaluation.py --only referring --samples 10000

Every line is one process on one core: seconds by the clock and of CPU (other work on the machine lengthens the former
alone), the memory that the scoring added at its peak, beyond what the inputs take, and the time of one ``summarise``
with weights, of which a bootstrap interval takes a thousand. At most 200 different samples are scored in turn.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from remotesam.evaluation.metric import Metric, create_metric
from remotesam.evaluation.samples import (
    CaptionAnswer,
    CaptionTruth,
    ClassMapAnswer,
    ClassMapTruth,
    MaskAnswer,
    MaskTruth,
    ObjectsAnswer,
    ObjectsTruth,
    OrientedAnswer,
    OrientedTruth,
)
from remotesam.results.rle import encode_mask

DIFFERENT = 200
CLASSES = ["background", "building", "road", "water", "forest", "agriculture"]
Pairs = list[tuple[Any, Any]]


def blob(rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size) bool: a few objects with ragged outlines, as a threshold on probabilities leaves them."""
    field = cv2.resize(rng.normal(size=(size // 20, size // 20)).astype(np.float32), (size, size))
    field += 0.15 * cv2.resize(rng.normal(size=(size // 4, size // 4)).astype(np.float32), (size, size))
    return field > rng.uniform(0.8, 1.6)


def referring(rng: np.random.Generator, *, size: int = 800) -> Pairs:
    """Run lengths of targets and of predictions near them."""
    pairs: Pairs = []
    for _ in range(DIFFERENT):
        target = blob(rng, size)
        prediction = np.roll(target, rng.integers(-8, 9, 2), (0, 1)) ^ (blob(rng, size) & (rng.random() < 0.3))
        pairs.append((MaskTruth(mask=encode_mask(target), targets=1), MaskAnswer(mask=encode_mask(prediction))))
    return pairs


def semantic(rng: np.random.Generator, *, size: int = 1024) -> Pairs:
    """Class maps of six classes, a tenth of the answer wrong and some pixels ignored."""
    pairs: Pairs = []
    for _ in range(DIFFERENT // 10):
        truth = np.kron(rng.integers(0, len(CLASSES), (size // 32, size // 32)), np.ones((32, 32), int)).astype(
            np.uint8
        )
        answer = np.where(rng.random(truth.shape) < 0.1, rng.integers(0, len(CLASSES), truth.shape), truth)
        truth[: size // 16] = 255
        pairs.append((ClassMapTruth(class_map=truth), ClassMapAnswer(class_map=answer.astype(np.uint8))))
    return pairs


def detection(rng: np.random.Generator) -> Pairs:
    """Twenty detections an image, half of them near one of ten objects."""
    pairs: Pairs = []
    for _ in range(DIFFERENT):
        boxes, names = random_boxes(rng, 20), rng.choice(CLASSES, 20)
        moved = boxes[:10] + rng.normal(0, 2, (10, 4))
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2])
        truth = ObjectsTruth(categories=names[:10].tolist(), boxes=moved)
        pairs.append((truth, ObjectsAnswer(categories=names.tolist(), boxes=boxes, scores=rng.random(20))))
    return pairs


def oriented(rng: np.random.Generator) -> Pairs:
    """The same with corners."""
    return [
        (
            OrientedTruth(categories=truth.categories, corners=corners(truth.boxes)),
            OrientedAnswer(categories=answer.categories, corners=corners(answer.boxes), scores=answer.scores),
        )
        for truth, answer in detection(rng)
    ]


def captions(rng: np.random.Generator) -> Pairs:
    """Ten words and five references of as many."""
    words = np.array([f"word{number}" for number in range(300)])
    share = 1 / np.arange(1, len(words) + 1)

    def sentence() -> str:
        return " ".join(rng.choice(words, 10, p=share / share.sum()))

    return [
        (CaptionTruth(references=[sentence() for _ in range(5)]), CaptionAnswer(text=sentence()))
        for _ in range(DIFFERENT)
    ]


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 4) x1, y1, x2, y2 in an image of 800 pixels."""
    start = rng.uniform(0, 700, (count, 2))
    return np.concatenate([start, start + rng.uniform(10, 100, (count, 2))], axis=1)


def corners(boxes: np.ndarray) -> np.ndarray:
    """(N, 4, 2) the corners of boxes, turned by 20 degrees."""
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    turn = np.array([[np.cos(0.35), np.sin(0.35)], [-np.sin(0.35), np.cos(0.35)]])
    return centre[:, None] + (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[:, None]) @ turn


CASES: dict[str, tuple[Callable[[np.random.Generator], Pairs], int, Callable[[], Metric], str]] = {
    "referring": (referring, 10_000, lambda: create_metric("ref"), "run lengths, 800 x 800"),
    "reference": (
        referring,
        10_000,
        lambda: create_metric("ref", protocol="reference", size=(896, 896)),
        "run lengths, 800 x 800, scored at 896 x 896",
    ),
    "semantic": (semantic, 1_000, lambda: create_metric("seg", classes=CLASSES), "6 classes, 1024 x 1024"),
    "detection": (detection, 10_000, lambda: create_metric("det", categories=CLASSES), "10 objects, 20 detections"),
    "oriented": (oriented, 10_000, lambda: create_metric("obb", categories=CLASSES), "10 objects, 20 detections"),
    "captions": (captions, 10_000, lambda: create_metric("cap"), "10 words, 5 references"),
}


def measure(name: str, samples: int) -> None:
    """Score one case and print its line."""
    make, _, metric_of, what = CASES[name]
    pairs, metric = make(np.random.default_rng(0)), metric_of()
    some = table_of(metric, rows_of(metric, pairs, len(pairs)))
    metric.summarise(some)
    before = peak_mib()
    clock, cpu = time.perf_counter(), time.process_time()
    table = table_of(metric, rows_of(metric, pairs, samples))
    figures = metric.summarise(table)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    added = peak_mib() - before
    weights = np.random.default_rng(1).multinomial(samples, np.full(samples, 1 / samples))
    again = time.process_time()
    for _ in range(5):
        metric.summarise(table, weights)
    again = (time.process_time() - again) / 5
    first = next(iter(figures))
    print(
        f"{name:10s} {samples:6d} samples ({what}): {clock:6.1f} s, {cpu:6.1f} s of CPU, {added:5.0f} MiB more, "
        f"{1000 * again:6.1f} ms a summary; {first} {figures[first]:.4f}",
        flush=True,
    )


def rows_of(metric: Metric, pairs: Pairs, samples: int) -> Iterator[dict[str, Any]]:
    """Rows of as many samples, the pairs in turn."""
    return (metric.row(*pairs[number % len(pairs)]) for number in range(samples))


def table_of(metric: Metric, rows: Iterator[dict[str, Any]]) -> pa.Table:
    """The rows in batches, as a dump collects them."""
    batches, batch = [], []
    for row in rows:
        batch.append(row)
        if len(batch) == 1000:
            batches.append(pa.RecordBatch.from_pylist(batch, schema=metric.schema))
            batch = []
    batches.append(pa.RecordBatch.from_pylist(batch, schema=metric.schema))
    return pa.Table.from_batches(batches)


def peak_mib() -> float:
    """The most memory that this process held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure each case in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=CASES, help="one case")
    parser.add_argument("--samples", type=int, help="how many samples; by default as many as the case is meant for")
    arguments = parser.parse_args()
    if arguments.only and arguments.samples:
        cv2.setNumThreads(1)
        measure(arguments.only, arguments.samples)
        return 0
    for name in [arguments.only] if arguments.only else CASES:
        samples = arguments.samples or CASES[name][1]
        for count in (samples // 10, samples):
            subprocess.run([sys.executable, __file__, "--only", name, "--samples", str(count)], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
