"""Calibrate the presence score of a checkpoint and choose its operating point.

Every annotated category of every image is asked for as "{category} in the image", present or not. From the scores of
the answers follow a calibration (score -> probability that the target is there) and the smallest gate that calls the
wanted share of absent targets absent:

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
    """The presence scores (N,) of all answers, whether the target was there (N,), and the N questions' categories."""

    scores: NDArray[np.float64]
    present: NDArray[np.bool_]
    categories: list[str]


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

    if not 0 <= options.n_acc <= 1:
        raise ValueError(f"--n-acc is {options.n_acc}; use a number from 0 to 1")
    model = RemoteSAM.from_pretrained(options.checkpoint)
    fitted_on = joined([ask(model, given, options.limit) for given in options.fit])
    calibration = fit_calibration(
        fitted_on.scores, fitted_on.present, kind=options.kind, categories=fitted_on.categories
    )
    point = operating_point(calibrated(fitted_on, calibration), fitted_on.present, n_acc=options.n_acc)
    gate = round(point.gate, 4)
    checked = joined([ask(model, given, options.limit) for given in options.check]) if options.check else None
    table = Table("on", "answers", "ECE before", f"ECE {options.kind}", "N-acc", "T-acc", title=str(options.checkpoint))
    for name, answers in {"fitted on": fitted_on, **({"checked on": checked} if checked else {})}.items():
        table.add_row(name, *figures(answers, calibration, gate))
    Console().print(table)
    print(f"presence_threshold {gate}, calibration {json.dumps(calibration.to_dict())}")
    if options.diagram:
        shown = checked or fitted_on
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
    """The answers to all questions about one data set."""
    from remotesam.cli.options import read_reader_options
    from remotesam.evaluation.data import open_data
    from remotesam.evaluation.mask_counts import decoded
    from remotesam.evaluation.questions import AskOptions, make_questions
    from remotesam.presence import presence_score

    if len(given) < 2:
        raise ValueError(f"--fit {given[0]}: give the folder of its images, too")
    data, root, *rest = given
    split = rest.pop(0) if rest and "=" not in rest[0] else "-"
    place = {"images": root} if data.endswith(".json") else {"root": root}
    opened = open_data(
        data,
        **place,  # type: ignore[arg-type]
        split=None if split == "-" else split,
        options=read_reader_options(rest, hint="--fit and --check"),
    )
    questions = make_questions(opened, "ref", AskOptions(asked="categories"))
    total = len(questions) if limit is None else min(limit, len(questions))
    scores, present, categories = [], [], []
    for index in track(range(total), description=data, console=console):
        picture = questions.picture(index)
        maps = model.segmenter.segment(picture.pixels(), [question.text for question in picture.questions])
        for question, probability in zip(picture.questions, maps, strict=True):
            scores.append(presence_score(probability))
            present.append(bool(decoded(question.truth().mask, question.id).any()))
            categories.append(question.category)
    return Answers(np.array(scores, np.float64), np.array(present, bool), categories)


def joined(parts: Sequence[Answers]) -> Answers:
    """The answers about several data sets as those about one."""
    return Answers(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.present for part in parts]),
        [category for part in parts for category in part.categories],
    )


def calibrated(answers: Answers, calibration: "Calibration") -> NDArray[np.float64]:
    """The probabilities (N,) that a calibration makes of the scores."""
    by_category = {category: calibration.about(category) for category in set(answers.categories)}
    return np.array(
        [
            by_category[category].probability(score)
            for category, score in zip(answers.categories, answers.scores, strict=True)
        ]
    )


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
