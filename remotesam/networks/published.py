"""Published RMSIN / RemoteSAM checkpoints: their tensor names to ours, and the file to a checkpoint folder."""

from __future__ import annotations

import argparse
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .rmsin import RMSIN

#: Configuration of the published network, for :func:`remotesam.networks.build_network`.
PUBLISHED_NETWORK: dict[str, Any] = {
    "fusion": "early",
    "image_size": 896,
    "max_batch": 1,
    "trunk": {"name": "swin_base_patch4_window12_384", "drop_path_rate": 0.3, "options": {"img_size": 896}},
    "text": {"vocab_size": 30522, "hidden_size": 768, "layers": 12, "heads": 12, "max_tokens": 20},
    "interaction": {
        "hidden": 480,
        "grid": (28, 28),
        "splits": (32, 64, 128, 256),
        "heads": 8,
        "key_channels": 32,
        "value_channels": 64,
    },
    "decoder": {"widths": (512, 512, 512), "rotated": (True, True, True)},
}

_FUSION = {
    "fusion.vis_project.0": "fusion.visual",
    "fusion.image_lang_att.f_query.0": "fusion.query",
    "fusion.image_lang_att.f_key.0": "fusion.key",
    "fusion.image_lang_att.f_value.0": "fusion.value",
    "fusion.image_lang_att.W.0": "fusion.output",
    "fusion.project_mm.0": "fusion.mix",
    "res_gate.0": "language_gate.reduce",
    "res_gate.2": "language_gate.expand",
    "visual_gate.0": "visual_gate.reduce",
    "visual_gate.2": "visual_gate.expand",
}
_BRANCH = {
    "brb_1x1.conv": "conv1x1.0",
    "brb_1x1.bn": "conv1x1.1",
    "brb_3x3.conv1": "conv3x3.0",
    "brb_3x3.bn1": "conv3x3.1",
    "brb_3x3.conv2": "conv3x3.2",
    "brb_3x3.bn2": "conv3x3.3",
    "brb_identity": "identity",
}
_ATTENTION = {
    "bn1": "norm",
    "DWConv1": "pooled2",
    "DWConv2": "pooled3",
    "attention.qkv.c": "qkv",
    "attention.qkv.bn": "qkv_norm",
    "attention.parallel_conv.1": "local",
    "attention.to_out": "output",
    "attention.proj": "tokens_to_cells",
    "bn4": "output_norm",
    "conv": "conv",
}
_FEED_FORWARD = {"bn1": "norm1", "conv1": "conv1", "bn2": "norm2", "conv2": "conv2", "conv3": "conv3"}
_MERGE = {
    "local_embedding": "local.0",
    "bn1": "local.1",
    "global_embedding": "shift.0",
    "bn2": "shift.1",
    "global_act": "scale.0",
    "bn3": "scale.1",
}
_ROTATED = {
    "weight": "weight",
    "rounting_func.dwc.weight": "routing.depthwise.weight",
    "rounting_func.norm.norm.weight": "routing.norm.weight",
    "rounting_func.norm.norm.bias": "routing.norm.bias",
    "rounting_func.fc_alpha.weight": "routing.alpha.weight",
    "rounting_func.fc_alpha.bias": "routing.alpha.bias",
    "rounting_func.fc_theta.weight": "routing.theta.weight",
}


def _split(name: str) -> tuple[str, str]:
    """'a.b.weight' -> ('a.b', 'weight')."""
    head, _, leaf = name.rpartition(".")
    return head, leaf


def _lookup(table: Mapping[str, str], name: str) -> str | None:
    head, leaf = _split(name)
    for theirs, ours in table.items():
        if head == theirs:
            return f"{ours}.{leaf}"
        if head.startswith(theirs + "."):
            return f"{ours}{head[len(theirs) :]}.{leaf}"
    return None


def _stage_name(index: int, rest: str) -> str | None:
    if match := re.fullmatch(r"downsample\.(.+)", rest):
        # Published: at the end of stage i. timm: at the start of stage i + 1.
        return f"trunk.model.layers.{index + 1}.downsample.{match[1]}"
    if rest.startswith("blocks."):
        return f"trunk.model.layers.{index}.{rest}"
    prefix = "visual_residual.repblock."
    if rest.startswith(prefix):
        rest = rest[len(prefix) :]
        block = "second" if "_2." in rest else "first"
        ours = _lookup(_BRANCH, rest.replace("_2.", ".", 1))
        return ours and f"fused_stages.{index}.receptive.{block}.{ours}"
    ours = _lookup(_FUSION, rest)
    return ours and f"fused_stages.{index}.{ours}"


