"""What every referring-segmentation network of this package does alike: padding, sharing, chunking, upsampling."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .decoder import Decoder
from .fusion import PixelWordAttention
from .swin import StagedTrunk
from .text import TextEncoder

STRIDE = 32


@dataclass(frozen=True)
class ImageFeatures:
    """What is computed once an image, whatever the sentences.

    Attributes:
        batch: number of images B.
        maps: tensors private to the network.
        size: (height, width) of the images given, in pixels.
        padded: the same, padded to multiples of 32.
        contour: (B, 1, H/4, W/4) logits of instance outlines, where the network has them.
        categories: (B, C + 1, H/8, W/8) logits of "nothing" and C categories; where the network has them.
    """

    batch: int
    maps: tuple[Any, ...]
    size: tuple[int, int]
    padded: tuple[int, int]
    contour: Tensor | None = None
    categories: Tensor | None = None


class ReferringNetwork(nn.Module, ABC):
    """Images and sentences to two-channel logits.

    Args:
        text_encoder: words to vectors.
        decoder: coarse maps to logits at stride 4.
        image_size: nominal input size in pixels, for information.
        max_batch: most sentences decoded at once outside training; bounds the memory, changes no result.

    Attributes:
        has_contour: whether the features of an image have a contour map.
        folded: whether it was changed for inference alone, see :func:`remotesam.networks.folding.fold`.
    """

    has_contour: bool = False
    folded: bool = False

    def __init__(
        self, *, text_encoder: TextEncoder, decoder: Decoder, image_size: int, max_batch: int | None = None
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.decoder = decoder
        self.image_size = image_size
        self.max_batch = max_batch

    def train(self, mode: bool = True) -> Self:
        """As any module.

        Raises:
            ValueError: the network is folded and `mode` is True.
        """
        if mode and self.folded:
            raise ValueError("the network is folded for inference and cannot be trained; load the checkpoint again")
        return super().train(mode)

    @property
    def max_tokens(self) -> int:
        """Longest sentence in word pieces."""
        return self.text_encoder.max_tokens

    def exact_modules(self, dtype: torch.dtype) -> set[nn.Module]:
        """What computes in float32 even under autocast to `dtype`, so that its weights must be kept in it.

        Words always do; under bf16 a staged trunk does in part. See :mod:`remotesam.networks.exact`.
        """
        modules = set(self.text_encoder.modules())
        for module in self.modules():
            if isinstance(module, PixelWordAttention):
                modules |= {module.key, module.value, module.output}
        trunk = self.get_submodule("trunk")
        if dtype == torch.bfloat16 and isinstance(trunk, StagedTrunk):
            modules |= trunk.exact_modules()
        return modules

    @abstractmethod
    def encode_image(self, images: Tensor) -> ImageFeatures:
        """(B, 3, H, W) normalised RGB -> what does not depend on language."""

    @abstractmethod
    def decode_maps(
        self, features: ImageFeatures, words: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> dict[str, Tensor]:
        """Word vectors (K, T, C) -> ``logits`` (K, 2, H/4, W/4) on the padded grid, and what else a loss may want."""

    def set_activation_checkpointing(self, enabled: bool) -> None:
        """Trade computation for memory in the trunk while training."""
        trunk = self.get_submodule("trunk")
        trunk.activation_checkpointing = enabled  # type: ignore[assignment]

    def decode(
        self,
        features: ImageFeatures,
        input_ids: Tensor,
        attention_mask: Tensor,
        image_index: Tensor | None = None,
        max_batch: int | None = None,
    ) -> Tensor:
        """Answer K sentences about images that are already encoded.

        Args:
            features: of :meth:`encode_image`.
            input_ids: (K, T) int64.
            attention_mask: (K, T), 1 on real word pieces.
            image_index: (K,) int64, the image of each sentence; see :meth:`forward`.
            max_batch: overrides the attribute of that name.

        Returns:
            (K, 2, h, w) logits at stride 4 of the padded images, before the last upsampling.
        """
        index = self._image_index(features, input_ids, image_index)
        limit = max_batch or self.max_batch or len(input_ids)
        chunks = []
        for start in range(0, len(input_ids), limit):
            part = slice(start, start + limit)
            words = self.text_encoder(input_ids[part], attention_mask[part])
            chunks.append(self.decode_maps(features, words, attention_mask[part], index[part])["logits"])
        return torch.cat(chunks) if len(chunks) != 1 else chunks[0]

    def decode_words(self, features: ImageFeatures, words: Tensor, attention_mask: Tensor) -> Tensor:
        """As :meth:`decode`, for sentences that are already encoded, all about the one image, in one batch.

        Args:
            features: of :meth:`encode_image`, of one image.
            words: (K, T, C) vectors of :attr:`text_encoder`; what the mask leaves out does not matter.
            attention_mask: (K, T), 1 on real word pieces.

        Returns:
            (K, 2, h, w) logits at stride 4 of the padded images, before the last upsampling.
        """
        index = torch.zeros(len(words), dtype=torch.long, device=words.device)
        return self.decode_maps(features, words, attention_mask, index)["logits"]

    def forward(
        self, images: Tensor, input_ids: Tensor, attention_mask: Tensor, image_index: Tensor | None = None
    ) -> Tensor:
        """Segment what the sentences refer to.

        Args:
            images: (B, 3, H, W) float, RGB normalised by ImageNet mean and standard deviation; any H and W.
            input_ids: (K, T) int64 word pieces.
            attention_mask: (K, T), 1 on real word pieces, 0 on padding.
            image_index: (K,) int64, the image that each sentence is about. Without it K = B, one sentence an image,
                or B = 1 and all K sentences are about that image.

        Returns:
            (K, 2, H, W) float logits: background, object.

        Raises:
            ValueError: the shapes do not fit each other.

        Example:
            >>> network(torch.zeros(1, 3, 64, 96), torch.ones(5, 20, dtype=torch.long), torch.ones(5, 20)).shape
            torch.Size([5, 2, 64, 96])
        """
        features = self.encode_image(images)
        return self.upsample(self.decode(features, input_ids, attention_mask, image_index), features)

    def forward_train(
        self, images: Tensor, input_ids: Tensor, attention_mask: Tensor, image_index: Tensor | None = None
    ) -> dict[str, Tensor]:
        """As :meth:`forward`, in one batch, with every output that a loss may want.

        Returns:
            ``logits`` (K, 2, H, W); where the network has them ``contour`` (B, 1, H, W), ``presence`` (K,) and
            ``categories`` (B, C + 1, H/8, W/8, of the padded images) and ``sentence`` (K, C) logits. Without any
            sentence (K = 0) only what is known of the images: ``contour`` and ``categories``.
        """
        features = self.encode_image(images)
        outputs: dict[str, Tensor] = {}
        if len(input_ids):
            index = self._image_index(features, input_ids, image_index)
            words = self.text_encoder(input_ids, attention_mask)
            outputs = self.decode_maps(features, words, attention_mask, index)
            outputs["logits"] = self.upsample(outputs["logits"], features)
        if features.contour is not None:
            outputs["contour"] = self.upsample(features.contour, features)
        if features.categories is not None:
            outputs["categories"] = features.categories
        return outputs

    @staticmethod
    def upsample(logits: Tensor, features: ImageFeatures) -> Tensor:
        """Stride-4 logits of the padded grid -> the images' own size (bilinear, align_corners True, cropped)."""
        height, width = features.size
        logits = F.interpolate(logits, features.padded, mode="bilinear", align_corners=True)
        return logits[..., :height, :width]

    @staticmethod
    def pad(images: Tensor) -> tuple[Tensor, tuple[int, int], tuple[int, int]]:
        """Pad with zeros (the ImageNet mean) at the right and bottom to multiples of 32; also both sizes."""
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must be (B, 3, H, W), got {tuple(images.shape)}")
        height, width = images.shape[-2:]
        padded = F.pad(images, (0, -width % STRIDE, 0, -height % STRIDE))
        return padded, (height, width), (padded.shape[-2], padded.shape[-1])

    @staticmethod
    def _image_index(features: ImageFeatures, input_ids: Tensor, image_index: Tensor | None) -> Tensor:
        batch, sentences = features.batch, len(input_ids)
        if image_index is not None:
            if len(image_index) != sentences:
                raise ValueError(f"image_index has {len(image_index)} entries for {sentences} sentences")
            return image_index
        if batch == 1:
            return torch.zeros(sentences, dtype=torch.long, device=input_ids.device)
        if batch != sentences:
            raise ValueError(f"{sentences} sentences for {batch} images: give image_index, or one sentence an image")
        return torch.arange(batch, device=input_ids.device)
