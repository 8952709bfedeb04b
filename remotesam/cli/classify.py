"""``remotesam classify``: which categories an image shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli import options
from remotesam.cli.categories import CategoryOptions
from remotesam.cli.groups import with_groups
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.results import Classification

_SCENE_HELP = "One label for the whole image, or any number of them."
_SCORE_HELP = "A label holds from this score on."
_BALANCE_HELP = (
    "Weight of the mean probability against the highest one: 0 asks whether there is any, 1 how much of the image it "
    "covers; 0.5 for several labels and 1 for a scene if left out."
)


@with_groups
def classify(
    image: options.Image,
    wanted: CategoryOptions,
    *,
    scene: Annotated[bool, typer.Option("--scene/--multi-label", help=_SCENE_HELP)] = False,
    score_threshold: Annotated[float, typer.Option(min=0, max=1, help=_SCORE_HELP)] = 0.5,
    balance: Annotated[float | None, typer.Option(min=0, max=1, help=_BALANCE_HELP, show_default=False)] = None,
    run: options.RunOptions,
) -> None:
    """Tell which categories an image shows.

    [bold]remotesam classify photo.jpg harbor forest farmland --scene[/bold]
    """
    task = _Classify(wanted.names(image=image), scene, score_threshold, balance)
    run_task(task, image, run, inputs=wanted.files)


@dataclass(frozen=True)
class _Classify(Task["Classification"]):
    categories: tuple[str, ...]
    scene: bool
    score_threshold: float
    balance: float | None

    name = "classify"
    kinds = ("picture", "json", "csv")
    columns = ("category", "label", "score")

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> Classification:
        return model.classify(
            pixels,
            self.categories,
            not self.scene,
            balance=self.balance,
            score_threshold=self.score_threshold,
        )

    def found(self, result: Classification) -> bool:
        return bool(result.labels)

    def rows(self, result: Classification) -> list[dict[str, Any]]:
        best_first = sorted(
            result.scores.items(), key=lambda entry: (entry[0] not in result.labels, -entry[1], entry[0])
        )
        return [
            {"category": category, "label": category in result.labels, "score": score} for category, score in best_first
        ]
