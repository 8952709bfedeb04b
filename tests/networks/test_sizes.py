"""Another input size and back changes no weight, no buffer and no answer.

timm's ``set_input_size`` rescales windows and tables of relative positions for good; nothing here may do the like.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

from remotesam.networks.folding import fold
from tests.networks.small import EARLY, LATE, build, sentences

SWIN = EARLY["trunk"]
TRUNKS: dict[str, dict[str, Any]] = {
    "early swin": EARLY,
    "late swin": LATE | {"trunk": SWIN, "fusion_stages": (1, 2, 3)},
    "mobilenetv4": LATE,
    "convnext": LATE | {"trunk": {"name": "convnext_atto"}},
    "convnextv2": LATE | {"trunk": {"name": "convnextv2_atto"}},
    "efficientnet": LATE | {"trunk": {"name": "efficientnet_lite0"}},
    "early convnext": EARLY | {"trunk": {"name": "convnext_atto"}},
}


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("config", TRUNKS.values(), ids=TRUNKS)
def test_evaluating_at_another_size_and_coming_back_changes_nothing(config: dict[str, Any], folded: bool) -> None:
    network = build(config)
    if folded:
        fold(network)
    torch.manual_seed(2)
    image = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        first = network(image, *sentences(2))
        tensors = [*network.named_parameters(), *network.named_buffers()]
        before = {name: tensor.clone() for name, tensor in tensors}
        for size in ((32, 32), (160, 96), (50, 70)):
            assert network(torch.randn(1, 3, *size), *sentences(2)).shape == (2, 2, *size)
        again = network(image, *sentences(2))
    assert torch.equal(first, again)
    after = dict([*network.named_parameters(), *network.named_buffers()])
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def test_what_timm_does_by_itself_would_be_noticed() -> None:
    network = build(EARLY)
    model = network.trunk.model  # type: ignore[union-attr]
    before = {name: tensor.clone() for name, tensor in model.named_parameters()}
    model.set_input_size((160, 160))
    model.set_input_size((64, 64))
    assert any(not torch.equal(tensor, before[name]) for name, tensor in model.named_parameters())
