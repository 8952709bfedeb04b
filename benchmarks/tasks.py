"""How much of the tasks' time is spent outside the network: the price of having no task heads.

    python benchmarks/tasks.py                  the bundled model, 20 categories, generated scenes of 1024 px
    OMP_NUM_THREADS=1 python benchmarks/tasks.py --clock processor      the same on a busy machine, one thread
    python benchmarks/tasks.py --objects 2000   without a network: detection in maps that hold that many objects

Every picture is new to the model, so its encoding is in the network's time. All that is not inside ``segment`` and
``contour`` of the segmenter counts as outside: checks, gate, threshold, parting, boxes, suppression, wording.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch

from remotesam import RemoteSAM
from remotesam.data.synthetic import generate_scene
from remotesam.data.vocabulary import CATEGORIES
from remotesam.tasks import detect_instances


class Timed:
    """A segmenter that counts the seconds spent inside another one."""

    has_contour = True

    def __init__(self, model: RemoteSAM, clock: Callable[[], float]) -> None:
        self.inner = model.segmenter
        limits = model.thresholds("detect")
        self.threshold, self.presence_threshold = limits["threshold"], limits["presence_threshold"]
        self.calibration = getattr(model.segmenter, "calibration", None)
        self.clock = clock
        self.seconds = 0.0

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """As the inner one."""
        start = self.clock()
        answer = self.inner.segment(image, expressions)
        self.seconds += self.clock() - start
        return answer

    def contour(self, image: np.ndarray) -> np.ndarray:
        """As the inner one."""
        start = self.clock()
        answer = self.inner.contour(image)  # type: ignore[attr-defined]
        self.seconds += self.clock() - start
        return answer


def bundled(*, name: str, size: int, count: int, scenes: int, clock: Callable[[], float]) -> None:
    """Medians over scenes of the time of every task, and of its share outside the network."""
    timed = Timed(RemoteSAM.from_pretrained(name, device="cpu"), clock)
    model = RemoteSAM(timed)
    categories = list(CATEGORIES)[:count]
    calls: dict[str, Callable[[np.ndarray], object]] = {
        "segment (20 sentences)": lambda image: model.segment(image, [f"all {c}" for c in categories]),
        "semantic": lambda image: model.semantic(image, categories),
        "detect": lambda image: model.detect(image, categories),
        "detect, oriented": lambda image: model.detect(image, categories, oriented=True),
        "detect, all let through": lambda image: model.detect(image, categories, presence_threshold=0.0),
        "count": lambda image: model.count(image, categories),
        "classify": lambda image: model.classify(image, categories),
        "caption": lambda image: model.caption(image, categories),
        "ground (1 sentence)": lambda image: model.ground(image, f"the largest {categories[0]}"),
    }
    images = [generate_scene(seed, size=size).image for seed in range(scenes)]
    print(f"{name}, {size} px, {len(categories)} categories, {scenes} scenes, {torch.get_num_threads()} threads")
    for task, call in calls.items():
        totals, shares, found = [], [], []
        for number, image in enumerate([images[0], *images]):
            timed.seconds = 0.0
            start = clock()
            answer = call(np.roll(image, len(task), axis=1))  # a picture that no other task has asked about
            total = clock() - start
            if number:  # the first is a warm-up
                totals.append(total)
                shares.append((total - timed.seconds) / total)
                found.append(len(answer) if isinstance(answer, list) else 0)
        print(
            f"{task:24s} {1000 * statistics.median(totals):7.0f} ms, outside the network "
            f"{100 * statistics.median(shares):5.1f} % (at most {100 * max(shares):.1f} %)"
            + (f", {statistics.mean(found):.0f} objects" if "detect" in task else "")
        )


def objects_alone(*, size: int, count: int, objects: int) -> None:
    """Detection in maps of many small objects, with contours, plain and oriented."""
    rng = np.random.default_rng(0)
    maps = np.zeros((count, size, size), dtype=np.float32)
    for number in range(objects):
        centre, axes = rng.integers(10, size - 10, 2).tolist(), rng.integers(3, 10, 2).tolist()
        cv2.ellipse(maps[number % count], centre, axes, float(rng.integers(180)), 0, 360, 0.95, -1)
    contour = (rng.random((size, size)) ** 2).astype(np.float32)
    names = [f"kind {number}" for number in range(count)]
    for label, options in {
        "components": {},
        "along contours": {"contour": contour},
        "components, oriented": {"oriented": True},
    }.items():
        start = time.process_time()
        found = detect_instances(maps, names, **options)  # type: ignore[arg-type]
        print(f"{label:22s} {len(found):6d} objects in {1000 * (time.process_time() - start):6.0f} ms, one thread")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="remotesam-mini", help="bundled model or checkpoint folder")
    parser.add_argument("--size", type=int, default=1024, help="side of the image in pixels")
    parser.add_argument("--categories", type=int, default=20)
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--objects", type=int, help="no network, but this many objects")
    arguments = parser.parse_args()
    if arguments.objects:
        objects_alone(size=arguments.size, count=arguments.categories, objects=arguments.objects)
    else:
        bundled(
            name=arguments.model,
            size=arguments.size,
            count=arguments.categories,
            scenes=arguments.scenes,
            clock=time.perf_counter if arguments.clock == "wall" else time.process_time,
        )


if __name__ == "__main__":
    main()
