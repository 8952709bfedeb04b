"""Time and memory of the networks on one image, as ratios.

    python benchmarks/networks.py                      the bundled model: 1, 5 and 20 sentences about a 448 px image
    python benchmarks/networks.py --published          rmsin_swin-b_896 in float32 and bf16, one sentence, 896 px

Every figure is the median of several runs after a warm-up, each precision of the published network in a process of its
own, so that its peak memory is its own. Weights do not change the time, so the published network has random ones.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch


def median_ms(call: Callable[[], object], *, repeats: int) -> float:
    """Median wall time of `call` in milliseconds, after one run that does not count."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def bundled(*, size: int, repeats: int, model: str) -> None:
    """One call of the segmenter with 1, 5 and 20 sentences; the image is new each time, so nothing is kept."""
    from remotesam import RemoteSAM
    from remotesam.data.synthetic import generate_scene

    segmenter = RemoteSAM.from_pretrained(model, device="cpu").segmenter
    image = generate_scene(1, size=size).image
    names = ["airplane", "ship", "harbor", "bridge", "vehicle", "building", "truck", "road", "tree", "runway"]
    sentences = [f"{form} {name}" for form in ("all", "the largest") for name in names]
    base = 0.0
    print(f"{model}, {size} px, {torch.get_num_threads()} threads, {segmenter.precision}")
    for count in (1, 5, 20):
        shift = iter(range(10_000))

        def call(count: int = count, shift: object = shift) -> object:
            return segmenter.segment(np.roll(image, next(shift), axis=1), sentences[:count])  # type: ignore[call-overload]

        total = median_ms(call, repeats=repeats)
        base = base or total
        print(
            f"{count:3d} sentences  {total:8.1f} ms  {total / count:7.1f} ms each  {total / base:5.2f} x one sentence"
        )


def published_once(precision: str, *, repeats: int) -> dict[str, float]:
    """Time and peak resident memory of the published network in this process."""
    from remotesam.networks import build_network
    from remotesam.networks.published import PUBLISHED_NETWORK

    network = build_network(PUBLISHED_NETWORK).eval()
    image = torch.zeros(1, 3, 896, 896)
    ids, mask = torch.ones(1, 20, dtype=torch.long), torch.ones(1, 20, dtype=torch.long)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        milliseconds = median_ms(lambda: network(image, ids, mask), repeats=repeats)
    return {"ms": milliseconds, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def published(*, repeats: int) -> None:
    """Both precisions, each in a process of its own."""
    figures = {}
    for precision in ("float32", "bf16"):
        command = [sys.executable, __file__, "--published", "--precision", precision, "--repeats", str(repeats)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        figures[precision] = json.loads(answer.splitlines()[-1])
    base = figures["float32"]
    print(f"rmsin_swin-b_896, one sentence, 896 px, {torch.get_num_threads()} threads")
    for precision, figure in figures.items():
        print(
            f"{precision:8s} {figure['ms'] / 1000:7.2f} s  {figure['ms'] / base['ms']:5.2f} x float32  "
            f"peak {figure['peak_mib']:6.0f} MiB  {figure['peak_mib'] / base['peak_mib']:5.2f} x float32"
        )


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--published", action="store_true", help="the published network instead of the bundled model")
    parser.add_argument("--precision", choices=("float32", "bf16"), help="with --published: this one, as JSON")
    parser.add_argument("--model", default="remotesam-mini", help="bundled model or checkpoint folder")
    parser.add_argument("--size", type=int, default=448, help="side of the image in pixels")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.published and arguments.precision:
        print(json.dumps(published_once(arguments.precision, repeats=arguments.repeats)))
    elif arguments.published:
        published(repeats=arguments.repeats)
    else:
        bundled(size=arguments.size, repeats=arguments.repeats, model=arguments.model)


if __name__ == "__main__":
    main()
