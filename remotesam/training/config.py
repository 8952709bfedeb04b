"""The configuration of a run: plain data, checked once, here."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from remotesam.checkpoints import Preprocessing


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Weights of the losses; see :class:`remotesam.training.losses.ReferringLoss`."""

    cross_entropy: float = 0.9
    class_weights: tuple[float, float] = (0.9, 1.1)
    dice: float = 0.1
    dice_reduction: Literal["batch", "sample"] = "batch"
    contour: float = 0.0
    contour_positive_weight: float = 5.0
    presence: float = 0.0
    categories: float = 0.0
    sentence: float = 0.0


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """AdamW; see :func:`remotesam.training.optimizer.build_optimizer`."""

    lr: float = 3e-5
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    lr_multipliers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Decay of the learning rate; see :class:`remotesam.training.schedule.Schedule`."""

    type: Literal["polynomial", "cosine", "constant"] = "polynomial"
    power: float = 0.9
    warmup_steps: int = 0
    final_factor: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TrainDataConfig:
    """Training scenes and how triplets are made of them.

    Attributes:
        sources: One mapping a source: ``type`` ("coco", "synthetic" or "package.module:Class"), ``weight``, and the
            source's own arguments.
        size: Side of the square training crops in pixels.
        sentences: Expressions per image, K.
        length: Images in one epoch; None takes the scenes of all sources together.
        augment: Arguments of ``remotesam.data.transforms.Augmentation``; None for no augmentation.
        kind_ratio: Shares of "one-to-one", "one-to-many" and "one-to-zero"; None for the default of the data set.
        canonical: Share of "{category} in the image" among the sentences about all or none of a category; likewise.
    """

    sources: list[dict[str, Any]]
    size: int
    sentences: int = 1
    length: int | None = None
    augment: dict[str, Any] | None = None
    kind_ratio: dict[str, float] | None = None
    canonical: float | None = None


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Training data, and the source that validation runs on.

    Attributes:
        train: See :class:`TrainDataConfig`.
        val: One source as in ``train.sources``, with ``limit`` (number of images, all by default) beside its own
            arguments; None for no validation.
    """

    train: TrainDataConfig
    val: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Every field of a training configuration; docs/configuration.md has them in a table.

    Exactly one of ``epochs`` and ``max_steps`` is given. All step counts are optimiser steps.
    """

    network: dict[str, Any]
    tokenizer: str
    data: DataConfig
    work_dir: str
    loss: LossConfig = field(default_factory=LossConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    epochs: int | None = None
    max_steps: int | None = None
    batch_size: int = 1
    gradient_accumulation: int = 1
    clip_grad_norm: float | None = None
    ema_decay: float | None = None
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    fsdp: bool = False
    sync_batch_norm: bool = False
    activation_checkpointing: bool = False
    text_layers_trained: int | None = None
    find_unused_parameters: bool = False
    init_from: str | None = None
    pretrained_trunk: bool = False
    pretrained_text: str | None = None
    seed: int = 0
    workers: int = 0
    on_bad_sample: Literal["raise", "skip"] = "raise"
    log_every: int = 10
    eval_every: int | None = None
    checkpoint_every: int = 500
    keep_last: int = 3
    best_metric: str = "mIoU"
    presence_threshold: float = 0.5
    threshold: float = 0.5
    presence_gates: tuple[float, ...] = (0.3, 0.5, 0.7)
    preprocessing: Preprocessing | None = None

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.max_steps is None):
            raise ValueError(f"give exactly one of epochs and max_steps; found {self.epochs} and {self.max_steps}")
        for name in (
            "epochs",
            "max_steps",
            "batch_size",
            "gradient_accumulation",
            "log_every",
            "eval_every",
            "checkpoint_every",
            "keep_last",
        ):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; it must be at least 1")
        if self.ema_decay is not None and not 0 <= self.ema_decay < 1:
            raise ValueError(f"ema_decay is {self.ema_decay}; it must be in [0, 1), or None for no average")


def parse_config(values: Mapping[str, Any]) -> TrainingConfig:
    """Check a mapping (an mmengine ``Config`` is one) and make a :class:`TrainingConfig` of it.

    Raises:
        ValueError: A field is unknown, missing, or of another type; the message names it by its full path.
    """
    plain = values.to_dict() if hasattr(values, "to_dict") else dict(values)
    result: TrainingConfig = parse(TrainingConfig, plain, path="")
    return result


def to_plain(config: TrainingConfig) -> dict[str, Any]:
    """The configuration as nested dicts and lists, fit for JSON and for weights-only checkpoints."""
    result: dict[str, Any] = _plain(dataclasses.asdict(config))
    return result


def changed_fields(old: dict[str, Any], new: dict[str, Any], *, path: str = "") -> list[str]:
    """What differs between two plain configurations, a line each: "optimizer.lr: 0.001 -> 0.0005"."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            lines += changed_fields(before, after, path=f"{path}{name}.")
        elif before != after:
            lines.append(f"{path}{name}: {before!r} -> {after!r}")
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def parse(kind: type, values: Any, *, path: str) -> Any:
    """Make a dataclass of a mapping, nested ones included.

    Args:
        kind: The dataclass.
        values: Its fields.
        path: Where the mapping stands in the configuration, with a final dot; for messages.

    Raises:
        ValueError: A field is unknown, missing or of another type.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"configuration field '{path.removesuffix('.')}' is {values!r}; it takes dict(...)")
    hints = typing.get_type_hints(kind)
    fields = {item.name: item for item in dataclasses.fields(kind)}
    for name in values:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ValueError(f"unknown configuration field '{path}{name}'{hint} It takes {sorted(fields)}")
    arguments = {}
    for name, item in fields.items():
        if name in values:
            arguments[name] = _convert(hints[name], values[name], path=f"{path}{name}")
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise ValueError(f"configuration field '{path}{name}' is missing; it takes {_name(hints[name])}")
    return kind(**arguments)


def _convert(kind: Any, value: Any, *, path: str) -> Any:
    origin, options = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return parse(typing.cast(type, kind), value, path=f"{path}.")
    if origin in (Union, types.UnionType):
        if value is None:
            if type(None) in options:
                return None
        else:
            return _convert(next(o for o in options if o is not type(None)), value, path=path)
    elif origin is Literal:
        if value in options:
            return value
        kind = " | ".join(map(repr, options))
    elif origin is tuple and isinstance(value, list | tuple):
        if options[-1] is Ellipsis or len(options) == len(value):
            return tuple(_convert(options[0], item, path=path) for item in value)
    elif origin is list and isinstance(value, list | tuple):
        return [_convert(options[0], item, path=f"{path}[{i}]") for i, item in enumerate(value)]
    elif origin is dict and isinstance(value, Mapping):
        return {key: _convert(options[1], item, path=f"{path}.{key}") for key, item in value.items()}
    elif kind is Any or (kind in (int, str, bool) and type(value) is kind):
        return value
    elif kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f"configuration field '{path}' is {value!r}; it takes {_name(kind)}")


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)
