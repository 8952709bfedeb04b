"""``remotesam convert-checkpoint``: published weights to a checkpoint folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remotesam.cli.output import console


def convert_checkpoint(
    source: Annotated[Path, typer.Argument(help="The published file, such as model.pth.", metavar="SOURCE")],
    target: Annotated[Path, typer.Argument(help="The folder to write.", metavar="FOLDER")],
    tokenizer: Annotated[
        Path | None,
        typer.Option(help="BERT's vocab.txt or a folder with it; from the hub if left out.", show_default=False),
    ] = None,
) -> None:
    """Turn published weights into a checkpoint folder.

    [bold]remotesam convert-checkpoint model.pth remotesam-base[/bold]
    """
    if target.exists() and not target.is_dir():
        raise typer.BadParameter(f"{target} is a file; name a folder to write", param_hint="FOLDER")
    if not source.is_file():
        raise ValueError(f"{source}: {'is a folder' if source.is_dir() else 'no such file'}; name the published file")

    from remotesam import convert

    convert.convert_checkpoint(source, target, tokenizer=tokenizer)
    console().print(
        f'wrote {target}; use it: remotesam segment photo.jpg "all airplanes" --model {target}',
        markup=False,
        soft_wrap=True,
    )
