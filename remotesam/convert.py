"""From a published checkpoint file to a checkpoint folder."""

from __future__ import annotations

from pathlib import Path

from remotesam import checkpoints

PUBLISHED_TOKENIZER = "bert-base-uncased"


def convert_checkpoint(source: Path, target: Path, *, tokenizer: Path | None = None) -> None:
    """Write a folder for ``RemoteSAM.from_pretrained`` from a published ``model.pth``.

    The file is read without running code that it may carry, and every tensor must find its place.

    Args:
        source: the published file, a pickle ``{"model": state_dict, ...}``.
        target: the folder to write.
        tokenizer: a folder with the tokenizer of bert-base-uncased (``tokenizer.json`` or ``vocab.txt``), or a
            ``vocab.txt``; None takes it from the hub.

    Raises:
        ValueError: the file is no such checkpoint, or its tensors are those of another network
            (they are named), or the tokenizer cannot be found.
        OSError: a file cannot be written.
    """
    from remotesam.data.tokenizer import load_tokenizer
    from remotesam.networks import build_network
    from remotesam.networks.published import PUBLISHED_NETWORK, load_published, read_published
    from remotesam.networks.rmsin import RMSIN

    state = read_published(source)
    words = load_tokenizer(tokenizer or PUBLISHED_TOKENIZER)
    network = build_network(PUBLISHED_NETWORK)
    assert isinstance(network, RMSIN)
    try:
        load_published(network, state)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    config = {
        "network": PUBLISHED_NETWORK,
        "preprocessing": {"mode": "resize", "size": 896},
        "threshold": 0.5,
        "presence_threshold": 0.0,
    }
    checkpoints.save(target, config=config, network=network, tokenizer=words)
