"""Calibrate the presence score of a checkpoint and choose its operating point.

Every annotated category of every image is asked for as "{category} in the image", present or not. From the scores of
the answers follow a calibration (score -> probability that the target is there) and the smallest gate that calls the
wanted share of absent targets absent:

    python tools/calibrate.py checkpoints/remotesam-mini --images ../shared/data/nwpu_vhr10/images \
        --annotations ../shared/data/nwpu_vhr10/instances_train.json --limit 200

Prints the figures; with --write puts both into the checkpoint's config.json, with --check FILE shows what they give on
other annotations, with --diagram FILE draws reliability before and after, on the annotations of --check where there are
some. Choose on data that the figures are not reported on.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

if TYPE_CHECKING:
    from remotesam import RemoteSAM
    from remotesam.calibration import Calibration

console = Console(stderr=True)
Answers = tuple[NDArray[np.float64], NDArray[np.bool_]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if all went well, 2 for a mistake in what was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="checkpoint folder")
    parser.add_argument("--annotations", required=True, help="COCO instance file to fit on")
    parser.add_argument("--check", help="COCO instance file to show the result on")
    parser.add_argument("--images", required=True, help="folder of the images of both")
    parser.add_argument("--kind", choices=("temperature", "isotonic"), default="isotonic")
    parser.add_argument("--n-acc", type=float, default=0.97, help="share of absent targets to be called absent")
    parser.add_argument("--limit", type=int, help="only the first images of each file")
    parser.add_argument("--diagram", metavar="FILE", help="write a reliability diagram there, PNG")
    parser.add_argument("--write", action="store_true", help="put the result into config.json")
    options = parser.parse_args(arguments)
    try:
        calibrate(options)
    except (ValueError, FileNotFoundError, ModuleNotFoundError) as error:
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
    fitted_on = ask(model, options.annotations, options)
    calibration = fit_calibration(*fitted_on, kind=options.kind)
    point = operating_point(*fitted_on, n_acc=options.n_acc)
    gate = round(calibration.probability(point.gate), 4)
    sets = {options.annotations: fitted_on}
    if options.check:
        sets[options.check] = ask(model, options.check, options)
    table = Table("on", "answers", "ECE before", f"ECE {options.kind}", "N-acc", "T-acc", title=str(options.checkpoint))
    for name, answers in sets.items():
        table.add_row(name, *figures(answers, calibration, gate))
    Console().print(table)
    print(f"presence_threshold {gate} (score {point.gate:.4f}), calibration {json.dumps(calibration.to_dict())}")
    if options.diagram:
        scores, present = sets[options.check or options.annotations]
        after = np.array([calibration.probability(score) for score in scores])
        write_reliability(options.diagram, {"scores": (scores, present), "calibrated": (after, present)})
    if options.write:
        path = options.checkpoint / CONFIG_NAME
        values = json.loads(path.read_text(encoding="utf-8"))
        values |= {"presence_threshold": gate, "calibration": calibration.to_dict()}
        parse_config(values, name=str(path))
        write_json(path, values)


def ask(model: "RemoteSAM", annotations: str, options: argparse.Namespace) -> Answers:
    """The presence scores of all answers, and whether the target was there."""
    from remotesam.data.coco import CocoScenes
    from remotesam.evaluation.protocol import answers
    from remotesam.presence import presence_score

    source = CocoScenes(annotation_file=annotations, image_folder=options.images)
    total = len(source) if options.limit is None else min(options.limit, len(source))
    scores, present = [], []
    for index in track(range(total), description="images", console=console):
        for answer in answers(source, model.segmenter, indices=[index]):
            scores += [presence_score(probability) for probability in answer.probabilities]
            present += [bool(triplet.mask.any()) for triplet in answer.triplets]
    return np.array(scores, np.float64), np.array(present, bool)


def figures(answers: Answers, calibration: "Calibration", gate: float) -> list[str]:
    """A row of the table."""
    from remotesam.evaluation.calibration import reliability

    scores, present = answers
    after = np.array([calibration.probability(score) for score in scores])
    found = after > gate
    shares = [
        (~found[~present]).mean() if not present.all() else np.nan,
        found[present].mean() if present.any() else np.nan,
    ]
    errors = [reliability(values, present).error for values in (scores, after)]
    return [str(scores.size), *(f"{value:.4f}" for value in (*errors, *shares))]


if __name__ == "__main__":
    sys.exit(main())
