"""The configuration of a run: plain data, checked once, here."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from remotesam.checkpoints import Preprocessing
from remotesam.configuration import parse


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Weights of the losses; see :class:`remotesam.training.losses.ReferringLoss`."""

    cross_entropy: float = 0.9
    class_weights: tuple[float, float] = (0.9, 1.1)
    dice: float = 0.1
    dice_reduction: Literal["batch", "sample"] = "batch"
    contour: float = 0.0
    contour_positive_weight: float = 5.0
    focal_gamma: float = 0.0
    boundary_weight: float = 0.0
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
        sources: One mapping a source: ``type`` ("coco", "synthetic", "triplets" or "package.module:Class"), ``weight``,
            and the source's own arguments.
        size: Side of the square training crops in pixels.
        sentences: Expressions per image, K; 0 to learn contours and categories alone, at a third of the time.
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

    Exactly one of ``epochs``, ``max_steps`` and ``max_seconds`` is given. All step counts are optimiser steps.
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
    max_seconds: float | None = None
    batch_size: int = 1
    gradient_accumulation: int = 1
    clip_grad_norm: float | None = None
    ema_decay: float | None = None
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    channels_last: bool | None = None
    fsdp: bool = False
    sync_batch_norm: bool = False
    activation_checkpointing: bool = False
    text_layers_trained: int | None = None
    find_unused_parameters: bool = False
    init_from: str | None = None
    init_new_parts: tuple[str, ...] = ()
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
    gsd: float | None = None

    def __post_init__(self) -> None:
        lengths = {name: getattr(self, name) for name in ("epochs", "max_steps", "max_seconds")}
        if sum(value is not None for value in lengths.values()) != 1:
            found = ", ".join(f"{name}={value}" for name, value in lengths.items())
            raise ValueError(f"give exactly one of epochs, max_steps and max_seconds; found {found}")
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise ValueError(f"max_seconds is {self.max_seconds}; it must be above 0")
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
