"""``remotesam detect``: the objects of some categories, with boxes and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotesam.cli import options
from remotesam.cli.categories import CategoryOptions
from remotesam.cli.groups import with_groups
from remotesam.cli.objects import box_cells, box_columns
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.options import ObjectOptions
    from remotesam.results import Instances


@with_groups
def detect(
    image: options.Image,
    wanted: CategoryOptions,
    *,
    oriented: options.Oriented = False,
    objects: options.ObjectOptions,
    run: options.RunOptions,
) -> None:
    """Find every object of some categories: boxes and masks.

    [bold]remotesam detect photo.jpg ship harbor "storage tank" --oriented -o out.png -o out.csv[/bold]
    """
    task = _Detect(wanted.names(image=image), oriented, objects.for_model())
    run_task(task, image, run, inputs=wanted.files)


@dataclass(frozen=True)
class _Detect(Task["Instances"]):
    categories: tuple[str, ...]
    oriented: bool
    options: ObjectOptions

    name = "detect"
    kinds = ("picture", "json", "csv", "coco")
    hidden = ("corners",)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("category", *box_columns(oriented=self.oriented))

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> Instances:
        return model.detect(pixels, self.categories, self.oriented, **self.options)

    def found(self, result: Instances) -> bool:
        return bool(result)

    def rows(self, result: Instances) -> list[dict[str, Any]]:
        return [{"category": one.category, **box_cells(one)} for one in result]

    def instances(self, result: Instances, size: Sequence[int]) -> Instances:
        return result
