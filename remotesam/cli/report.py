"""``remotesam report``: tables of evaluations, with intervals, published results and comparisons."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli.output import console, print_line

if TYPE_CHECKING:
    from remotesam.evaluation.tables import Block

_OUTPUT_HELP = "Where to write: .md or .html, or a folder for both; plots go beside. May be given several times."
_DRAWS_HELP = "Resamplings of the images for 95 % intervals; 0 for none."
_ENDINGS = (".md", ".html", ".htm")


def report(
    dumps: Annotated[list[Path], typer.Argument(help="Folders that remotesam evaluate wrote.", metavar="DUMP...")],
    output: Annotated[list[Path] | None, typer.Option("--output", "-o", metavar="PATH", help=_OUTPUT_HELP)] = None,
    draws: Annotated[int, typer.Option(min=0, help=_DRAWS_HELP)] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamplings.")] = 0,
    groups: Annotated[bool, typer.Option(help="Figures by category, size and number of targets.")] = True,
) -> None:
    """Rebuild the tables of evaluations from their rows.

    [bold]remotesam report runs/evaluation/ref-* -o report.html[/bold]

    Evaluations of one task on the same data stand in one table and are compared sample by sample. Published results
    stand beside them, marked as comparable where data set, split and protocol are the same.
    """
    files = _files(output or [])
    from remotesam.evaluation.dumps import read_dump
    from remotesam.evaluation.plots import write_plots
    from remotesam.evaluation.report import ReportOptions, build_report, write_report

    opened = [read_dump(path) for path in dumps]
    folders = list(dict.fromkeys(file.parent for file in files))
    numbers = {id(dump): number for number, dump in enumerate(opened, start=1)}
    written: list[Path] = []

    def plots(dump: object) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for folder in folders:
            place = Path("plots") / f"{numbers[id(dump)]:02d}"
            drawn = write_plots(dump, folder / place)  # type: ignore[arg-type]
            written.extend(path for path, _ in drawn)
            found = [(str(place / path.name), caption) for path, caption in drawn]
        return found

    blocks = build_report(opened, ReportOptions(draws=draws, seed=seed, groups=groups), plots=plots)
    for file in files:
        write_report(blocks, file)
    if not files:
        _show(blocks)
    for path in [*files, *written]:
        print_line(f"wrote {path}")


def _files(outputs: list[Path]) -> list[Path]:
    files: list[Path] = []
    for output in outputs:
        if output.suffix.lower() in _ENDINGS:
            files.append(output)
        elif output.suffix and not output.is_dir():
            raise typer.BadParameter(
                f"{output}: a report is written as .md or .html, or into a folder", param_hint="-o"
            )
        elif output.exists() and not output.is_dir():
            raise typer.BadParameter(f"{output} is a file; name a folder, .md or .html", param_hint="-o")
        else:
            files += [output / "report.md", output / "report.html"]
    repeated = {file for file in files if files.count(file) > 1}
    if repeated:
        raise typer.BadParameter(f"{os.fspath(min(repeated))} is named twice", param_hint="-o")
    return files


def _show(blocks: list[Block]) -> None:
    from rich.table import Table as RichTable

    from remotesam.evaluation.tables import Code, Heading, Lines, Table

    for block in blocks:
        if isinstance(block, Heading):
            print_line(f"\n{block.text}", style="bold")
        elif isinstance(block, Lines):
            for line in block.lines:
                print_line(line)
        elif isinstance(block, Code):
            print_line(block.text, style="dim")
        elif isinstance(block, Table):
            table = RichTable(*block.header, box=None, pad_edge=False)
            for column in table.columns[1:]:
                column.justify = "right"
            for row in block.rows:
                table.add_row(*row)
            console().print(table, markup=False)
