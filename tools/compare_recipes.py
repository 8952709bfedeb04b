"""Train several recipes for the same time on the same machine, and put what they reach side by side.

    python tools/compare_recipes.py configs/recipes_mini.py -o runs/recipes --seconds 420 --parallel 2

The file of recipes names a training configuration (``base``) and what each recipe changes in it (``recipes``, a mapping
of names to ``options``, lists of ``field=value``; ``before`` is what is trained first, for a share of the time).
Written are ``table.md``, ``curves.png`` and the log of every recipe. Recipes that are done are not run again.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib
from mmengine.config import Config

from remotesam.files import atomic_path, write_text
from remotesam.training.checkpoint import CheckpointFolder

FIGURES = ("mIoU", "oIoU", "Pr@0.5", "N-acc")


def train(base: str, folder: Path, *, options: list[str], seconds: float) -> Path:
    """Train one configuration for so many seconds in a process of its own; returns its folder."""
    if not (folder / "done").is_file():
        command = [sys.executable, "tools/train.py", base, "--work-dir", str(folder), "--resume", "--cfg-options"]
        command += [*options, "max_steps=None", f"max_seconds={seconds:g}"]
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "output.txt").open("w", encoding="utf-8") as output:
            code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
        if code:
            raise RuntimeError(f"{folder.name}: ended with {code}; see {folder / 'output.txt'}")
        (folder / "done").touch()
    return folder


def run_recipe(base: str, folder: Path, recipe: Mapping[str, Any], *, seconds: float) -> Path:
    """Train one recipe, what comes before it first."""
    options = list(recipe["options"])
    if before := recipe.get("before"):
        share = float(before["share"])
        first = train(base, folder / "before", options=before["options"], seconds=share * seconds)
        states = CheckpointFolder(first / "checkpoints")
        options.append(f"init_from={states.path(states.steps()[-1])}")
        seconds *= 1 - share
    return train(base, folder, options=options, seconds=seconds)


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The records of a run."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def last_validation(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of a run's last validation."""
    return [record for record in records if record["kind"] == "validation"][-1]


def table(folders: list[Path]) -> str:
    """A Markdown table of the last validation of each run, best mIoU first."""
    rows = []
    for folder in folders:
        records = read_log(folder)
        last = last_validation(records)
        speeds = [record["images_per_s"] for record in records if record["kind"] == "train"]
        rows.append((last["mIoU"], folder.name, last, sum(speeds) / len(speeds)))
    lines = ["| recipe | steps | images/s | " + " | ".join(FIGURES) + " |", "| --- " * (3 + len(FIGURES)) + "|"]
    for _, name, last, speed in sorted(rows, key=lambda row: -row[0]):
        figures = " | ".join(f"{last[figure]:.3f}" for figure in FIGURES)
        lines.append(f"| {name} | {last['step']} | {speed:.0f} | {figures} |")
    return "\n".join(lines) + "\n"


def draw(folders: list[Path], path: Path) -> None:
    """The last validation mIoU as bars, and the losses over the share of the time, one colour a recipe."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(17, 5), layout="constrained")
    for number, folder in enumerate(folders):
        records = read_log(folder)
        style = {"color": f"C{number % 10}", "linestyle": "-" if number < 10 else "--"}
        losses = [record for record in records if record["kind"] == "train"]
        end = losses[-1]["step"]
        for axis, name in ((axes[1], "dice"), (axes[2], "categories")):
            points = [(record["step"] / end, record[name]) for record in losses if name in record]
            axis.plot(*zip(*_smooth(points), strict=True), **style)
        axes[0].barh(folder.name, last_validation(records)["mIoU"], color=style["color"])
    axes[0].invert_yaxis()
    axes[0].set(title="mIoU of present categories, validation")
    for axis, title in zip(axes[1:], ("Dice loss, training", "category loss, training"), strict=True):
        axis.set(title=title, xlabel="share of the time")
    for axis in axes:
        axis.grid(alpha=0.3)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=80, format="png")


def _smooth(points: list[tuple[float, float]], width: int = 7) -> list[tuple[float, float]]:
    groups = [points[max(0, end - width) : end] for end in range(1, len(points) + 1)]
    return [(group[-1][0], sum(value for _, value in group) / len(group)) for group in groups]


def main() -> int:
    """Run the command; 0 if every recipe ended well, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", type=Path, help="file of recipes")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for runs, table and curves")
    parser.add_argument("--seconds", type=float, required=True, help="training time of each recipe")
    parser.add_argument("--parallel", type=int, default=1, help="recipes trained at once, sharing the machine")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these recipes alone")
    arguments = parser.parse_args()

    values = Config.fromfile(str(arguments.recipes))
    recipes = {name: recipe for name, recipe in values.recipes.items() if not arguments.only or name in arguments.only}
    if arguments.only and (unknown := sorted(set(arguments.only) - set(recipes))):
        parser.error(f"no recipes {unknown}; there are {sorted(values.recipes)}")
    begin, done, failed = time.monotonic(), [], 0
    with ThreadPoolExecutor(arguments.parallel) as pool:
        jobs = {
            name: pool.submit(run_recipe, values.base, arguments.output / name, recipe, seconds=arguments.seconds)
            for name, recipe in recipes.items()
        }
        for name, job in jobs.items():
            try:
                done.append(job.result())
                print(f"{name}: done after {time.monotonic() - begin:.0f} s", flush=True)
            except RuntimeError as error:
                failed += 1
                print(f"error: {error}", file=sys.stderr, flush=True)
    if done:
        draw(done, arguments.output / "curves.png")
        text = table(done)
        write_text(arguments.output / "table.md", text)
        print(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
