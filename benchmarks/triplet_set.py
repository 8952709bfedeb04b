"""Time and memory of a triplet set of a million rows on one core.

    python benchmarks/triplet_set.py                        make a set in a temporary folder, measure, remove it
    python benchmarks/triplet_set.py --rows 100000 --keep runs/set
    python benchmarks/triplet_set.py --clock processor      the same on a busy machine

The masks are drawn: single objects and unions of up to forty, with run lengths like those of real ones (in NWPU VHR-10:
median 137 characters for an object and 577 for the union of a category). Files that were just written are read from the
page cache. Each figure is the best of several repeats, in a fresh process that uses one thread; "resident" is
what that process grew by after importing everything. The pictures themselves are not read. On a machine that others
use too the processor's time tells more than the wall's: the set is in the page cache, so nothing waits for a disk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

SIZE = 800
PER_PICTURE = 5
CATEGORIES = 300
REPEATS = 7


def draw_masks(count: int, rng: np.random.Generator) -> list[tuple[str, int, tuple[int, int, int, int] | None]]:
    """Run lengths, area and box of masks of one to forty wavy ellipses."""
    from remotesam.data.triplet_set import encode_mask

    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    found = []
    for number in track(range(count), "drawing masks", transient=True):
        mask = np.zeros((SIZE, SIZE), bool)
        for _ in range(1 if number % 2 else int(np.exp(rng.uniform(np.log(2), np.log(40))))):
            radius = np.exp(rng.uniform(np.log(8), np.log(70)))
            left, top = (int(value) for value in rng.uniform(0, SIZE - 2 * radius, 2))
            part = np.s_[top : top + int(2 * radius), left : left + int(2 * radius)]
            angle, flat = rng.uniform(0, np.pi), rng.uniform(0.3, 1)
            across, down = x[part] - left - radius, y[part] - top - radius
            u = across * np.cos(angle) + down * np.sin(angle)
            v = (down * np.cos(angle) - across * np.sin(angle)) / flat
            waves = 1 + 0.1 * np.sin(rng.integers(3, 9) * np.arctan2(v, u))
            mask[part] |= np.hypot(u, v) < 0.9 * radius * waves
        found.append(encode_mask(mask))
    return found


def write_set(folder: Path, rows: int) -> float:
    """Write the set; returns the seconds that the writer took."""
    from remotesam.data.triplet_set import TripletRow, TripletSetWriter

    rng = np.random.default_rng(0)
    masks = draw_masks(4000, rng)
    lengths = [len(counts) for counts, _, _ in masks]
    print(f"run lengths: median {np.median(lengths):.0f}, mean {np.mean(lengths):.0f} characters")
    spent = 0.0
    with TripletSetWriter(folder, settings={"rows": rows}, name="a synthetic million") as writer:
        for picture in track(range(rows // PER_PICTURE), "writing", transient=True):
            unit = []
            for mask, kind, number in zip(
                rng.integers(len(masks), size=PER_PICTURE),
                rng.choice(3, PER_PICTURE, p=[0.4, 0.35, 0.25]),
                rng.integers(CATEGORIES, size=PER_PICTURE),
                strict=True,
            ):
                rle, area, box = masks[mask] if kind < 2 else ("", 0, None)
                place = ("left", "right", "top", "bottom")[mask % 4]
                unit.append(
                    TripletRow(
                        image=f"images/{picture:07d}.jpg",
                        image_id=str(picture),
                        width=SIZE,
                        height=SIZE,
                        expression=f"the category {number} of sort {mask % 97} on the {place}",
                        kind=("one-to-one", "one-to-many", "one-to-zero")[kind],  # type: ignore[arg-type]
                        category=f"category {number}",
                        attributes=(f"position:{place}",),
                        rle=rle,
                        area=area,
                        box=box,
                        source=f"set {picture % 12}",
                        split="val" if picture % 10 == 0 else "train",
                        licence="research use only",
                        maker="annotator" if kind < 2 else "",
                    )
                )
            start = time.perf_counter()
            writer.add(unit)
            spent += time.perf_counter() - start
        start = time.perf_counter()
    return spent + time.perf_counter() - start


def measure(folder: Path, clock: Callable[[], float]) -> dict[str, float]:
    """All figures, in this process, by a clock that tells seconds."""
    import psutil

    from remotesam.data.dataset import TripletDataset
    from remotesam.data.transforms import Augmentation
    from remotesam.data.triplet_set import TripletSet
    from remotesam.data.triplet_set.training import TripletPictures

    def best(call: Callable[[], int], repeats: int = REPEATS) -> float:
        """Highest number of things a second that `call` handled, of several repeats."""
        rates = []
        for _ in range(repeats):
            start = clock()
            count = call()
            rates.append(count / (clock() - start))
        return max(rates)

    process = psutil.Process()
    before = process.memory_info().rss
    start = clock()
    triplets = TripletSet(folder)
    figures = {"open, the first time (ms)": 1000 * (clock() - start)}
    figures["open again (ms)"] = 1000 / best(lambda: len(TripletSet(folder)) and 1)
    rng = np.random.default_rng(1)

    def some(read: Callable[[int], object], count: int) -> Callable[[], int]:
        def call() -> int:
            for index in rng.integers(len(triplets), size=count).tolist():
                read(index)
            return count

        return call

    figures["rows at random (rows/s)"] = best(some(triplets.__getitem__, 10_000))
    figures["masks at random (rows/s)"] = best(some(triplets.mask, 2000))
    figures["resident after 84,000 of these (MiB)"] = (process.memory_info().rss - before) / 2**20
    figures["filter by kind and split (ms)"] = 1000 / best(
        lambda: len(triplets.filter(kind="one-to-one", split="train")) and 1, 3
    )

    def in_order() -> int:
        return sum(1 for _, _ in zip(triplets, range(50_000), strict=False))

    def in_blocks() -> int:
        return sum(len(block) for block in triplets.blocks(columns=["expression", "kind", "area"]))

    figures["in order, as rows (rows/s)"] = best(in_order, 3)
    figures["in blocks of three columns (rows/s)"] = best(in_blocks, 3)
    figures["resident after all (MiB)"] = (process.memory_info().rss - before) / 2**20
    start = clock()
    pictures = TripletPictures(folder, split="train")
    figures["set up for training (ms)"] = 1000 * (clock() - start)

    def items() -> int:
        chosen = rng.integers(len(pictures), size=2000)
        return sum(len(pictures.rows(int(index))) > 0 for index in chosen)

    figures["pictures with their rows at random (pictures/s)"] = best(items)
    grey = np.full((SIZE, SIZE, 3), 128, np.uint8)
    pictures.triplets.picture = lambda row: grey  # type: ignore[method-assign]
    samples = TripletDataset(
        sources=[pictures], weights=[1.0], length=10_000, size=448, sentences=3, seed=0, augment=Augmentation()
    )

    def train() -> int:
        return sum(len(samples[int(index)]["expressions"]) > 0 for index in rng.integers(len(samples), size=60))

    figures["training items of 448 pixels, pictures not read (items/s)"] = best(train, 3)
    figures["resident with training (MiB)"] = (process.memory_info().rss - before) / 2**20
    figures["resident at most (MiB)"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before / 2**20
    figures["resident before, with all libraries (MiB)"] = before / 2**20
    return figures


def main() -> None:
    """Make a set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="folder of the set; used as it is where it is complete")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall", help="which time is measured (wall)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        print(
            json.dumps(
                measure(options.measure, time.process_time if options.clock == "processor" else time.perf_counter)
            )
        )
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "set"
        figures = {}
        if not (folder / "card.md").exists():
            figures["written (rows/s)"] = options.rows / write_set(folder, options.rows)
        for part in ("triplets.parquet", "index"):
            size = sum(file.stat().st_size for file in (folder / part).iterdir())
            figures[f"{part} (MiB)"] = size / 2**20
        command = [sys.executable, __file__, "--clock", options.clock, "--measure", str(folder)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
        figures |= json.loads(answer.splitlines()[-1])
    table = Table("figure", "value", title=f"{options.rows:,} triplets, {options.clock} time")
    table.columns[1].justify = "right"
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}" if value >= 100 else f"{value:,.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
