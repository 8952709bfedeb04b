"""``remotesam dataset show``: samples of a triplet set on contact sheets."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from remotesam.cli.output import print_line
from remotesam.cli.outputs import check_writable


class KindChoice(StrEnum):
    """The values of ``--kind``."""

    one_to_one = "one-to-one"
    one_to_many = "one-to-many"
    one_to_zero = "one-to-zero"


def show(
    folder: Annotated[Path, typer.Argument(help="The folder of a triplet set.", metavar="SET", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the sheets.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many samples.")] = 48,
    seed: Annotated[int, typer.Option(min=0, help="Other samples for another number.")] = 0,
    kind: Annotated[KindChoice | None, typer.Option(help="Only of this kind.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.", show_default=False)] = None,
    source: Annotated[str | None, typer.Option(help="Only of this data set.", show_default=False)] = None,
    split: Annotated[str | None, typer.Option(help="Only this split, such as train.", show_default=False)] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Where the pictures are, if not where the set says.", show_default=False),
    ] = None,
    outline: Annotated[bool, typer.Option("--outline", help="Draw outlines only, to judge colours by.")] = False,
    cell: Annotated[int, typer.Option(min=64, max=2048, help="Width of a sample in pixels.")] = 360,
) -> None:
    """Look at samples of a triplet set on contact sheets: picture, mask, sentence, kind and source.

    [bold]remotesam dataset show runs/ships -o sheets --kind one-to-one --category ship[/bold]
    """
    if output.exists() and not output.is_dir():
        raise typer.BadParameter(f"{output} is a file; name a folder", param_hint="-o")
    from remotesam.cli.contact_sheets import choose_samples, contact_sheets, named_category
    from remotesam.data.triplet_set import TripletSet
    from remotesam.files import write_image

    triplets = TripletSet(folder, image_root=images, incomplete=True)
    if not triplets.image_root.is_dir():
        raise ValueError(f"{triplets.image_root}: no such folder of pictures; say where they are with --images FOLDER")
    check_writable(output / "sheet.png")
    wanted = {"kind": kind.value if kind else None, "source": source, "split": split}
    if category is not None:
        wanted["category"] = named_category(triplets, category)
    fitting = triplets.filter(**{name: value for name, value in wanted.items() if value is not None})
    if not len(fitting):
        raise ValueError(f"{folder}: no sample fits all that was asked for; ask for less")
    chosen = choose_samples(fitting, count, seed)
    failures: list[str] = []
    for number, sheet in enumerate(contact_sheets(chosen, failures, cell=cell, filled=not outline), start=1):
        path = output / f"sheet-{number:03d}.png"
        write_image(path, sheet)
        print_line(f"wrote {path}")
    print_line(f"{len(chosen) - len(failures):,} of {len(fitting):,} samples that fit", stderr=True)
    if failures:
        print_line(f"{len(failures)} failed:", stderr=True, style="red")
        for failure in failures:
            print_line(f"  {failure}", stderr=True)
        raise typer.Exit(1)
