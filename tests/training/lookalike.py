"""A network and scenes that follow the contracts of the real ones, small enough for tests to train in a second."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from remotesam.data.scene import Instance, Scene
from remotesam.networks.base import ImageFeatures


class TinyText(nn.Module):
    """Word vectors from a table."""

    def __init__(self, *, words: int, width: int) -> None:
        super().__init__()
        self.max_tokens = 12
        self.table = nn.Embedding(words, width)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.table(input_ids)


class TinyNetwork(nn.Module):
    """Two convolutions with batch normalisation, multiplied by the mean word vector.

    No bias before the normalisation: its gradient is rounding noise, which Adam would scale up to whole steps.
    """

    def __init__(self, *, width: int = 8, words: int = 64, blow_up_at: int | None = None) -> None:
        super().__init__()
        self.max_tokens, self.image_size, self.max_batch, self.blow_up_at = 12, 32, None, blow_up_at
        self.trunk = nn.Sequential(nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.text_encoder = TinyText(words=words, width=width)
        self.mix = nn.Conv2d(width, width, 3, padding=1)
        self.head = nn.Conv2d(width, 2, 1)
        self.contour = nn.Conv2d(width, 1, 1)
        self.presence = nn.Linear(width, 1)
        self.calls = 0

    def encode_image(self, images: Tensor) -> ImageFeatures:
        size = (images.shape[-2], images.shape[-1])
        features = self.trunk(images)
        return ImageFeatures(
            batch=len(features), maps=(features,), size=size, padded=size, contour=self.contour(features)
        )

    def decode_words(self, features: ImageFeatures, words: Tensor, attention_mask: Tensor) -> Tensor:
        image_index = torch.zeros(len(words), dtype=torch.int64)
        return self._decode(features, words, attention_mask, image_index)[0]

    def _decode(
        self, features: ImageFeatures, words: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> tuple[Tensor, Tensor]:
        maps = features.maps[0]
        keep = attention_mask[..., None].float()
        means = (words * keep).sum(dim=1) / keep.sum(dim=1)
        fused = torch.relu(self.mix(maps[image_index] * means[:, :, None, None]))
        return self.head(fused), self.presence(fused.mean(dim=(2, 3)))[:, 0]

    @staticmethod
    def upsample(logits: Tensor, features: ImageFeatures) -> Tensor:
        return logits

    def forward_train(
        self, images: Tensor, input_ids: Tensor, attention_mask: Tensor, image_index: Tensor
    ) -> dict[str, Tensor]:
        features = self.encode_image(images)
        words = self.text_encoder(input_ids, attention_mask)
        logits, presence = self._decode(features, words, attention_mask, image_index)
        self.calls += 1
        if self.calls == self.blow_up_at:
            logits = logits * float("nan")
        assert features.contour is not None
        return {"logits": logits, "contour": features.contour, "presence": presence}


def build(config: dict[str, Any]) -> TinyNetwork:
    return TinyNetwork(**config)


class Squares:
    """Scenes with one bright square called "ship" at a place drawn from (seed, index); "bridge" is always absent."""

    def __init__(self, *, length: int = 16, size: int = 32, bad: tuple[int, ...] = ()) -> None:
        self.length, self.size, self.bad = length, size, bad

    def __len__(self) -> int:
        return self.length

    def scene(self, index: int, seed: int) -> Scene:
        if index in self.bad:
            raise ValueError(f"square-{index}.png: cannot be read")
        rng = np.random.default_rng((7, index))
        image = rng.integers(0, 60, (self.size, self.size, 3), dtype=np.uint8)
        side = self.size // 3
        x, y = (int(v) for v in rng.integers(0, self.size - side, 2))
        image[y : y + side, x : x + side] = 230
        corners = np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], dtype=np.float32)
        return Scene(
            image=image,
            instances=(Instance(category="ship", polygons=(corners,)),),
            annotated=("ship", "bridge"),
            name=f"square-{index}",
        )
