"""What is computed in parts without gradients, to spare memory, is what is computed as a whole with them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from remotesam.networks import positions, swin, winograd
from remotesam.networks.folding import fold
from remotesam.networks.positions import by_position
from tests.networks.small import EARLY, LATE, build, sentences


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("size", [(64, 64), (160, 96), (36, 230)])
@pytest.mark.parametrize("config", [EARLY, LATE], ids=["early", "late"])
def test_parts_give_the_whole(
    config: dict[str, Any], size: tuple[int, int], count: int, folded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = build(config)
    torch.manual_seed(3)
    images = torch.randn(min(count, 2), 3, *size)
    index = torch.tensor([0, 1, 1])[:count]
    whole = network(images, *sentences(count), image_index=index).detach()
    if folded:
        fold(network)
    monkeypatch.setattr(positions, "_AT_ONCE", 7)
    monkeypatch.setattr(swin, "_WINDOWS_AT_ONCE", 2)
    monkeypatch.setattr(winograd, "_LEAST_CHANNELS", 0)
    monkeypatch.setattr(winograd, "_TILES_AT_ONCE", 4)
    with torch.inference_mode():
        parts = network(images, *sentences(count), image_index=index)
    assert (parts - whole).abs().max() <= 1e-3 * whole.std()


def test_several_maps_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "_AT_ONCE", 6)
    longest: list[int] = []

    def both(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        longest.append(a.shape[1])
        return (a * b).sum(dim=2, keepdim=True)

    with torch.no_grad():
        for batch, limit in ((1, 6), (4, 20)):
            longest.clear()
            shared, own = torch.randn(1, 20, 3), torch.randn(batch, 20, 3)
            assert torch.equal(by_position(both, shared, own), (shared * own).sum(dim=2, keepdim=True))
            assert max(longest) == limit
