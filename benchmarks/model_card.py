"""The figures of a model's card and of the README, measured anew: every task on NWPU VHR-10, and buildings and roads.

    python benchmarks/model_card.py checkpoints/remotesam-mini --root ../shared/data/nwpu_vhr10 -o runs/card.md

prints Markdown tables: the measures that the bundled model is held to, with what it must and what it should reach;
referring segmentation, by category and at other presence gates; synonyms; every task; and the `remotesam evaluate`
commands that give the same. The dumps stay in `--dumps`, for `remotesam report` and for the same command to go on after
an interruption. Native protocol, float32 unless told otherwise. Buildings and roads have no validation split: every
fifth image is it, which training leaves out by `every_fifth="leave out"`.
"""

from __future__ import annotations

import argparse
import json
import logging
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from remotesam import RemoteSAM
from remotesam.evaluation.calibration import gate_sweep
from remotesam.evaluation.data import open_data
from remotesam.evaluation.dumps import Dump
from remotesam.evaluation.questions import AskOptions, Task
from remotesam.evaluation.run import RunOptions, Subject, run
from remotesam.evaluation.tables import Block, Code, Heading, Lines, Table, to_markdown
from remotesam.files import write_json, write_text
from remotesam.hub import find_checkpoint

SYNONYMS = ("plane", "aircraft", "ball field", "oil tank")
GATES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.94, 0.97)
TASKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ref": (
        "categories and generated one-to-one sentences",
        {"mIoU/targeted": "mIoU of targets", "oIoU/targeted": "oIoU of targets", "N-acc": "N-acc", "T-acc": "T-acc"},
    ),
    "seg": ("ten classes and background", {"mIoU": "mIoU", "mF1": "mF1", "accuracy": "accuracy"}),
    "det": ("horizontal boxes", {"AP": "AP", "AP50": "AP50", "AP75": "AP75"}),
    "det-f1": ("the same without confidences", {"F1": "F1 at IoU 0.5, macro", "micro F1": "micro"}),
    "vg": (
        "one box for a one-to-one sentence",
        {"Pr@0.5": "Pr@0.5", "meanIoU": "meanIoU", "cumIoU": "cumIoU"},
    ),
    "cnt": (
        "exact counts of present classes",
        {"accuracy": "accuracy", "MAE": "MAE", "RMSE": "RMSE", "count F1": "count F1, macro"},
    ),
    "mlc": (
        "labels of whole images",
        {"accuracy": "accuracy", "macro F1": "macro F1", "micro F1": "micro F1", "mAP": "mAP"},
    ),
}
"""Metric -> what is asked, and its figures with how they are called."""

MEASURES = {
    "one-to-many mIoU over (image, present category)": (0.58, 0.72),
    "one-to-one mIoU of generated unique sentences": (0.45, 0.58),
    "N-acc over (image, absent category)": (0.95, 0.98),
    "multi-label accuracy": (0.95, 0.98),
    "box F1 at IoU 0.5, macro": (0.58, 0.78),
    "count F1, macro": (0.72, 0.86),
    "building IoU, every fifth tile": (0.55, 0.72),
    "road IoU, every fifth tile": (0.45, 0.62),
    "synonyms: mIoU relative to the main name": (0.95, 0.99),
}
"""Measure -> (at least, aim)."""


