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
        {'size': [2, 2], 'counts': '0211'}
    """
    from pycocotools import mask as coco_mask

    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode("ascii")}
