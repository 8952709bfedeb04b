"""Weights mapped from a file answer as those in memory, and give their memory back."""

from __future__ import annotations

import copy
import os
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from remotesam import checkpoints
from remotesam.segmenters.mapped_weights import MappedWeights, map_large
from remotesam.segmenters.word_features import WordFeatures

SENTENCES = ["all airplanes", "the ship on the left"]


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@torch.inference_mode()
def test_the_answers_are_the_same_before_and_after_every_release(tiny_checkpoint: Path) -> None:
    _, network, tokenizer = checkpoints.load(tiny_checkpoint)
    expected, _ = WordFeatures(copy.deepcopy(network.text_encoder), tokenizer)(SENTENCES)
    file = tiny_checkpoint / checkpoints.WEIGHTS_NAME
    weights = MappedWeights(network.text_encoder, file, prefix="text_encoder.")
    assert not any(parameter.requires_grad for parameter in network.text_encoder.parameters())
    for _ in range(2):
        features = WordFeatures(network.text_encoder, tokenizer, weights=weights)
        assert torch.equal(features(SENTENCES)[0], expected)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@torch.inference_mode()
def test_a_large_module_is_in_memory_only_while_it_is_used(tmp_path: Path) -> None:
    module = nn.Linear(5200, 5200)
    file = tmp_path / "model.safetensors"
    save_file({f"text.{name}": value for name, value in module.state_dict().items()}, file)
    x = torch.randn(1, 5200)
    expected = module(x)
    before = resident_mib()
    weights = map_large(module, file, prefix="text.")
    assert weights is not None
    assert resident_mib() < before - 90, "the parameters are no longer held"
    file.rename(tmp_path / "old")
    file.write_bytes(b"another file of that name")
    assert torch.equal(module(x), expected)
    used = resident_mib()
    weights.release()
    assert resident_mib() < used - 90
    assert torch.equal(module(x), expected)


def test_what_is_small_or_elsewhere_stays_as_it_is(tiny_checkpoint: Path) -> None:
    encoder = checkpoints.load(tiny_checkpoint)[1].text_encoder
    held = [parameter.data_ptr() for parameter in encoder.parameters()]
    assert map_large(encoder, tiny_checkpoint / checkpoints.WEIGHTS_NAME, prefix="text_encoder.") is None
    assert [parameter.data_ptr() for parameter in encoder.parameters()] == held
    assert map_large(nn.Linear(5200, 5200, device="meta"), Path("nowhere"), prefix="") is None


def test_half_precision_is_left_in_memory(tmp_path: Path) -> None:
    module = nn.Linear(3, 2)
    save_file({name: value.half() for name, value in module.state_dict().items()}, tmp_path / "half.safetensors")
    held = module.weight.data_ptr()
    MappedWeights(module, tmp_path / "half.safetensors", prefix="").release()
    assert module.weight.data_ptr() == held
