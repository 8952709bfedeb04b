"""Recompute the validation figures of a checkpoint folder, through the public interface.

Every annotated category of every image is asked for as "{category} in the image", present or not, and every one-to-one
sentence that the annotations allow ("the airplane on the left"); predictions are compared at the image's own size:

    python tools/validate.py checkpoints/remotesam-mini \
        --annotations ../shared/data/nwpu_vhr10/instances_val.json --images ../shared/data/nwpu_vhr10/images

How the presence gate trades found targets against right "nothing there" answers, on the training split, where a gate
is to be chosen; figures as JSON; counts of every sample, from which all figures can be recomputed:

    python tools/validate.py checkpoints/remotesam-mini --annotations ... --images ... \
        --sweep 0.3 0.5 0.7 --json figures.json --samples samples.jsonl
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

console = Console(stderr=True)
MAIN = ("mIoU", "oIoU", *(f"Pr@{x}" for x in (0.5, 0.6, 0.7, 0.8, 0.9)), "N-acc", "T-acc", "gIoU", "cIoU")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if all went well, 2 for a mistake in what was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="checkpoint folder, bundled name or hub id")
    parser.add_argument("--annotations", required=True, help="COCO instance file")
    parser.add_argument("--images", required=True, help="folder of its images")
    parser.add_argument("--limit", type=int, help="only the first images")
    parser.add_argument("--sweep", nargs="+", type=float, default=[], metavar="GATE", help="presence thresholds to try")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--samples", metavar="FILE", help="write the pixel counts of every sample there, JSON lines")
    parser.add_argument("--device", help="cpu, cuda ...; chosen automatically")
    parser.add_argument("--precision", help="float32, bf16 or fp16; chosen automatically")
    options = parser.parse_args(arguments)
    try:
        figures = validate(options)
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    show(figures, title=f"{options.checkpoint} on {options.annotations}, native protocol, {figures['images']} images")
    return 0


def validate(options: argparse.Namespace) -> dict[str, Any]:
    """Compute the figures and write the files that were asked for."""
    from remotesam import RemoteSAM
    from remotesam.data.coco import CocoScenes
    from remotesam.data.triplets import evaluation_triplets, unique_triplets
    from remotesam.evaluation.protocol import answers, count, summary, table
    from remotesam.files import write_json, write_text

    model = RemoteSAM.from_pretrained(options.checkpoint, device=options.device, precision=options.precision)
    limits = model.thresholds("segment")
    how: dict[str, Any] = {
        "threshold": limits["threshold"],
        "calibration": getattr(model.segmenter, "calibration", None),
    }
    source = CocoScenes(annotation_file=options.annotations, image_folder=options.images)
    total = len(source) if options.limit is None else min(options.limit, len(source))
    asks = {"categories": evaluation_triplets, "one-to-one": lambda scene: unique_triplets(scene, 0)}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in asks}
    for index in track(range(total), description="images", console=console):
        for name, ask in asks.items():
            for answer in answers(source, model.segmenter, ask=ask, indices=[index]):
                rows[name] += count(answer, **how)
    figures = {
        "checkpoint": str(options.checkpoint),
        "annotations": str(options.annotations),
        "images": total,
        **limits,
        **{
            name: summary(table(rows[name]), presence_threshold=limits["presence_threshold"], gates=options.sweep)
            for name in asks
        },
    }
    if options.json:
        write_json(options.json, figures)
    if options.samples:
        lines = [json.dumps({"ask": name, **row}) for name in asks for row in rows[name]]
        write_text(options.samples, "".join(line + "\n" for line in lines))
    return figures


def show(figures: dict[str, Any], *, title: str) -> None:
    """Print the figures as tables."""
    asks = {name: figures[name] for name in ("categories", "one-to-one")}
    table = Table("figure", *asks, title=f"{title}, presence threshold {figures['presence_threshold']}")
    for name in MAIN:
        table.add_row(name, *(_text(values[name]) for values in asks.values()))
    table.add_row("samples", *(str(values["samples"]) for values in asks.values()))
    for name in sorted({key for values in asks.values() for key in values if key.startswith("IoU/")}):
        table.add_row(name, *(_text(values.get(name)) for values in asks.values()))
    sweep = [name.removesuffix("/mIoU") for name in asks["categories"] if name.startswith("gate ") and "mIoU" in name]
    for gate in sweep:
        for figure in ("mIoU", "N-acc"):
            table.add_row(f"{gate}: {figure}", *(_text(values[f"{gate}/{figure}"]) for values in asks.values()))
    Console().print(table)


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
