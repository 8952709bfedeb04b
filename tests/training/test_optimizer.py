import pytest
import torch
from torch import nn

from remotesam.training.optimizer import build_optimizer, set_learning_rate


def network() -> nn.Module:
    module = nn.Module()
    module.trunk = nn.Sequential(nn.Conv2d(3, 4, 1), nn.LayerNorm(4))
    module.trunk.relative_position_bias_table = nn.Parameter(torch.zeros(9, 2))
    module.head = nn.Linear(4, 2)
    return module


def by_name(module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, dict]:
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    return {names[id(p)]: group for group in optimizer.param_groups for p in group["params"]}


def test_norms_biases_and_position_tables_do_not_decay():
    module = network()
    groups = by_name(module, build_optimizer(module, lr=1.0, weight_decay=0.5))
    decaying = {name for name, group in groups.items() if group["weight_decay"]}
    assert decaying == {"trunk.0.weight", "head.weight"}
    assert set(groups) == {name for name, _ in module.named_parameters()}


def test_the_longest_prefix_decides_the_rate():
    module = network()
    optimizer = build_optimizer(module, lr=1.0, lr_multipliers={"trunk": 0.1, "trunk.1": 0.5})
    rates = {name: group["lr"] for name, group in by_name(module, optimizer).items()}
    assert rates["trunk.0.weight"] == pytest.approx(0.1)
    assert rates["trunk.1.weight"] == pytest.approx(0.5)
    assert rates["head.weight"] == 1.0
    assert set_learning_rate(optimizer, 0.5) == 0.5
    assert by_name(module, optimizer)["trunk.0.weight"]["lr"] == pytest.approx(0.05)


def test_frozen_parameters_are_left_out():
    module = network()
    module.head.requires_grad_(False)
    assert not any(name.startswith("head") for name in by_name(module, build_optimizer(module, lr=1.0)))


def test_a_prefix_that_matches_nothing_is_an_error():
    with pytest.raises(ValueError, match=r"no trainable parameter starts with \['backbone'\]; .*\['head', 'trunk'\]"):
        build_optimizer(network(), lr=1.0, lr_multipliers={"backbone": 0.1})
