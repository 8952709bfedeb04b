"""Adaptive rotated convolution (Pu et al., ICCV 2023) with one kernel."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import winograd

_ROWS_AT_ONCE = 16


def rotation_matrices(theta: Tensor) -> Tensor:
    """How a 3x3 kernel turned by `theta` mixes its nine taps.

    The taps off the centre are resampled bilinearly on the turned grid. Every row sums to one.

    Args:
        theta: (B,) angles in radians, |theta| < 45 degrees.

    Returns:
        (B, 9, 9): new tap (row) as weights of the old taps 0..8, row-major.
    """
    c, s = torch.cos(theta), torch.sin(theta)
    a, b, d = c - s, c * s, c + s
    o, one = torch.zeros_like(c), torch.ones_like(c)
    positive = [
        [a, 1 - a, o, o, o, o, o, o, o],
        [o, c - b, b, o, 1 - d + b, s - b, o, o, o],
        [o, o, a, o, o, 1 - a, o, o, o],
        [b, s - b, o, c - b, 1 - d + b, o, o, o, o],
        [o, o, o, o, one, o, o, o, o],
        [o, o, o, o, 1 - d + b, c - b, o, s - b, b],
        [o, o, o, 1 - a, o, o, a, o, o],
        [o, o, o, s - b, 1 - d + b, o, b, c - b, o],
        [o, o, o, o, o, o, o, 1 - a, a],
    ]
    negative = [
        [d, o, o, 1 - d, o, o, o, o, o],
        [-b, c + b, o, b - s, 1 - a - b, o, o, o, o],
        [o, 1 - d, d, o, o, o, o, o, o],
        [o, o, o, c + b, 1 - a - b, o, -b, b - s, o],
        [o, o, o, o, one, o, o, o, o],
        [o, b - s, -b, o, 1 - a - b, c + b, o, o, o],
        [o, o, o, o, o, o, d, 1 - d, o],
        [o, o, o, o, 1 - a - b, b - s, o, c + b, -b],
        [o, o, o, o, o, 1 - d, o, o, d],
    ]

    def stack(rows: list[list[Tensor]]) -> Tensor:
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    return torch.where((theta >= 0)[:, None, None], stack(positive), stack(negative))


class Routing(nn.Module):
    """Predicts one scale and one angle a sample from its map.

    Args:
        channels: channels of the map.
        max_degrees: largest angle.
        dropout: dropout before each linear, in training.
    """

    def __init__(self, *, channels: int, max_degrees: float = 40.0, dropout: float = 0.2) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.norm = nn.LayerNorm(channels)
        self.dropout = nn.Dropout(dropout)
        self.alpha = nn.Linear(channels, 1)
        self.theta = nn.Linear(channels, 1, bias=False)
        self.max_radians = math.radians(max_degrees)
        nn.init.trunc_normal_(self.alpha.weight, std=0.02)
        nn.init.trunc_normal_(self.theta.weight, std=0.02)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> scale (B,) in (0, 1) and angle (B,) in radians."""
        height, width = x.shape[-2:]
        # Without gradients in strips, so that nothing of the map's size is kept.
        step = height if torch.is_grad_enabled() else _ROWS_AT_ONCE
        sums = []
        for start in range(0, height, step):
            first, last = max(start - 1, 0), min(start + step + 1, height)
            strip = self.depthwise(x[:, :, first:last])[:, :, start - first :][:, :, :step]
            sums.append(F.relu(self.norm(strip.permute(0, 2, 3, 1))).sum(dim=(1, 2)))
        x = functools.reduce(torch.add, sums) / (height * width)
        alpha = self.alpha(self.dropout(x)).sigmoid()[:, 0]
        theta = F.softsign(self.theta(self.dropout(x)))[:, 0] * self.max_radians
        return alpha, theta


class AdaptiveRotatedConv2d(nn.Module):
    """3x3 convolution whose kernel is turned and scaled for each sample.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
    """

    def __init__(self, *, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.routing = Routing(channels=in_channels)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 3, 3))
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")
        self.bias: nn.Parameter | None
        self.register_parameter("bias", None)  # only where a batch norm was folded in

    def forward(self, x: Tensor, *, then: Callable[[Tensor], Tensor] = winograd.unchanged) -> Tensor:
        """(B, C_in, H, W) -> (B, C_out, H, W), or what `then` makes of it; see :func:`.winograd.convolve`."""
        alpha, theta = self.routing(x)
        mix = (rotation_matrices(theta.float()) * alpha.float()[:, None, None]).to(x.dtype)
        if winograd.worthwhile(x, self.weight, x.shape[2:]):
            kernels = (winograd.transformed(self.weight, m) for m in mix)
            turned = [winograd.convolve([o], k, self.bias, then=then) for o, k in zip(x.split(1), kernels, strict=True)]
            return turned[0] if len(turned) == 1 else torch.cat(turned)
        return then(self._directly(x, mix))

    def _directly(self, x: Tensor, mix: Tensor) -> Tensor:
        """With one turned kernel (B, 9, 9) a sample."""
        batch, _, height, width = x.shape
        kernels = torch.einsum("oik,bjk->boij", self.weight.flatten(2).to(x.dtype), mix).unflatten(3, (3, 3))
        out_channels, in_channels = self.weight.shape[:2]
        if x.device.type == "cpu" and not torch.is_grad_enabled():  # keeps channels last
            samples = [F.conv2d(o, k, self.bias, padding=1) for o, k in zip(x.split(1), kernels, strict=True)]
            return torch.cat(samples)
        # One group a sample: the batch is laid along the channels.
        x = F.conv2d(
            x.reshape(1, batch * in_channels, height, width),
            kernels.flatten(0, 1),
            padding=1,
            groups=batch,
        )
        x = x.reshape(batch, out_channels, height, width)
        return x if self.bias is None else x + self.bias[:, None, None]
