"""Networks made ready for inference: the same answers from fewer and quicker operations.

Batch norms are folded into the convolutions and linear layers beside them, a receptive branch becomes one convolution
a block, convolutions are laid out channels-last, and the weights of convolutions and linear layers may be kept in half
precision. The tensors then have other names and values: such a network can neither be saved nor trained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import torch
from torch import Tensor, fx, nn

from .base import ReferringNetwork
from .decoder import DecoderStage
from .interaction import CrossScaleAttention, CrossScaleInteraction, FeedForward
from .receptive import MultiBranch
from .rotated_conv import AdaptiveRotatedConv2d
from .winograd import stored_by_tap, wide

N = TypeVar("N", bound=ReferringNetwork)


def fold(network: N, *, dtype: torch.dtype = torch.float32) -> N:
    """Change a network in place for inference; its answers stay the same but for rounding.

    Args:
        network: in evaluation mode. It refuses to be trained or saved from then on.
        dtype: what the weights of convolutions and linear layers are kept in; anything but float32 is for use under
            ``torch.autocast`` with the same type, which need then not convert them at every call. What computes in
            float32 all the same stays in it, see :meth:`ReferringNetwork.exact_modules`.

    Returns:
        The same object.

    Raises:
        ValueError: the network is in training mode.

    Example:
        >>> network = fold(build_network(config).eval())
    """
    if network.training:
        raise ValueError("a network in training mode cannot be folded: its batch norms still change; call eval() first")
    if not network.folded:
        network.folded = True
        with torch.no_grad():
            _fold_trunk(network.get_submodule("trunk"))
            for module in list(network.modules()):
                for kind, change in _FOLDS.items():
                    if isinstance(module, kind):
                        change(module)
    network.requires_grad_(False)
    exact = network.exact_modules(dtype)
    for module in network.modules():
        kept = torch.float32 if module in exact else dtype
        if isinstance(module, nn.Conv2d):
            module.to(dtype=kept, memory_format=torch.channels_last)  # type: ignore[call-overload]
        elif isinstance(module, nn.Linear | AdaptiveRotatedConv2d):
            module.to(dtype=kept)
    for module in network.modules():
        if not isinstance(module, DecoderStage | AdaptiveRotatedConv2d):
            continue
        layer = module.conv if isinstance(module, DecoderStage) else module
        if wide(layer.weight):
            layer.weight = nn.Parameter(stored_by_tap(layer.weight), requires_grad=False)
    return network


def _scale_shift(norm: Any) -> tuple[Tensor, Tensor]:
    """A batch norm in evaluation mode as x * scale + shift, (C,) each."""
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return scale, norm.bias - norm.running_mean * scale


def _after(layer: Any, norm: nn.Module) -> None:
    """norm(layer(x)) -> layer(x); for convolutions, rotated ones too, and linear layers."""
    scale, shift = _scale_shift(norm)
    layer.bias = nn.Parameter(shift if layer.bias is None else layer.bias * scale + shift)
    layer.weight = nn.Parameter(layer.weight * scale.view(-1, *[1] * (layer.weight.ndim - 1)))


def _before(norm: nn.Module, conv: nn.Conv2d) -> None:
    """conv(norm(x)) -> conv(x); for 1x1 convolutions, which have no padding that the shift must leave out."""
    assert conv.kernel_size == (1, 1) and conv.groups == 1 and conv.padding == (0, 0)
    scale, shift = _scale_shift(norm)
    added = conv.weight[:, :, 0, 0] @ shift
    conv.bias = nn.Parameter(added if conv.bias is None else conv.bias + added)
    conv.weight = nn.Parameter(conv.weight * scale[:, None, None])


def _fold_sequence(sequence: nn.Sequential) -> None:
    for index in range(len(sequence) - 1):
        if isinstance(sequence[index], nn.Conv2d) and type(sequence[index + 1]) is nn.BatchNorm2d:
            _after(sequence[index], sequence[index + 1])
            sequence[index + 1] = nn.Identity()


def _fold_branch(branch: MultiBranch) -> None:
    """To one 3x3 convolution (Ding et al., "RepVGG: Making VGG-style ConvNets Great Again", CVPR 2021).

    The padding of the 3x3 convolution lacks the shift of the batch norm before it. So the shift is a channel of its
    own, of ones, padded with zeros likewise.
    """
    conv1x1: Any = branch.conv1x1
    parts: Any = branch.conv3x3
    inner, inner_norm, outer, outer_norm = parts
    scale1, shift1 = _scale_shift(conv1x1[1])
    scale2, shift2 = _scale_shift(branch.identity)
    scale3, shift3 = _scale_shift(inner_norm)
    scale4, shift4 = _scale_shift(outer_norm)
    kernel = outer.weight * scale4
    conv = nn.Conv2d(2, 1, 3, padding=1)
    conv.weight = nn.Parameter(torch.cat([kernel * inner.weight * scale3, kernel * shift3], dim=1))
    conv.weight[0, 0, 1, 1] += (conv1x1[0].weight.view(1) * scale1 + scale2)[0]
    conv.bias = nn.Parameter(shift1 + shift2 + shift4)
    branch.folded = conv
    del branch.conv1x1, branch.conv3x3, branch.identity


def _fold_decoder_stage(stage: DecoderStage) -> None:
    _after(stage.conv, stage.norm)
    stage.norm = nn.Identity()  # type: ignore[assignment]
    if stage.rotated is not None and stage.rotated_norm is not None:
        _after(stage.rotated, stage.rotated_norm)
        stage.rotated_norm = nn.Identity()  # type: ignore[assignment]


def _fold_attention(attention: CrossScaleAttention) -> None:
    _after(attention.qkv, attention.qkv_norm)
    _after(attention.output, attention.output_norm)
    attention.qkv_norm = attention.output_norm = nn.Identity()  # type: ignore[assignment]


def _fold_feed_forward(feed_forward: FeedForward) -> None:
    _before(feed_forward.norm1, feed_forward.conv1)
    _after(feed_forward.conv1, feed_forward.norm2)
    feed_forward.norm1 = feed_forward.norm2 = nn.Identity()  # type: ignore[assignment]


def _fold_interaction(interaction: CrossScaleInteraction) -> None:
    _before(interaction.norm, interaction.up)
    interaction.norm = nn.Identity()  # type: ignore[assignment]


def _fold_trunk(trunk: nn.Module) -> None:
    """Fold what convolution and batch norm of a timm model follow each other; its graph tells which do."""
    model = trunk.get_submodule("model")
    if not any(isinstance(m, nn.BatchNorm2d) for m in model.modules()):
        return
    try:
        pairs = list(_pairs(model))
    except fx.proxy.TraceError:  # its course depends on its numbers: it stays as it is
        return
    for conv_name, norm_name in pairs:
        conv, norm = model.get_submodule(conv_name), model.get_submodule(norm_name)
        _after(conv, norm)
        # timm's batch norms carry the activation that follows them.
        rest = [m for m in norm.children() if not isinstance(m, nn.Identity)]
        model.set_submodule(norm_name, nn.Sequential(*rest) if rest else nn.Identity())


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module: nn.Module, qualified_name: str) -> bool:
        return isinstance(module, nn.Conv2d | nn.BatchNorm2d) or super().is_leaf_module(module, qualified_name)


def _pairs(model: nn.Module) -> Iterator[tuple[str, str]]:
    """Names of convolutions and of the batch norms that alone see their answers."""
    graph = _Tracer().trace(model)
    calls = Counter(node.target for node in graph.nodes if node.op == "call_module")
    for node in graph.nodes:
        if node.op != "call_module" or not isinstance(model.get_submodule(node.target), nn.BatchNorm2d):
            continue
        source = node.args[0]
        if source.op == "call_module" and len(source.users) == 1 and calls[source.target] == calls[node.target] == 1:
            conv = model.get_submodule(source.target)
            norm = model.get_submodule(node.target)
            if isinstance(conv, nn.Conv2d) and norm.affine and norm.track_running_stats:
                yield source.target, node.target


_FOLDS: dict[type[nn.Module], Callable[[Any], None]] = {
    MultiBranch: _fold_branch,
    DecoderStage: _fold_decoder_stage,
    CrossScaleAttention: _fold_attention,
    FeedForward: _fold_feed_forward,
    CrossScaleInteraction: _fold_interaction,
    nn.Sequential: _fold_sequence,
}
