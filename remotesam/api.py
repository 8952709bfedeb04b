"""RemoteSAM: one object over any segmenter, one method a task."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, overload

from remotesam.images import ImageInput, read_image
from remotesam.results import Segmentation
from remotesam.segmenters.base import Segmenter, check_expressions, check_probabilities
from remotesam.tasks.referring import segment_referring

if TYPE_CHECKING:
    import torch

DEFAULT_THRESHOLD = 0.5
DEFAULT_PRESENCE_THRESHOLD = 0.0


class RemoteSAM:
    """Answers sentences about overhead images.

    Args:
        segmenter: Any object with ``segment(image, expressions) -> (N, H, W) float32``.
        threshold: A pixel belongs where its probability is above this, in [0, 1]. None takes the segmenter's
            ``threshold``, or 0.5 where it has none.
        presence_threshold: Something is there where the score (mean of the highest 0.2 % of the probabilities) is above
            this, in [0, 1]; else the mask is entirely empty. None takes the segmenter's ``presence_threshold``, or 0
            where it has none: any pixel above ``threshold`` counts.

    Raises:
        TypeError: The segmenter has no method ``segment``.
        ValueError: A threshold is not in [0, 1].

    Example:
        >>> model = RemoteSAM.from_pretrained("remotesam-mini")
        >>> results = model.segment("harbor.jpg", ["all ships", "the storage tank on the left"])
        >>> [result.present for result in results]
        [True, False]
    """

    def __init__(
        self, segmenter: Segmenter, *, threshold: float | None = None, presence_threshold: float | None = None
    ) -> None:
        if not callable(getattr(segmenter, "segment", None)):
            raise TypeError(
                f"segmenter is a {type(segmenter).__name__} without a method segment(image, expressions); "
                "to load a model by its name use RemoteSAM.from_pretrained"
            )
        self.segmenter = segmenter
        self.threshold = _chosen(threshold, segmenter, "threshold", DEFAULT_THRESHOLD)
        self.presence_threshold = _chosen(
            presence_threshold, segmenter, "presence_threshold", DEFAULT_PRESENCE_THRESHOLD
        )

    @classmethod
    def from_pretrained(
        cls,
        name: str | os.PathLike[str] = "remotesam-mini",
        *,
        device: str | torch.device | None = None,
        precision: str | None = None,
        threshold: float | None = None,
        presence_threshold: float | None = None,
        max_batch: int | None = None,
    ) -> RemoteSAM:
        """Loads a model.

        Args:
            name: A bundled model, a checkpoint folder, or a hub id ``owner/name``.
            device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``; None chooses.
            precision: ``"float32"``, ``"bf16"`` or ``"fp16"``; None chooses bf16 where it is faster.
            threshold: Instead of the checkpoint's, in [0, 1].
            presence_threshold: Instead of the checkpoint's, in [0, 1].
            max_batch: How many sentences are computed at once; fewer need less memory, the answers are the same. None
                takes the checkpoint's.

        Returns:
            The model.

        Raises:
            CheckpointError: There is no such model, or its files are missing, damaged or of another network.
            ValueError: The device, the precision, ``max_batch`` or a threshold cannot be used.
        """
        from remotesam.hub import find_checkpoint
        from remotesam.segmenters.rmsin import RmsinSegmenter

        segmenter = RmsinSegmenter.from_folder(
            find_checkpoint(name), device=device, precision=precision, max_batch=max_batch
        )
        return cls(segmenter, threshold=threshold, presence_threshold=presence_threshold)

    @overload
    def segment(  # type: ignore[overload-overlap]  # a string is a sequence of strings to mypy
        self,
        image: ImageInput,
        expressions: str,
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Segmentation: ...

    @overload
    def segment(
        self,
        image: ImageInput,
        expressions: Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> list[Segmentation]: ...

    def segment(
        self,
        image: ImageInput,
        expressions: str | Sequence[str],
        *,
        threshold: float | None = None,
        presence_threshold: float | None = None,
    ) -> Segmentation | list[Segmentation]:
        """Finds what sentences refer to.

        Args:
            image: A path, a Pillow image or an array; see ``remotesam.images.read_image``.
            expressions: One sentence, or any number of them.
            threshold: Instead of the model's, in [0, 1].
            presence_threshold: Instead of the model's, in [0, 1].

        Returns:
            One result for one sentence; for several a list in the same order.

        Raises:
            ImageError: The image cannot be read.
            ValueError: A sentence is blank or no string, a threshold is not in [0, 1], or the segmenter broke its
                contract.
        """
        single = isinstance(expressions, str)
        sentences = check_expressions([expressions] if isinstance(expressions, str) else expressions)
        threshold = self.threshold if threshold is None else _fraction(threshold, "threshold")
        if presence_threshold is None:
            presence_threshold = self.presence_threshold
        else:
            presence_threshold = _fraction(presence_threshold, "presence_threshold")
        pixels = read_image(image)
        if not sentences:
            return []
        probabilities = check_probabilities(
            self.segmenter.segment(pixels, sentences),
            count=len(sentences),
            height=pixels.shape[0],
            width=pixels.shape[1],
            name=type(self.segmenter).__name__,
        )
        results = [
            segment_referring(sentence, probability, threshold=threshold, presence_threshold=presence_threshold)
            for sentence, probability in zip(sentences, probabilities, strict=True)
        ]
        return results[0] if single else results


def _chosen(value: float | None, segmenter: Segmenter, name: str, default: float) -> float:
    return _fraction(getattr(segmenter, name, default) if value is None else value, name)


def _fraction(value: Any, name: str) -> float:
    number = float(value) if isinstance(value, Real) else math.nan
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is {value!r}; use a number from 0 to 1")
    return number
