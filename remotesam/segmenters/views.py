"""Any segmenter asked several times about one image: overlapping tiles and mirror images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remotesam.inference import may_be_flipped, may_be_tiled
from remotesam.segmenters.base import Segmenter

_MUCH_LARGER = 1.5
_OVERLAP = 0.25
_FLIPS = ((1,), (0,), (0, 1))  # axes of an (H, W) map


class AveragingSegmenter:
    """A segmenter whose answers are averages over views of the image.

    What else the segmenter has (thresholds, ``calibration``, ``has_contour`` ...) is passed on.

    Args:
        segmenter: Who answers.
        tile: Side of the tiles in pixels; None for no tiles. Only images whose longer side exceeds it by more than half
            are tiled, and only for sentences that can be answered from pieces, see
            :func:`remotesam.inference.may_be_tiled`.
        flips: Whether to add the three mirror images, for sentences without a direction, see
            :func:`remotesam.inference.may_be_flipped`. Four times the work.

    Example:
        >>> segmenter = AveragingSegmenter(RmsinSegmenter.from_folder("checkpoints/remotesam-mini"), flips=True)
        >>> segmenter.segment(np.zeros((480, 640, 3), dtype=np.uint8), ["all ships"]).shape
        (1, 480, 640)
    """

    def __init__(self, segmenter: Segmenter, *, tile: int | None = None, flips: bool = False) -> None:
        if tile is not None and tile < 1:
            raise ValueError(f"tile is {tile}; use at least 1 pixel")
        self.segmenter, self.tile, self.flips = segmenter, tile, flips

    def __getattr__(self, name: str) -> Any:
        if name in ("segmenter", "__setstate__"):  # not there yet, while it is copied
            raise AttributeError(name)
        return getattr(self.segmenter, name)

    @property
    def batches_tiles(self) -> bool:
        """False with mirror images, which a ``segment_batch`` of the segmenter would leave out."""
        return not self.flips and getattr(self.segmenter, "batches_tiles", True)

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """As ``Segmenter.segment``."""
        answers = np.empty((len(expressions), *image.shape[:2]), dtype=np.float32)
        large = self.tile is not None and max(image.shape[:2]) > _MUCH_LARGER * self.tile
        kinds: dict[tuple[bool, bool], list[int]] = {}
        for index, sentence in enumerate(expressions):
            kind = large and may_be_tiled(sentence), self.flips and may_be_flipped(sentence)
            kinds.setdefault(kind, []).append(index)
        for (tiled, flipped), indices in kinds.items():
            asked = [expressions[index] for index in indices]
            answers[indices] = self._tiled(image, asked, flipped) if tiled else self._views(image, asked, flipped)
        return answers

    def contour(self, image: np.ndarray) -> np.ndarray:
        """As the segmenter's own, over the same tiles."""
        own = self.segmenter.contour  # type: ignore[attr-defined]
        if self.tile is None or max(image.shape[:2]) <= _MUCH_LARGER * self.tile:
            return own(image)
        return self._blended(image, 1, lambda part: own(part)[None])[0]

    def _views(self, image: np.ndarray, expressions: Sequence[str], flipped: bool) -> np.ndarray:
        # The image itself comes last, so that its features are the ones that are kept.
        total = np.zeros((len(expressions), *image.shape[:2]), dtype=np.float32)
        for axes in _FLIPS if flipped else ():
            maps = self.segmenter.segment(np.ascontiguousarray(np.flip(image, axes)), expressions)
            total += np.flip(maps, tuple(axis + 1 for axis in axes))
        total += self.segmenter.segment(image, expressions)
        return total / (1 + len(_FLIPS)) if flipped else total

    def _tiled(self, image: np.ndarray, expressions: Sequence[str], flipped: bool) -> np.ndarray:
        return self._blended(image, len(expressions), lambda part: self._views(part, expressions, flipped))

    def _blended(self, image: np.ndarray, count: int, answer: Any) -> np.ndarray:
        height, width = image.shape[:2]
        total = np.zeros((count, height, width), dtype=np.float32)
        weights = np.zeros((height, width), dtype=np.float32)
        assert self.tile is not None
        for rows in spans(height, self.tile):
            for columns in spans(width, self.tile):
                part = np.ascontiguousarray(image[rows, columns])
                weight = np.outer(_ramp(part.shape[0]), _ramp(part.shape[1]))
                total[:, rows, columns] += weight * answer(part)
                weights[rows, columns] += weight
        return np.clip(total / weights, 0, 1)  # rounding


def spans(length: int, tile: int) -> Iterator[slice]:
    """Pieces of at most ``tile`` that cover ``length`` evenly and overlap by at least a quarter.

    Example:
        >>> [(s.start, s.stop) for s in spans(1000, 512)]
        [(0, 512), (244, 756), (488, 1000)]
    """
    if length <= tile:
        yield slice(0, length)
        return
    step = max(1, round(tile * (1 - _OVERLAP)))
    count = 1 + -(-(length - tile) // step)
    for number in range(count):
        start = round(number * (length - tile) / (count - 1))
        yield slice(start, start + tile)


def _ramp(length: int) -> NDArray[np.float32]:
    """Weights that fall off to the ends, where objects are cut."""
    place = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(np.minimum(place, length - place) / max(1.0, _OVERLAP * length), 1.0).astype(np.float32)
