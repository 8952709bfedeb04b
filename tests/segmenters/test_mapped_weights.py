"""Weights mapped from a file answer as those in memory, and give their memory back."""

from __future__ import annotations

import copy
import mmap
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from remotesam import checkpoints
from remotesam.segmenters import mapped_weights
from remotesam.segmenters.mapped_weights import MappedWeights, map_large
from remotesam.segmenters.rmsin import RmsinSegmenter
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
    # In a mapping of its own, which ends with its last user: what is freed otherwise the C library may keep.
    own = torch.frombuffer(mmap.mmap(-1, module.weight.nbytes), dtype=torch.float32).view(5200, 5200)
    module.weight.data = own.copy_(module.weight.detach())
    del own
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


def test_what_is_not_as_in_the_file_stays_as_it_is(tmp_path: Path) -> None:
    module = nn.Linear(3, 2)
    save_file({name: value.clone() for name, value in module.state_dict().items()}, tmp_path / "model.safetensors")
    with torch.no_grad():
        module.weight *= 2  # as folding does
    held, bias = module.weight.data_ptr(), module.bias.data_ptr()
    MappedWeights(module, tmp_path / "model.safetensors", prefix="")
    assert module.weight.data_ptr() == held
    assert module.bias.data_ptr() != bias


def test_a_segmenter_releases_its_trunk_before_it_decodes(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", precision="float32")
    monkeypatch.setattr(mapped_weights, "_LEAST_BYTES", 0)
    mapped = RmsinSegmenter.from_folder(tiny_checkpoint, device="cpu", precision="float32")
    order: list[str] = []
    release = MappedWeights.release
    monkeypatch.setattr(MappedWeights, "release", lambda self: order.append("released") or release(self))
    mapped.network.decoder.register_forward_hook(lambda *_: order.append("decoded"))
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    assert np.array_equal(mapped.segment(image, SENTENCES), plain.segment(image, SENTENCES))
    assert order == ["released", "released", "decoded"]  # the text encoder's, the trunk's


def test_half_precision_is_left_in_memory(tmp_path: Path) -> None:
    module = nn.Linear(3, 2)
    save_file({name: value.half() for name, value in module.state_dict().items()}, tmp_path / "half.safetensors")
    held = module.weight.data_ptr()
    MappedWeights(module, tmp_path / "half.safetensors", prefix="").release()
    assert module.weight.data_ptr() == held
