"""What sets one command apart from the others: its question, and the forms of its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from remotesam.cli.output import print_table

if TYPE_CHECKING:
    import numpy as np

    from remotesam.api import RemoteSAM
    from remotesam.results import Instances

R = TypeVar("R")


@dataclass(frozen=True)
class Answer(Generic[R]):
    """What the model said about one image.

    Attributes:
        image: The image's path, as it was given.
        name: The path from the folder that was given; the file's name for a single image.
        number: Counts the images of a run from 1, also those that could not be read.
        pixels: (H, W, 3) uint8 RGB.
        result: The answer.
    """

    image: Path
    name: str
    number: int
    pixels: np.ndarray
    result: R


class Task(ABC, Generic[R]):
    """One question about images; subclasses hold what the user asked.

    Attributes:
        name: The command's.
        kinds: What it can write, of ``remotesam.cli.outputs.KINDS``.
        hidden: Columns that are written but not printed.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    hidden: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns of its table."""

    @abstractmethod
    def ask(self, model: RemoteSAM, pixels: np.ndarray) -> R:
        """Asks the model about an image, (H, W, 3) uint8 RGB."""

    @abstractmethod
    def found(self, result: R) -> bool:
        """Whether the answer is more than "nothing there"."""

    @abstractmethod
    def rows(self, result: R) -> list[dict[str, Any]]:
        """The answer as rows of a table: at least each of ``columns`` with its value."""

    def document(self, result: R) -> Mapping[str, Any]:
        """The answer as ``json.dumps`` takes it."""
        return result.to_dict()  # type: ignore[attr-defined, no-any-return]

    def draw(self, pixels: np.ndarray, result: R) -> np.ndarray:
        """The picture with the answer drawn on it, (H', W', 3) uint8 RGB."""
        from remotesam.visualize import draw

        return draw(pixels, result)  # type: ignore[arg-type]

    def show(self, result: R) -> None:
        """Prints the answer for people."""
        print_table([column for column in self.columns if column not in self.hidden], self.rows(result))

    def instances(self, result: R, size: Sequence[int]) -> Instances:
        """The objects of a COCO file, on an image of (height, width) pixels; for the kind "coco"."""
        raise NotImplementedError

    def text(self, result: R) -> str:
        """What a text file holds, for the kind "text"."""
        raise NotImplementedError

    def write_masks(self, path: Path, result: R) -> Iterator[Path]:
        """Writes what ends with ``.mask.png``, and yields each file written; for the kind "mask"."""
        raise NotImplementedError
