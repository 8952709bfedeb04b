"""From pictures of tiles to their answers: the segmenter is asked, again where it failed, and the maps become bytes."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
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

    A segmenter with ``segment_batch(images, expressions) -> (B, N, H, W)`` gets tiles of one size together.

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
    maps = _batched(segmenter, question, list(waiting.values()))
    for place, (index, (image, valid)) in enumerate(waiting.items()):
        own = None if maps is None else maps[place]
        answers[index] = _answer(segmenter, question, image, valid, own, names[index])
    return [answers[index] for index in range(len(tiles))]


def _batched(segmenter: Any, question: Question, tiles: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray | None:
    """(B, N, h, w), or None where the tiles are asked one by one."""
    batch = getattr(segmenter, "segment_batch", None)
    if not callable(batch) or len(tiles) < 2 or len({image.shape for image, _ in tiles}) > 1:
        return None
    height, width = tiles[0][0].shape[:2]
    if 4 * height * width * len(tiles) * len(question.sentences) > _BATCH_BYTES:
        return None
    try:
        maps = batch([image for image, _ in tiles], list(question.sentences))
        for one in maps:
            check_probabilities(one, count=len(question.sentences), height=height, width=width, name="segment_batch")
        return maps if len(maps) == len(tiles) else None
    except (RuntimeError, ValueError, MemoryError):
        return None  # asked one by one, so that one tile does not take the others with it


def _answer(
    segmenter: Segmenter,
    question: Question,
    image: np.ndarray,
    valid: np.ndarray,
    maps: np.ndarray | None,
    name: str,
) -> TileAnswer:
    for attempt in range(1, question.attempts + 1):
        try:
            layers, presence = [], []
            whole = bool(valid.all())
            given = probability_maps(segmenter, image, question.sentences) if maps is None else maps
            for probability in given:
                if not whole:
                    probability = np.where(valid, probability, np.float32(0))
                presence.append(presence_score(probability))
                layers.append(to_bytes(probability))
            contour = contour_map(segmenter, image, question.contours)
            if contour is not None:
                layers.append(to_bytes(np.clip(contour, 0, 1)))
        except Exception as error:
            if attempt == question.attempts:
                return _failed(question, name, _told(error))
            maps = None
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
