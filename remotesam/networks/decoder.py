"""The mask decoder: from the coarsest map to stride 4, with adaptive rotated convolutions on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from .rotated_conv import AdaptiveRotatedConv2d
from .winograd import Enlarged, conv3x3, unchanged


class DecoderStage(nn.Module):
    """Upsample x by two, join it with a finer map c, 3x3 convolution; optionally a rotated convolution.

    The 3x3 convolution of the concatenation [x, c] is the sum of one on x and one on c, so that the second is
    computed once an image where c does not depend on language.

    Args:
        in_channels: channels of x.
        skip_channels: channels of c.
        out_channels: channels of the result.
        rotated: append the adaptive rotated convolution.
    """

    def __init__(self, *, in_channels: int, skip_channels: int, out_channels: int, rotated: bool) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.conv = nn.Conv2d(in_channels + skip_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.rotated = AdaptiveRotatedConv2d(in_channels=out_channels, out_channels=out_channels) if rotated else None
        self.rotated_norm = nn.BatchNorm2d(out_channels) if rotated else None

    def skip_part(self, skip: Tensor) -> Tensor:
        """The share of the convolution that comes from c: (B, C_skip, H, W) -> (B, C_out, H, W)."""
        return conv3x3([skip], self.conv.weight[:, self.in_channels :], self.conv.bias)

    def forward(self, x: Tensor, skip_part: Tensor, *, then: Callable[[Tensor], Tensor] = unchanged) -> Tensor:
        """x (K, C_in, h, w), `skip_part` (K, C_out, H, W) -> (K, C_out, H, W).

        `then` is done to every position of the result, where it can be before there is a result of that size.
        """
        x = conv3x3([Enlarged(x, skip_part.shape[2:])], self.conv.weight[:, : self.in_channels])
        return self._turned(self._normed(x.add_(skip_part)), then)

    def join(self, x: Tensor, skip: Tensor, *, then: Callable[[Tensor], Tensor] = unchanged) -> Tensor:
        """As `forward`, with the map c itself (K, C_skip, H, W), where it is of no further use: one convolution."""
        maps: list[Tensor | Enlarged] = [Enlarged(x, skip.shape[2:]), skip]
        if self.training:  # batch norms want the whole
            return self._turned(self._normed(conv3x3(maps, self.conv.weight, self.conv.bias)), then)
        return self._turned(conv3x3(maps, self.conv.weight, self.conv.bias, then=self._normed), then)

    def _normed(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(x), inplace=True)

    def _turned(self, x: Tensor, then: Callable[[Tensor], Tensor]) -> Tensor:
        if self.rotated is None or self.rotated_norm is None:
            return then(x)
        norm = self.rotated_norm
        if self.training:
            return then(F.relu(norm(self.rotated(x)), inplace=True))
        return self.rotated(x, then=lambda y: then(F.relu(norm(y), inplace=True)))


class Decoder(nn.Module):
    """Three stages from stride 32 to stride 4 and a 1x1 convolution to (background, object).

    Args:
        channels: channels of the four maps, stride 4 first.
        widths: channels after each stage, coarse to fine.
        rotated: which stages have the rotated convolution, coarse to fine.
    """

    def __init__(
        self,
        *,
        channels: Sequence[int],
        widths: Sequence[int] = (512, 512, 512),
        rotated: Sequence[bool] = (True, True, True),
    ) -> None:
        super().__init__()
        if not len(channels) - 1 == len(widths) == len(rotated):
            raise ValueError(
                f"decoder: {len(channels)} maps need {len(channels) - 1} widths and rotated flags, "
                f"got {len(widths)} and {len(rotated)}"
            )
        inputs = (channels[-1], *widths[:-1])
        self.stages = nn.ModuleList(
            DecoderStage(in_channels=i, skip_channels=s, out_channels=o, rotated=r)
            for i, s, o, r in zip(inputs, reversed(channels[:-1]), widths, rotated, strict=True)
        )
        self.classify = nn.Conv2d(widths[-1], 2, 1)

    def skip_part(self, level: int, skip: Tensor) -> Tensor:
        """What the map of `level` (0 = stride 4) adds in its stage; see :meth:`DecoderStage.skip_part`."""
        stage = self.stages[len(self.stages) - 1 - level]
        assert isinstance(stage, DecoderStage)
        return stage.skip_part(skip)

    def forward(self, top: Tensor, skips: Sequence[Tensor], *, parts: bool = True) -> Tensor:
        """From the coarsest map to logits.

        Args:
            top: (K, C, H/32, W/32).
            skips: coarse to fine, the stages' skip parts, which sentences may share; or, unless `parts`, the maps
                (K, C_i, H_i, W_i) themselves, which is quicker where no sentence shares them.
            parts: see `skips`.

        Returns:
            (K, 2, H/4, W/4) logits.
        """
        x = top
        for stage, skip in zip(self.stages, skips, strict=True):
            assert isinstance(stage, DecoderStage)
            then = self.classify if stage is self.stages[-1] else unchanged
            x = stage(x, skip, then=then) if parts else stage.join(x, skip, then=then)
        return x
