"""Measures the records of any reader: what a data set has before triplets are made of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from remotesam.data.scene import polygon_area
from remotesam.data.sources import Annotation, Problem, RecordSet
from remotesam.data.vocabulary import Coverage, coverage, rsvocab


@dataclass(frozen=True, eq=False)
class RecordStatistics:
    """What was counted.

    Attributes:
        name: The data set.
        split: Such as "train".
        licence: In words.
        images: How many records there are.
        sizes: (height, width) in pixels -> images.
        categories: Category as the data set spells it -> annotations, the declared ones first, also those without any.
        labels: Category of whole images -> images.
        shapes: "masks", "oriented boxes", "boxes", "difficult", "crowds" -> annotations.
        label_maps: Images with a category for every pixel.
        expressions: Sentences about objects.
        captions: Sentences about whole images.
        annotations_per_image: Annotations of an image -> images.
        shares: (n,) float32, of each annotation with an outline or box its share of the image; that of a polygon is
            that of its outlines less its holes.
        problems: What the reader found wrong and left out.
        coverage: How much of RSVocab-1K the categories and labels cover that are there.
    """

    name: str
    split: str
    licence: str
    images: int
    sizes: Counter[tuple[int, int]]
    categories: Counter[str]
    labels: Counter[str]
    shapes: Counter[str]
    label_maps: int
    expressions: int
    captions: int
    annotations_per_image: Counter[int]
    shares: np.ndarray
    problems: tuple[Problem, ...]
    coverage: Coverage

    @cached_property
    def annotations(self) -> int:
        """All annotations."""
        return sum(self.categories.values())

    @property
    def problem_kinds(self) -> dict[str, int]:
        """Problems by their kind."""
        return dict(sorted(Counter(problem.kind for problem in self.problems).items()))

    def as_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """Plain data, as JSON takes it.

        Args:
            most: How many problems to list; None for all.
        """
        return {
            "name": self.name,
            "split": self.split,
            "licence": self.licence,
            "images": self.images,
            "image_sizes": [
                {"height": height, "width": width, "images": images}
                for (height, width), images in self.sizes.most_common(most)
            ],
            "annotations": self.annotations,
            "annotations_per_image": {
                str(number): images for number, images in sorted(self.annotations_per_image.items())
            },
            "categories": dict(self.categories),
            "image_labels": dict(self.labels),
            "shapes": dict(self.shapes),
            "label_maps": self.label_maps,
            "expressions": self.expressions,
            "captions": self.captions,
            "object_share": {
                "objects": len(self.shares),
                "median": float(np.median(self.shares)) if len(self.shares) else None,
            },
            "coverage": self.coverage.as_dict(),
            "problem_kinds": self.problem_kinds,
            "problems": [str(problem) for problem in self.problems[:most]],
        }


def measure_records(records: RecordSet) -> RecordStatistics:
    """Measure what a reader gave; no pixel is decoded.

    Args:
        records: The records.

    Raises:
        ValueError: There is none.

    Example:
        >>> from remotesam.data.sources import open_source
        >>> measure_records(open_source("dota", "DOTA", split="val")).annotations                   # doctest: +SKIP
        28853
    """
    if not len(records):
        why = f"; {len(records.problems)} problems, such as {records.problems[0]}" if records.problems else ""
        raise ValueError(f"{records.name} {records.split} has no images to measure{why}")
    annotations = [(record, annotation) for record in records for annotation in record.annotations]
    categories = Counter(dict.fromkeys(records.categories, 0))
    categories.update(annotation.category for _, annotation in annotations)
    labels = Counter(label for record in records for label in record.labels)
    maps = [record.label_map for record in records if record.label_map is not None]
    in_maps = {name for label_map in maps for name in label_map.categories}  # which of them is only in the pixels
    shares = [_share(annotation, *record.size) for record, annotation in annotations]
    shown = {*(name for name, number in categories.items() if number), *labels, *in_maps}
    return RecordStatistics(
        name=records.name,
        split=records.split,
        licence=records.licence,
        images=len(records),
        sizes=Counter((record.size[0], record.size[1]) for record in records),
        categories=categories,
        labels=Counter(dict(labels.most_common())),
        shapes=_shapes([annotation for _, annotation in annotations]),
        label_maps=len(maps),
        expressions=sum(len(record.expressions) for record in records),
        captions=sum(len(record.captions) for record in records),
        annotations_per_image=Counter(len(record.annotations) for record in records),
        shares=np.array([share for share in shares if share is not None], np.float32),
        problems=records.problems,
        coverage=_coverage(sorted(shown), records.name),
    )


def _shapes(annotations: list[Annotation]) -> Counter[str]:
    return Counter(
        {
            "masks": sum(one.has_mask for one in annotations),
            "oriented boxes": sum(one.corners is not None for one in annotations),
            "boxes": sum(one.box is not None for one in annotations),
            "difficult": sum(one.difficult for one in annotations),
            "crowds": sum(one.crowd for one in annotations),
        }
    )


def _share(annotation: Annotation, height: int, width: int) -> float | None:
    if annotation.polygons:
        area = _area(annotation.polygons) - _area(annotation.holes)
    elif annotation.corners is not None:
        area = _area((annotation.corners,))
    elif annotation.box is not None:
        x1, y1, x2, y2 = annotation.box
        area = (x2 - x1) * (y2 - y1)
    else:
        return None
    return min(1.0, max(0.0, area / (height * width)))


def _area(polygons: tuple[np.ndarray, ...]) -> float:
    return sum(abs(polygon_area(polygon)) for polygon in polygons)


def _coverage(names: list[str], dataset: str) -> Coverage:
    """Takes the data set's own meaning of its names where the vocabulary knows the data set."""
    vocabulary = rsvocab()
    key = next((known for known in vocabulary.datasets if _letters(known) == _letters(dataset)), None)
    none = vocabulary.no_category_names(key) if key else ()
    return coverage([name for name in names if name not in none], dataset=key)


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
