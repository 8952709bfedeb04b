"""Checkpoint folders: what is in them, where they are found, and how they are written and loaded.

A checkpoint folder holds ``config.json``, ``model.safetensors``, the tokenizer's files and a card, ``README.md``::

    {"format": 1,
     "network": {...},                                     what build_network takes
     "preprocessing": {"mode": "resize", "size": 896},     or "native", see Preprocessing
     "threshold": 0.5,                                     a pixel belongs above this probability
     "presence_threshold": 0.5,                            something is there above this score
     "gsd": 0.5}                                           optional: ground sampling distance of the training, in metres

It may also hold ``calibration`` (``remotesam.calibration``; ``presence_threshold`` then is a calibrated probability),
``task_thresholds`` (either threshold for single tasks: ``{"detect": {"threshold": 0.4}}``) and ``presets`` (what
``fast`` and ``accurate`` mean, ``remotesam.inference.Inference``: ``{"fast": {"size": 384}}``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from remotesam.calibration import Calibration
from remotesam.files import atomic_path, write_json
from remotesam.inference import PRESETS, TASKS, Inference

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerFast

    from remotesam.networks import ReferringNetwork

FORMAT = 1
CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
TOKENIZER_NAME = "tokenizer.json"
_THRESHOLDS = ("threshold", "presence_threshold")
_NAMES_SHOWN = 5
_BYTES_AT_ONCE = 32 * 2**20


class CheckpointError(ValueError):
    """A checkpoint that cannot be found or loaded; the message names the file or field, the problem and the fix."""


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes the network's input.

    Attributes:
        mode: ``"resize"`` to size x size, the aspect ratio not kept, as the published network does; ``"native"`` keeps
            the aspect ratio: the longer side becomes ``size``.
        size: In pixels.
    """

    mode: Literal["resize", "native"]
    size: int


@dataclass(frozen=True)
class CheckpointConfig:
    """The checked content of ``config.json``.

    Attributes:
        network: What ``remotesam.networks.build_network`` takes.
        preprocessing: How an image becomes the network's input.
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: Something is there where the score is above this, in [0, 1].
        calibration: From presence scores to probabilities; None leaves them as they are.
        task_thresholds: Task -> ``threshold`` and ``presence_threshold``, or one of them, instead of the above.
        presets: Name -> choices at test time.
        gsd: The side of a pixel on the ground in metres that the model was trained for, None where it was for many.
    """

    network: dict[str, Any]
    preprocessing: Preprocessing
    threshold: float
    presence_threshold: float
    calibration: Calibration | None = None
    task_thresholds: dict[str, dict[str, float]] = field(default_factory=dict)
    presets: dict[str, Inference] = field(default_factory=dict)
    gsd: float | None = None


def read_config(folder: str | Path) -> CheckpointConfig:
    """Reads and checks ``config.json`` of a checkpoint folder.

    Raises:
        CheckpointError: The file is missing, no JSON, of another kind of model, or one of its fields is wrong.
    """
    folder = Path(folder)
    path = folder / CONFIG_NAME
    if not path.is_file():
        found = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) if folder.is_dir() else "no folder"
        weights = sorted(folder.glob("*.pth")) if folder.is_dir() else []
        fix = (
            f"convert it: remotesam convert-checkpoint {weights[0]} OUT"
            if weights
            else f"a checkpoint folder has {CONFIG_NAME}, {WEIGHTS_NAME} and {TOKENIZER_NAME}"
        )
        raise CheckpointError(f"{folder}: has no {CONFIG_NAME} (found: {found or 'nothing'}); {fix}")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path}: is not JSON ({error}); copy or download the checkpoint again") from error
    return parse_config(values, name=str(path))


