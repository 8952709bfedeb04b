"""Exponential moving average of weights, which validates better than the weights themselves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class ExponentialMovingAverage:
    """Average of floating parameters; buffers (running statistics, averages already) are copied.

    The n-th update (from 0) uses decay min(decay, (1 + n) / (10 + n)), so that the average forgets the random start.

    Args:
        network: Its current weights are the first value; sharded parameters are averaged shard by shard.
        decay: In [0, 1), e.g. 0.999.
    """

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.shadow = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the average towards the network's weights."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        averaged = [name for name, parameter in network.named_parameters() if parameter.is_floating_point()]
        values = {name: value.detach() for name, value in network.state_dict().items()}
        # All at once: on a GPU a launch for every tensor takes longer than the arithmetic.
        torch._foreach_lerp_([self.shadow[name] for name in averaged], [values[name] for name in averaged], 1 - decay)
        for name in values.keys() - set(averaged):
            self.shadow[name].copy_(values[name])

    @contextmanager
    def applied(self, network: nn.Module) -> Iterator[None]:
        """Within the block the network has the averaged weights, afterwards its own again."""
        own = {name: value.detach().clone() for name, value in network.state_dict().items()}
        _copy(self.shadow, network)
        try:
            yield
        finally:
            _copy(own, network)


@torch.no_grad()
def _copy(source: Mapping[str, Tensor], network: nn.Module) -> None:
    for name, value in network.state_dict().items():
        value.copy_(source[name])
