"""``remotesam dataset``: measure a triplet set or any data set, and look at its samples."""

from __future__ import annotations

import typer

from remotesam.cli.dataset_show import show
from remotesam.cli.dataset_stats import stats

dataset = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Measure a triplet set or any data set, and look at its samples.",
)
dataset.command()(stats)
dataset.command()(show)
