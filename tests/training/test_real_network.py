"""The loop with a network of ``remotesam.networks``: export, frozen words, activation checkpointing, pretraining."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from remotesam import RemoteSAM, checkpoints
from remotesam.data.vocabulary import CATEGORIES
from remotesam.training.build import build_training_network, freeze_text
from remotesam.training.checkpoint import load_state
from remotesam.training.config import parse_config
from remotesam.training.export import export
from remotesam.training.loop import Trainer
from tests.conftest import TINY_NETWORK
from tests.training.conftest import losses


@pytest.fixture
def real(settings: dict[str, Any]) -> dict[str, Any]:
    settings["data"]["train"].update(size=64, sentences=1)
    settings["data"]["val"] = {"type": "tests.training.lookalike:Squares", "length": 2, "size": 64}
    return {**settings, "network": TINY_NETWORK, "loss": {}, "max_steps": 2, "checkpoint_every": 2}


def test_a_trained_network_is_exported_and_answers(real, tmp_path):
    config = parse_config({**real, "presence_threshold": 0.1, "threshold": 0.4, "eval_every": 1})
    trainer = Trainer(config)
    trainer.run()
    image = np.full((64, 64, 3), 90, dtype=np.uint8)
    answers = {}
    for half in (False, True):
        folder = tmp_path / f"out-{half}"
        assert "checkpoints/step_" in export(config, folder=str(folder), half=half)
        model = RemoteSAM.from_pretrained(folder, device="cpu", precision="float32")
        assert (model.threshold, model.presence_threshold) == (0.4, 0.1)
        answers[half] = model.segmenter.segment(image, ["ship in the image"])
        size = (folder / "model.safetensors").stat().st_size
        answers[half, "size"] = size
    np.testing.assert_allclose(answers[True], answers[False], atol=0.01)
    assert answers[True, "size"] < 0.6 * answers[False, "size"]
    with trainer.average.applied(trainer.bare_module), torch.inference_mode():
        written = json.loads((tmp_path / "out-False" / "config.json").read_text())
        assert written["preprocessing"] == {"mode": "native", "size": 64}
        weights = trainer.bare_module.network.state_dict()
        loaded = checkpoints.load(tmp_path / "out-False")[1].state_dict()
        assert all(torch.equal(loaded[name], value) for name, value in weights.items())


def test_exporting_before_training_says_so(real, tmp_path):
    with pytest.raises(ValueError, match="no training state to export; train first or pass --state"):
        export(parse_config(real), folder=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_activation_checkpointing_changes_no_loss(real, tmp_path):
    plain = {**real, "data": {**real["data"], "val": None}}
    Trainer(parse_config(plain)).run()
    again = {**plain, "activation_checkpointing": True, "work_dir": str(tmp_path / "again")}
    Trainer(parse_config(again)).run()
    for one, other in zip(losses(plain["work_dir"]), losses(again["work_dir"]), strict=True):
        assert one == pytest.approx(other, rel=1e-5)


def test_without_sentences_only_what_images_teach_is_trained(real, tmp_path):
    real["data"]["train"]["sentences"], real["data"]["val"] = 0, None
    config = {**real, "network": TINY_NETWORK | {"categories": len(CATEGORIES)}, "optimizer": {"weight_decay": 0.1}}
    trainer = Trainer(parse_config({**config, "loss": {"contour": 1.0, "categories": 1.0}}))
    before = {name: value.clone() for name, value in trainer.bare_module.network.named_parameters()}
    trainer.run()
    changed = {name.split(".")[0] for name, value in before.items() if not torch.equal(value, _now(trainer, name))}
    assert changed == {"trunk", "neck", "contour", "prior"}
    still = {name for name, value in before.items() if torch.equal(value, _now(trainer, name))}
    assert {"prior.sentence.weight", "prior.weight"} <= still


def test_a_grown_network_starts_from_the_weights_of_the_one_before(real, tmp_path):
    plain = {**real, "data": {**real["data"], "val": None}}
    Trainer(parse_config(plain)).run()
    first = Path(plain["work_dir"]) / "checkpoints" / "step_00000002.pt"
    neck = {**TINY_NETWORK["neck"], "blocks": [0, 1, 0, 0]}
    grown = {**plain, "network": TINY_NETWORK | {"neck": neck}, "work_dir": str(tmp_path / "grown")}
    grown["init_from"] = str(first)
    with pytest.raises(ValueError, match=r"of another network: neck\.blocks\.1\.0\.layers\.0\.weight is missing"):
        Trainer(parse_config(grown))
    with pytest.raises(ValueError, match=r"neck\.blocks\.1\.0\.layers\.0\.weight is missing"):
        Trainer(parse_config({**grown, "init_new_parts": ["neck.lateral."]}))
    trainer = Trainer(parse_config({**grown, "init_new_parts": ["neck.blocks."]}))
    expected = load_state(first)["ema"]
    now = trainer.bare_module.network.state_dict()
    assert all(torch.equal(now[name], value) for name, value in expected.items())
    assert {name.split(".")[1] for name in now.keys() - expected.keys()} == {"blocks"}
    trainer.run()


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_layout_in_memory_changes_no_loss(real, channels_last):
    config = {**real, "channels_last": channels_last, "data": {**real["data"], "val": None}}
    trainer = Trainer(parse_config(config))
    kernels = [p for p in trainer.bare_module.parameters() if p.ndim == 4 and min(p.shape[1:3]) > 1]
    assert kernels
    assert all(p.is_contiguous(memory_format=torch.channels_last) == channels_last for p in kernels)
    trainer.run()
    assert losses(config["work_dir"])[0][1] == pytest.approx(_first_loss(config), rel=1e-4)


def _first_loss(config: dict[str, Any]) -> float:
    folder = str(Path(config["work_dir"]) / "plain")
    Trainer(parse_config({**config, "channels_last": None, "work_dir": folder, "max_steps": 1})).run()
    return losses(folder)[0][1]


def _now(trainer: Trainer, name: str) -> torch.Tensor:
    return trainer.bare_module.network.get_parameter(name)


@pytest.mark.parametrize("layers", [0, 1])
def test_only_the_first_text_layers_are_trained(real, layers):
    network = build_training_network(parse_config(real))
    freeze_text(network, layers_trained=layers)
    trained = {n for n, p in network.named_parameters() if p.requires_grad and n.startswith("text_encoder.")}
    assert bool(trained) == bool(layers)
    assert all(".layer.0." in name for name in trained)
    assert all(p.requires_grad for n, p in network.named_parameters() if not n.startswith("text_encoder."))


def test_a_hub_out_of_reach_is_told_and_weights_stay_random(real, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    said: list[str] = []
    config = parse_config({**real, "pretrained_trunk": True, "pretrained_text": "nobody/no-such-model"})
    network = build_training_network(config, say=said.append)
    assert len(said) == 2
    assert said[0].startswith("pretrained_trunk: cannot get the weights (")
    assert said[1].startswith("pretrained_text: cannot get the weights (")
    assert all("starts from random weights" in line for line in said)
    assert isinstance(network, torch.nn.Module)


CONFIGS = sorted(Path(__file__).resolve().parents[2].glob("configs/*.py"))


# Those of triplet sets configure no training; tests/data/generation reads them. Recipes change another one: see below.
@pytest.mark.parametrize(
    "config", [c for c in CONFIGS if not c.stem.startswith(("triplets_", "recipes_"))], ids=lambda p: p.stem
)
def test_every_shipped_configuration_is_valid(config):
    from mmengine.config import Config

    parsed = parse_config(Config.fromfile(config))
    assert parsed.work_dir.startswith("runs/")


RECIPES = [c for c in CONFIGS if c.stem.startswith("recipes_")]


@pytest.mark.parametrize("recipes", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_is_a_valid_change_of_its_base(recipes):
    from mmengine.config import Config, DictAction

    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="+", action=DictAction)
    values = Config.fromfile(recipes)
    assert len(values.recipes) > 1
    for name, recipe in values.recipes.items():
        changed = []
        for options in [recipe.options, *([recipe.before.options] if "before" in recipe else [])]:
            config = Config.fromfile(recipes.parents[1] / values.base)
            config.merge_from_dict(parser.parse_args(["--cfg-options", *options]).cfg_options)
            changed.append(parse_config(config))
        assert all(config.data.train.size == changed[0].data.train.size for config in changed), name
