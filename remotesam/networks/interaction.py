"""Cross-scale interaction module (CIM) of RMSIN: all scales meet on one coarse grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


def _grid_after(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - kernel) // stride + 1


class CrossScaleAttention(nn.Module):
    """Attention from a grid to itself and to two coarser copies of it, beside a depthwise convolution of the values.

    Args:
        channels: channels C of the grid.
        grid: height and width of the grid in cells; the token projection has this fixed size.
        heads: attention heads.
        key_channels: channels a head of queries and keys.
        value_channels: channels a head of values.
        published_layout: True reads memory as the published weights need it: the attended tokens (B, tokens, heads,
            channels) are read as (B, heads * channels, tokens) without a transposition, and likewise the values. False
            transposes, so that a channel stays a channel.
    """

    def __init__(
        self,
        *,
        channels: int,
        grid: tuple[int, int],
        heads: int = 8,
        key_channels: int = 32,
        value_channels: int = 64,
        published_layout: bool = True,
    ) -> None:
        super().__init__()
        self.grid, self.heads = grid, heads
        self.key_channels, self.value_channels = key_channels, value_channels
        self.published_layout = published_layout
        self.norm = nn.BatchNorm2d(channels)
        self.pooled2 = nn.Sequential(
            nn.Conv2d(channels, channels, 3, stride=2, padding=1, groups=channels), nn.BatchNorm2d(channels)
        )
        self.pooled3 = nn.Sequential(
            nn.Conv2d(channels, channels, 5, stride=3, padding=2, groups=channels), nn.BatchNorm2d(channels)
        )
        self.qkv = nn.Linear(channels, heads * (2 * key_channels + value_channels), bias=False)
        self.qkv_norm = nn.BatchNorm1d(self.qkv.out_features)
        cells = grid[0] * grid[1]
        coarse = [_grid_after(grid[0], k, s, p) * _grid_after(grid[1], k, s, p) for k, s, p in ((3, 2, 1), (5, 3, 2))]
        inner = heads * value_channels
        self.tokens_to_cells = nn.Linear(cells + sum(coarse), cells)
        self.local = nn.Conv2d(inner, inner, 3, padding=1, groups=inner)
        self.output = nn.Linear(inner, channels)
        self.output_norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) with (h, w) = grid -> (B, C, h, w)."""
        batch, _, height, width = x.shape
        x = self.norm(x)
        tokens_bnc = torch.cat([m.flatten(2) for m in (x, self.pooled2(x), self.pooled3(x))], dim=2).transpose(1, 2)
        qkv = self.qkv_norm(self.qkv(tokens_bnc).transpose(1, 2)).transpose(1, 2)
        sizes = [self.key_channels, self.key_channels, self.value_channels]
        q, k, v = qkv.unflatten(2, (self.heads, sum(sizes))).transpose(1, 2).split(sizes, dim=-1)
        # Written out: the fused kernel of torch takes no values of another width than the keys.
        weights = (q @ k.transpose(2, 3) * self.key_channels**-0.5).softmax(dim=-1)
        attended = weights @ v  # (B, heads, tokens, value_channels)
        values = v[:, :, : height * width]
        inner = self.heads * self.value_channels
        if self.published_layout:
            attended = attended.transpose(1, 2).reshape(batch, inner, -1)
            values = values.reshape(batch, inner, height, width)
        else:
            attended = rearrange(attended, "b heads tokens c -> b (heads c) tokens")
            values = rearrange(values, "b heads (h w) c -> b (heads c) h w", h=height)
        y = self.tokens_to_cells(attended) + self.local(F.hardswish(values)).flatten(2)
        y = rearrange(self.output(y.transpose(1, 2)), "b (h w) c -> b c h w", h=height)
        return self.conv(F.hardswish(self.output_norm(y)))


class FeedForward(nn.Module):
    """conv3(relu6(conv2(BN(conv1(BN(x)))))): 1x1 to 2C, 3x3 in C groups, 1x1 back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 2 * channels, 1)
        self.norm2 = nn.BatchNorm2d(2 * channels)
        self.conv2 = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=channels)
        self.conv3 = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        return self.conv3(F.relu6(self.conv2(self.norm2(self.conv1(self.norm1(x))))))


class ScaleMerge(nn.Module):
    """out = BN(conv(local)) * up(hard_sigmoid(BN(conv(global)))) + up(BN(conv(global))), up bilinear."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.local = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels))
        self.shift = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels))
        self.scale = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, local: Tensor, context: Tensor) -> Tensor:
        """local (B, C, H, W), context (B, C, h, w) -> (B, C, H, W)."""
        size = local.shape[-2:]
        x = self.local(local)
        scale = F.interpolate(F.hardsigmoid(self.scale(context)), size, mode="bilinear", align_corners=False)
        shift = F.interpolate(self.shift(context), size, mode="bilinear", align_corners=False)
        # In place where nothing is learned: these maps are large.
        return x * scale + shift if torch.is_grad_enabled() else x.mul_(scale).add_(shift)


class CrossScaleInteraction(nn.Module):
    """Pools all scales to one grid, lets them attend to each other, and merges the result back into every scale.

    The pooling to a FIXED grid and the interpolation back let it serve any input size.

    Args:
        channels: channels of the scales.
        hidden: channels on the grid.
        grid: height and width of the grid; 28 x 28 is the last stage at 896 px.
        splits: how `hidden` is split for the per-scale feed-forward; they sum to `hidden`.
        heads, key_channels, value_channels, published_layout: of :class:`CrossScaleAttention`.
    """

    def __init__(
        self,
        *,
        channels: Sequence[int],
        hidden: int,
        grid: tuple[int, int],
        splits: Sequence[int],
        heads: int = 8,
        key_channels: int = 32,
        value_channels: int = 64,
        published_layout: bool = True,
    ) -> None:
        super().__init__()
        if sum(splits) != hidden:
            raise ValueError(f"interaction splits {list(splits)} must sum to hidden={hidden}")
        self.channels, self.splits, self.grid = tuple(channels), tuple(splits), grid
        attention: dict[str, Any] = {
            "channels": hidden,
            "grid": grid,
            "heads": heads,
            "key_channels": key_channels,
            "value_channels": value_channels,
            "published_layout": published_layout,
        }
        self.down = nn.Conv2d(sum(channels), hidden, 1)
        self.attention1 = CrossScaleAttention(**attention)
        self.scale_feed_forward = nn.ModuleList(FeedForward(c) for c in splits)
        self.attention2 = CrossScaleAttention(**attention)
        self.feed_forward = FeedForward(hidden)
        self.norm = nn.BatchNorm2d(hidden)
        self.up = nn.Conv2d(hidden, sum(channels), 1)
        self.merges = nn.ModuleList(ScaleMerge(c) for c in channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps (B, C_i, H_i, W_i) -> maps of the same shapes."""
        x = self.down(torch.cat([F.adaptive_avg_pool2d(m, self.grid) for m in maps], dim=1))
        x = x + self.attention1(x)
        parts = x.split(self.splits, dim=1)
        # Each part is already x + FF(x); IntraFF(x) is added to x once more (x = x + IntraFF(x)).
        x = x + torch.cat([p + ff(p) for p, ff in zip(parts, self.scale_feed_forward, strict=True)], dim=1)
        x = x + self.attention2(x)
        x = x + self.feed_forward(x)
        contexts = self.up(self.norm(x)).split(self.channels, dim=1)
        return [merge(m, g) for merge, m, g in zip(self.merges, maps, contexts, strict=True)]
