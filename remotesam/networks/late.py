"""Late fusion: the RMSIN parts on top of a trunk and neck that never see the sentence.

Everything costly is computed once an image, so that each further sentence costs little.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import ImageFeatures, ReferringNetwork
from .decoder import Decoder
from .fusion import PixelWordAttention, pick, to_map, to_tokens
from .interaction import CrossScaleInteraction
from .neck import PyramidNeck, conv_norm_relu
from .prior import CategoryPrior, add_evidence
from .swin import PyramidTrunk, StagedTrunk
from .text import TextEncoder


class PresenceHead(nn.Module):
    """Is the target there at all? Mean and maximum of every fused map, two linear layers.

    Args:
        channels: channels of the maps.
    """

    def __init__(self, *, channels: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2 * sum(channels), 64), nn.ReLU(inplace=True), nn.Linear(64, 1))

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps (K, C_i, H_i, W_i) -> logits (K,)."""
        pooled = [p for m in maps for p in (m.mean(dim=(2, 3)), m.amax(dim=(2, 3)))]
        return self.layers(torch.cat(pooled, dim=1))[:, 0]


class LateRMSIN(ReferringNetwork):
    """Trunk and neck once an image; fusion, interaction and decoder once a sentence.

    The logit of an object is raised by log P(target present), so that the odds of every pixel carry it.

    Args:
        trunk: any trunk.
        neck: its maps are what the rest works on.
        text_encoder: words to vectors.
        fusion_stages: scales (0 = stride 4 .. 3 = stride 32, which must be among them) that meet the sentence; the
            others enter the decoder as they are.
        interaction: over the scales of `fusion_stages`.
        decoder: over all four scales.
        output_norm: see :class:`PixelWordAttention`.
        categories: number C of categories of the :class:`CategoryPrior` on the neck's map of stride 8; 0 for none.
        image_size, max_batch: see :class:`ReferringNetwork`.
    """

    has_contour = True

    def __init__(
        self,
        *,
        trunk: StagedTrunk | PyramidTrunk,
        neck: PyramidNeck,
        text_encoder: TextEncoder,
        fusion_stages: Sequence[int],
        interaction: CrossScaleInteraction,
        decoder: Decoder,
        output_norm: str = "layer",
        categories: int = 0,
        image_size: int = 448,
        max_batch: int | None = 32,
    ) -> None:
        super().__init__(text_encoder=text_encoder, decoder=decoder, image_size=image_size, max_batch=max_batch)
        self.trunk, self.neck = trunk, neck
        self.fusion_stages = tuple(fusion_stages)
        channels = [neck.out_channels[i] for i in self.fusion_stages]
        self.fusions = nn.ModuleList(
            PixelWordAttention(channels=c, text_channels=text_encoder.hidden_size, output_norm=output_norm)  # type: ignore[arg-type]
            for c in channels
        )
        self.norms = nn.ModuleList(nn.LayerNorm(c) for c in channels)
        self.interaction = interaction
        self.presence = PresenceHead(channels=channels)
        finest = neck.out_channels[0]
        self.prior = (
            CategoryPrior(
                categories=categories, map_channels=neck.out_channels[1], text_channels=text_encoder.hidden_size
            )
            if categories
            else None
        )
        self.contour = nn.Sequential(conv_norm_relu(finest, finest // 2, 3), nn.Conv2d(finest // 2, 1, 1))

    def encode_image(self, images: Tensor) -> ImageFeatures:
        """Trunk, neck, contour, and every part of fusion and decoder that needs no sentence."""
        images, size, padded = self.pad(images)
        images = images.contiguous(memory_format=torch.channels_last)
        maps = self.neck(self.trunk(images))
        shared = []
        for fusion, level in zip(self.fusions, self.fusion_stages, strict=True):
            assert isinstance(fusion, PixelWordAttention)
            shared.append((fusion.image_part(to_tokens(maps[level])), maps[level].shape[-2:]))
        plain = tuple(self.decoder.skip_part(i, m) for i, m in enumerate(maps) if i not in self.fusion_stages)
        return ImageFeatures(
            batch=len(images),
            maps=(*shared, *plain),
            size=size,
            padded=padded,
            contour=self.contour(maps[0]),
            categories=None if self.prior is None else self.prior.pixels(maps[1]),
        )

    def decode_maps(
        self, features: ImageFeatures, words: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> dict[str, Tensor]:
        """Fusion, interaction, presence, decoder and the prior."""
        count = len(self.fusion_stages)
        fused = []
        for fusion, norm, part in zip(self.fusions, self.norms, features.maps[:count], strict=True):
            image_part, map_size = part
            f = fusion(image_part.pick(image_index), words, attention_mask)
            fused.append(to_map(norm(f), map_size))
        merged = dict(zip(self.fusion_stages, self.interaction(fused), strict=True))
        del fused, f  # large, and of no further use
        presence = self.presence(list(merged.values()))
        plain = iter(features.maps[count:])
        top = len(self.neck.out_channels) - 1
        parts = [
            self.decoder.skip_part(level, merged[level]) if level in merged else pick(next(plain), image_index)
            for level in range(top)
        ]
        coarsest = merged[top]
        del merged
        logits = self.decoder(coarsest, parts[::-1])
        outputs: dict[str, Tensor] = {}
        if self.prior is not None and features.categories is not None:
            agreement = self.prior(pick(features.categories, image_index), words)
            logits = add_evidence(logits, agreement.evidence)
            presence = presence + agreement.presence
            outputs["sentence"] = agreement.sentence
        return outputs | {"logits": add_evidence(logits, F.logsigmoid(presence)), "presence": presence}
