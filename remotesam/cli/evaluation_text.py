"""What ``remotesam evaluate`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remotesam.cli.output import console, print_line


def show_summary(summary: Mapping[str, Any]) -> None:
    """Prints the figures of an evaluation, and what they are the figures of.

    Args:
        summary: The content of ``summary.json``.
    """
    from rich.table import Table

    from remotesam.evaluation.tables import about_lines, figure_text, is_main

    for line in about_lines(summary):
        print_line(line)
    columns = {"all": {"samples": summary["samples"], "figures": summary["figures"]}, **summary["parts"]}
    if len(columns) == 1:
        columns = {"value": columns["all"]}
    table = Table("figure", *columns, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("samples", *(f"{part['samples']:,}" for part in columns.values()))
    names = list(dict.fromkeys(name for part in columns.values() for name in part["figures"]))
    main = [name for name in names if is_main(name)]
    for name in [*main, *(name for name in names if name not in main)]:
        table.add_row(name, *(figure_text(name, part["figures"].get(name)) for part in columns.values()))
    console().print(table)
