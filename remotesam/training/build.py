"""The network and tokenizer of a run, and where their first weights come from."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from remotesam.checkpoints import Preprocessing
from remotesam.training.checkpoint import load_state
from remotesam.training.config import TrainingConfig
from remotesam.training.sources import import_object
from remotesam.training.state import check_names


def build_network(values: Mapping[str, Any]) -> nn.Module:
    """The network of a configuration, with random weights unless the configuration names others.

    Args:
        values: Goes to ``remotesam.networks.build_network``, or, where it has a ``type`` "package.module:function", to
            that function.
    """
    arguments = dict(values)
    network: nn.Module = import_object(arguments.pop("type", "remotesam.networks:build_network"))(arguments)
    return network


def build_training_network(
    config: TrainingConfig, *, initialise: bool = True, say: Callable[[str], None] = print
) -> nn.Module:
    """Build the network and fill it as ``pretrained_trunk``, ``pretrained_text`` and ``init_from`` say.

    Args:
        config: The run's configuration.
        initialise: False leaves random weights, for a run that is about to load its state.
        say: Gets one line about each source of weights.

    Raises:
        ValueError: The network has no such option, or the weights are of another network.
    """
    network = build_network(config.network)
    if initialise:
        parts: dict[str, Any] = {}
        if config.pretrained_trunk:
            parts["trunk"] = True
        if config.pretrained_text is not None:
            parts["text"] = config.pretrained_text
        for part, pretrained in parts.items():
            _load_pretrained(network, config.network, part=part, pretrained=pretrained, say=say)
        if config.init_from is not None:
            weights = read_weights(Path(config.init_from))
            check_names(network, weights, where=config.init_from, may_lack=config.init_new_parts)
            network.load_state_dict(weights, strict=not config.init_new_parts)
            say(f"weights from {config.init_from}")
    if config.activation_checkpointing:
        _call(network, "set_activation_checkpointing", "activation_checkpointing")(True)
    if config.text_layers_trained is not None:
        freeze_text(network, layers_trained=config.text_layers_trained)
    return network


def freeze_text(network: nn.Module, *, layers_trained: int) -> None:
    """Leave only the first layers of the text encoder trainable, as the reference does (10 of BERT's 12).

    Its word vectors are frozen too: the reference's optimiser had nothing of BERT but these layers.

    Raises:
        ValueError: The network has no ``text_encoder`` with numbered layers.
    """
    pattern = re.compile(r"text_encoder\.(?:.*\.)?layers?\.(\d+)\.")
    found = False
    for name, parameter in network.named_parameters():
        if name.startswith("text_encoder."):
            match = pattern.match(name)
            found = found or match is not None
            parameter.requires_grad_(match is not None and int(match[1]) < layers_trained)
    if not found:
        raise ValueError(f"text_layers_trained: {type(network).__name__} has no text_encoder with numbered layers")


def without_pretrained(values: Mapping[str, Any]) -> dict[str, Any]:
    """The network's configuration with ``pretrained`` taken out of its parts: what a checkpoint folder needs."""
    return {
        name: {key: item for key, item in part.items() if key != "pretrained"} if isinstance(part, dict) else part
        for name, part in values.items()
    }


def preprocessing_of(config: TrainingConfig) -> Preprocessing:
    """How whole images are seen: as configured, by default at their aspect ratio and the training size."""
    return config.preprocessing or Preprocessing(mode="native", size=config.data.train.size)


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


def _load_pretrained(
    network: nn.Module, values: dict[str, Any], *, part: str, pretrained: Any, say: Callable[[str], None]
) -> None:
    field = f"pretrained_{part}"
    if not isinstance(values.get(part), dict):
        raise ValueError(f"{field}: the network has no '{part}' to fill; leave the field at its default")
    try:
        donor = build_network({**values, part: {**values[part], "pretrained": pretrained}})
    except Exception as error:  # hub clients raise errors of many libraries; the configuration itself was built before
        reason = f"{type(error).__name__}: {_first_line(error)}"
        say(f"{field}: cannot get the weights ({reason}); this part starts from random weights")
        return
    prefix = {"trunk": "trunk.", "text": "text_encoder."}[part]
    weights = {name: value for name, value in donor.state_dict().items() if name.startswith(prefix)}
    network.load_state_dict(weights, strict=False)
    say(f"{field}: {len(weights)} tensors loaded")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _call(network: nn.Module, method: str, field: str) -> Callable[..., Any]:
    found = getattr(network, method, None)
    if not callable(found):
        raise ValueError(f"{field}: {type(network).__name__} has no {method}(); leave the field at its default")
    result: Callable[..., Any] = found
    return result
