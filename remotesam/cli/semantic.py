"""``remotesam semantic``: a category for every pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remotesam.cli import options
from remotesam.cli.categories import CategoryOptions
from remotesam.cli.groups import with_groups
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.results import Instances, SemanticMap


@with_groups
def semantic(image: options.Image, wanted: CategoryOptions, run: options.RunOptions) -> None:
    """Tell for every pixel which category it belongs to, if any.

    [bold]remotesam semantic photo.jpg building road tree -o out.png -o classes.mask.png[/bold]
    """
    run_task(_Semantic(wanted.names(image=image)), image, run, inputs=wanted.files)


@dataclass(frozen=True)
class _Semantic(Task["SemanticMap"]):
    categories: tuple[str, ...]

    name = "semantic"
    kinds = ("picture", "mask", "json", "csv", "coco")
    columns = ("id", "category", "present", "confidence", "share", "area")

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> SemanticMap:
        return model.semantic(pixels, self.categories)

    def found(self, result: SemanticMap) -> bool:
        return bool(result.classes.any())

    def rows(self, result: SemanticMap) -> list[dict[str, Any]]:
        pixels = max(1, result.classes.size)
        return [
            {
                "id": number,
                "category": category,
                "present": bool(result.present[number - 1]),
                "confidence": float(result.confidences[number - 1]),
                "share": area / pixels,
                "area": area,
            }
            for number, (category, area) in enumerate(result.areas.items(), start=1)
        ]

    def instances(self, result: SemanticMap, size: Sequence[int]) -> Instances:
        """One mask for each category that has pixels."""
        from remotesam.results import Instance, Instances

        confidences = dict(zip(result.categories, result.confidences, strict=True))
        found = (
            Instance.from_mask(category, confidences[category], result.mask(category))
            for category, area in result.areas.items()
            if area
        )
        return Instances(found, image_size=(size[0], size[1]), categories=result.categories)

    def write_masks(self, path: Path, result: SemanticMap) -> Iterator[Path]:
        """The class map: the value of a pixel is the class's id, and the palette gives its colour."""
        from remotesam.visualize import write_palette_png

        write_palette_png(path, result)
        yield path
