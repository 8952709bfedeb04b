"""What ``remotesam evaluate`` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remotesam.cli.output import console, print_line


def show_summary(summary: Mapping[str, Any]) -> None:
    """Prints the figures of an evaluation, and what they are the figures of.

    Args:
        summary: The content of ``summary.json``.
    """
    from remotesam.evaluation.tables import about_lines, figure_text, is_main, part_groups

    for line in about_lines(summary):
        print_line(line)
    columns = {"all": {"samples": summary["samples"], "figures": summary["figures"]}, **summary["parts"]}
    if len(columns) == 1:
        columns = {"value": columns["all"]}
    every = [column["figures"] for column in columns.values()]

    def cells(name: str) -> list[str]:
        return [figure_text(name, figures.get(name)) for figures in every]

    names = list(dict.fromkeys(name for figures in every for name in figures))
    main = [name for name in names if is_main(name)]
    parts = [name for name in names if name not in main and any(figures.get(name) is not None for figures in every)]
    samples = ["samples", *(f"{column['samples']:,}" for column in columns.values())]
    if len(every) > 1:
        main += parts
    _show_table(["figure", *columns], [samples, *([name, *cells(name)] for name in main)])
    for figures, members in part_groups(parts) if len(every) == 1 else []:
        print_line("")
        rows = [[member, *(cells(f"{figure}/{member}")[0] for figure in figures)] for member in members]
        _show_table(["part", *figures], rows)
    print_line("shares and IoUs in percent", style="dim")


def _show_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(*header, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    console().print(table)
