"""``remotesam caption``: an image described in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from remotesam.cli import options
from remotesam.cli.categories import CategoryOptions
from remotesam.cli.groups import with_groups
from remotesam.cli.output import print_line
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.options import ObjectOptions
    from remotesam.results import Caption

_REGIONS_HELP = "Name places by a grid of 2 x 2 or 3 x 3."


@with_groups
def caption(
    image: options.Image,
    wanted: CategoryOptions,
    *,
    regions: Annotated[int, typer.Option(min=2, max=3, help=_REGIONS_HELP)] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Other words for another number.")] = 0,
    objects: options.ObjectOptions,
    run: options.RunOptions,
) -> None:
    """Describe an image in words: how many there are of what, and where.

    [bold]remotesam caption photo.jpg airplane vehicle "storage tank"[/bold]
    """
    task = _Caption(wanted.names(image=image), cast(Literal[2, 3], regions), seed, objects.for_model())
    run_task(task, image, run, inputs=wanted.files)


@dataclass(frozen=True)
class _Caption(Task["Caption"]):
    categories: tuple[str, ...]
    regions: Literal[2, 3]
    seed: int
    options: ObjectOptions

    name = "caption"
    kinds = ("picture", "json", "csv", "text")
    columns = ("text",)

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> Caption:
        return model.caption(pixels, self.categories, regions=self.regions, seed=self.seed, **self.options)

    def found(self, result: Caption) -> bool:
        return any(result.facts["counts"].values())

    def rows(self, result: Caption) -> list[dict[str, Any]]:
        return [{"text": result.text}]

    def show(self, result: Caption) -> None:
        print_line(result.text)

    def text(self, result: Caption) -> str:
        return result.text
