"""RMSIN as published: language enters after every stage of the trunk and is fed back into it.

Liu et al., "Rotated Multi-Scale Interaction Network for Referring Remote Sensing Image Segmentation", CVPR 2024.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .base import ImageFeatures, ReferringNetwork
from .decoder import Decoder
from .exact import exact
from .fusion import Gate, ImagePart, PixelWordAttention, pick, to_map, to_tokens
from .interaction import CrossScaleInteraction
from .receptive import ReceptiveBranch
from .swin import StagedTrunk
from .text import TextEncoder


class FusedStage(nn.Module):
    """What stands after the blocks of one trunk stage: fusion, receptive branch, gates, output norm.

    f = PWAM(x, L); r = receptive(x); the next stage gets x + gate(f) + gate(r); the output is LayerNorm(f).

    Args:
        channels: channels of the stage.
        text_channels: channels of a word vector.
    """

    def __init__(self, *, channels: int, text_channels: int) -> None:
        super().__init__()
        self.fusion = PixelWordAttention(channels=channels, text_channels=text_channels)
        self.receptive = ReceptiveBranch()
        self.language_gate = Gate(channels)
        self.visual_gate = Gate(channels)
        self.norm = nn.LayerNorm(channels)

    def image_part(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What does not depend on the sentence: visual and query (B, N, C), and x + gated receptive branch."""
        with exact(x.device):
            part = self.fusion.image_part(to_tokens(x))
            return part.visual, part.query, x + to_map(self.visual_gate(to_tokens(self.receptive(x))), x.shape[-2:])

    def forward(
        self, part: tuple[Tensor, Tensor, Tensor], words: Tensor, attention_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """-> (output map, input of the next stage), both (K, C, H, W)."""
        visual, query, x = part
        size = x.shape[-2:]
        with exact(x.device):
            fused = self.fusion(ImagePart(visual, query), words, attention_mask)
            return to_map(self.norm(fused), size), x + to_map(self.language_gate(fused), size)


class RMSIN(ReferringNetwork):
    """The published network: 241.6 M parameters with Swin-B and BERT-base.

    For several sentences about one image the patch embedding and the first stage are computed once; from the first
    fusion on everything depends on language.

    Under autocast to bf16 it is the decoder and the blocks of the trunk's longest stage that compute in it, five sixths
    of all multiplications, unless gradients are wanted: see :mod:`remotesam.networks.exact`.

    Args:
        trunk: a staged trunk.
        text_encoder: words to vectors.
        interaction: over all four scales.
        decoder: over all four scales.
        image_size, max_batch: see :class:`ReferringNetwork`.
    """

    def __init__(
        self,
        *,
        trunk: StagedTrunk,
        text_encoder: TextEncoder,
        interaction: CrossScaleInteraction,
        decoder: Decoder,
        image_size: int = 896,
        max_batch: int | None = 4,
    ) -> None:
        super().__init__(text_encoder=text_encoder, decoder=decoder, image_size=image_size, max_batch=max_batch)
        self.trunk = trunk
        self.fused_stages = nn.ModuleList(
            FusedStage(channels=c, text_channels=text_encoder.hidden_size) for c in trunk.channels
        )
        self.interaction = interaction

    def exact_modules(self, dtype: torch.dtype) -> set[nn.Module]:
        """As of any network; under bf16 also what stands between trunk and decoder."""
        modules = super().exact_modules(dtype)
        if dtype == torch.bfloat16:
            modules.update(self.fused_stages.modules(), self.interaction.modules())
        return modules

    def encode_image(self, images: Tensor) -> ImageFeatures:
        """Patch embedding, first stage and the language-free part of its fusion."""
        images, size, padded = self.pad(images)
        x = self.trunk.stage(0, self.trunk.stem(images))
        first = self.fused_stages[0]
        assert isinstance(first, FusedStage)
        return ImageFeatures(batch=len(images), maps=first.image_part(x), size=size, padded=padded)

    def decode_maps(
        self, features: ImageFeatures, words: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> dict[str, Tensor]:
        """The other stages, the interaction and the decoder, once a sentence."""
        visual, query, x = (pick(m, image_index) for m in features.maps)
        part = (visual, query, x)
        outputs = []
        for index, stage in enumerate(self.fused_stages):
            assert isinstance(stage, FusedStage)
            if index:
                part = stage.image_part(self.trunk.stage(index, x))
            output, x = stage(part, words, attention_mask)
            outputs.append(output)
        with exact(x.device):
            *finer, top = self.interaction(outputs)
        del outputs, output, part, x, visual, query  # large, and of no further use
        return {"logits": self.decoder(top, finer[::-1], parts=False)}
