"""``remotesam segment``: a mask for each sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli import options
from remotesam.cli.groups import with_groups
from remotesam.cli.outputs import MASK_SUFFIX
from remotesam.cli.plan import check_words
from remotesam.cli.run import run_task
from remotesam.cli.task import Task

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.results import Instances, Segmentation


@with_groups
def segment(
    image: options.Image,
    sentences: Annotated[list[str], typer.Argument(help='What to find, such as "all airplanes".', metavar="SENTENCE")],
    run: options.RunOptions,
) -> None:
    """Find what sentences name: a mask for each.

    [bold]remotesam segment photo.jpg "all airplanes" "the ship on the left" -o out.png[/bold]
    """
    options.check_sentences(sentences)
    check_words(image, sentences, hint="sentences")
    run_task(_Segment(sentences), image, run)


@dataclass(frozen=True)
class _Segment(Task["list[Segmentation]"]):
    sentences: Sequence[str]

    name = "segment"
    kinds = ("picture", "mask", "json", "csv", "coco")
    columns = ("sentence", "found", "score", "area")

    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> list[Segmentation]:
        return model.segment(pixels, self.sentences)

    def found(self, result: list[Segmentation]) -> bool:
        return any(one.present for one in result)

    def document(self, result: list[Segmentation]) -> dict[str, Any]:
        return {"results": [one.to_dict() for one in result]}

    def rows(self, result: list[Segmentation]) -> list[dict[str, Any]]:
        return [
            {"sentence": one.expression, "found": one.present, "score": one.score, "area": one.area} for one in result
        ]

    def instances(self, result: list[Segmentation], size: Sequence[int]) -> Instances:
        from remotesam.results import Instance, Instances

        found = (Instance.from_mask(one.expression, one.score, one.mask) for one in result if one.present)
        return Instances(found, image_size=(size[0], size[1]), categories=list(dict.fromkeys(self.sentences)))

    def write_masks(self, path: Path, result: list[Segmentation]) -> Iterator[Path]:
        """One file for one sentence, files numbered from 1 for several; 255 inside, 0 outside."""
        from remotesam.files import write_image

        stem = path.name[: -len(MASK_SUFFIX)]
        for number, one in enumerate(result, start=1):
            own = path if len(result) == 1 else path.with_name(f"{stem}.{number}{MASK_SUFFIX}")
            write_image(own, one.mask)
            yield own
