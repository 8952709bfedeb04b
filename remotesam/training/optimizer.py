"""AdamW with parameter groups: what decays, what learns slower, what stays frozen."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

NO_DECAY_NAMES = ("relative_position_bias_table", "absolute_pos_embed", "pos_embed", "bias")


def decays(name: str, parameter: nn.Parameter) -> bool:
    """Whether weight decay applies: not to norms, biases (all one-dimensional), nor position tables."""
    return parameter.ndim > 1 and not name.endswith(NO_DECAY_NAMES)


def build_optimizer(
    network: nn.Module,
    *,
    lr: float,
    weight_decay: float = 0.01,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    lr_multipliers: Mapping[str, float] | None = None,
) -> torch.optim.AdamW:
    """AdamW over the parameters that require a gradient.

    Args:
        network: Its parameter names decide the groups.
        lr: Learning rate before schedule and multipliers.
        weight_decay: For matrices and convolutions; norms, biases and position tables get 0.
        betas: AdamW's moments.
        eps: Added to the root of the second moment; larger values damp parameters whose gradient is almost nothing.
        lr_multipliers: Factor by name prefix, e.g. ``{"trunk.": 0.1}``; the longest matching prefix wins.

    Returns:
        The optimiser; every group has ``base_lr`` beside ``lr``, for the schedule.

    Raises:
        ValueError: A prefix matches no trainable parameter.
    """
    multipliers = dict(lr_multipliers or {})
    unused = set(multipliers)
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        prefix = max((p for p in multipliers if name.startswith(p)), key=len, default=None)
        unused.discard(prefix or "")
        key = (multipliers[prefix] if prefix else 1.0, decays(name, parameter))
        groups.setdefault(key, []).append(parameter)
    if unused:
        names = sorted({name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad})
        raise ValueError(
            f"optimizer.lr_multipliers: no trainable parameter starts with {sorted(unused)}; top names are {names}"
        )
    settings: list[dict[str, Any]] = [
        {"params": parameters, "lr": lr * factor, "base_lr": lr * factor, "weight_decay": weight_decay * decay}
        for (factor, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(settings, lr=lr, betas=betas, eps=eps)


def set_learning_rate(optimizer: torch.optim.Optimizer, factor: float) -> float:
    """Set every group to ``factor`` times its base and return the highest rate."""
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor
    return max(group["lr"] for group in optimizer.param_groups)
