"""The published network, proven against recorded answers, and its checkpoint files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from remotesam.networks import build_network
from remotesam.networks.published import PUBLISHED_NETWORK, load_published, our_name, read_published
from remotesam.networks.rmsin import RMSIN
from tests.networks.published_weights import FOLDER, published_state, tensor_names

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


@pytest.fixture(scope="module")
def network() -> Iterator[RMSIN]:
    network = build_network(PUBLISHED_NETWORK)
    assert isinstance(network, RMSIN)
    load_published(network, published_state())
    yield network.eval()


@pytest.fixture(scope="module")
def answers(network: RMSIN) -> dict[str, np.ndarray]:
    """Every recorded point, computed by our network; the two sentences share the image."""
    golden = np.load(FOLDER / "golden.npz")
    points: dict[str, torch.Tensor] = {}

    def keep(name: str):
        return lambda module, inputs, output: points.__setitem__(name, output)

    hooks = [network.text_encoder.register_forward_hook(keep("text"))]
    hooks += [s.fusion.register_forward_hook(keep(f"stage{i}_fused")) for i, s in enumerate(network.fused_stages)]
    hooks.append(network.interaction.register_forward_hook(keep("cim")))
    image = (torch.from_numpy(golden["image_uint8"]).permute(2, 0, 1)[None].float() / 255 - MEAN) / STD
    with torch.inference_mode():
        features = network.encode_image(image)
        logits = network.decode(
            features,
            torch.from_numpy(golden["input_ids"]).long(),
            torch.from_numpy(golden["attention_mask"]).long(),
            max_batch=2,  # one batch, so that the hooks see both sentences
        )
    for hook in hooks:
        hook.remove()
    for scale, output in enumerate(points.pop("cim")):
        points[f"cim{scale}"] = output
    return {name: value.numpy() for name, value in points.items()} | {"decoder_logits": logits.numpy()}


# The recorded network itself moves by 0.005 in the logits between batch sizes; deviations of the points are shown.
@pytest.mark.parametrize(
    ("point", "tolerance"),
    [
        ("text", 1e-4),  # standard deviation 1.0
        ("stage0_fused", 0.002),  # 0.028
        ("stage1_fused", 0.002),  # 0.033
        ("stage2_fused", 0.004),  # 0.084
        ("stage3_fused", 0.002),  # 0.038
        ("cim0", 0.1),  # 3.3
        ("cim1", 0.1),
        ("cim2", 0.1),
        ("cim3", 0.1),  # 3.8
    ],
)
def test_every_recorded_point_is_met(answers: dict[str, np.ndarray], point: str, tolerance: float) -> None:
    golden = np.load(FOLDER / "golden.npz")
    assert list(answers[point].shape) == golden[f"{point}_shape"].tolist()
    ours = answers[point].reshape(2, -1)[:, golden[f"{point}_index"]]
    assert np.abs(ours - golden[f"{point}_value"]).max() <= tolerance


def test_decoder_logits_and_masks_are_met(answers: dict[str, np.ndarray]) -> None:
    golden = np.load(FOLDER / "golden.npz")
    ours, theirs = torch.from_numpy(answers["decoder_logits"]), torch.from_numpy(golden["decoder_logits"])
    assert (ours - theirs).abs().max() <= 0.03
    masks = [F.interpolate(x, (896, 896), mode="bilinear", align_corners=True).argmax(dim=1) for x in (ours, theirs)]
    assert (masks[0] == masks[1]).float().mean() >= 0.999
    np.testing.assert_allclose(masks[0].float().mean(dim=(1, 2)), golden["foreground_fraction"], atol=1e-3)


def test_every_published_tensor_has_one_place_of_its_own() -> None:
    names = [name for name, (_, dtype) in tensor_names().items() if dtype == "float32"]
    ours = [our_name(name) for name in names]
    assert None not in ours
    assert len(set(ours)) == len(names)


def test_the_configuration_file_describes_the_published_network() -> None:
    config = Config.fromfile(Path(__file__).parents[2] / "configs" / "rmsin_swin-b_896.py")
    assert config.network.to_dict() == PUBLISHED_NETWORK


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("classifier.conv1_1.bias"), "nothing for decoder.classify.bias"),
        (lambda s: s.update({"classifier.extra": torch.zeros(1)}), "no place for classifier.extra"),
        (lambda s: s.update({"backbone.norm0.weight": torch.zeros(7)}), r"backbone.norm0.weight has shape \(7,\)"),
        (lambda s: s.clear(), "problems"),
    ],
)
def test_other_weights_are_refused_by_name(network: RMSIN, change, message: str) -> None:
    before = network.decoder.classify.bias.clone()
    state = {name: torch.empty(shape, device="meta") for name, (shape, dtype) in tensor_names().items()}
    change(state)
    with pytest.raises(ValueError, match=message):
        load_published(network, state)
    assert torch.equal(network.decoder.classify.bias, before)


class _Evil:
    def __reduce__(self):
        return (print, ("code of the file was run",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"", "cannot be read"),
        (b"not a checkpoint at all", "cannot be read"),
        ({"epoch": 3}, "expected a dictionary of tensors"),
        ({"model": {"a": torch.zeros(1)}, "hook": _Evil()}, "cannot be read"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], content, message: str) -> None:
    path = tmp_path / "model.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ValueError, match=message) as caught:
        read_published(path)
    assert str(path) in str(caught.value)
    assert "code of the file" not in capsys.readouterr().out


def test_a_published_file_is_read_with_its_namespace(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"model": {"module.a": torch.ones(2)}, "epoch": 1, "args": argparse.Namespace(lr=1)}, path)
    assert read_published(path)["a"].tolist() == [1, 1]
