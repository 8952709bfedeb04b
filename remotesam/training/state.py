"""The state of a run as plain data, the same whatever the number of processes or sharding."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.tensor import DTensor, distribute_tensor

from remotesam.training.ema import ExponentialMovingAverage

PREFIX = "network."


class TrainingModule(nn.Module):
    """The network behind one ``forward``, because data-parallel wrappers hook nothing else.

    Args:
        network: Has ``forward_train``.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, images: Tensor, input_ids: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> dict[str, Tensor]:
        """The network's outputs by name."""
        outputs: dict[str, Tensor] = self.network.forward_train(  # type: ignore[operator]
            images, input_ids, attention_mask, image_index
        )
        return outputs


def capture(
    module: nn.Module, optimizer: torch.optim.Optimizer, average: ExponentialMovingAverage | None
) -> dict[str, Any]:
    """Weights, averaged weights and optimiser state on the CPU, whole; every process must call it.

    Args:
        module: A :class:`TrainingModule`, wrapped or not.
        optimizer: Its optimiser.
        average: Its moving average.

    Returns:
        ``network``, ``ema`` (or None), ``ema_updates`` and ``optimizer``.
    """
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    weights = get_model_state_dict(module, options=options)
    return {
        "network": {name.removeprefix(PREFIX): value for name, value in weights.items()},
        "ema": None if average is None else {k.removeprefix(PREFIX): _whole(v) for k, v in average.shadow.items()},
        "ema_updates": 0 if average is None else average.updates,
        "optimizer": get_optimizer_state_dict(module, optimizer, options=options),
    }


def restore(
    state: dict[str, Any], module: nn.Module, optimizer: torch.optim.Optimizer, average: ExponentialMovingAverage | None
) -> None:
    """Put a captured state back; every process must call it with the same state.

    Raises:
        ValueError: The weights are of another network; the message names tensors.
    """
    options = StateDictOptions(full_state_dict=True, strict=True)
    check_names(module, state["network"], where="training state")
    set_model_state_dict(module, {PREFIX + name: value for name, value in state["network"].items()}, options=options)
    set_optimizer_state_dict(module, optimizer, state["optimizer"], options=options)
    if average is not None:
        source = state["ema"] if state["ema"] is not None else state["network"]
        average.updates = int(state["ema_updates"])
        for name, value in average.shadow.items():
            value.copy_(_like(source[name.removeprefix(PREFIX)], value))


def check_names(module: nn.Module, weights: dict[str, Tensor], *, where: str, may_lack: tuple[str, ...] = ()) -> None:
    """Compare names and shapes of weights with those of the network, before anything is overwritten.

    Args:
        module: The network.
        weights: What is about to be loaded.
        where: They come from there, for the message.
        may_lack: Beginnings of names that the weights need not have.

    Raises:
        ValueError: Something is missing, left over or of another shape.
    """
    own = {_clean(name): tuple(value.shape) for name, value in module.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in weights.items()}
    problems = [f"{name} is missing" for name in own if name not in given and not name.startswith(may_lack)]
    problems += [f"{name} is left over" for name in given if name not in own]
    problems += [
        f"{name} is {given[name]}, not {own[name]}" for name in own if name in given and given[name] != own[name]
    ]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise ValueError(f"{where}: weights of another network: {'; '.join(problems[:5])}{more}")


def _clean(name: str) -> str:
    return name.removeprefix("module.").removeprefix(PREFIX)


def _whole(value: Tensor) -> Tensor:
    return (value.full_tensor() if isinstance(value, DTensor) else value).detach().cpu().clone()


def _like(value: Tensor, target: Tensor) -> Tensor:
    if isinstance(target, DTensor):
        return distribute_tensor(value.to(target.device), target.device_mesh, target.placements)
    return value.to(target.device)
