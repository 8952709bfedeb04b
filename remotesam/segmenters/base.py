"""The contract between everything that can segment by language and everything that uses masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Segmenter(Protocol):
    """Whatever answers sentences about an image with probability maps.

    A segmenter may also have ``threshold`` and ``presence_threshold`` (floats in [0, 1]): the values it was tuned for.

    Example:
        >>> class Brightness:
        ...     def segment(self, image, expressions):
        ...         return np.stack([image.mean(axis=2, dtype=np.float32) / 255] * len(expressions))
        >>> isinstance(Brightness(), Segmenter)
        True
    """

    def segment(self, image: np.ndarray, expressions: Sequence[str]) -> np.ndarray:
        """Answers every sentence about one image.

        Args:
            image: (H, W, 3) uint8 RGB.
            expressions: N sentences, N >= 1.

        Returns:
            (N, H, W) float32 in [0, 1]: for each sentence and pixel, the probability that the pixel belongs to what
            the sentence names, at the image's own size.
        """
        ...


def check_expressions(expressions: Iterable[str]) -> list[str]:
    """Checks that every sentence can be asked.

    Returns:
        The sentences as a list.

    Raises:
        ValueError: One of them is no string or is blank; the message names its index.
    """
    if not isinstance(expressions, Iterable):
        raise ValueError(f"expressions is a {type(expressions).__name__}; give a string or a list of strings")
    expressions = list(expressions)
    for index, expression in enumerate(expressions):
        if not isinstance(expression, str):
            raise ValueError(f"expressions[{index}] is a {type(expression).__name__}; give a string")
        if not expression.strip():
            raise ValueError(
                f"expressions[{index}] is {'empty' if not expression else 'blank'}; say what to segment, "
                'for example "all airplanes"'
            )
        try:
            expression.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(f"expressions[{index}] holds half a character ({error}); give valid Unicode") from error
    return expressions


def check_probabilities(probabilities: np.ndarray, *, count: int, height: int, width: int, name: str) -> np.ndarray:
    """Checks what a segmenter answered against the contract.

    Args:
        probabilities: The answer.
        count: The number of sentences.
        height: The image's height in pixels.
        width: The image's width in pixels.
        name: The segmenter's name, for messages.

    Returns:
        The answer as (count, height, width) float32.

    Raises:
        ValueError: It is no array, or has another shape, type or range.
    """
    where = f"{name}.segment returned"
    if not isinstance(probabilities, np.ndarray):
        raise ValueError(f"{where} a {type(probabilities).__name__}; it must return a numpy array of float32")
    if probabilities.shape != (count, height, width):
        raise ValueError(
            f"{where} the shape {probabilities.shape} for {count} expressions on an image of {height} x {width} "
            f"(height x width); it must return {(count, height, width)}"
        )
    if probabilities.dtype.kind != "f":
        raise ValueError(f"{where} the type {probabilities.dtype}; it must return float32 probabilities in [0, 1]")
    if probabilities.size:
        smallest, largest = float(probabilities.min()), float(probabilities.max())  # NaN if there is one
        if not (smallest >= -1e-4 and largest <= 1 + 1e-4):
            raise ValueError(
                f"{where} values from {smallest:g} to {largest:g}; it must return finite probabilities in [0, 1] "
                "(of logits, take the sigmoid)"
            )
        if smallest < 0 or largest > 1:
            probabilities = np.clip(probabilities, 0, 1)
    return probabilities.astype(np.float32, copy=False)
