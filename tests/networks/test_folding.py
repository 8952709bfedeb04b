"""Networks made ready for inference answer as before, and are neither trained nor saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from remotesam import checkpoints
from remotesam.networks.folding import fold
from tests.networks.small import EARLY, LATE, build, sentences

TRUNKS = ["mobilenetv4_conv_small_050", "efficientnet_lite0", "resnet18", "convnext_atto", "convnextv2_atto"]
BLOCKS = LATE | {"neck": LATE["neck"] | {"blocks": (0, 2, 1, 1)}}
EARLY_CONVNEXT = EARLY | {"trunk": {"name": "convnext_atto"}}
NETWORKS = {"early": EARLY, "blocks in the neck": BLOCKS} | {name: LATE | {"trunk": {"name": name}} for name in TRUNKS}
HALVED = {name: NETWORKS[name] for name in ("early", "convnext_atto")} | {
    "late": LATE,
    "early convnext": EARLY_CONVNEXT,
}
STAYS = 2  # the batch norm before a cross-scale attention, whose answer three layers share


def answers(network: torch.nn.Module) -> torch.Tensor:
    torch.manual_seed(1)
    with torch.inference_mode():
        return network(torch.randn(1, 3, 96, 64), *sentences(3))


@pytest.mark.parametrize("config", NETWORKS.values(), ids=NETWORKS)
def test_a_folded_network_answers_the_same_with_fewer_layers(config: dict[str, Any]) -> None:
    network = build(config)
    before = answers(network)
    assert fold(network) is network
    assert (answers(network) - before).abs().max() <= 1e-4
    assert before.std() > 0.01
    norms = [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    assert len(norms) == STAYS
    fold(network)
    assert (answers(network) - before).abs().max() <= 1e-4


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("config", HALVED.values(), ids=HALVED)
def test_weights_in_half_precision_are_close(config: dict[str, Any], dtype: torch.dtype) -> None:
    network = build(config)
    before = answers(network)
    fold(network, dtype=dtype)
    exact = network.exact_modules(dtype)
    layers = {m: m.weight.dtype for m in network.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)}
    assert all(kept == (torch.float32 if layer in exact else dtype) for layer, kept in layers.items())
    assert set(layers.values()) == {torch.float32, dtype}
    with torch.autocast("cpu", dtype):
        assert (answers(network) - before).abs().mean() <= 0.05 * before.std()


def test_a_folded_network_is_not_trained(tmp_path: Path) -> None:
    network = build(LATE)
    with pytest.raises(ValueError, match="call eval"):
        fold(network.train())
    fold(network.eval())
    with pytest.raises(ValueError, match="folded for inference and cannot be trained"):
        network.train()
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_a_folded_network_is_not_saved(tiny_checkpoint: Path, tiny_config: dict[str, Any], tmp_path: Path) -> None:
    _, network, tokenizer = checkpoints.load(tiny_checkpoint)
    with pytest.raises(checkpoints.CheckpointError, match="folded for inference and cannot be saved"):
        checkpoints.save(tmp_path / "out", config=tiny_config, network=fold(network), tokenizer=tokenizer)
    assert not (tmp_path / "out").exists()


def test_a_trunk_whose_course_depends_on_numbers_stays_as_it_is() -> None:
    class Moody(torch.nn.Module):
        def __init__(self, model: torch.nn.Module) -> None:
            super().__init__()
            self.inner = model

        def forward(self, x: torch.Tensor) -> Any:
            return self.inner(x) if x.sum() > -1e30 else None

    network = build(LATE)
    before = answers(network)
    network.trunk.model = Moody(network.trunk.model)  # type: ignore[union-attr]
    fold(network)
    assert (answers(network) - before).abs().max() <= 1e-4
