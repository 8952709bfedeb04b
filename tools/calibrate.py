"""Calibrate the presence score of a checkpoint and choose its operating point.

Every annotated category of every image is asked for as "{category} in the image", present or not; so are the sentences
about one object that the annotations allow ("the ship on the left"), and about as many whose object is not there. From
the scores of the answers follow a calibration (score -> probability that the target is there) and the smallest gate
that calls the wanted share of absent categories absent:

    python tools/calibrate.py checkpoints/remotesam-mini --fit nwpu-vhr-10 ../shared/data/nwpu_vhr10 val

``--fit`` takes what ``remotesam evaluate`` takes as --data, --root, --split ("-" for none) and --data-option, one after
the other, as often as there are data sets to fit on; a COCO file goes with the folder of its images:

    --fit instances.json images/ --fit coco ../shared/data/hotosm_buildings train every_fifth=only

A data set whose images all show its only category teaches how sure the model is where that is there, not where it is
not. Prints the figures; with --write puts both into the checkpoint's config.json, with --check shows what they give on
other data, with --diagram FILE draws reliability before and after, on the data of --check where there is some. Choose
on data that the figures are not reported on.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

if TYPE_CHECKING:
    from remotesam import RemoteSAM
    from remotesam.calibration import Calibration

console = Console(stderr=True)


class Answers(NamedTuple):
    """Of N answers.

    Attributes:
        scores: (N,) presence scores.
        present: (N,) whether the target was there.
        texts: What was asked.
        categories: What it was about.
        plain: (N,) whether the sentence was "{category} in the image".
    """

    scores: NDArray[np.float64]
    present: NDArray[np.bool_]
    texts: list[str]
    categories: list[str]
    plain: NDArray[np.bool_]

    def part(self, which: NDArray[np.bool_]) -> "Answers":
        """Some of them."""
        return answers_of([row for row, wanted in zip(zip(*self, strict=True), which, strict=True) if wanted])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if all went well, 2 for a mistake in what was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data: dict[str, Any] = {"nargs": "+", "action": "append", "metavar": ("DATA", "ROOT")}
    parser.add_argument("checkpoint", type=Path, help="checkpoint folder")
    parser.add_argument("--fit", required=True, **data, help="data to fit on: DATA ROOT [SPLIT] [OPTION=VALUE ...]")
    parser.add_argument("--check", default=[], **data, help="data to show the result on, likewise")
    parser.add_argument("--kind", choices=("logistic", "isotonic", "temperature"), default="logistic")
    parser.add_argument("--n-acc", type=float, default=0.97, help="share of absent targets to be called absent")
    parser.add_argument("--limit", type=int, help="only the first images of each data set")
    parser.add_argument("--diagram", metavar="FILE", help="write a reliability diagram there, PNG")
    parser.add_argument("--write", action="store_true", help="put the result into config.json")
    options = parser.parse_args(arguments)
    try:
        calibrate(options)
    except (ValueError, FileNotFoundError, ModuleNotFoundError, typer.BadParameter) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def calibrate(options: argparse.Namespace) -> None:
    """Fit, show, draw and write what was asked for."""
    from remotesam import RemoteSAM
    from remotesam.checkpoints import CONFIG_NAME, parse_config
    from remotesam.evaluation.plots import write_reliability
    from remotesam.evaluation.presence_fit import fit_calibration, operating_point
    from remotesam.files import write_json
    from remotesam.inference import may_be_tiled

    if not 0 <= options.n_acc <= 1:
        raise ValueError(f"--n-acc is {options.n_acc}; use a number from 0 to 1")
    model = RemoteSAM.from_pretrained(options.checkpoint)
    fitted_on = joined([ask(model, given, options.limit) for given in options.fit])
    calibration = fit_calibration(
        fitted_on.scores,
        fitted_on.present,
        kind=options.kind,
        categories=fitted_on.categories,
        details=np.array([not may_be_tiled(text) for text in fitted_on.texts]),
    )
    asked = fitted_on.part(fitted_on.plain)
    point = operating_point(calibrated(asked, calibration), asked.present, n_acc=options.n_acc)
    gate = round(point.gate, 4)
    checked = joined([ask(model, given, options.limit) for given in options.check]) if options.check else None
    table = Table("on", "answers", "ECE before", f"ECE {options.kind}", "N-acc", "T-acc", title=str(options.checkpoint))
    for name, answers in {"fitted on": fitted_on, **({"checked on": checked} if checked else {})}.items():
        table.add_row(f"{name}, categories", *figures(answers.part(answers.plain), calibration, gate))
        table.add_row(f"{name}, sentences", *figures(answers.part(~answers.plain), calibration, gate))
    Console().print(table)
    print(f"presence_threshold {gate}, calibration {json.dumps(calibration.to_dict())}")
    if options.diagram:
        shown = checked or fitted_on
        shown = shown.part(shown.plain)
        after = calibrated(shown, calibration)
        curves = {"scores": (shown.scores, shown.present), "calibrated": (after, shown.present)}
        write_reliability(options.diagram, curves)
    if options.write:
        path = options.checkpoint / CONFIG_NAME
        values = json.loads(path.read_text(encoding="utf-8"))
        values |= {"presence_threshold": gate, "calibration": calibration.to_dict()}
        parse_config(values, name=str(path))
        write_json(path, values)


def ask(model: "RemoteSAM", given: Sequence[str], limit: int | None) -> Answers:
    """The answers to all sentences about one data set."""
    from remotesam.cli.options import read_reader_options
    from remotesam.data.record_scenes import RecordScenes
    from remotesam.data.triplets import evaluation_triplets, make_triplets, unique_triplets
    from remotesam.evaluation.data import open_data
    from remotesam.presence import presence_score

    if len(given) < 2:
        raise ValueError(f"{given[0]}: give the folder of its images, too")
    data, root, *rest = given
    split = rest.pop(0) if rest and "=" not in rest[0] else "-"
    place = {"images": root} if data.endswith(".json") else {"root": root}
    opened = open_data(
        data,
        **place,  # type: ignore[arg-type]
        split=None if split == "-" else split,
        options=read_reader_options(rest, hint="--fit and --check"),
    )
    if opened.records is None:
        raise ValueError(f"{data}: a triplet set does not say which categories its images lack")
    scenes = RecordScenes(opened.records, on_error="raise")
    total = len(scenes) if limit is None else min(limit, len(scenes))
    rows: list[tuple[float, bool, str, str, bool]] = []
    for index in track(range(total), description=data, console=console):
        scene = scenes.scene(index)
        categories, objects = evaluation_triplets(scene), unique_triplets(scene, 0)
        rng = np.random.default_rng(index)
        absent = make_triplets(scene, count=max(1, len(objects)), rng=rng, kind_ratio={"one-to-zero": 1}, canonical=0)
        absent = [triplet for triplet in absent if triplet.kind == "one-to-zero"]
        triplets = [*categories, *objects, *absent]
        maps = model.segmenter.segment(scene.image, [triplet.expression for triplet in triplets])
        for number, (triplet, probability) in enumerate(zip(triplets, maps, strict=True)):
            told = triplet.expression, triplet.category, number < len(categories)
            rows.append((presence_score(probability), bool(triplet.mask.any()), *told))
    return answers_of(rows)


def answers_of(rows: Sequence[tuple[float, bool, str, str, bool]]) -> Answers:
    """Rows as columns."""
    scores, present, texts, categories, plain = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Answers(
        np.array(scores, np.float64), np.array(present, bool), list(texts), list(categories), np.array(plain, bool)
    )


def joined(parts: Sequence[Answers]) -> Answers:
    """The answers about several data sets as those about one."""
    return answers_of([row for part in parts for row in zip(*part, strict=True)])


def calibrated(answers: Answers, calibration: "Calibration") -> NDArray[np.float64]:
    """The probabilities (N,) that a calibration makes of the scores."""
    pairs = zip(answers.texts, answers.scores, strict=True)
    return np.array([calibration.about(text).probability(score) for text, score in pairs], np.float64)


def figures(answers: Answers, calibration: "Calibration", gate: float) -> list[str]:
    """A row of the table."""
    from remotesam.evaluation.calibration import reliability

    present = answers.present
    after = calibrated(answers, calibration)
    found = after > gate
    shares = [
        (~found[~present]).mean() if not present.all() else np.nan,
        found[present].mean() if present.any() else np.nan,
    ]
    errors = [reliability(values, present).error for values in (answers.scores, after)]
    return [str(present.size), *(f"{value:.4f}" for value in (*errors, *shares))]


if __name__ == "__main__":
    sys.exit(main())
