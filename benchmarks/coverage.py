"""How much of RSVocab-1K the data sets in ../shared/data cover, each and all together.

    python benchmarks/coverage.py
    python benchmarks/coverage.py --data ../shared/data

A category covers its entry and those above it. Only categories that an annotation, label map or folder shows count.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from remotesam.data.sources import SourceError, open_source
from remotesam.data.statistics import measure_records
from remotesam.data.vocabulary import coverage
from remotesam.data.vocabulary.entry import LEVEL_NAMES

SETS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("nwpu-vhr-10", "nwpu_vhr10", {"split": "train"}),
    ("isaid", "isaid_samples", {"split": "all"}),
    ("dota", "dota_samples", {"split": "all"}),
    ("coco", "dior_mini", {"split": "all", "annotation_file": "instances.json"}),
    ("coco", "hotosm_buildings", {"split": "train"}),
    ("hrplanes", "hrplanes", {"split": "train"}),
    ("palette", "cil_roads", {"split": "all", "palette": {"background": 0, "road": 255}}),
    ("loveda", "semantic_samples/loveda", {"split": "all"}),
    ("potsdam", "semantic_samples/potsdam", {"split": "all"}),
    ("vaihingen", "semantic_samples/vaihingen", {"split": "all"}),
    ("aid", "aid150_rsicd/images", {}),
)


def main() -> int:
    """Run the command; 1 where a data set that is there cannot be read, 2 where none is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    folder = parser.parse_args().data
    table = Table("data set", "images", "categories", *LEVEL_NAMES.values(), title="entries of RSVocab-1K covered")
    entries: dict[str, None] = {}
    images, failed = 0, False
    for name, place, options in SETS:
        if not (folder / place).is_dir():
            print(f"{folder / place}: not there, left out", file=sys.stderr)
            continue
        try:
            figures = measure_records(open_source(name, folder / place, **options))
        except SourceError as error:
            print(f"{folder / place}: {error}", file=sys.stderr)
            failed = True
            continue
        covered = figures.coverage
        images += figures.images
        entries |= dict.fromkeys(covered.entries)
        levels = [f"{covered.levels[level].covered}" for level in LEVEL_NAMES]
        table.add_row(f"{place} ({name})", f"{figures.images:,}", f"{len(covered.entries)}", *levels)
    if not entries:
        print(f"error: {folder}: none of the data sets is there", file=sys.stderr)
        return 2
    together = coverage(list(entries))
    shares = [
        f"{share.covered} of {share.total} ({share.share:.1%})" for share in map(together.levels.get, LEVEL_NAMES)
    ]
    table.add_section()
    table.add_row("all together", f"{images:,}", f"{len(together.entries)}", *shares)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
