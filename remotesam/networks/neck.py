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


class ResidualBlock(nn.Module):
    """x + BN(conv1x1(relu(BN(conv1x1(BN(depthwise 5x5 of x)))))), convolutions bias-free, twice as wide inside.

    The last batch norm starts with scale 0, so that a block added to a trained network changes nothing at first.

    Args:
        channels: channels of x.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 5, padding=2, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            *conv_norm_relu(channels, 2 * channels, 1),
            nn.Conv2d(2 * channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        last = self.layers[-1]
        assert isinstance(last, nn.BatchNorm2d)
        nn.init.zeros_(last.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x + self.layers(x)


class PyramidNeck(nn.Module):
    """Lateral 1x1 convolutions on maps with their coordinates, top-down sums, 3x3 smoothing (Lin et al. 2017).

    The coordinates let a later "on the left" be answered.

    Args:
        in_channels: channels of the trunk's maps, finest first.
        hidden: channels of the sums.
        out_channels: channels of the results.
        blocks: numbers of :class:`ResidualBlock` that each sum goes through before it is passed on to the finer ones,
            finest first; None for none. A small trunk has seen little of its fine maps.
    """

    def __init__(
        self,
        *,
        in_channels: Sequence[int],
        hidden: int,
        out_channels: Sequence[int],
        blocks: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        counts = [0] * len(in_channels) if blocks is None else list(blocks)
        if len(counts) != len(in_channels) or min(counts) < 0:
            raise ValueError(f"neck.blocks must be {len(in_channels)} numbers from 0 on, got {blocks}")
        self.out_channels = tuple(out_channels)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c + 2, hidden, 1, bias=False), nn.BatchNorm2d(hidden)) for c in in_channels
        )
        self.blocks = nn.ModuleList(nn.Sequential(*(ResidualBlock(hidden) for _ in range(n))) for n in counts)
        self.smooth = nn.ModuleList(conv_norm_relu(hidden, c, 3) for c in out_channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps (B, C_i, H_i, W_i) -> maps (B, out_i, H_i, W_i)."""
        sums = [lateral(torch.cat([m, coordinates(m)], dim=1)) for lateral, m in zip(self.lateral, maps, strict=True)]
        for i in reversed(range(len(sums))):
            if i + 1 < len(sums):
                sums[i] = sums[i] + F.interpolate(sums[i + 1], sums[i].shape[-2:], mode="nearest")
            sums[i] = self.blocks[i](sums[i])
        return [smooth(F.relu(s)) for smooth, s in zip(self.smooth, sums, strict=True)]
