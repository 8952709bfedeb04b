"""Fixtures that every folder of tests may use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TINY_NETWORK: dict[str, Any] = {
    "fusion": "late",
    "image_size": 64,
    "trunk": {"name": "mobilenetv4_conv_small_050"},
    "neck": {"hidden": 16, "out_channels": [16, 16, 16, 16]},
    "text": {
        "vocab_size": 400,
        "hidden_size": 16,
        "layers": 1,
        "heads": 2,
        "max_tokens": 12,
        "positions": 12,
        "dropout": 0.0,
    },
    "fusion_stages": [2, 3],
    "output_norm": "layer",
    "interaction": {
        "hidden": 16,
        "grid": [4, 4],
        "splits": [8, 4, 4],
        "heads": 2,
        "key_channels": 4,
        "value_channels": 4,
        "published_layout": False,
    },
    "decoder": {"widths": [16, 16, 16], "rotated": [True, False, False]},
}


@pytest.fixture(scope="session")
def tiny_config() -> dict[str, Any]:
    """The ``config.json`` of a network with random weights that answers within milliseconds."""
    return {
        "network": TINY_NETWORK,
        "preprocessing": {"mode": "native", "size": 64},
        "threshold": 0.4,
        "presence_threshold": 0.3,
    }


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory, tiny_config: dict[str, Any]) -> Path:
    """A checkpoint folder as ``RemoteSAM.from_pretrained`` reads it, random weights."""
    import torch

    from remotesam import checkpoints
    from remotesam.data.tokenizer import train_tokenizer
    from remotesam.networks import build_network

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    torch.manual_seed(0)
    corpus = ["all airplanes", "the ship on the left", "the largest storage tank"]
    checkpoints.save(
        folder,
        config=tiny_config,
        network=build_network(tiny_config["network"]),
        tokenizer=train_tokenizer(corpus, vocab_size=400),
    )
    return folder
