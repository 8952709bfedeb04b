"""DirectSAM as a contour source, with a tiny network of random weights; nothing is downloaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import SegformerConfig, SegformerForSemanticSegmentation

from remotesam.checkpoints import CheckpointError
from remotesam.tasks.directsam import DIRECTSAM_SIZES, DirectSam

TINY: dict[str, Any] = dict(
    hidden_sizes=[4, 8, 8, 8], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 1, 1], decoder_hidden_size=8
)


def tiny_network(labels: int = 1) -> SegformerForSemanticSegmentation:
    torch.manual_seed(0)
    return SegformerForSemanticSegmentation(SegformerConfig(**TINY, num_labels=labels)).eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("directsam") / "tiny"
    tiny_network().save_pretrained(path)
    return path


def image_of(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (40, 70), (64, 64), (200, 90)])
def test_contours_have_the_size_of_the_image(folder: Path, size: tuple[int, int]) -> None:
    contour = DirectSam.from_pretrained(folder, size=64, device="cpu")(image_of(*size))
    assert contour.shape == size
    assert contour.dtype == np.float32
    assert 0 <= contour.min() <= contour.max() <= 1


def test_the_network_is_asked_as_published() -> None:
    seen: list[torch.Tensor] = []
    network = tiny_network()

    def answer(pixel_values: torch.Tensor) -> Any:
        seen.append(pixel_values)
        logits = torch.tensor([[[[-2.0, 2.0], [-2.0, 2.0]]]])
        return type("Output", (), {"logits": logits})()

    source = DirectSam(network, size=32, device="cpu")
    source.network = answer  # type: ignore[assignment]
    white = np.full((6, 8, 3), 255, np.uint8)
    contour = source(white)
    assert seen[0].shape == (1, 3, 32, 32)
    np.testing.assert_allclose(
        seen[0][0, :, 0, 0].numpy(),
        [(1 - m) / s for m, s in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))],
        rtol=1e-5,
    )
    logits = torch.nn.functional.interpolate(
        torch.tensor([[[[-2.0, 2.0], [-2.0, 2.0]]]]), (6, 8), mode="bicubic", align_corners=False
    )
    np.testing.assert_allclose(contour, torch.sigmoid(logits)[0, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize("name", [*DIRECTSAM_SIZES, "someone/else"])
def test_the_licence_has_to_be_accepted(name: str) -> None:
    with pytest.raises(CheckpointError, match="non-commercial research licence") as caught:
        DirectSam.from_pretrained(name)
    assert "accept_licence=True" in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(("name", "size"), DIRECTSAM_SIZES.items())
def test_published_checkpoints_have_their_size(name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(wanted: str) -> SegformerForSemanticSegmentation:
        asked.append(wanted)
        return tiny_network()

    monkeypatch.setattr("remotesam.tasks.directsam._load", load)
    assert DirectSam.from_pretrained(name, accept_licence=True, device="cpu").size == size
    assert asked == [name]


def test_without_a_connection_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("We couldn't connect to 'https://huggingface.co'\nmore")

    monkeypatch.setattr(SegformerForSemanticSegmentation, "from_pretrained", refuse)
    with pytest.raises(CheckpointError, match=r"cannot be loaded \(We couldn't connect") as caught:
        DirectSam.from_pretrained(accept_licence=True)
    assert "hf download chendelong/DirectSAM-b0-1024px-sa1b-2ep-1017 --local-dir FOLDER" in str(caught.value)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    tiny_network(labels=3).save_pretrained(tmp_path / "three")
    with pytest.raises(CheckpointError, match=r"is no network for contours, a SegFormer with one label \(has 3 labels"):
        DirectSam.from_pretrained(tmp_path / "three")
    from transformers import BertConfig, BertModel

    small = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=20)
    BertModel(small).save_pretrained(tmp_path / "bert")
    with pytest.raises(CheckpointError, match="bert"):
        DirectSam.from_pretrained(tmp_path / "bert")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        DirectSam.from_pretrained(tmp_path / "empty")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"network": tiny_network(labels=2)}, "network has 2 labels; a contour network has one"),
        ({"size": 0}, "size is 0; use at least 32 pixels"),
        ({"device": "gpu"}, "device 'gpu' cannot be used"),
    ],
)
def test_wrong_options_are_told(options: dict[str, Any], told: str) -> None:
    arguments = {"network": tiny_network(), "device": "cpu"} | options
    with pytest.raises(ValueError, match=told):
        DirectSam(arguments.pop("network"), **arguments)


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), "u1")]
)
def test_wrong_images_are_told(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="image"):
        DirectSam(tiny_network(), device="cpu")(image)


def test_importing_the_tasks_imports_no_network() -> None:
    code = (
        "import sys; from remotesam.tasks import DirectSam, PyramidContour, gradient_contour, part_mask; "
        "assert not {'torch', 'transformers', 'remotesam.networks'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
