"""Under bf16 the layers whose rounding moves masks stay in float32, where nothing is learned."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch

from remotesam.networks import rmsin, swin
from remotesam.networks.exact import exact
from remotesam.networks.swin import StagedTrunk
from tests.networks.small import EARLY, build, sentences

LONG_THIRD = EARLY | {"trunk": EARLY["trunk"] | {"options": EARLY["trunk"]["options"] | {"depths": (1, 1, 4, 1)}}}
IMAGES = torch.randn(3, 3, 96, 64, generator=torch.Generator().manual_seed(1))


def bf16() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16)


@pytest.mark.parametrize(
    ("dtype", "learning", "kept"),
    [(torch.bfloat16, False, True), (torch.bfloat16, True, False), (torch.float16, False, False)],
)
def test_only_bf16_is_kept_away_and_only_where_nothing_is_learned(
    dtype: torch.dtype, learning: bool, kept: bool
) -> None:
    with torch.set_grad_enabled(learning), torch.autocast("cpu", dtype), exact(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (torch.float32 if kept else dtype)


def test_without_autocast_nothing_changes() -> None:
    with torch.no_grad(), exact(torch.device("cpu")):
        assert (torch.ones(2, 2, dtype=torch.float64) @ torch.ones(2, 2, dtype=torch.float64)).dtype == torch.float64


@torch.inference_mode()
def test_until_the_longest_stage_nothing_is_rounded_and_the_stream_never_is() -> None:
    trunk = build(LONG_THIRD).trunk
    assert isinstance(trunk, StagedTrunk)
    plain = trunk(IMAGES)
    with bf16():
        rounded = trunk(IMAGES)
    assert [m.dtype for m in rounded] == [torch.float32] * 4
    assert [torch.equal(a, b) for a, b in zip(plain, rounded, strict=True)] == [True, True, False, False]


def error(config: dict[str, Any]) -> float:
    network = build(config)
    with torch.inference_mode():
        plain = network(IMAGES, *sentences(3))
        with bf16():
            rounded = network(IMAGES, *sentences(3))
    return float((rounded - plain).pow(2).mean().sqrt() / plain.std())


def test_answers_are_closer_to_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    careful = error(LONG_THIRD)
    for module in (swin, rmsin):
        monkeypatch.setattr(module, "exact", lambda device: nullcontext())
    assert 0 < careful < error(LONG_THIRD)
