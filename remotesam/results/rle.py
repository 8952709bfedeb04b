"""Masks as COCO's run-length encoding."""

from __future__ import annotations

from typing import Any

import numpy as np


def encode_mask(mask: np.ndarray) -> dict[str, Any]:
    """Encodes a mask so that ``json.dumps`` takes it.

    Args:
        mask: (H, W) bool.

    Returns:
        COCO's compressed run-length encoding, ``{"size": [H, W], "counts": str}``.

    Example:
        >>> encode_mask(np.array([[True, False], [True, True]]))
        {'size': [2, 2], 'counts': '021O'}
    """
    from pycocotools import mask as coco_mask

    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode("ascii")}


def encode_crop(crop: np.ndarray, left: int, top: int, image_size: tuple[int, int]) -> dict[str, Any]:
    """Encodes a mask of which only the part inside a box is given, at a cost that does not grow with the image.

    Args:
        crop: (h, w) bool.
        left: x of its first column in the image, in pixels.
        top: y of its first row in the image, in pixels.
        image_size: (height, width) of the image, in pixels.

    Returns:
        What ``encode_mask`` returns for the mask of the whole image.

    Example:
        >>> encode_crop(np.array([[True], [True]]), 1, 0, (2, 2))
        {'size': [2, 2], 'counts': '22'}
    """
    from pycocotools import mask as coco_mask

    height, width = (int(side) for side in image_size)
    edges = np.zeros((crop.shape[1], crop.shape[0] + 2), dtype=np.int8)
    edges[:, 1:-1] = crop.T
    columns, rows = np.nonzero(np.diff(edges, axis=1))  # pairs of start and end, column by column
    changes = (left + columns) * height + top + rows
    # A run to the last row goes on in the next column where that begins in the first row.
    joined = np.flatnonzero(changes[1:-1:2] == changes[2::2]) * 2 + 1
    changes = np.delete(changes, np.concatenate([joined, joined + 1]))
    counts = np.diff(np.concatenate([[0], changes, [height * width]]))
    if not counts[-1]:
        counts = counts[:-1]
    encoded = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return {"size": [height, width], "counts": encoded["counts"].decode("ascii")}
