"""What category a sentence names, what category every pixel has, and how well the two agree."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_FLOOR = 1e-3
_TOP = 0.005


class Agreement(NamedTuple):
    """The agreement of K sentences with the image each is about.

    Attributes:
        evidence: (K, h, w), what is added to the object's logit.
        presence: (K,), what is added to the logit of "there is a target".
        sentence: (K, C) logits of the category that the sentence names.
    """

    evidence: Tensor
    presence: Tensor
    sentence: Tensor


class CategoryPrior(nn.Module):
    """Evidence for a sentence from its category alone.

    The pixels' categories are learned from all of an image at once, which teaches more than the few sentences asked
    about it. With q(c) = P(sentence names category c) and p(c) = P(pixel has category c), the agreement is
    a = sum over c of q(c) p(c); the evidence is w log(a + 0.001), and the mean of its top 0.5 % speaks for presence.

    Args:
        categories: number C of categories.
        map_channels: channels of the image map.
        text_channels: channels of a word vector.
    """

    def __init__(self, *, categories: int, map_channels: int, text_channels: int) -> None:
        super().__init__()
        self.pixels = nn.Conv2d(map_channels, 1 + categories, 1)
        self.sentence = nn.Linear(text_channels, categories)
        self.weight = nn.Parameter(torch.tensor(0.3))
        self.presence = nn.Linear(1, 1)
        nn.init.constant_(self.presence.weight, 0.3)
        nn.init.constant_(self.presence.bias, 1.0)

    def forward(self, pixels: Tensor, words: Tensor) -> Agreement:
        """Compare.

        Args:
            pixels: (K, C + 1, h, w) logits of the module's `pixels`, "nothing" first, or one image for all sentences.
            words: (K, T, C_text) word vectors, the first of which ([CLS]) speaks for the sentence.
        """
        sentence = self.sentence(words[:, 0])
        p = pixels.float().softmax(dim=1)[:, 1:].flatten(2).expand(len(words), -1, -1)
        agreement = torch.einsum("kc,kcn->kn", sentence.float().softmax(dim=1), p)
        evidence = torch.log(agreement + _FLOOR)
        top = evidence.topk(max(1, round(_TOP * evidence.shape[1])), dim=1).values.mean(dim=1, keepdim=True)
        return Agreement(
            evidence=self.weight * evidence.unflatten(1, (pixels.shape[2], pixels.shape[3])),
            presence=self.presence(top)[:, 0],
            sentence=sentence,
        )


def add_evidence(logits: Tensor, evidence: Tensor) -> Tensor:
    """Raise the object's logit (K, 2, H, W) by the evidence (K, h, w) or (K,), enlarged bilinearly."""
    if evidence.ndim == 1:
        enlarged = evidence[:, None, None]
    else:
        enlarged = F.interpolate(evidence[:, None], logits.shape[-2:], mode="bilinear", align_corners=False)[:, 0]
    return torch.stack([logits[:, 0], logits[:, 1] + enlarged], dim=1)
