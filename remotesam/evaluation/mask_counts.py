"""How many pixels two masks share, without decoding what is run-length encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault
from remotesam.data.triplet_set.run_lengths import run_lengths
from remotesam.evaluation.samples import Mask


class MaskCounts(NamedTuple):
    """Pixels of two masks.

    Attributes:
        intersection: In both.
        predicted: In the prediction.
        target: In the target.
    """

    intersection: int
    predicted: int
    target: int


def count_pixels(
    prediction: Mask | None, target: Mask, *, ignored: Mask | None = None, size: tuple[int, int] | None = None
) -> MaskCounts:
    """Count the pixels of a prediction and its target.

    Args:
        prediction: None for an empty mask.
        target: Of the same size as the prediction, unless ``size`` is given.
        ignored: Pixels, at the target's size, that count in neither.
        size: (height, width) that masks are brought to where they are of another, by nearest neighbour (as Pillow
            does, which is how images with masks are resized by torchvision's transforms).

    Raises:
        ValueError: A mask is neither (H, W) bool nor sound run lengths, or the sizes differ.

    Example:
        >>> count_pixels(np.array([[True, True, False]]), np.array([[False, True, True]]))
        MaskCounts(intersection=1, predicted=2, target=2)
    """
    wanted = mask_size(target, "target") if size is None else size
    found = wanted if prediction is None else mask_size(prediction, "prediction")
    if size is None and found != wanted:
        raise ValueError(f"the prediction is {_text(found)} pixels and the target {_text(wanted)}; give one size")
    runs = isinstance(target, Mapping) and (prediction is None or isinstance(prediction, Mapping))
    if runs and ignored is None and found == wanted == mask_size(target, "target"):
        return _count_runs(prediction, target)
    inside = decoded(target, "target", size=size)
    guess = np.zeros_like(inside) if prediction is None else decoded(prediction, "prediction", size=size)
    if ignored is not None:
        counted = ~decoded(ignored, "ignored", size=size)
        if counted.shape != inside.shape:
            raise ValueError(f"ignored is {_text(counted.shape)} pixels and the target {_text(inside.shape)}")
        inside, guess = inside & counted, guess & counted
    return MaskCounts(*(int(np.count_nonzero(mask)) for mask in (inside & guess, guess, inside)))


def mask_size(mask: Mask, name: str) -> tuple[int, int]:
    """(height, width) of a mask.

    Raises:
        ValueError: It is neither (H, W) bool nor run lengths.
    """
    if isinstance(mask, Mapping):
        size = mask.get("size")
        if not isinstance(size, list | tuple) or len(size) != 2 or "counts" not in mask:
            raise ValueError(f"{name} is {str(mask)[:60]}; run lengths take size [height, width] and counts")
        return int(size[0]), int(size[1])
    if mask.dtype != np.bool_ or mask.ndim != 2:
        raise ValueError(f"{name} is {mask.dtype} {mask.shape}; masks must be bool (H, W) or run lengths")
    height, width = mask.shape
    return height, width


def run_lengths_of(mask: Mask, name: str) -> tuple[dict[str, Any], int]:
    """COCO's compressed run lengths of a mask, checked, and its area.

    Raises:
        ValueError: It is neither (H, W) bool nor sound run lengths.
    """
    height, width = mask_size(mask, name)
    if not isinstance(mask, Mapping):
        return coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8)), int(np.count_nonzero(mask))
    runs = _checked_runs(mask, name)
    counts = mask["counts"]
    if isinstance(counts, list | np.ndarray):
        counts = coco_mask.frPyObjects({"size": [height, width], "counts": runs.tolist()}, height, width)["counts"]
    return {"size": [height, width], "counts": counts}, int(runs[1::2].sum())


def decoded(mask: Mask, name: str, *, size: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """A mask as (H, W) bool, brought to ``size`` by nearest neighbour where it is of another.

    Raises:
        ValueError: It is neither (H, W) bool nor sound run lengths.
    """
    height, width = mask_size(mask, name)
    if isinstance(mask, Mapping):
        runs = _checked_runs(mask, name)  # column by column; repeating them takes a fifth of pycocotools' time
        pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T
    else:
        pixels = mask
    if size is None or size == (height, width):
        return pixels
    # Decoded masks lie column by column; the neighbour in x does not depend on y, so they are resized as they lie.
    flipped = pixels.flags.f_contiguous
    picture = Image.fromarray(np.ascontiguousarray(pixels.T if flipped else pixels).view(np.uint8))
    resized = picture.resize(size if flipped else (size[1], size[0]), Image.Resampling.NEAREST)
    found = np.asarray(resized).view(bool)
    return found.T if flipped else found


def _checked_runs(mask: Mapping[str, Any], name: str) -> NDArray[np.int64]:
    """Lengths of the runs of background and object in turn."""
    height, width = mask_size(mask, name)
    counts = mask["counts"]
    if isinstance(counts, list | np.ndarray):
        listed = np.asarray(counts)
        if listed.ndim != 1 or (listed.size and listed.dtype.kind not in "iu") or (listed < 0).any():
            raise ValueError(f"{name} has run lengths that are not whole numbers >= 0")
        runs: NDArray[np.int64] = listed.astype(np.int64)
    else:
        text = counts.decode("ascii", errors="replace") if isinstance(counts, bytes) else str(counts)
        try:
            runs = run_lengths(text)
        except Fault as fault:
            raise ValueError(f"{name} {fault}") from fault
    if runs.sum() != height * width:
        raise ValueError(f"{name} has run lengths of {runs.sum()} pixels; {width} x {height} takes {height * width}")
    return runs


def _count_runs(prediction: Mask | None, target: Mask) -> MaskCounts:
    wanted, target_area = run_lengths_of(target, "target")
    if prediction is None:
        return MaskCounts(0, 0, target_area)
    found, area = run_lengths_of(prediction, "prediction")
    shared = int(coco_mask.area(coco_mask.merge([wanted, found], intersect=True))) if area and target_area else 0
    return MaskCounts(shared, area, target_area)


def _text(size: tuple[int, ...]) -> str:
    return f"{size[1]} x {size[0]}"
