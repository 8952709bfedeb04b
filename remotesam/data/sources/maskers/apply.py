"""Gives the annotations of records that have boxes alone masks, and measures how well they agree with the boxes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.progress import track

from remotesam.data.faults import Fault
from remotesam.data.sources.drafts import Box, box_around
from remotesam.data.sources.maskers.base import BoxMasker
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.problems import OnError, Problems
from remotesam.data.sources.records import Annotation, Record, RecordSet


@dataclass(frozen=True)
class Agreement:
    """How well a mask agrees with the box that it was made from.

    Attributes:
        record: Id of the record.
        annotation: Id of the annotation.
        category: In the data set's spelling.
        maker: Who made the mask.
        iou: Intersection over union of the box around the mask with the given one, both inside the image, 0 to 1.
        kept: Whether the annotation got the mask.
    """

    record: str
    annotation: str
    category: str
    maker: str
    iou: float
    kept: bool


def make_masks(
    record: Record, masker: BoxMasker, *, image: np.ndarray | None = None, min_agreement: float = 0.0
) -> tuple[Record, tuple[Agreement, ...]]:
    """Makes a mask for each annotation of a record that has a box and no mask.

    Args:
        record: The record.
        masker: Makes them.
        image: (H, W, 3) uint8 RGB pixels of the record, read from its file where None.
        min_agreement: A mask whose box agrees less with the given one is dropped: the annotation stays without one, so
            that its category does not pass for complete. Empty masks always are.

    Returns:
        The record with masks whose ``maker`` is the masker's name, and the agreement of each that was made.

    Raises:
        Fault: The image cannot be read or has another size.
    """
    wanted = [a for a in record.annotations if not a.has_mask and (a.box is not None or a.corners is not None)]
    if not wanted:
        return record, ()
    pixels = read_pixels(record) if image is None else image
    height, width = record.size
    if pixels.shape[:2] != (height, width):
        raise Fault(f"the image is {pixels.shape[1]} x {pixels.shape[0]} pixels, the record {width} x {height}", "size")
    boxes = np.array([_box(annotation) for annotation in wanted], np.float64)
    made = masker.mask(pixels, boxes, [a.corners for a in wanted], [a.category for a in wanted])
    changed = {}
    agreements = []
    for annotation, box, (polygons, holes) in zip(wanted, boxes, made, strict=True):
        iou = box_iou(box_around(polygons), tuple(box.tolist()), width, height) if polygons else 0.0
        kept = bool(polygons) and iou >= min_agreement
        agreements.append(Agreement(record.id, annotation.id, annotation.category, masker.name, iou, kept))
        if kept:
            changed[annotation.id] = replace(annotation, polygons=polygons, holes=holes, maker=masker.name)
    annotations = tuple(changed.get(annotation.id, annotation) for annotation in record.annotations)
    return replace(record, annotations=annotations), tuple(agreements)


def make_all_masks(
    records: RecordSet, masker: BoxMasker, *, min_agreement: float = 0.0, on_error: OnError = "skip"
) -> tuple[RecordSet, list[Agreement]]:
    """Makes the masks of a whole record set, with a progress bar; see :func:`make_masks`.

    Returns:
        The records with masks; images that cannot be read are listed in its ``problems`` and left out.

    Raises:
        SourceError: An image cannot be read and ``on_error`` is "raise".
    """
    problems = Problems(on_error)
    finished: list[Record] = []
    agreements: list[Agreement] = []
    quiet = not sys.stderr.isatty()
    for record in track(records, f"masks of {records.name} by {masker.name}", transient=True, disable=quiet):
        try:
            done, measured = make_masks(record, masker, min_agreement=min_agreement)
        except Fault as fault:
            problems.add(record.image, record.id, str(fault), fault.kind)
            continue
        finished.append(done)
        agreements += measured
    done_set = RecordSet(
        finished,
        name=records.name,
        split=records.split,
        licence=records.licence,
        categories=records.categories,
        problems=(*records.problems, *problems),
    )
    return done_set, agreements


def summarise(agreements: Sequence[Agreement]) -> dict[str, dict[str, float]]:
    """Says how well masks and boxes agree, by category and for "all" together.

    Returns:
        For each ``masks``, ``kept``, ``mean`` and ``median`` IoU, and ``below_half``, the share with an IoU below 0.5.

    Example:
        >>> found = [Agreement("a", "1", "ship", "sam", 0.9, True), Agreement("a", "2", "ship", "sam", 0.1, False)]
        >>> summarise(found)["ship"]
        {'masks': 2, 'kept': 1, 'mean': 0.5, 'median': 0.5, 'below_half': 0.5}
    """
    groups: dict[str, list[Agreement]] = {}
    for agreement in agreements:
        groups.setdefault(agreement.category, []).append(agreement)
    groups = dict(sorted(groups.items()))
    if agreements:
        groups["all"] = list(agreements)
    return {name: _figures(members) for name, members in groups.items()}


def box_iou(first: Box, second: Box, width: float, height: float) -> float:
    """Intersection over union of two boxes (x1, y1, x2, y2), both cut off at the image; 0 where neither is inside."""
    sides = (np.array([0, 0, 0, 0.0]), np.array([width, height, width, height], np.float64))
    a, b = np.clip(first, *sides), np.clip(second, *sides)
    overlap = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    union = (a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - overlap
    return float(overlap / union) if union > 0 else 0.0


def _box(annotation: Annotation) -> Box:
    if annotation.box is not None:
        return annotation.box
    assert annotation.corners is not None
    return box_around([annotation.corners])


def _figures(agreements: Sequence[Agreement]) -> dict[str, float]:
    ious = np.array([agreement.iou for agreement in agreements])
    return {
        "masks": len(agreements),
        "kept": sum(agreement.kept for agreement in agreements),
        "mean": round(float(ious.mean()), 4),
        "median": round(float(np.median(ious)), 4),
        "below_half": round(float((ious < 0.5).mean()), 4),
    }
