"""Records in the making, and checks of what goes into them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from remotesam.data.faults import Fault
from remotesam.data.segmentation import check_polygons, crosses_itself
from remotesam.data.sources.problems import Problems
from remotesam.data.sources.records import Annotation, Record
from remotesam.data.sources.text_files import read_lines

Box = tuple[float, float, float, float]
Size = tuple[int, int]


@dataclass
class Draft:
    """A record in the making: it knows of which categories something had to be left out.

    Attributes:
        id: Unique within the set.
        image: The image file.
        size: (height, width) in pixels.
        annotations: What was read so far.
        incomplete: Categories of which something was left out.
        unsure: Whether something of an unknown category was left out, so that nothing is known to be complete.
    """

    id: str
    image: Path
    size: Size
    annotations: list[Annotation] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)
    unsure: bool = False
    _seen: set[object] = field(default_factory=set, repr=False)

    def add(self, annotation: Annotation, problems: Problems, *, file: Path | str, item: str) -> None:
        """Takes an annotation, or lists that it repeats another one exactly, which leaves nothing out.

        Raises:
            SourceError: It does, and the reader was told to stop at the first problem.
        """
        corners = None if annotation.corners is None else annotation.corners.tobytes()
        outlines = tuple(polygon.tobytes() for polygon in annotation.polygons)
        key = (annotation.category, annotation.box, corners, outlines)
        if key in self._seen:
            problems.add(file, item, "repeats another object of the image exactly", "duplicate")
        else:
            self._seen.add(key)
            self.annotations.append(annotation)

    def leave_out(
        self, fault: Fault, problems: Problems, *, file: Path | str, item: str, category: str | None = None
    ) -> None:
        """Lists what cannot be used.

        Args:
            fault: What is wrong with it.
            problems: The list.
            file: Where it stands.
            item: Which it is, such as "line 3".
            category: Its category where that is known. An object of a category that the set does not have leaves the
                others complete.

        Raises:
            SourceError: The reader was told to stop at the first problem.
        """
        problems.add(file, item, str(fault), fault.kind)
        if category is not None:
            self.incomplete.add(category)
        elif fault.kind != "category":
            self.unsure = True

    def lines(self, path: Path, problems: Problems) -> list[tuple[int, str]]:
        """The numbered lines of its file of annotations, see :func:`read_lines`; of a bad file none, and it is unsure.

        Raises:
            SourceError: The file is bad, and the reader was told to stop at the first problem.
        """
        try:
            return read_lines(path)
        except Fault as fault:
            self.leave_out(fault, problems, file=path, item="")
            return []

    def record(self, categories: Sequence[str]) -> Record:
        """The finished record; ``categories`` are those that the data set annotates everywhere."""
        complete = () if self.unsure else tuple(name for name in categories if name not in self.incomplete)
        return Record(self.id, self.image, self.size, annotations=tuple(self.annotations), exhaustive=complete)


class Spellings:
    """Finds the category that a name means, whatever its case and the signs between its words.

    Example:
        >>> Spellings(["storage-tank"]).find("Storage_Tank")
        'storage-tank'
    """

    def __init__(self, categories: Iterable[str]) -> None:
        self.categories = tuple(categories)
        self._known = {_letters(name): name for name in self.categories}

    def find(self, name: str) -> str:
        """The data set's own spelling of a category.

        Raises:
            Fault: It has no such category.
        """
        found = self.get(name)
        if found is None:
            raise Fault(f"has the unknown category {name!r}; known are {', '.join(self.categories)}", "category")
        return found

    def get(self, name: str) -> str | None:
        """The data set's own spelling of a category, None where it has no such one."""
        return self._known.get(_letters(name))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def numbers(values: Iterable[object]) -> list[float]:
    """Reads finite numbers.

    Raises:
        Fault: One is none.
    """
    read = []
    for value in values:
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise Fault(f"has {str(value)[:40]!r} where a finite number is expected", "format")
        read.append(number)
    return read


def checked_box(box: Sequence[float], size: Size) -> Box:
    """Checks a box (x1, y1, x2, y2) in pixels against its image.

    Raises:
        Fault: It has no area or lies outside.
    """
    x1, y1, x2, y2 = (float(value) for value in box)
    height, width = size
    if x2 <= x1 or y2 <= y1:
        raise Fault(f"has a box without area: x {x1:g} to {x2:g}, y {y1:g} to {y2:g}", "area")
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        raise Fault(
            f"lies outside its image: x {x1:g} to {x2:g}, y {y1:g} to {y2:g} in {width} x {height} pixels", "outside"
        )
    return x1, y1, x2, y2


def checked_corners(values: Sequence[float], size: Size) -> tuple[np.ndarray, Box]:
    """Checks the corners of an oriented box against its image.

    Args:
        values: x1, y1 ... x4, y4 in pixels, in order around the box.
        size: (height, width) of the image in pixels.

    Returns:
        The corners, (4, 2) float32, and the upright box around them.

    Raises:
        Fault: They enclose no area, lie outside, or two sides cross.
    """
    corners = np.asarray(values, np.float32).reshape(4, 2)
    check_polygons([corners], *size)
    if crosses_itself(corners):
        raise Fault(f"has corners that are not in order around the box: {corners.tolist()}", "crossing")
    return corners, box_around([corners])


def box_around(polygons: Sequence[np.ndarray]) -> Box:
    """The upright box (x1, y1, x2, y2) around (n, 2) points, in their unit."""
    points = np.concatenate(polygons)
    (x1, y1), (x2, y2) = points.min(0), points.max(0)
    return float(x1), float(y1), float(x2), float(y2)
