"""Layers that stay in float32 where the others compute in bf16.

bf16 keeps eight bits of a number. A trunk of 24 blocks adds all of its layers to one stream, and norms enlarge what
little differs between positions: rounding there moves outlines. Most multiplications are elsewhere: in the decoder, and
in one long stage of the trunk.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def exact(device: torch.device) -> AbstractContextManager[object]:
    """A context in which what autocast to bf16 would round is computed in float32; none where a network is trained.

    Tensors that enter must be float32, and so must be the weights; see ``ReferringNetwork.exact_modules``. fp16 keeps
    three bits more and needs no such care.

    Args:
        device: that of the tensors.

    Example:
        >>> with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), exact(torch.device("cpu")):
        ...     print((torch.ones(2, 2) @ torch.ones(2, 2)).dtype)
        torch.float32
    """
    kind = device.type
    rounds = torch.is_autocast_enabled(kind) and torch.get_autocast_dtype(kind) == torch.bfloat16
    if rounds and not torch.is_grad_enabled():
        return torch.autocast(kind, enabled=False)
    return nullcontext()
