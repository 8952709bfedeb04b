"""The pyramid neck and its residual blocks."""

from __future__ import annotations

import pytest
import torch

from remotesam.networks import build_network
from remotesam.networks.neck import PyramidNeck, ResidualBlock
from tests.networks.small import LATE, build, sentences


def test_new_blocks_change_no_answer_until_they_have_learned() -> None:
    plain = build(LATE)
    grown = build_network(LATE | {"neck": LATE["neck"] | {"blocks": (1, 2, 0, 1)}})
    grown.load_state_dict(plain.state_dict(), strict=False)
    image, asked = torch.randn(1, 3, 96, 64), sentences(2)
    with torch.inference_mode():
        expected = plain(image, *asked)
        assert torch.equal(grown.eval()(image, *asked), expected)
        torch.nn.init.ones_(grown.get_submodule("neck.blocks.3.0.layers.6").weight)
        assert not torch.allclose(grown(image, *asked), expected, atol=1e-3)


def test_every_block_learns_from_the_first_step() -> None:
    neck = PyramidNeck(in_channels=(4, 4), hidden=8, out_channels=(8, 8), blocks=(2, 1))
    sum(m.square().sum() for m in neck([torch.randn(2, 4, 8, 8), torch.randn(2, 4, 4, 4)])).backward()
    blocks = [module for module in neck.modules() if isinstance(module, ResidualBlock)]
    assert len(blocks) == 3
    for block in blocks:
        assert block.layers[-1].weight.grad.abs().min() > 0


def test_a_coarse_block_reaches_the_fine_map() -> None:
    torch.manual_seed(0)
    neck = PyramidNeck(in_channels=(4, 4), hidden=8, out_channels=(8, 8), blocks=(0, 1)).eval()
    maps = [torch.randn(1, 4, 8, 8), torch.randn(1, 4, 4, 4)]
    before = neck(maps)[0]
    torch.nn.init.ones_(next(m for m in neck.modules() if isinstance(m, ResidualBlock)).layers[-1].weight)
    assert not torch.allclose(neck(maps)[0], before)


@pytest.mark.parametrize("blocks", [(1,), (0, 0, 0, -1), (1, 1, 1, 1, 1)])
def test_another_number_of_blocks_is_an_error(blocks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"neck.blocks must be 4 numbers from 0 on"):
        build_network(LATE | {"neck": LATE["neck"] | {"blocks": blocks}})
