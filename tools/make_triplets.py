"""Make a triplet set of any data sets.

From a configuration, such as configs/triplets_example.py, with any field changed on the command line:

    python tools/make_triplets.py --config configs/triplets_example.py
    python tools/make_triplets.py --config configs/triplets_example.py --cfg-options seed=1 sentences.one_to_one=8

From one data set:

    python tools/make_triplets.py runs/dota --source dota --root DOTA --split train --tile 800 --overlap 200 --workers 4

What it would make, without writing anything:

    python tools/make_triplets.py --config configs/triplets_example.py --dry-run

The same command goes on after any interruption. Exit codes: 0 all went well; 1 a failure; 2 a mistake in the
configuration, or something wrong in the data with --on-error raise; 130 interrupted.
"""

from __future__ import annotations

import argparse
import logging
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remotesam.data.generation.settings import Settings


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", nargs="?", help="folder of the set, instead of the configuration's")
    parser.add_argument("--config", metavar="FILE", help="configuration: assignments of the fields of Settings")
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="FIELD=VALUE", help="fields to change: a.b=c ..."
    )
    one = parser.add_argument_group("one data set, instead of a configuration")
    one.add_argument("--source", help="its reader, such as dota, isaid, dior, nwpu-vhr-10, coco, own-vectors")
    one.add_argument("--root", help="its folder")
    one.add_argument("--split", help="its split (train, or all where there are none)")
    one.add_argument(
        "--option", metavar="NAME=VALUE", action="append", default=[], help="what its reader takes beside; repeat it"
    )
    one.add_argument(
        "--masker", metavar="TYPE", help="masks of boxes: fill, or a SAM checkpoint of the hub or a folder"
    )
    one.add_argument("--held-out", metavar="SPLIT", action="append", default=[], help="a split that must not leak")
    parser.add_argument("--tile", type=int, help="side of the tiles of large images in pixels (800)")
    parser.add_argument("--overlap", type=int, help="pixels that neighbouring tiles share (200)")
    parser.add_argument("--workers", type=int, help="processes; they change nothing in the set")
    parser.add_argument("--seed", type=int, help="decides every choice (0)")
    parser.add_argument("--on-error", choices=("skip", "raise"), help="what to do with faulty items (skip)")
    parser.add_argument("--reference", action="store_true", help="leave the pictures where they are")
    parser.add_argument("--overwrite", action="store_true", help="throw away the set that is there")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be made")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    arguments = parser.parse_args()
    if bool(arguments.config) == bool(arguments.source):
        parser.error("give either --config FILE, or --source NAME with --root FOLDER")
    if arguments.source and not arguments.root:
        parser.error("--source takes --root FOLDER beside it")
    if arguments.config and (arguments.option or arguments.split or arguments.masker or arguments.held_out):
        parser.error("--split, --option, --masker and --held-out go with --source; a configuration has these itself")
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s: %(message)s")

    from typer import BadParameter

    from remotesam.data.generation.run import generate
    from remotesam.data.generation.settings import parse_settings

    try:
        settings = parse_settings(_values(arguments))
        if arguments.dry_run:
            _preview(settings)
            return 0
        report = generate(settings, overwrite=arguments.overwrite, quiet=arguments.quiet)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    except BrokenProcessPool:
        print("error: a worker was killed, perhaps for want of memory; try fewer --workers", file=sys.stderr)
        return 1
    except (ValueError, FileNotFoundError, BadParameter) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error}; the same command goes on", file=sys.stderr)
        return 1
    _summary(report, Path(settings.output))
    return 0


def _values(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of the settings, from the configuration and the flags."""
    from mmengine.config import Config, DictAction

    options = argparse.ArgumentParser()
    options.add_argument("--cfg-options", nargs="*", action=DictAction, default={})
    changed = options.parse_args(["--cfg-options", *arguments.cfg_options]).cfg_options
    if arguments.config:
        config = Config.fromfile(arguments.config)
        config.merge_from_dict(changed)
        values = config.to_dict()
    else:
        source: dict[str, Any] = {"source": arguments.source, "root": arguments.root}
        from remotesam.cli.options import read_reader_options

        if arguments.option:
            source["options"] = read_reader_options(arguments.option, hint="--option")
        if arguments.split:
            source["split"] = arguments.split
        if arguments.masker:
            fill = arguments.masker == "fill"
            source["masker"] = {"type": "fill"} if fill else {"type": "sam", "checkpoint": arguments.masker}
        held_out = [
            {"source": arguments.source, "root": arguments.root, "split": split} for split in arguments.held_out
        ]
        config = Config({"sources": [source], "evaluation": held_out})
        config.merge_from_dict(changed)
        values = config.to_dict()
    tiling = dict(values.get("tiling") or {})
    for name, value in (("size", arguments.tile), ("overlap", arguments.overlap)):
        if value is not None:
            tiling[name] = value
    given = {
        "output": arguments.output,
        "tiling": tiling or None,
        "workers": arguments.workers,
        "seed": arguments.seed,
        "on_error": arguments.on_error,
        "images": "reference" if arguments.reference else None,
    }
    return {**values, **{name: value for name, value in given.items() if value is not None}}


def _preview(settings: Settings) -> None:
    from remotesam.data.generation.run import preview

    for entry, tiles, made in preview(settings):
        print(f"{entry.label}: {len(entry.records):,} records, {tiles:,} pictures with tiles")
        for problem in entry.problems[:5]:
            print(f"  problem: {problem}")
        if len(entry.problems) > 5:
            print(f"  and {len(entry.problems) - 5:,} more problems")
        names = ", ".join(dict.fromkeys(name for name in entry.names.values() if name))
        print(f"  categories: {names or 'none'}")
        rows = [row for unit in made for row in unit.rows]
        pictures = sum(len(unit.pictures) for unit in made)
        print(f"  the first {len(made)} records give {len(rows)} triplets about {pictures} pictures, such as")
        for row in rows[:: max(len(rows) // 6, 1)][:6]:
            print(f"    {row.kind}: {row.expression!r} ({row.area:,} pixels)")
        for problem in [problem for unit in made for problem in unit.problems][:5]:
            print(f"  problem: {problem}")
    print("nothing was written, and copies were not looked for")


def _summary(report: dict[str, Any], folder: Path) -> None:
    from remotesam.data.generation.report import render_report

    print(render_report(report).partition("\n## Categories")[0].strip())
    print(f"\n{folder}: {len(report['categories'])} categories; all details in {folder / 'report.md'} and report.json")


if __name__ == "__main__":
    sys.exit(main())
