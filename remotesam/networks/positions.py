"""Layers that treat every position of a map by itself, done to a few positions at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_AT_ONCE = 1568  # measured: what lies between the layers stays in the processor's cache


def by_position(function: Callable[..., Tensor], *maps: Tensor) -> Tensor:
    """``function(*maps)``, on a CPU without gradients from parts of the maps: quicker, and nothing between is large.

    With B > 1 parts would not lie together in memory, and all is done at once: measured.

    Args:
        function: of maps (B, n, C_i) for any n, to (B, n, C), every position by itself.
        maps: each (B, N, C_i); B may be 1 in some, where the function broadcasts them.

    Returns:
        (B, N, C).
    """
    count = maps[0].shape[1]
    at_once = torch.is_grad_enabled() or maps[0].device.type != "cpu" or any(len(m) > 1 for m in maps)
    if at_once or count <= _AT_ONCE:
        return function(*maps)
    out: Tensor | None = None
    for start in range(0, count, _AT_ONCE):
        part = function(*(m[:, start : start + _AT_ONCE] for m in maps))
        if out is None:
            out = part.new_empty(1, count, part.shape[2])
        out[:, start : start + _AT_ONCE] = part
    assert out is not None
    return out