def _interaction_name(rest: str) -> str | None:
    ours: str | None
    if match := re.fullmatch(r"block\.0\.csa([12])\.m\.(.+)", rest):
        ours = _lookup(_ATTENTION, match[2])
        return ours and f"attention{match[1]}.{ours}"
    if match := re.fullmatch(r"block\.0\.intra_ff\.m\.ff([1-4])\.m\.(.+)", rest):
        ours = _lookup(_FEED_FORWARD, match[2])
        return ours and f"scale_feed_forward.{int(match[1]) - 1}.{ours}"
    if match := re.fullmatch(r"block\.0\.ff\.m\.(.+)", rest):
        ours = _lookup(_FEED_FORWARD, match[1])
        return ours and f"feed_forward.{ours}"
    if match := re.fullmatch(r"fusion\.([0-3])\.(.+)", rest):
        ours = _lookup(_MERGE, match[2])
        return ours and f"merges.{match[1]}.{ours}"
    return _lookup({"down_channel": "down", "up_channel": "up", "bn": "norm"}, rest)


def _decoder_name(rest: str) -> str | None:
    if rest.startswith("conv1_1."):
        return "classify." + rest[len("conv1_1.") :]
    if match := re.fullmatch(r"(conv1|conv2|bn1|bn2)_([432])\.(.+)", rest):
        kind, stage, leaf = match[1], 4 - int(match[2]), match[3]
        if kind == "conv2":
            return f"stages.{stage}.rotated.{_ROTATED[leaf]}" if leaf in _ROTATED else None
        ours = {"conv1": "conv", "bn1": "norm", "bn2": "rotated_norm"}[kind]
        return f"stages.{stage}.{ours}.{leaf}"
    return None


def our_name(name: str) -> str | None:
    """Our name of a published tensor, or None where it has none.

    Example:
        >>> our_name("backbone.layers.0.downsample.norm.weight")
        'trunk.model.layers.1.downsample.norm.weight'
    """
    if name.startswith("text_encoder."):
        return "text_encoder.model." + name[len("text_encoder.") :]
    if name.startswith("classifier."):
        ours = _decoder_name(name[len("classifier.") :])
        return ours and f"decoder.{ours}"
    if name.startswith("backbone.cim."):
        ours = _interaction_name(name[len("backbone.cim.") :])
        return ours and f"interaction.{ours}"
    if name.startswith("backbone.patch_embed."):
        return "trunk.model." + name[len("backbone.") :]
    if match := re.fullmatch(r"backbone\.norm([0-3])\.(\w+)", name):
        return f"fused_stages.{match[1]}.norm.{match[2]}"
    if match := re.fullmatch(r"backbone\.layers\.([0-3])\.(.+)", name):
        return _stage_name(int(match[1]), match[2])
    return None


def _is_index(name: str) -> bool:
    return name.endswith(("relative_position_index", "position_ids"))


def _is_optional(name: str) -> bool:
    # Batch norms of a fixed momentum never read how many batches they saw.
    return _is_index(name) or name.endswith("num_batches_tracked")


def load_published(network: RMSIN, state: Mapping[str, Tensor]) -> None:
    """Put a published state dict into our network, every tensor in its place.

    Args:
        network: built from ``configs/rmsin_swin-b_896.py``.
        state: tensors by their published names. Index buffers are recomputed and therefore ignored.

    Raises:
        ValueError: tensors without a place, places without a tensor, or other shapes; the message names them.
    """
    wanted = network.state_dict()
    renamed: dict[str, Tensor] = {}
    problems = []
    for name, tensor in state.items():
        if _is_index(name):
            continue
        ours = our_name(name)
        if ours is None or ours not in wanted:
            problems.append(f"no place for {name}")
            continue
        shape = wanted[ours].shape
        # 1x1 convolutions over positions are linear layers here; the single rotated kernel has no leading axis.
        squeezed = tensor.squeeze(-1) if tensor.ndim == 3 and tensor.shape[-1] == 1 else tensor
        squeezed = squeezed.squeeze(0) if squeezed.ndim == 5 else squeezed
        if squeezed.shape != shape:
            problems.append(f"{name} has shape {tuple(tensor.shape)}, {ours} needs {tuple(shape)}")
        else:
            renamed[ours] = squeezed
    problems += [f"nothing for {name}" for name in wanted if name not in renamed and not _is_optional(name)]
    if problems:
        shown = "\n  ".join(problems[:12]) + (f"\n  ... and {len(problems) - 12} more" if len(problems) > 12 else "")
        raise ValueError(f"these are not the weights of this network ({len(problems)} problems):\n  {shown}")
    network.load_state_dict(renamed, strict=False)


def read_published(path: Path) -> dict[str, Tensor]:
    """The tensors of a published file, read without running any code that the file may carry.

    Args:
        path: a pickle ``{"model": state_dict, ...}`` (or a bare state dict).

    Raises:
        ValueError: not a PyTorch checkpoint, or one that needs more than tensors and an argparse namespace.
    """
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file") from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as error:
        raise ValueError(
            f"{path}: cannot be read as a checkpoint of plain tensors ({str(error).splitlines()[0]}). "
            "Files that need more than tensors are refused, because loading them could run code."
        ) from error
    state = content.get("model", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state or not all(isinstance(t, Tensor) for t in state.values()):
        found = sorted(content)[:8] if isinstance(content, dict) else type(content).__name__
        raise ValueError(f"{path}: expected a dictionary of tensors, or one under 'model'; found {found}")
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}