def parse_config(values: Any, *, name: str = CONFIG_NAME) -> CheckpointConfig:
    """Checks the content of a ``config.json``.

    Args:
        values: The decoded JSON.
        name: What to call it in messages.

    Raises:
        CheckpointError: A field is missing or wrong.
    """
    if not isinstance(values, dict) or "format" not in values:
        kind = values.get("model_type", "another") if isinstance(values, dict) else "another"
        raise CheckpointError(
            f"{name}: belongs to another kind of model ({kind}): it has no field 'format'; give a checkpoint of "
            "remotesam, or convert published weights with remotesam convert-checkpoint"
        )
    if values["format"] != FORMAT:
        raise CheckpointError(f"{name}: format is {values['format']!r}, this version reads {FORMAT}; update remotesam")
    preprocessing = _field(values, "preprocessing", dict, name)
    mode, size = _field(preprocessing, "mode", str, name), _field(preprocessing, "size", int, name)
    if mode not in ("resize", "native"):
        raise CheckpointError(f"{name}: preprocessing.mode is {mode!r}; use 'resize' or 'native'")
    if size < 32:
        raise CheckpointError(f"{name}: preprocessing.size is {size}; use at least 32 pixels")
    return CheckpointConfig(
        network=_field(values, "network", dict, name),
        preprocessing=Preprocessing(mode=mode, size=size),
        threshold=_fraction(values, "threshold", name),
        presence_threshold=_fraction(values, "presence_threshold", name),
        gsd=_gsd(values, name),
        **_optional(values, name),
    )


def _optional(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"task_thresholds": {}, "presets": {}}
    try:
        if values.get("calibration") is not None:
            found["calibration"] = Calibration.from_dict(values["calibration"])
    except ValueError as error:
        raise CheckpointError(f"{name}: {error}") from error
    for task, given in _entries(values, "task_thresholds", TASKS, name):
        where = f"{name}: task_thresholds.{task}"
        if not isinstance(given, dict) or not given.keys() <= set(_THRESHOLDS):
            raise CheckpointError(f"{where} is {given!r}; give {' and '.join(_THRESHOLDS)}, or one of them")
        found["task_thresholds"][task] = {one: _fraction(given, one, where) for one in given}
    for preset, given in _entries(values, "presets", PRESETS, name):
        try:
            found["presets"][preset] = Inference.from_dict(given)
        except ValueError as error:
            raise CheckpointError(f"{name}: presets.{preset}: {error}") from error
    return found


def _entries(values: Mapping[str, Any], key: str, known: Sequence[str], name: str) -> Iterator[tuple[str, Any]]:
    for entry, given in (_field(values, key, dict, name) if key in values else {}).items():
        if entry not in known:
            raise CheckpointError(f"{name}: {key} has {entry!r}; there are {', '.join(known)}")
        yield entry, given


def _gsd(values: Mapping[str, Any], name: str) -> float | None:
    if values.get("gsd") is None:
        return None
    gsd = float(_field(values, "gsd", int | float, name))
    if not 0 < gsd < float("inf"):
        raise CheckpointError(f"{name}: gsd is {gsd}; use the side of a pixel on the ground in metres, above 0")
    return gsd


def _fraction(values: Mapping[str, Any], key: str, name: str) -> float:
    value = float(_field(values, key, int | float, name))
    if not 0 <= value <= 1:
        raise CheckpointError(f"{name}: {key} is {value}; use a number from 0 to 1")
    return value


