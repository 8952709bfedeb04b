"""The image trunk: a timm backbone with a tap after every stage.

The name of the file honours the published trunk (Swin-B); the same two classes serve every other one. A *staged*
trunk (Swin, ConvNeXt) can be run stage by stage, so that language may enter between stages; any other timm feature
pyramid is run as a whole.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any, cast

import timm
import torch
import torch.nn.functional as F
from timm.models.swin_transformer import (
    SwinTransformer,
    SwinTransformerBlock,
    WindowAttention,
    window_partition,
    window_reverse,
)
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .exact import exact
from .positions import by_position

_WINDOWS_AT_ONCE = 64


def _window_attention(block: SwinTransformerBlock, x_bhwc: Tensor) -> Tensor:
    """(Shifted) window attention on a grid that is zero-padded to whole windows BEFORE it is rolled.

    timm rolls first and pads afterwards, which differs wherever the grid is no multiple of the window (224 with
    window 12, for one). The published weights were trained with padding first.
    """
    _, height, width, channels = x_bhwc.shape
    rows, columns = block.window_size
    x = F.pad(x_bhwc, (0, 0, 0, -width % columns, 0, -height % rows))
    padded_height, padded_width = x.shape[1:3]
    shifted = any(block.shift_size)
    if shifted:
        x = torch.roll(x, shifts=(-block.shift_size[0], -block.shift_size[1]), dims=(1, 2))
    mask = block.get_attn_mask(x)
    windows = window_partition(x, block.window_size).view(-1, rows * columns, channels)
    windows = _attend(block.attn, windows, mask).view(-1, rows, columns, channels)
    x = window_reverse(windows, block.window_size, padded_height, padded_width)
    if shifted:
        x = torch.roll(x, shifts=tuple(block.shift_size), dims=(1, 2))
    return x[:, :height, :width]


def _attended_by_rows(block: SwinTransformerBlock, x_bhwc: Tensor) -> Tensor:
    """As x + :func:`_window_attention` of its norm, from some rows of windows at a time: nothing between is large."""
    batch, height, width, channels = x_bhwc.shape
    (rows, columns), (down, right) = block.window_size, block.shift_size
    padded_height, padded_width = height + -height % rows, width + -width % columns
    mask = block.get_attn_mask(x_bhwc.new_empty(1, padded_height, padded_width, 1))
    across = padded_width // columns
    step = rows * max(1, _WINDOWS_AT_ONCE // across)
    out = torch.empty_like(x_bhwc, memory_format=torch.contiguous_format)
    for start in range(0, padded_height, step):
        places = torch.arange(start, min(start + step, padded_height))
        part_mask = None if mask is None else mask[start // rows * across :][: len(places) // rows * across]
        places = (places + down) % padded_height
        inside = places < height
        own = x_bhwc[:, places[inside]]
        strip = x_bhwc.new_zeros(batch, len(places), padded_width, channels)
        strip[:, inside, :width] = block.norm1(own)
        windows = window_partition(strip.roll(-right, dims=2), block.window_size).flatten(1, 2)
        windows = _attend(block.attn, windows, part_mask).unflatten(1, (rows, columns))
        strip = window_reverse(windows, block.window_size, len(places), padded_width).roll(right, dims=2)
        out[:, places[inside]] = own + block.drop_path1(strip[:, inside, :width])
    return out


def _attend(attention: WindowAttention, windows_bnc: Tensor, mask: Tensor | None) -> Tensor:
    """timm's window attention through torch's fused kernel, some windows at a time: no large table of weights."""
    batch, tokens, _ = windows_bnc.shape
    heads = attention.num_heads
    qkv = attention.qkv(windows_bnc).view(batch, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4)
    bias = attention.relative_position_bias_table[cast(Tensor, attention.relative_position_index).view(-1)]
    bias = bias.view(tokens, tokens, heads).permute(2, 0, 1)[None].to(qkv.dtype)
    dropout = attention.attn_drop.p if attention.training else 0.0
    attended = []
    for start in range(0, batch, _WINDOWS_AT_ONCE):
        query, key, value = qkv[:, start : start + _WINDOWS_AT_ONCE].unbind(0)
        if mask is None:
            added = bias.expand(len(query), -1, -1, -1)
        else:  # windows of one image follow each other
            index = torch.arange(start, start + len(query), device=mask.device) % len(mask)
            added = bias + mask[index, None].to(qkv.dtype)
        fused = F.scaled_dot_product_attention(query, key, value, attn_mask=added, dropout_p=dropout)
        attended.append(fused.transpose(1, 2).flatten(2))
    return attention.proj_drop(attention.proj(torch.cat(attended)))


def _swin_block(block: SwinTransformerBlock, x_bhwc: Tensor) -> Tensor:
    if torch.is_grad_enabled() or block.training or x_bhwc.device.type != "cpu":
        x_bhwc = x_bhwc + block.drop_path1(_window_attention(block, block.norm1(x_bhwc)))
    else:
        x_bhwc = _attended_by_rows(block, x_bhwc)
    tokens = x_bhwc.flatten(0, 2)[None]
    return by_position(lambda x: x + block.drop_path2(block.mlp(block.norm2(x))), tokens).view_as(x_bhwc)


class StagedTrunk(nn.Module):
    """A Swin or ConvNeXt of timm, run one stage at a time on inputs of any size (multiples of 32).

    Under autocast to bf16 only the blocks of its longest stage compute in it, unless gradients are wanted.

    Args:
        name: timm model name, e.g. ``"swin_base_patch4_window12_384"``.
        drop_path_rate: stochastic depth, rising linearly to this rate.
        pretrained: load timm's weights from the hub.
        options: further keyword arguments of the timm model.
    """

    staged = True

    def __init__(
        self, *, name: str, drop_path_rate: float = 0.0, pretrained: bool = False, options: dict[str, Any] | None = None
    ) -> None:
        super().__init__()
        options = dict(options or {})
        if name.startswith("swin_"):
            # Fixed windows: timm would otherwise shrink them (and their position tables) on small grids.
            options = {"strict_img_size": False, "always_partition": True} | options
        self.model = cast(
            Any,
            timm.create_model(name, pretrained=pretrained, num_classes=0, drop_path_rate=drop_path_rate, **options),
        )
        self.is_swin = isinstance(self.model, SwinTransformer)
        if not self.is_swin and not (hasattr(self.model, "stem") and hasattr(self.model, "stages")):
            raise ValueError(f"trunk {name!r} cannot be run stage by stage; use a Swin or a ConvNeXt, or late fusion")
        if self.is_swin:
            # The last norm belongs to timm's classifier; here every stage has its own norm after the fusion.
            self.model.norm = nn.Identity()
        else:
            self.model.head = nn.Identity()
        self.channels: tuple[int, ...] = tuple(info["num_chs"] for info in self.model.feature_info)
        self.reductions: tuple[int, ...] = tuple(info["reduction"] for info in self.model.feature_info)
        self.activation_checkpointing = False
        lengths = [len(stage.blocks) for stage in self._stages]
        self._longest = lengths.index(max(lengths))

    @property
    def _stages(self) -> Any:
        return self.model.layers if self.is_swin else self.model.stages

    def exact_modules(self) -> set[nn.Module]:
        """What computes in float32 under autocast to bf16: all but the blocks of the longest stage."""
        return set(self.modules()) - set(self._stages[self._longest].blocks.modules())

    def stem(self, images: Tensor) -> Tensor:
        """Patch embedding: (B, 3, H, W) -> (B, C, H/4, W/4)."""
        with exact(images.device):
            if self.is_swin:
                return self.model.patch_embed(images).permute(0, 3, 1, 2)
            return self.model.stem(images)

    def stage(self, index: int, x: Tensor) -> Tensor:
        """One stage, its downsampling first (none for stage 0): (B, C, h, w) -> (B, C', h', w')."""
        stage = self._stages[index]
        if self.is_swin:
            x = x.permute(0, 2, 3, 1)
        with exact(x.device):
            x = stage.downsample(x)
        with nullcontext() if index == self._longest else exact(x.device):
            for block in stage.blocks:
                x = self._block(block, x)
        return x.permute(0, 3, 1, 2) if self.is_swin else x

    def _block(self, block: Any, x: Tensor) -> Tensor:
        run = partial(_swin_block, block) if self.is_swin else block
        return checkpoint(run, x, use_reentrant=False) if self._checkpointing() else run(x)

    def forward(self, images: Tensor) -> list[Tensor]:
        """All four stages without language: maps of strides 4, 8, 16 and 32."""
        x = self.stem(images)
        maps = []
        for index in range(len(self.channels)):
            x = self.stage(index, x)
            maps.append(x)
        return maps

    def _checkpointing(self) -> bool:
        return self.activation_checkpointing and self.training


class PyramidTrunk(nn.Module):
    """Any timm model with ``features_only``: its last four maps, strides 4, 8, 16 and 32.

    Args: as :class:`StagedTrunk`.
    """

    staged = False

    def __init__(
        self, *, name: str, drop_path_rate: float = 0.0, pretrained: bool = False, options: dict[str, Any] | None = None
    ) -> None:
        super().__init__()
        options = dict(options or {})
        if drop_path_rate:
            options["drop_path_rate"] = drop_path_rate
        self.model = cast(Any, timm.create_model(name, pretrained=pretrained, features_only=True, **options))
        reductions = list(self.model.feature_info.reduction())
        channels = list(self.model.feature_info.channels())
        wanted = (4, 8, 16, 32)
        if not set(wanted) <= set(reductions):
            raise ValueError(
                f"trunk {name!r} has maps of strides {reductions}; a pyramid with {list(wanted)} is needed"
            )
        # The last map of each stride: some pyramids have several.
        self.picks = [len(reductions) - 1 - reductions[::-1].index(stride) for stride in wanted]
        self.channels: tuple[int, ...] = tuple(channels[i] for i in self.picks)
        self.reductions: tuple[int, ...] = wanted
        self.activation_checkpointing = False

    def forward(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) -> four maps (B, C_i, H / r_i, W / r_i)."""
        if self.activation_checkpointing and self.training:
            maps = checkpoint(self.model, images, use_reentrant=False)
        else:
            maps = self.model(images)
        return [maps[i] for i in self.picks]


def build_trunk(
    *,
    name: str,
    staged: bool,
    drop_path_rate: float = 0.0,
    pretrained: bool = False,
    options: dict[str, Any] | None = None,
) -> StagedTrunk | PyramidTrunk:
    """The trunk called `name` by timm; `staged` where language is to enter between its stages.

    Raises:
        ValueError: the name is unknown to timm, or the model cannot serve in that way.
    """
    if not timm.is_model(name):
        close = timm.list_models(f"*{name.split('_')[0]}*")[:8]
        raise ValueError(f"trunk {name!r} is no timm model; close names: {', '.join(close) or 'none'}")
    # timm's pyramid of a Swin answers channels last and fixes its windows to one input size; ours does neither.
    kind = StagedTrunk if staged or name.startswith("swin_") else PyramidTrunk
    return kind(name=name, drop_path_rate=drop_path_rate, pretrained=pretrained, options=options)
