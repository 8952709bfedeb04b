"""``remotesam count``: how many objects there are of some categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotesam.cli import options
from remotesam.cli.categories import CategoryOptions
from remotesam.cli.groups import with_groups
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.options import ObjectOptions
    from remotesam.results import Counts, Instances


@with_groups
def count(
    image: options.Image, wanted: CategoryOptions, objects: options.ObjectOptions, run: options.RunOptions
) -> None:
    """Count the objects of some categories.

    [bold]remotesam count photos/ vehicle airplane -o counts.csv[/bold]
    """
    run_task(_Count(wanted.names(image=image), objects.for_model()), image, run, inputs=wanted.files)


@dataclass(frozen=True)
class _Count(Task["Counts"]):
    categories: tuple[str, ...]
    options: ObjectOptions

    name = "count"
    kinds = ("picture", "json", "csv", "coco")
    columns = ("category", "count")

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> Counts:
        return model.count(pixels, self.categories, **self.options)

    def found(self, result: Counts) -> bool:
        return any(result.values())

    def rows(self, result: Counts) -> list[dict[str, Any]]:
        return [{"category": category, "count": number} for category, number in result.items()]

    def instances(self, result: Counts, size: Sequence[int]) -> Instances:
        return result.instances
