"""The command line ``remotesam``: a command for each task, a demonstration, and tools.

Exit codes: 0 done, 1 something failed (a bad file, a missing model, a full disk), 2 wrong usage, 130 interrupted.
Nothing heavy is imported before a command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import errno
import logging
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from remotesam import __version__
from remotesam.cli.caption import caption
from remotesam.cli.classify import classify
from remotesam.cli.convert import convert_checkpoint
from remotesam.cli.count import count
from remotesam.cli.dataset import dataset
from remotesam.cli.demo import demo
from remotesam.cli.detect import detect
from remotesam.cli.evaluate import evaluate
from remotesam.cli.ground import ground
from remotesam.cli.info import info
from remotesam.cli.output import print_error
from remotesam.cli.raster import raster
from remotesam.cli.report import report
from remotesam.cli.segment import segment
from remotesam.cli.semantic import semantic

app = typer.Typer(
    name="remotesam",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _task in (segment, ground, detect, count, semantic, classify, caption):
    app.command(rich_help_panel="Ask about images")(_task)
app.command(rich_help_panel="Ask about images")(raster)
app.command(rich_help_panel="Measure")(evaluate)
app.command(rich_help_panel="Measure")(report)
app.command(rich_help_panel="More")(demo)
app.command(rich_help_panel="More")(info)
app.command("convert-checkpoint", rich_help_panel="More")(convert_checkpoint)
app.add_typer(dataset, name="dataset", rich_help_panel="More")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"remotesam {__version__}")
        raise typer.Exit


@app.callback()
def _remotesam(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Ask overhead images in words: masks, boxes, counts, labels and captions out.

    [bold]remotesam segment photo.jpg "all airplanes" "the ship on the left" -o out.png[/bold]

    [bold]remotesam count photos/ ship harbor "storage tank" -o counts.csv[/bold]

    Each command shows an example: remotesam detect --help
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits.

    Args:
        arguments: Instead of those of the process.

    Raises:
        SystemExit: Always, with the exit code.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # Large aerial images are the daily bread here; images.py has a limit of its own.
    warnings.filterwarnings("ignore", message="Image size .* exceeds limit")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # it reports tags that it does not understand
    try:
        app(arguments, prog_name="remotesam")
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            sys.stderr.close()  # the reader of our output has gone; there is nobody left to tell
            raise SystemExit(1) from None
        if "--debug" in arguments:
            raise
        print_error(error)
        raise SystemExit(1) from None
