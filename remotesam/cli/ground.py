"""``remotesam ground``: one box for one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli import options
from remotesam.cli.groups import with_groups
from remotesam.cli.objects import box_cells, box_columns
from remotesam.cli.plan import check_words
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.options import ObjectOptions
    from remotesam.results import Instance, Instances


class BoxChoice(StrEnum):
    """The values of ``--box``."""

    union = "union"
    best = "best"


_BOX_HELP = "best: a box around the best object of the mask. union: a box around all of the mask."


@with_groups
def ground(
    image: options.Image,
    sentence: Annotated[str, typer.Argument(help='What to find, such as "the ship on the left".', metavar="SENTENCE")],
    *,
    box: Annotated[BoxChoice, typer.Option(help=_BOX_HELP, rich_help_panel=options.OBJECTS)] = BoxChoice.best,
    oriented: options.Oriented = False,
    objects: options.ObjectOptions,
    run: options.RunOptions,
) -> None:
    """Find the one thing that a sentence names: a box around it, or none.

    [bold]remotesam ground photo.jpg "the ship on the left" -o out.png[/bold]
    """
    options.check_sentences([sentence])
    check_words(image, [sentence], hint="sentence")
    run_task(_Ground(sentence, box, oriented, objects.for_model()), image, run)


@dataclass(frozen=True)
class _Ground(Task["Instance | None"]):
    sentence: str
    box: BoxChoice
    oriented: bool
    options: ObjectOptions

    name = "ground"
    kinds = ("picture", "json", "csv", "coco")
    hidden = ("corners",)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("sentence", "found", *box_columns(oriented=self.oriented))

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> Instance | None:
        return model.ground(pixels, self.sentence, box=self.box.value, oriented=self.oriented, **self.options)

    def found(self, result: Instance | None) -> bool:
        return result is not None

    def document(self, result: Instance | None) -> dict[str, Any]:
        found = result.to_dict() if result is not None else None
        return {"sentence": self.sentence, "found": result is not None, "instance": found}

    def rows(self, result: Instance | None) -> list[dict[str, Any]]:
        return [{"sentence": self.sentence, "found": result is not None, **box_cells(result)}]

    def instances(self, result: Instance | None, size: Sequence[int]) -> Instances:
        from remotesam.results import Instances

        found = [result] if result is not None else []
        return Instances(found, image_size=(size[0], size[1]), categories=[self.sentence])
