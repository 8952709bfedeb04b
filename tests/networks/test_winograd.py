"""Winograd's convolution is the convolution."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from remotesam.networks import winograd
from remotesam.networks.rotated_conv import AdaptiveRotatedConv2d, rotation_matrices


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 4), (17, 30), (64, 9)])
@pytest.mark.parametrize("channels", [[3], [2, 5]])
@pytest.mark.parametrize("bias", [False, True])
def test_it_equals_the_direct_convolution(size: tuple[int, int], channels: list[int], bias: bool) -> None:
    torch.manual_seed(0)
    maps = [torch.randn(2, c, *size) for c in channels]
    weight = torch.randn(7, sum(channels), 3, 3)
    added = torch.randn(7) if bias else None
    expected = F.conv2d(
        torch.cat(maps, dim=1).double(), weight.double(), None if added is None else added.double(), 1, 1
    )
    for kernel in (weight, winograd.stored_by_tap(weight)):
        got = winograd.convolve(maps, winograd.transformed(kernel), added)
        assert got.shape == expected.shape
        assert (got - expected).abs().max() <= 1e-4 * expected.std()


@pytest.mark.parametrize("size", [(1, 1), (5, 6), (40, 30)])
def test_what_is_done_then_is_done_to_the_result(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    maps, weight, bias = [torch.randn(2, 3, *size)], torch.randn(7, 3, 3, 3), torch.randn(7)
    heights: list[int] = []

    def fewer(x: torch.Tensor) -> torch.Tensor:
        heights.append(x.shape[2])
        return x.relu_()[:, :4] * 2

    kernel = winograd.transformed(weight)
    got = winograd.convolve(maps, kernel, bias, then=fewer)
    assert sum(heights) == 2 * size[0]
    assert torch.equal(got, winograd.convolve(maps, kernel, bias).relu()[:, :4] * 2)


@pytest.mark.parametrize("size", [(1, 1), (8, 12), (13, 7)])
def test_rows_of_an_enlarged_map_are_those_of_the_whole(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    enlarged = winograd.Enlarged(torch.randn(2, 3, 4, 6), size)
    whole = enlarged.whole()
    assert whole.shape == enlarged.shape
    for first in range(size[0]):
        rows = enlarged.rows(1, first, size[0])
        assert (rows - whole[1, :, first:].permute(1, 2, 0)).abs().max() <= 1e-5


@pytest.mark.parametrize("degrees", [-30.0, 0.0, 25.0])
def test_a_turned_kernel_may_be_transformed_at_once(degrees: float) -> None:
    torch.manual_seed(0)
    mix = rotation_matrices(torch.deg2rad(torch.tensor([degrees])))[0]
    weight = torch.randn(5, 4, 3, 3)
    turned = torch.einsum("oik,jk->oij", weight.flatten(2), mix).view_as(weight)
    difference = winograd.transformed(weight, mix) - winograd.transformed(turned)
    assert difference.abs().max() <= 1e-5


def test_wide_layers_take_it_only_without_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    layer = AdaptiveRotatedConv2d(in_channels=256, out_channels=256).eval()
    x = torch.randn(2, 256, 24, 24)
    taken: list[int] = []
    convolve = winograd.convolve
    monkeypatch.setattr(winograd, "convolve", lambda *a, **k: taken.append(1) or convolve(*a, **k))
    direct = layer(x)
    assert not taken
    with torch.inference_mode():
        assert (layer(x) - direct).abs().max() <= 1e-3 * direct.std()
        assert len(taken) == 2
        with torch.autocast("cpu", torch.bfloat16):
            layer(x)
        assert len(taken) == 2
