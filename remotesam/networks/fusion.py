"""Fusion of language into an image map, and the gates that feed it back into the trunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .positions import by_position


def to_tokens(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H * W, C)."""
    return x.flatten(2).transpose(1, 2)


def to_map(x_bnc: Tensor, size: Sequence[int]) -> Tensor:
    """(B, H * W, C) -> (B, C, H, W)."""
    return x_bnc.transpose(1, 2).unflatten(2, (size[0], size[1]))


def instance_norm(x_bnc: Tensor, eps: float = 1e-5) -> Tensor:
    """Normalise every channel over the N positions, no affine: (B, N, C) -> (B, N, C)."""
    variance, mean = torch.var_mean(x_bnc, dim=1, correction=0, keepdim=True)
    scale = torch.rsqrt(variance + eps)
    return by_position(lambda x: (x - mean) * scale, x_bnc)


def pick(x: Tensor, image_index: Tensor) -> Tensor:
    """The rows of x (B, ...) that the sentences are about: (K, ...), or x itself, to be broadcast, where B = 1."""
    return x if len(x) == 1 else x[image_index]


class ImagePart(NamedTuple):
    """What the fusion needs of an image, whatever the sentence: both (B, N, C)."""

    visual: Tensor
    query: Tensor

    def pick(self, image_index: Tensor) -> ImagePart:
        """The rows of `image_index` (K,), one a sentence; see :func:`pick`."""
        return ImagePart(pick(self.visual, image_index), pick(self.query, image_index))


class PixelWordAttention(nn.Module):
    """Pixel-word attention (PWAM of LAVT, Yang et al. 2022, as used by RMSIN).

    With x (N positions) and words L (T words): vis = GELU(W_v x); q = IN(W_q x); k = W_k L; v = W_l L;
    o = IN(W_o softmax(q k^T / sqrt(C)) v); f = GELU(W_m (vis * o)).

    IN over the positions removes from o whatever all positions share. Where little can be learned from little data,
    ``output_norm="layer"`` (LayerNorm over the channels) keeps it, and the sentence modulates every position.

    Args:
        channels: C of the image map.
        text_channels: channels of a word vector.
        output_norm: ``"instance"`` as published, or ``"layer"``.
    """

    def __init__(
        self, *, channels: int, text_channels: int, output_norm: Literal["instance", "layer"] = "instance"
    ) -> None:
        super().__init__()
        if output_norm not in ("instance", "layer"):
            raise ValueError(f"output_norm must be 'instance' or 'layer', got {output_norm!r}")
        self.visual = nn.Linear(channels, channels)
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(text_channels, channels)
        self.value = nn.Linear(text_channels, channels)
        self.output = nn.Linear(channels, channels)
        self.mix = nn.Linear(channels, channels)
        self.output_norm = nn.LayerNorm(channels) if output_norm == "layer" else None

    def image_part(self, x_bnc: Tensor) -> ImagePart:
        """What does not depend on language, so that it is computed once an image."""
        visual = by_position(lambda x: F.gelu(self.visual(x)), x_bnc)
        return ImagePart(visual, instance_norm(self.query(x_bnc)))

    def forward(self, part: ImagePart, words_ktc: Tensor, attention_mask: Tensor) -> Tensor:
        """Attend from K maps (K, N, C), or one for all, to K sentences (K, T, C_text), mask (K, T) -> (K, N, C)."""
        # In float32 also under autocast: the norm enlarges what little differs between positions, and rounding with it.
        with torch.autocast(part.query.device.type, enabled=False):
            words, mask = words_ktc.float(), attention_mask.float()
            key = self.key(words) * mask[..., None]
            value = self.value(words) * mask[..., None]
            absent = (1e4 * mask - 1e4)[:, None, :]
            # The weights of a position sum to one, so W_o may be applied to the few words, not the many positions.
            projected = self.output(value)

            def attend(query: Tensor) -> Tensor:
                scores = query.float() @ key.transpose(1, 2) / key.shape[-1] ** 0.5
                return (scores + absent).softmax(dim=-1) @ projected

            attended = by_position(attend, part.query.expand(len(words), -1, -1))
            if self.output_norm is None:
                attended = instance_norm(attended)
        norm = self.output_norm or nn.Identity()
        return by_position(lambda visual, x: F.gelu(self.mix(visual * norm(x))), part.visual, attended)


class Gate(nn.Module):
    """tanh(W2 relu(W1 x)), bias-free, times x."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(channels, channels, bias=False)
        self.expand = nn.Linear(channels, channels, bias=False)

    def forward(self, x_bnc: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        return by_position(lambda x: torch.tanh(self.expand(F.relu(self.reduce(x)))) * x, x_bnc)
