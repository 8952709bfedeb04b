"""What both networks promise: any size, any number of sentences, nothing shared that should not be."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from remotesam.networks import ReferringNetwork, build_network
from remotesam.networks.rotated_conv import rotation_matrices
from tests.networks.small import EARLY, LATE, build, sentences

CONFIGS = {"early": EARLY, "late": LATE}


@pytest.fixture(scope="module", params=list(CONFIGS))
def network(request: pytest.FixtureRequest) -> ReferringNetwork:
    return build(CONFIGS[request.param])


@pytest.mark.parametrize(("height", "width"), [(64, 64), (1, 1), (33, 52), (96, 32), (40, 100)])
def test_logits_have_the_size_of_the_image(network: ReferringNetwork, height: int, width: int) -> None:
    with torch.inference_mode():
        logits = network(torch.randn(1, 3, height, width), *sentences(2))
    assert logits.shape == (2, 2, height, width)
    assert logits.isfinite().all()


def test_decoder_answers_at_stride_four(network: ReferringNetwork) -> None:
    shapes = []
    hook = network.decoder.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape)))
    with torch.inference_mode():
        network(torch.randn(1, 3, 64, 96), *sentences(3))
    hook.remove()
    assert shapes == [(3, 2, 16, 24)]


@pytest.mark.parametrize("max_batch", [None, 1, 2, 100])
def test_many_sentences_at_once_equal_one_at_a_time(network: ReferringNetwork, max_batch: int | None) -> None:
    image = torch.randn(1, 3, 70, 45)
    ids, mask = sentences(5)
    network = copy.copy(network)
    network.max_batch = max_batch
    with torch.inference_mode():
        together = network(image, ids, mask)
        single = torch.cat([network(image, ids[i : i + 1], mask[i : i + 1]) for i in range(5)])
    assert (together - single).abs().max() <= 1e-4
    assert (together[0] - together[1]).abs().max() > 1e-3  # the sentence matters


def test_image_index_says_which_image_is_meant(network: ReferringNetwork) -> None:
    images = torch.randn(2, 3, 64, 64)
    ids, mask = sentences(3)
    index = torch.tensor([1, 0, 1])
    with torch.inference_mode():
        together = network(images, ids, mask, index)
        single = torch.cat([network(images[i : i + 1], ids[k : k + 1], mask[k : k + 1]) for k, i in enumerate(index)])
        paired = network(images, ids[:2], mask[:2])
        indexed = network(images, ids[:2], mask[:2], torch.tensor([0, 1]))
    assert (together - single).abs().max() <= 1e-4
    assert torch.equal(paired, indexed)


def test_padding_of_the_sentence_changes_nothing(network: ReferringNetwork) -> None:
    image = torch.randn(1, 3, 64, 64)
    ids, mask = torch.tensor([[5, 6, 7, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]])
    with torch.inference_mode():
        difference = network(image, ids, mask) - network(image, ids[:, :3], mask[:, :3])
    assert difference.abs().max() <= 1e-4


@pytest.mark.parametrize(
    ("images", "count", "index", "message"),
    [
        ((3, 64, 64), 1, None, "images must be"),
        ((1, 4, 64, 64), 1, None, "images must be"),
        ((2, 3, 64, 64), 3, None, "3 sentences for 2 images"),
        ((2, 3, 64, 64), 3, [0, 1], "image_index has 2 entries"),
    ],
)
def test_shapes_that_do_not_fit_are_named(network: ReferringNetwork, images, count, index, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        network(torch.zeros(images), *sentences(count), None if index is None else torch.tensor(index))


def test_another_size_changes_no_weight_and_no_answer(network: ReferringNetwork) -> None:
    image, other = torch.randn(1, 3, 64, 64), torch.randn(1, 3, 128, 32)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with torch.inference_mode():
        first = network(image, *sentences(1))
        network(other, *sentences(1))
        again = network(image, *sentences(1))
    assert torch.equal(first, again)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("name", list(CONFIGS))
def test_training_reaches_every_weight_that_answers(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(CONFIGS[name]).train()
    network.set_activation_checkpointing(True)
    outputs = network.forward_train(torch.randn(2, 3, 64, 64), *sentences(4), torch.tensor([0, 0, 1, 1]))
    assert outputs["logits"].shape == (4, 2, 64, 64)
    if name == "late":
        assert outputs["contour"].shape == (2, 1, 64, 64)
        assert outputs["presence"].shape == (4,)
    sum(value.square().mean() for value in outputs.values()).backward()
    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    # The gates of the last stage feed a stage that does not exist, in the published network too.
    assert all(
        n.startswith(("fused_stages.3.language_gate", "fused_stages.3.receptive", "fused_stages.3.visual_gate"))
        for n in silent
    )


@pytest.mark.parametrize(
    ("fusion", "trunk"),
    [
        ("early", dict(name="convnext_atto")),
        ("late", dict(name="convnext_atto")),
        ("late", dict(name="resnet10t")),
        (
            "late",
            dict(
                name="swin_tiny_patch4_window7_224",
                options=dict(img_size=64, embed_dim=8, depths=(1, 1, 1, 1), num_heads=(1, 1, 1, 1), window_size=2),
            ),
        ),
    ],
    ids=["early-convnext", "late-convnext", "late-resnet", "late-swin"],
)
def test_trunks_are_exchangeable(fusion: str, trunk: dict) -> None:
    network = build(CONFIGS[fusion] | {"trunk": trunk})
    with torch.inference_mode():
        assert network(torch.randn(1, 3, 64, 64), *sentences(2)).shape == (2, 2, 64, 64)


@pytest.mark.parametrize("stages", [(3,), (2, 3), (0, 1, 2, 3)])
def test_fusion_stages_are_configurable(stages: tuple[int, ...]) -> None:
    splits = {1: (16,), 2: (8, 8), 4: (4, 4, 4, 4)}[len(stages)]
    config = LATE | {"fusion_stages": stages, "interaction": LATE["interaction"] | {"splits": splits}}
    with torch.inference_mode():
        assert build(config)(torch.randn(1, 3, 64, 64), *sentences(2)).shape == (2, 2, 64, 64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fusion": "sideways"}, "network.fusion must be one of"),
        ({"fusion": None}, "network.fusion must be one of"),
        ({"depth": 3}, "unknown fields .*depth"),
        ({"fusion_stages": (0, 1)}, "fusion_stages must be"),
        ({"fusion_stages": (3, 2)}, "fusion_stages must be"),
        ({"trunk": {"name": "resnet_of_my_dreams"}}, "no timm model; close names: .*resnet"),
        ({"trunk": {"name": "vit_tiny_patch16_224"}}, "pyramid"),
        ({"output_norm": "none"}, "output_norm"),
        ({"decoder": {"widths": (8, 8), "rotated": (True, True)}}, "decoder"),
        ({"interaction": LATE["interaction"] | {"splits": (1, 2, 3)}}, "splits .* must sum to"),
        ({"text": LATE["text"] | {"positions": 4}}, "positions=4"),
    ],
)
def test_configurations_that_cannot_be_built_name_the_field(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_network(LATE | change)


def test_a_missing_part_is_named() -> None:
    with pytest.raises(ValueError, match="lacks the fields \\['decoder'\\]"):
        build_network({k: v for k, v in LATE.items() if k != "decoder"})


@pytest.mark.parametrize("degrees", [-40.0, -10.0, 0.0, 25.0, 40.0])
def test_rotated_kernels(degrees: float) -> None:
    (matrix,) = rotation_matrices(torch.tensor([math.radians(degrees)]))
    torch.testing.assert_close(matrix.sum(dim=1), torch.ones(9))  # a constant kernel stays as it is
    assert matrix[4].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]  # and so does the centre
    if degrees == 0:
        torch.testing.assert_close(matrix, torch.eye(9))
    # Turning by a and by -a are mirror images of each other: taps mirrored left to right.
    mirror = torch.tensor([2, 1, 0, 5, 4, 3, 8, 7, 6])
    (opposite,) = rotation_matrices(torch.tensor([-math.radians(degrees)]))
    torch.testing.assert_close(opposite[mirror][:, mirror], matrix)
