"""Count generated sentences that mean something else than their mask, by a checker that shares no code with them.

    python benchmarks/ambiguity.py --count 10000
    python benchmarks/ambiguity.py --count 10000 --source nwpu-vhr-10 --root ../shared/data/nwpu_vhr10 --tile 500

The sentences are those that tools/make_triplets.py writes. The checker (tests/data/checker.py) reads one, derives
from the masks and pixels alone which objects it can mean, and compares them with the triplet's mask. Scenes are random
rectangles, generated scenes, and a data set with masks where one is named. Ends with 1 if a sentence fails.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from remotesam.data.generation.composing import compose
from remotesam.data.generation.negatives import HardNegatives
from remotesam.data.generation.settings import Numbers
from remotesam.data.generation.tiling import Tiling, tiles
from remotesam.data.record_scenes import open_scenes
from remotesam.data.scene import Scene
from remotesam.data.synthetic import generate_scene
from remotesam.data.triplets import Triplet
from tests.data.checker import attributes, check
from tests.data.scenes import random_scene

KINDS = ("one-to-one", "one-to-many", "one-to-zero")
NUMBERS = Numbers(one_to_one=8, one_to_many=4, zero_ratio=0.35)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="one-to-one sentences to check (10000)")
    parser.add_argument("--source", help="a data set with masks, such as nwpu-vhr-10")
    parser.add_argument("--root", help="its folder")
    parser.add_argument("--split", default="train", help="its split (train)")
    parser.add_argument("--tile", type=int, default=500, help="side of its tiles in pixels (500)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sentences (0)")
    arguments = parser.parse_args()
    kinds = {"rectangles": _rectangles(arguments.seed), "generated": _generated(arguments.seed)}
    if arguments.source:
        kinds[arguments.source] = _tiled(arguments.source, arguments.root, arguments.split, arguments.tile)
    failures: list[str] = []
    checked: Counter[tuple[str, str]] = Counter()
    said: Counter[str] = Counter()
    with Progress(disable=not sys.stderr.isatty()) as progress:
        for number, (name, scenes) in enumerate(kinds.items()):
            wanted = arguments.count * (number + 1) // len(kinds) - said.total()
            task = progress.add_task(name, total=wanted)
            for place, scene in enumerate(scenes):
                for triplet in _write(scene, [arguments.seed, number, place]):
                    checked[name, triplet.kind] += 1
                    if triplet.kind == "one-to-one":
                        said[" + ".join(kind for kind, _ in attributes(triplet.expression)) or "alone"] += 1
                        progress.advance(task)
                    failures += _failure(scene, triplet)
                if checked[name, "one-to-one"] >= wanted:
                    break
    for name in kinds:
        print(f"{name}: {', '.join(f'{checked[name, kind]:,} {kind}' for kind in KINDS)}")
    print("one-to-one by what they say:", ", ".join(f"{rule} {count:,}" for rule, count in said.most_common()))
    print(f"{len(failures)} of {sum(checked.values()):,} sentences mean something else than their mask")
    for failure in failures[:20]:
        print(f"  {failure}")
    return 1 if failures else 0


def _write(scene: Scene, seed: list[int]) -> list[Triplet]:
    negatives = HardNegatives([{instance.category for instance in scene.instances}], hard=0.75)
    return compose(scene, NUMBERS, rng=np.random.default_rng(seed), choose_absent=negatives)


def _failure(scene: Scene, triplet: Triplet) -> list[str]:
    try:
        check(scene, triplet)
    except AssertionError as error:
        return [f"{scene.name}: {error}"]
    return []


def _rectangles(seed: int) -> Iterator[Scene]:
    for number in range(10**9):
        yield random_scene(seed * 10**6 + number)


def _generated(seed: int) -> Iterator[Scene]:
    for number in range(10**9):
        yield generate_scene(seed * 10**6 + number, size=512)


def _tiled(source: str, root: str, split: str, size: int) -> Iterator[Scene]:
    """The tiles of a data set, then those of other sizes, as long as they last."""
    scenes = open_scenes(source, root, split=split)
    for side in (size, 2 * size, 3 * size, size // 2):
        for number in range(len(scenes)):
            for _, tile in tiles(scenes.scene(number), Tiling(size=side, overlap=side // 4, whole_up_to=side)):
                yield tile


if __name__ == "__main__":
    sys.exit(main())
