"""A feature pyramid neck: refines the trunk's maps before language enters, once an image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_norm_relu(in_channels: int, out_channels: int, kernel: int) -> nn.Sequential:
    """Bias-free convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


def coordinates(x: Tensor) -> Tensor:
    """Two channels that say where a cell lies: x and y from -1 to 1, (B, 2, H, W) for x (B, C, H, W)."""
    batch, _, height, width = x.shape
    rows = torch.linspace(-1, 1, height, device=x.device, dtype=x.dtype)
    columns = torch.linspace(-1, 1, width, device=x.device, dtype=x.dtype)
    grid = torch.stack([columns.expand(height, width), rows[:, None].expand(height, width)])
    return grid.expand(batch, -1, -1, -1)


class PyramidNeck(nn.Module):
    """Lateral 1x1 convolutions on maps with their coordinates, top-down sums, 3x3 smoothing (Lin et al. 2017).

    The coordinates let a later "on the left" be answered.

    Args:
        in_channels: channels of the trunk's maps, finest first.
        hidden: channels of the sums.
        out_channels: channels of the results.
    """

    def __init__(self, *, in_channels: Sequence[int], hidden: int, out_channels: Sequence[int]) -> None:
        super().__init__()
        self.out_channels = tuple(out_channels)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c + 2, hidden, 1, bias=False), nn.BatchNorm2d(hidden)) for c in in_channels
        )
        self.smooth = nn.ModuleList(conv_norm_relu(hidden, c, 3) for c in out_channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps (B, C_i, H_i, W_i) -> maps (B, out_i, H_i, W_i)."""
        sums = [lateral(torch.cat([m, coordinates(m)], dim=1)) for lateral, m in zip(self.lateral, maps, strict=True)]
        for i in reversed(range(len(sums) - 1)):
            sums[i] = sums[i] + F.interpolate(sums[i + 1], sums[i].shape[-2:], mode="nearest")
        return [smooth(F.relu(s)) for smooth, s in zip(self.smooth, sums, strict=True)]
