"""The receptive branch of RMSIN: a one-channel saliency map that re-weights a stage."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiBranch(nn.Module):
    """Sum of BN(conv1x1), BN(conv3x3(BN(conv1x1))) and BN(identity) on a one-channel map, convolutions bias-free.

    Attributes:
        folded: where set, one 3x3 convolution of the map and a map of ones takes the place of all of that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1x1 = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1))
        self.conv3x3 = nn.Sequential(
            nn.Conv2d(1, 1, 1, bias=False),
            nn.BatchNorm2d(1),
            nn.Conv2d(1, 1, 3, padding=1, bias=False),
            nn.BatchNorm2d(1),
        )
        self.identity = nn.BatchNorm2d(1)
        self.folded: nn.Conv2d | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, H, W) -> (B, 1, H, W)."""
        if self.folded is not None:
            return self.folded(torch.cat([x, torch.ones_like(x)], dim=1))
        return self.conv1x1(x) + self.conv3x3(x) + self.identity(x)


class ReceptiveBranch(nn.Module):
    """r = x * sigmoid(block2(relu(block1(mean over channels of x))))."""

    def __init__(self) -> None:
        super().__init__()
        self.first = MultiBranch()
        self.second = MultiBranch()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        saliency = x.mean(dim=1, keepdim=True)
        return x * self.second(F.relu(self.first(saliency))).sigmoid()