@dataclass(frozen=True)
class Wanted:
    """One evaluation: a data set with the reader's options, a metric with its task, and how questions are made."""

    metric: str
    data: str
    root: Path
    split: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    ask: AskOptions = field(default_factory=AskOptions)

    @property
    def task(self) -> Task:
        return self.metric.removesuffix("-f1")  # type: ignore[return-value]

    def command(self, checkpoint: str, precision: str, limit: int | None) -> str:
        """The same by ``remotesam evaluate``."""
        words = ["remotesam", "evaluate", "--task", self.task, "--data", self.data, "--root", str(self.root)]
        words += ["--split", self.split] if self.split else []
        words += [] if self.metric == self.task else ["--metric", self.metric]
        words += ["--questions", self.ask.asked] if self.ask.asked else []
        for synonym in self.ask.synonyms or ():
            words += ["--synonym", synonym]
        for name, value in self.options.items():
            words += ["--data-option", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
        words += ["--limit", str(limit)] if limit else []
        return shlex.join([*words, "--checkpoint", checkpoint, "--precision", precision])


def main() -> None:
    data = Path("../shared/data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="checkpoint folder, bundled name or hub id")
    parser.add_argument("--root", type=Path, default=data / "nwpu_vhr10", help="folder of NWPU VHR-10")
    parser.add_argument("--split", default="val", help="its split (val); train to choose a gate there")
    parser.add_argument("--buildings", type=Path, default=data / "hotosm_buildings", help="a COCO folder; split train")
    parser.add_argument("--roads", type=Path, default=data / "cil_roads", help="images, and masks with roads as 255")
    parser.add_argument("--dumps", type=Path, help="folder of the dumps (default: runs/model_card/<checkpoint>)")
    parser.add_argument("-o", "--output", type=Path, help="write the Markdown there too")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--limit", type=int, help="only the first images of each set, for a quick look")
    parser.add_argument("--device", help="cpu, cuda ...; chosen automatically")
    parser.add_argument("--precision", default="float32", help="float32 (default), bf16 or fp16")
    arguments = parser.parse_args()
    for folder in (arguments.root, arguments.buildings, arguments.roads):
        if not folder.is_dir():
            parser.error(f"{folder}: there is no such folder")
    logging.getLogger("remotesam").setLevel(logging.ERROR)  # what was measured before is taken as it is

    dumps = measure(arguments)
    text = to_markdown(card(dumps, arguments))
    print(text)
    if arguments.output:
        write_text(arguments.output, text)
    if arguments.json:
        told = {
            name: {key: dump.summary[key] for key in ("samples", "figures", "parts")} for name, dump in dumps.items()
        }
        write_json(arguments.json, {"measures": measures(dumps), **told})


def evaluations(arguments: argparse.Namespace) -> dict[str, Wanted]:
    """All evaluations by a short name."""
    nwpu = {"data": "nwpu-vhr-10", "root": arguments.root, "split": arguments.split}
    fifth = {"every_fifth": "only"}
    roads = {"palette": {"background": 0, "road": 255}, **fifth}
    return {
        **{metric: Wanted(metric, **nwpu) for metric in TASKS},
        "synonyms": Wanted("ref", **nwpu, ask=AskOptions(asked="synonyms", synonyms=SYNONYMS)),
        "buildings": Wanted("ref", "coco", arguments.buildings, "train", fifth, AskOptions(asked="categories")),
        "roads": Wanted("ref", "palette", arguments.roads, None, roads, AskOptions(asked="categories")),
    }


def measure(arguments: argparse.Namespace) -> dict[str, Dump]:
    """Runs them, each where an earlier call stopped."""
    folder = find_checkpoint(arguments.checkpoint)
    dumps = arguments.dumps or Path("runs/model_card") / folder.name
    dumps = dumps if arguments.split == "val" else dumps / arguments.split
    model = RemoteSAM.from_pretrained(folder, device=arguments.device, precision=arguments.precision)
    subject = Subject.of_model(model, folder=folder, name=arguments.checkpoint)
    found = {}
    for name, wanted in evaluations(arguments).items():
        data = open_data(wanted.data, root=wanted.root, split=wanted.split, options=wanted.options)
        options = RunOptions(
            metric=wanted.metric,
            ask=wanted.ask,
            limit=arguments.limit,
            overwrite=True,
            command=wanted.command(arguments.checkpoint, arguments.precision, arguments.limit),
        )
        dump = run(data, wanted.task, subject, folder=dumps / name, options=options)
        assert dump is not None
        found[name] = dump
    return found


def measures(dumps: Mapping[str, Dump]) -> dict[str, float | None]:
    """What the bundled model is held to."""
    parts = dumps["ref"].summary["parts"]
    values = (
        parts["category"]["figures"]["mIoU/targeted"],
        parts["one-to-one"]["figures"]["mIoU"],
        parts["category"]["figures"]["N-acc"],
        dumps["mlc"].summary["figures"]["accuracy"],
        dumps["det-f1"].summary["figures"]["F1"],
        dumps["cnt"].summary["figures"]["count F1"],
        dumps["buildings"].summary["figures"]["oIoU"],
        dumps["roads"].summary["figures"]["oIoU"],
        synonyms(dumps["synonyms"])["all"][2],
    )
    return dict(zip(MEASURES, values, strict=True))


def synonyms(dump: Dump) -> dict[str, tuple[float, float, float, int]]:
    """Synonym, or "all" -> mIoU over the images that show it, that of the main name on the same, quotient, images."""
    rows = dump.rows.to_pylist()
    iou = dump.metric.ious(dump.rows)  # type: ignore[attr-defined]
    main = {(r["image"], r["category"]): v for r, v in zip(rows, iou, strict=True) if r["asked"] == "category"}
    pairs: dict[str, list[tuple[float, float]]] = {}
    for row, value in zip(rows, iou, strict=True):
        if row["asked"] == "synonym" and row["target"]:
            pairs.setdefault(row["question"], []).append((value, main[row["image"], row["category"]]))
    pairs["all"] = [pair for of_one in pairs.values() for pair in of_one]
    means = {name: np.mean(of_one or [(np.nan, np.nan)], axis=0) for name, of_one in pairs.items()}
    return {name: (*mean, mean[0] / mean[1] if mean[1] else np.nan, len(pairs[name])) for name, mean in means.items()}


def card(dumps: Mapping[str, Dump], arguments: argparse.Namespace) -> list[Block]:
    """All tables."""
    model = dumps["ref"].summary["model"]
    about = f"`{model['name']}` ({model['sha256'][:12]}), input {dumps['ref'].summary['input_size']}, "
    about += f"threshold {model['threshold']}, presence gate {model['presence_threshold']}, {model['precision']} on "
    about += f"{model['device']}; native protocol" + (f"; first {arguments.limit} images" if arguments.limit else "")
    header = ["measure", "measured", "at least", "aim", "reached"]
    rows = [
        [name, _text(value), *map(str, MEASURES[name]), _reached(name, value)]
        for name, value in measures(dumps).items()
    ]
    blocks: list[Block] = [Lines([about]), Heading("Measures"), Table(header, rows)]
    blocks += [Heading(f"Referring segmentation on NWPU VHR-10 {arguments.split}"), _referring(dumps["ref"])]
    blocks += [Heading("By category"), _categories(dumps), Heading("Presence gates"), _gates(dumps["ref"])]
    told = [[name, *map(_text, values), str(count)] for name, (*values, count) in synonyms(dumps["synonyms"]).items()]
    blocks += [Heading("Synonyms"), Table(["question", "mIoU", "mIoU of the main name", "relative", "images"], told)]
    tasks = [[f"`{name}`", what, _line(dumps[name], figures)] for name, (what, figures) in TASKS.items()]
    for name in ("buildings", "roads"):
        figures = {"oIoU": "IoU (all intersections over all unions)", "mIoU": "mIoU"}
        tasks.append([f"`ref`, {name}", "every fifth tile", _line(dumps[name], figures)])
    commands = "\n".join(dump.summary["command"] for dump in dumps.values())
    return [
        *blocks,
        Heading("All tasks"),
        Table(["task", "what", "figures"], tasks),
        Heading("Commands"),
        Code(commands),
    ]


def _referring(dump: Dump) -> Table:
    category, unique = (dump.summary["parts"][kind] for kind in ("category", "one-to-one"))
    figures = category["figures"]
    some = dump.rows.filter(pc.equal(dump.rows.column("asked"), "category")).column("target").to_numpy() > 0
    precision = " / ".join(_text(figures[f"Pr@{limit}/targeted"]) for limit in (0.5, 0.7, 0.9))
    rows = [
        [f"mIoU over (image, present category), {some.sum()} pairs", _text(figures["mIoU/targeted"])],
        ["oIoU over the same", _text(figures["oIoU/targeted"])],
        ["Pr@0.5 / 0.7 / 0.9", precision],
        [f"N-acc: absent categories answered by an empty mask, {(~some).sum()} pairs", _text(figures["N-acc"])],
        ["T-acc: present categories answered by a mask", _text(figures["T-acc"])],
        [f"mIoU of {unique['samples']} generated one-to-one sentences", _text(unique["figures"]["mIoU"])],
    ]
    return Table(["figure", "value"], rows)


def _categories(dumps: Mapping[str, Dump]) -> Table:
    iou = dumps["ref"].summary["parts"]["category"]["figures"]
    rows = dumps["ref"].rows.filter(pc.equal(dumps["ref"].rows.column("asked"), "category")).to_pylist()
    objects = dumps["det-f1"].summary["figures"]
    told = []
    for name in sorted(key.removeprefix("IoU/") for key in iou if key.startswith("IoU/")):
        shown = sum(row["category"] == name and row["target"] > 0 for row in rows)
        figures = (iou[f"IoU/{name}"], objects[f"F1/{name}"], objects[f"count F1/{name}"])
        told.append([name, *map(_text, figures), str(shown)])
    return Table(["category", "mIoU", "box F1", "count F1", "images"], told)


def _gates(dump: Dump) -> Table:
    rows = dump.rows.filter(pc.equal(dump.rows.column("asked"), "category"))
    own = dump.summary["model"]["presence_threshold"]
    swept = gate_sweep(dump.metric, rows, sorted({*GATES, own}))
    names = ("mIoU/targeted", "N-acc", "T-acc")
    told = [
        [f"{gate:g}{' (its own)' if gate == own else ''}", *(_text(f.get(n)) for n in names)]
        for gate, f in swept.items()
    ]
    return Table(["presence gate", "mIoU", "N-acc", "T-acc"], told)


def _line(dump: Dump, figures: Mapping[str, str]) -> str:
    values = dump.summary["figures"]
    return ", ".join(
        f"{called} {_text(values[name]) if name not in ('MAE', 'RMSE') else f'{values[name]:.2f}'}"
        for name, called in figures.items()
    )


def _reached(name: str, value: float | None) -> str:
    least, aim = MEASURES[name]
    if value is None or not value >= least:
        return "no"
    return "aim" if value >= aim else "yes"


def _text(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.3f}"


if __name__ == "__main__":
    main()
