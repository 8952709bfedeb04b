import dataclasses
from pathlib import Path

import pytest

from remotesam.training.config import (
    LossConfig,
    OptimizerConfig,
    ScheduleConfig,
    TrainDataConfig,
    TrainingConfig,
    changed_fields,
    parse_config,
    to_plain,
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 3}, "exactly one of epochs, max_steps and max_seconds; found epochs=3, max_steps=8"),
        ({"max_steps": None}, "exactly one of epochs, max_steps and max_seconds; found epochs=None, max_steps=None"),
        ({"batchsize": 2}, "unknown configuration field 'batchsize'; did you mean 'batch_size'"),
        ({"optimizer": {"rate": 1}}, "unknown configuration field 'optimizer.rate'"),
        ({"optimizer": 0.1}, "field 'optimizer' is 0.1; it takes dict"),
        ({"batch_size": "2"}, "field 'batch_size' is '2'; it takes int"),
        ({"batch_size": True}, "field 'batch_size' is True; it takes int"),
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"optimizer": {"betas": (0.9,)}}, "field 'optimizer.betas' is"),
        ({"mixed_precision": "fp32"}, "field 'mixed_precision' is 'fp32'; it takes 'no' | 'bf16' | 'fp16'"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"data": {"train": {"size": 32}}}, "field 'data.train.sources' is missing"),
        ({"preprocessing": {"mode": "crop", "size": 8}}, "field 'preprocessing.mode' is 'crop'"),
    ],
)
def test_mistakes_name_field_value_and_choice(settings, change, message):
    with pytest.raises(ValueError) as error:
        parse_config({**settings, **change})
    assert message in str(error.value)


def test_numbers_and_tuples_take_their_declared_types(settings):
    config = parse_config({**settings, "optimizer": {"lr": 1, "betas": [0.8, 0.9]}, "presence_gates": [0, 1]})
    assert config.optimizer.lr == 1.0 and isinstance(config.optimizer.lr, float)
    assert config.optimizer.betas == (0.8, 0.9)
    assert config.presence_gates == (0.0, 1.0)


def test_a_plain_configuration_parses_to_itself(settings):
    config = parse_config(settings)
    assert parse_config(to_plain(config)) == config


def test_changes_are_listed_by_path(settings):
    old, new = to_plain(parse_config(settings)), to_plain(parse_config({**settings, "optimizer": {"lr": 0.5}}))
    assert changed_fields(old, new) == ["optimizer.lr: 0.01 -> 0.5"]
    assert changed_fields(old, old) == []


def test_every_field_is_documented():
    text = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text()
    kinds = {"": TrainingConfig, "loss.": LossConfig, "optimizer.": OptimizerConfig, "schedule.": ScheduleConfig}
    kinds["data.train."] = TrainDataConfig
    sections = {"loss", "optimizer", "schedule", "data", "preprocessing"}
    names = [prefix + item.name for prefix, kind in kinds.items() for item in dataclasses.fields(kind)]
    assert [name for name in names if name not in sections and f"`{name}`" not in text] == []
