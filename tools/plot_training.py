"""Draw the curves of a run from its log.

    python tools/plot_training.py runs/remotesam_mini/log.jsonl -o curves.png

Several logs of runs that continued each other are drawn one after the other, each starting where the last one ended.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

from remotesam.files import atomic_path

LOSSES = ("loss", "cross_entropy", "dice", "contour", "presence", "categories")
FIGURES = ("mIoU", "oIoU", "Pr@0.5", "N-acc")


def read_logs(paths: Sequence[Path]) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Kind ("train", "validation") -> name -> (step, value) pairs; steps of later logs are added to earlier ones."""
    curves: dict[str, dict[str, list[tuple[int, float]]]] = {
        "train": defaultdict(list),
        "validation": defaultdict(list),
    }
    start = last = 0
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                record = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: is not JSON ({error})") from error
            last = start + int(record["step"])
            for name, value in record.items():
                if record["kind"] in curves and isinstance(value, int | float):
                    curves[record["kind"]][name].append((last, float(value)))
        start = last
    return curves


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the logs and write one picture with three charts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path, help="log.jsonl of one run, or of several in their order")
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture to write")
    parser.add_argument("--smooth", type=int, default=5, help="mean over so many records of the losses")
    options = parser.parse_args(arguments)
    matplotlib.use("Agg")
    from matplotlib import pyplot

    curves = read_logs(options.logs)
    figure, axes = pyplot.subplots(1, 3, figsize=(15, 4.2), layout="constrained")
    width = max(1, options.smooth)
    for name in LOSSES:
        if len(points := curves["train"].get(name, [])) >= width:
            steps, values = np.array(points).T
            axes[0].plot(steps[width - 1 :], np.convolve(values, np.ones(width) / width, "valid"), label=name)
    for name in FIGURES:
        if points := curves["validation"].get(name, []):
            axes[1].plot(*np.array(points).T, marker="o", label=name)
    for name, points in sorted(curves["validation"].items()):
        if name.startswith("IoU/"):
            axes[2].plot(*np.array(points).T, marker="o", label=name.removeprefix("IoU/"))
    for axis, title in zip(axes, ("training losses", "validation", "validation, mIoU by category"), strict=True):
        axis.set(title=title, xlabel="step")
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend(fontsize=8)
    with atomic_path(options.output) as temporary:
        figure.savefig(temporary, dpi=80, format=options.output.suffix.removeprefix(".") or "png")
    print(options.output)


if __name__ == "__main__":
    main()
