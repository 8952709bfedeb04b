"""Sums over all processes, with and without gradients."""

from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist


def world_size() -> int:
    """Number of processes that train together; 1 where torch.distributed is not initialised."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


class _GlobalSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        total = tensor.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:
        total = grad_outputs[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total


def global_sum(tensor: Tensor) -> Tensor:
    """Sum of ``tensor`` over all processes, differentiable; the tensor itself in a single process.

    The gradient is the sum of the gradients of all processes. Where every process computes the same loss from global
    sums, DistributedDataParallel's average over processes then gives exactly the gradient of that one loss.

    Args:
        tensor: Any shape, the same in every process.

    Returns:
        A tensor of the same shape, equal in every process.
    """
    if world_size() == 1:
        return tensor
    result: Tensor = _GlobalSum.apply(tensor)  # type: ignore[no-untyped-call]
    return result