def load(folder: str | Path) -> tuple[CheckpointConfig, ReferringNetwork, PreTrainedTokenizerFast]:
    """Loads a checkpoint folder, every tensor placed and none left over.

    Args:
        folder: The checkpoint folder.

    Returns:
        The configuration, the network in evaluation mode on the CPU in float32, and the tokenizer.

    Raises:
        CheckpointError: A file is missing or damaged, or the weights are those of another network.
    """
    from safetensors import safe_open
    from transformers import PreTrainedTokenizerFast

    from remotesam.networks import build_network

    folder = Path(folder)
    config = read_config(folder)
    weights_path = _existing(folder, WEIGHTS_NAME)
    _existing(folder, TOKENIZER_NAME)
    try:
        network = build_network(config.network)
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"{folder / CONFIG_NAME}: 'network' describes no network of this version ({error}); "
            "take a checkpoint of this version, or update remotesam"
        ) from error
    with weights_path.open("rb") as file:
        if file.read(24).startswith(b"version https://git-lfs"):
            raise CheckpointError(f"{weights_path}: is a Git LFS pointer, not the weights; run: git lfs pull")
    try:
        with safe_open(weights_path, "pt") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        _check_tensors(shapes, network, weights_path)
        _fill(network, weights_path)
    except CheckpointError:
        raise
    except Exception as error:  # the library's error class is not part of its documented names
        raise CheckpointError(
            f"{weights_path}: cannot be read, it is damaged or truncated ({error}); copy or download it again"
        ) from error
    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    except Exception as error:  # tokenizers raises bare Exception on damaged files
        raise CheckpointError(f"{folder}: the tokenizer cannot be read ({error}); copy it again") from error
    return config, network.eval(), tokenizer


def save(
    folder: str | Path, *, config: Mapping[str, Any], network: nn.Module, tokenizer: PreTrainedTokenizerFast
) -> None:
    """Writes a checkpoint folder; the configuration comes last, so that a folder that has one is complete.

    Args:
        folder: Where to write; made if it is missing.
        config: The content of ``config.json`` without ``format``.
        network: Its state becomes ``model.safetensors``.
        tokenizer: Its files are written beside.

    Raises:
        CheckpointError: The configuration is wrong, or the network was folded for inference and has other tensors.
        OSError: A file cannot be written; ``filename`` names it.
    """
    import safetensors.torch

    folder = Path(folder)
    values = {"format": FORMAT, **config}
    parse_config(values)
    if getattr(network, "folded", False):
        raise CheckpointError(
            f"{folder}: the network was folded for inference and cannot be saved; save the one that "
            "remotesam.checkpoints.load returns"
        )
    with atomic_path(folder / WEIGHTS_NAME) as temporary:
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
        safetensors.torch.save_file(state, temporary, metadata={"format": "pt"})
        temporary.chmod(0o644)  # it makes files that only their owner may read
    tokenizer.save_pretrained(folder)
    write_json(folder / CONFIG_NAME, values)


def _fill(network: nn.Module, path: Path) -> None:
    """Copies the file's tensors to their places, never mapping much of the file into memory."""
    from safetensors import safe_open

    places = network.state_dict()
    names = iter(list(places))
    name = next(names, None)
    while name is not None:
        read = 0
        with safe_open(path, "pt") as file:
            while name is not None and read < _BYTES_AT_ONCE:
                tensor = file.get_tensor(name)
                places[name].copy_(tensor)
                read += tensor.nbytes
                name = next(names, None)


def _check_tensors(shapes: Mapping[str, tuple[int, ...]], network: nn.Module, path: Path) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    problems = {
        "missing": [name for name in wanted if name not in shapes],
        "left over": [name for name in shapes if name not in wanted],
        "of another shape": [
            f"{name} is {shapes[name]} instead of {wanted[name]}"
            for name in wanted
            if name in shapes and shapes[name] != wanted[name]
        ],
    }
    if any(problems.values()):
        told = "; ".join(
            f"{len(names)} {problem}: {', '.join(names[:_NAMES_SHOWN])}{' ...' if len(names) > _NAMES_SHOWN else ''}"
            for problem, names in problems.items()
            if names
        )
        raise CheckpointError(
            f"{path}: these are the weights of another network than {CONFIG_NAME} beside it describes ({told}); "
            "take both files from the same checkpoint"
        )


def _existing(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; a checkpoint folder must have it, copy or download it again")
    return path


def _field(values: Mapping[str, Any], key: str, kind: Any, name: str) -> Any:
    if key not in values:
        raise CheckpointError(f"{name}: the field '{key}' is missing")
    value = values[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = getattr(kind, "__name__", "number")
        raise CheckpointError(f"{name}: the field '{key}' is {value!r}; give a value of the type {wanted}")
    return value
