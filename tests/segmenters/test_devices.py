"""Device and precision are chosen, unless told."""

from __future__ import annotations

import pytest
import torch

from remotesam.segmenters import devices


def test_what_is_told_is_taken() -> None:
    assert devices.choose_device("cpu") == torch.device("cpu")
    assert devices.choose_device(torch.device("cpu")) == torch.device("cpu")
    assert devices.choose_precision("fp16", torch.device("cpu")) == "fp16"


def test_cuda_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.choose_device() == torch.device("cuda")


@pytest.mark.parametrize(
    ("float32", "bf16", "chosen"),
    [
        ([1.0, 1.0], [0.5, 0.5], "bf16"),
        ([1.0, 1.0], [0.95, 0.5], "float32"),
        ([1.0, 1.0], [0.5, 1.1], "float32"),
        ([1.0, 1.0], [3.0, 3.0], "float32"),
    ],
)
def test_cpu_takes_bf16_only_where_it_is_clearly_faster(
    monkeypatch: pytest.MonkeyPatch, float32: list[float], bf16: list[float], chosen: str
) -> None:
    seconds = {torch.float32: float32, torch.bfloat16: bf16}
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True, raising=False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(devices, "_seconds_of_layers", seconds.__getitem__)
    devices.cpu_prefers_bf16.cache_clear()
    try:
        assert devices.choose_precision(None, torch.device("cpu")) == chosen
    finally:
        devices.cpu_prefers_bf16.cache_clear()


def test_the_measurement_runs() -> None:
    seconds = devices._seconds_of_layers(torch.float32)
    assert len(seconds) == 2
    assert all(0 < one < 5 for one in seconds)
