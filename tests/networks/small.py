"""Small networks that the tests build in a moment."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from remotesam.networks import ReferringNetwork, build_network
from remotesam.networks.neck import ResidualBlock

TEXT = dict(vocab_size=100, hidden_size=16, layers=1, heads=2, max_tokens=8, positions=8)
INTERACTION = dict(hidden=16, grid=(3, 3), splits=(4, 4, 4, 4), heads=2, key_channels=4, value_channels=4)
EARLY: dict[str, Any] = dict(
    fusion="early",
    image_size=64,
    trunk=dict(
        name="swin_tiny_patch4_window7_224",
        options=dict(img_size=64, embed_dim=8, depths=(2, 2, 2, 2), num_heads=(1, 1, 2, 2), window_size=3),
    ),
    text=TEXT,
    interaction=INTERACTION,
    decoder=dict(widths=(16, 16, 16), rotated=(True, True, True)),
)
LATE: dict[str, Any] = dict(
    fusion="late",
    image_size=64,
    trunk=dict(name="mobilenetv4_conv_small_050"),
    neck=dict(hidden=16, out_channels=(8, 16, 16, 16)),
    text=TEXT,
    fusion_stages=(1, 2, 3),
    categories=5,
    interaction=INTERACTION | dict(splits=(8, 4, 4), published_layout=False),
    decoder=dict(widths=(16, 16, 8), rotated=(True, False, False)),
)


def build(config: dict[str, Any]) -> ReferringNetwork:
    """The network with fixed random weights and plausible batch norm statistics, in evaluation mode."""
    torch.manual_seed(0)
    network = build_network(config).train()
    with torch.no_grad():
        for block in network.modules():
            if isinstance(block, ResidualBlock):
                block.layers[-1].weight.fill_(0.5)  # 0 at first, and then it would hide all of the block
        for _ in range(3):
            network.forward_train(torch.randn(4, 3, 64, 64), *sentences(4))
    return network.eval()


def sentences(count: int, length: int = 8) -> tuple[Tensor, Tensor]:
    """Ids and mask of sentences of different lengths."""
    generator = torch.Generator().manual_seed(count)
    ids = torch.randint(1, 100, (count, length), generator=generator)
    mask = (torch.arange(length)[None] < torch.arange(count)[:, None] % (length - 2) + 3).long()
    return ids * mask, mask
