"""Scenes from the records of any data set."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from rich.progress import track

from remotesam.data.colours import COLOURS
from remotesam.data.faults import Fault
from remotesam.data.scene import Instance, Scene, SceneError
from remotesam.data.segmentation import mask_polygons
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Annotation, Record, RecordSet
from remotesam.data.sources.registry import open_source
from remotesam.data.vocabulary import canonical

logger = logging.getLogger(__name__)

_LOGGED = 20


class RecordScenes:
    """Scenes of a record set, one for each record of which something may be said.

    Category names are brought to the vocabulary where it knows them. A category counts as annotated in a scene where
    the record is exhaustive for every name that the data set has for it, and where none of its annotations is a crowd
    or lacks a mask. Annotations of other categories are left out: nothing that is said of them would be sure.

    A label map gives an instance for each connected region of a category (pixels that touch at a corner are connected),
    unless the record has annotations of that category. So a region of forest can be singled out by its place or size,
    as an object can, while objects that touch in the map count as one.

    The outlines of a record with a window are relative to the window's corner.

    Args:
        records: The records.
        on_error: ``"skip"`` marks the error of an image that cannot be read so that a data set draws another scene;
            ``"raise"`` does not.
        cache: Decode every image now and keep it in memory, where forked data workers share it (3 bytes a pixel).
        fill_boxes: Take the oriented or upright box of an annotation without a mask for its outline.
        difficult: ``"leave out"`` treats categories with a difficult annotation as not annotated in that scene.

    Raises:
        SceneError: There is no record, or none of which something may be said.

    Example:
        >>> from remotesam.data.sources import open_source
        >>> scenes = RecordScenes(open_source("dota", "DOTA", split="val"), fill_boxes=True)  # doctest: +SKIP
        >>> scenes.scene(0).annotated[:2]  # doctest: +SKIP
        ('airplane', 'ship')
    """

    def __init__(
        self,
        records: RecordSet,
        *,
        on_error: Literal["raise", "skip"] = "skip",
        cache: bool = False,
        fill_boxes: bool = False,
        difficult: Literal["keep", "leave out"] = "keep",
    ) -> None:
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is {on_error!r}; use 'skip' or 'raise'")
        if difficult not in ("keep", "leave out"):
            raise ValueError(f"difficult is {difficult!r}; use 'keep' or 'leave out'")
        self.source = records
        self.on_error = on_error
        self.fill_boxes = fill_boxes
        self.difficult = difficult
        self._names = {name: canonical(name) for name in records.categories}
        self.annotated = tuple(dict.fromkeys(self._names.values()))
        _log_problems(records)
        known = [(record, self._annotated_in(record)) for record in records]
        self.records = [record for record, annotated in known if annotated]
        self._annotated = [annotated for _, annotated in known if annotated]
        if not self.records:
            raise SceneError(f"{records!r}: no image of which anything may be said{self._why_none()}")
        if len(self.records) < len(records):
            logger.warning("%r: %d images annotate no category fully", records, len(records) - len(self.records))
        self._decoded: dict[int, np.ndarray] = {}
        if cache:
            self._fill_cache()

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self.records)

    def scene(self, index: int, seed: int = 0, *, image: np.ndarray | None = None) -> Scene:
        """Return the scene of record ``index``; ``seed`` changes nothing.

        Args:
            index: Which record.
            seed: Not used.
            image: Its pixels, (H, W, 3) uint8 RGB, where they are at hand; read from the file if None.

        Raises:
            SceneError: The image, its label map or a mask is missing, unreadable or of another size than the data set
                says.
        """
        record = self.records[index]
        image = self._decoded.get(index) if image is None else image
        image = self._decode(record) if image is None else image
        annotated = self._annotated[index]
        try:
            instances = self._instances(record, set(annotated))
        except SourceError as error:
            raise SceneError(str(error), skip=self.on_error == "skip") from error
        return Scene(image=image, instances=tuple(instances), annotated=annotated, name=_name(record))

    def _annotated_in(self, record: Record) -> tuple[str, ...]:
        """Canonical names of the categories of which everything is known, in the order of the data set."""
        unsure = {self._canonical(a.category) for a in record.annotations if not self._is_usable(a)}
        exhaustive = set(record.exhaustive)
        unsure.update(name for spelling, name in self._names.items() if spelling not in exhaustive)
        return tuple(name for name in self.annotated if name not in unsure)

    def _canonical(self, category: str) -> str:
        return self._names.get(category) or canonical(category)

    def _is_usable(self, annotation: Annotation) -> bool:
        if annotation.crowd or (annotation.difficult and self.difficult == "leave out"):
            return False
        has_box = annotation.corners is not None or annotation.box is not None
        return annotation.has_mask or (self.fill_boxes and has_box)

    def _instances(self, record: Record, wanted: set[str]) -> list[Instance]:
        instances = []
        for annotation in record.annotations:
            name = self._canonical(annotation.category)
            if name in wanted:
                polygons = annotation.polygons if annotation.has_mask else (_box_outline(annotation),)
                colour = annotation.attributes.get("colour")
                colour = colour if colour in COLOURS else None
                instances.append(Instance(name, polygons, annotation.holes, colour))
        if record.label_map is not None:
            drawn = {instance.category for instance in instances}
            for category, mask in record.label_map.masks().items():
                name = self._canonical(category)
                if name in wanted and name not in drawn:
                    instances += [Instance(name, *outlines) for outlines in regions(mask)]
        return instances

    def _decode(self, record: Record) -> np.ndarray:
        try:
            return read_pixels(record)
        except Fault as fault:
            raise SceneError(f"{record.image}: {fault}", skip=self.on_error == "skip") from fault

    def _fill_cache(self) -> None:
        numbered = track(
            list(enumerate(self.records)),
            f"decoding the images of {self.source.name}",
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        for index, record in numbered:
            try:
                self._decoded[index] = self._decode(record)
            except SceneError as error:
                if not error.skip:
                    raise
                logger.warning("skipped: %s", error)
        self.records = [self.records[index] for index in self._decoded]
        self._annotated = [self._annotated[index] for index in self._decoded]
        self._decoded = dict(enumerate(self._decoded.values()))
        if not self.records:
            raise SceneError(f"{self.source!r}: none of its images could be read; see the log for each of them")

    def _why_none(self) -> str:
        annotations = [annotation for record in self.source for annotation in record.annotations]
        if annotations and not any(annotation.has_mask for annotation in annotations):
            return "; its annotations have boxes only: make masks of them first, or fill them with fill_boxes=True"
        if not any(record.exhaustive for record in self.source):
            return "; it is exhaustive for no category, so only its own expressions can be used"
        return ""


def open_scenes(
    name: str,
    root: Path | str,
    *,
    on_error: Literal["raise", "skip"] = "skip",
    cache: bool = False,
    fill_boxes: bool = False,
    difficult: Literal["keep", "leave out"] = "keep",
    **options: Any,
) -> RecordScenes:
    """Reads a data set by its name and makes scenes of it.

    Args:
        name: A name of ``remotesam.data.sources.SOURCES``.
        root: Its folder.
        on_error: For the reader and for images that turn out unreadable later: "skip" or "raise".
        cache: As in :class:`RecordScenes`.
        fill_boxes: As there.
        difficult: As there.
        **options: Those of the reader, such as ``split``, and ``every_fifth`` as in
            :func:`~remotesam.data.sources.registry.open_source`.

    Raises:
        SourceError: The data set cannot be read.
        SceneError: There is no image of which anything may be said.
    """
    records = open_source(name, root, on_error=on_error, **options)
    return RecordScenes(records, on_error=on_error, cache=cache, fill_boxes=fill_boxes, difficult=difficult)


def regions(mask: np.ndarray) -> list[tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]]:
    """Outline each connected region of an (H, W) bool mask; pixels that touch at a corner are connected.

    Returns:
        Polygons and holes of each region, (n, 2) float32 x, y in pixels, the topmost first.

    Example:
        >>> [polygons[0].tolist() for polygons, holes in regions(np.array([[True, False, True]]))]
        [[[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], [[2.0, 0.0], [2.0, 1.0], [3.0, 1.0], [3.0, 0.0]]]
    """
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    found = []
    for number in range(1, count):
        left, top, width, height = (int(value) for value in boxes[number][:4])
        polygons, holes = mask_polygons(labels[top : top + height, left : left + width] == number)
        shift = np.array([left, top], np.float32)
        found.append((tuple(p + shift for p in polygons), tuple(hole + shift for hole in holes)))
    return found


def _box_outline(annotation: Annotation) -> np.ndarray:
    if annotation.corners is not None:
        return annotation.corners
    assert annotation.box is not None
    x1, y1, x2, y2 = annotation.box
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def _name(record: Record) -> str:
    return record.image.name if record.window is None else f"{record.image.name} {record.window}"


def _log_problems(records: RecordSet) -> None:
    for problem in records.problems[:_LOGGED]:
        logger.warning("skipped: %s", problem)
    if len(records.problems) > _LOGGED:
        logger.warning("%r: and %d more such problems", records, len(records.problems) - _LOGGED)
