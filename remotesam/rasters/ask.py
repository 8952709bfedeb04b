"""From pictures of tiles to their answers: the segmenter is asked, again where it failed, and the maps become bytes."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from remotesam.asking import contour_map, probability_maps
from remotesam.presence import presence_score
from remotesam.rasters.tile_store import NO_DATA, TileAnswer, to_bytes
from remotesam.segmenters.base import Segmenter, check_probabilities

if TYPE_CHECKING:
    from remotesam.asking import ContourChoice
    from remotesam.tasks.contours import ContourSource

OnError = Literal["skip", "fail"]
_BATCH_BYTES = 256 * 2**20  # of maps at once; else tile by tile


class TileError(RuntimeError):
    """A tile that could not be read or answered, where the run was told to stop at the first."""


@dataclass(frozen=True)
class Question:
    """What is asked about every tile.

    Attributes:
        sentences: At least one.
        contours: What parts touching objects, see ``remotesam.asking.contour_map``; "none" stores no contour layer.
        attempts: How often a tile is tried.
        on_error: "skip" keeps the failure as the tile's answer, "fail" raises it.
    """

    sentences: tuple[str, ...]
    contours: ContourChoice | ContourSource = "none"
    attempts: int = 3
    on_error: OnError = "skip"


Tile = tuple[np.ndarray, np.ndarray] | str
"""Image (h, w, 3) uint8 and validity (h, w) bool, or why it could not be read."""


def ask_unit(segmenter: Segmenter, question: Question, tiles: Sequence[Tile], names: Sequence[str]) -> list[TileAnswer]:
    """Answers the tiles of a unit.

    A segmenter may have ``segment_batch(images, expressions, contour=...)``, as that of ``remotesam.segmenters.rmsin``:
    it gets tiles of one size together, unless its ``batches_tiles`` is false.

    Args:
        segmenter: Whom to ask.
        question: What to ask.
        tiles: What was read.
        names: What to call each tile in messages.

    Returns:
        An answer a tile.

    Raises:
        TileError: One failed, and ``question.on_error`` is "fail".
    """
    answers: dict[int, TileAnswer] = {}
    waiting: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for index, tile in enumerate(tiles):
        if isinstance(tile, str):
            answers[index] = _failed(question, names[index], tile)
        elif tile[1].any():
            waiting[index] = tile
        else:
            answers[index] = TileAnswer("empty")
    together = _batched(segmenter, question, list(waiting.values()))
    for place, (index, (image, valid)) in enumerate(waiting.items()):
        given = None if together is None else together[place]
        answers[index] = _answer(segmenter, question, image, valid, given, names[index])
    return [answers[index] for index in range(len(tiles))]


_Maps = tuple[Iterable[np.ndarray], np.ndarray | None]
"""The maps (h, w) float32 of all sentences, and a contour map or None."""


def _batched(segmenter: Any, question: Question, tiles: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[_Maps] | None:
    """The maps of each tile, or None where the tiles are asked one by one."""
    batch = getattr(segmenter, "segment_batch", None)
    if not callable(batch) or not getattr(segmenter, "batches_tiles", True):
        return None
    if len(tiles) < 2 or len({image.shape for image, _ in tiles}) > 1 or question.contours not in ("model", "none"):
        return None
    height, width = tiles[0][0].shape[:2]
    count = len(question.sentences)
    if 4 * height * width * len(tiles) * count > _BATCH_BYTES:
        return None
    wanted = question.contours == "model"
    try:
        maps, contours = batch([image for image, _ in tiles], list(question.sentences), contour=wanted)
        checked = [
            check_probabilities(one, count=count, height=height, width=width, name="segment_batch") for one in maps
        ]
    except (RuntimeError, ValueError, MemoryError):
        return None  # asked one by one, so that one tile does not take the others with it
    if len(checked) != len(tiles) or (contours is None) == wanted:
        return None
    return [(one, None if contours is None else contours[place]) for place, one in enumerate(checked)]


def _answer(
    segmenter: Segmenter, question: Question, image: np.ndarray, valid: np.ndarray, given: _Maps | None, name: str
) -> TileAnswer:
    whole = bool(valid.all())
    for attempt in range(1, question.attempts + 1):
        try:
            layers, presence = [], []
            # One by one: the maps of many sentences are large.
            for probability in given[0] if given else probability_maps(segmenter, image, question.sentences):
                if not whole:
                    probability = np.where(valid, probability, np.float32(0))
                presence.append(presence_score(probability))
                layers.append(to_bytes(probability))
            # After the maps: a segmenter that keeps the features of the last image has the contour for little.
            contour = given[1] if given else contour_map(segmenter, image, question.contours)
            if contour is not None:
                layers.append(to_bytes(np.clip(contour, 0, 1)))
        except Exception as error:
            if attempt == question.attempts:
                return _failed(question, name, _told(error))
            continue
        if not whole:
            for layer in layers:
                layer[~valid] = NO_DATA
        return TileAnswer("whole" if whole else "partial", tuple(layers), tuple(presence))
    raise AssertionError("attempts is at least 1")


def _told(error: BaseException) -> str:
    return " ".join("".join(traceback.format_exception_only(error)).split())


def _failed(question: Question, name: str, problem: str) -> TileAnswer:
    if question.on_error == "fail":
        raise TileError(f"{name}: {problem}")
    return TileAnswer("failed", error=problem)
