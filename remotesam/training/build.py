"""The network and tokenizer of a run, and where their first weights come from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from remotesam.training.checkpoint import load_state
from remotesam.training.config import TrainingConfig
from remotesam.training.sources import import_object
from remotesam.training.state import check_names


def build_training_network(config: TrainingConfig, *, say: Callable[[str], None] = print) -> nn.Module:
    """Build the network and fill it as ``init_from`` and ``pretrained_trunk`` say.

    Args:
        config: ``network`` goes to ``remotesam.networks.build_network``, or, where it has a ``type``
            "package.module:function", to that function.
        say: Gets one line about each source of weights.

    Raises:
        ValueError: The network has no such option, or the weights are of another network.
    """
    values = dict(config.network)
    kind = values.pop("type", "remotesam.networks:build_network")
    network: nn.Module = import_object(kind)(values)
    if config.pretrained_trunk:
        _load_pretrained(network, say=say)
    if config.init_from is not None:
        weights = read_weights(Path(config.init_from))
        check_names(network, weights, where=config.init_from)
        network.load_state_dict(weights, strict=True)
        say(f"weights from {config.init_from}")
    if config.activation_checkpointing:
        _call(network, "set_activation_checkpointing", "activation_checkpointing")(True)
    if config.text_layers_trained is not None:
        _call(network, "freeze_text_layers", "text_layers_trained")(config.text_layers_trained)
    return network


def load_tokenizer(folder: str) -> Any:
    """Load a tokenizer folder.

    Raises:
        ValueError: The folder is not there or has no tokenizer.
    """
    from transformers import PreTrainedTokenizerFast

    if not (Path(folder) / "tokenizer.json").is_file():
        raise ValueError(f"tokenizer: {folder} has no tokenizer.json; train one or correct the path")
    return PreTrainedTokenizerFast.from_pretrained(folder)


def read_weights(path: Path) -> dict[str, Any]:
    """Weights of a checkpoint folder (``model.safetensors``) or of a training state (the average, where it has one).

    Raises:
        ValueError: Neither is there.
    """
    if path.suffix == ".pt":
        state = load_state(path)
        weights: dict[str, Any] = state["ema"] if state["ema"] is not None else state["network"]
        return weights
    file = path / "model.safetensors"
    if not file.is_file():
        raise ValueError(f"{path}: neither a folder with model.safetensors nor a training state (.pt)")
    from safetensors.torch import load_file

    return {name: value.float() if value.is_floating_point() else value for name, value in load_file(file).items()}


def _load_pretrained(network: nn.Module, *, say: Callable[[str], None]) -> None:
    load = _call(network, "load_pretrained", "pretrained_trunk")
    try:
        load()
    except (OSError, RuntimeError) as error:
        say(f"pretrained_trunk: the hub cannot be reached ({error}); the trunk starts from random weights")


def _call(network: nn.Module, method: str, field: str) -> Callable[..., Any]:
    found = getattr(network, method, None)
    if not callable(found):
        raise ValueError(f"{field}: {type(network).__name__} has no {method}(); leave the field at its default")
    result: Callable[..., Any] = found
    return result
