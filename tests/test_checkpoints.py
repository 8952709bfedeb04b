"""Checkpoint folders: written whole, loaded strictly, every fault named with its fix."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from remotesam import RemoteSAM, checkpoints, hub
from remotesam.checkpoints import CheckpointError


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint to spoil."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def change(folder: Path, **fields: Any) -> None:
    path = folder / "config.json"
    values = json.loads(path.read_text())
    values.update(fields)
    path.write_text(json.dumps({key: value for key, value in values.items() if value is not ...}))


def change_tensors(folder: Path, changed: Callable[[dict[str, torch.Tensor]], None]) -> None:
    path = folder / "model.safetensors"
    tensors = safetensors.torch.load_file(path)
    changed(tensors)
    safetensors.torch.save_file(tensors, path)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"format": ...}, "another kind of model.*convert-checkpoint"),
        ({"format": ..., "model_type": "bert"}, r"another kind of model \(bert\)"),
        ({"format": 2}, "format is 2.*update"),
        ({"network": ...}, "'network' is missing"),
        ({"network": {"fusion": "sideways"}}, "network.*'sideways'"),
        ({"preprocessing": {"mode": "stretch", "size": 64}}, "mode is 'stretch'; use 'resize' or 'native'"),
        ({"preprocessing": {"mode": "native", "size": "64"}}, "'size' is '64'"),
        ({"preprocessing": {"mode": "native", "size": 3}}, "size is 3"),
        ({"threshold": 2}, "threshold is 2"),
        ({"threshold": None}, "'threshold' is None"),
        ({"presence_threshold": ...}, "'presence_threshold' is missing"),
        ({"gsd": -1}, "gsd is -1"),
        ({"gsd": "half a metre"}, "'gsd'"),
    ],
)
def test_a_wrong_configuration_names_file_and_field(folder: Path, fields: dict[str, Any], told: str) -> None:
    change(folder, **fields)
    with pytest.raises(CheckpointError, match=told) as caught:
        RemoteSAM.from_pretrained(folder)
    assert str(folder / "config.json") in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("fault", ["missing", "empty", "cut", "pointer"])
def test_a_missing_or_damaged_file_is_named(folder: Path, name: str, fault: str) -> None:
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if fault == "empty":
        path.touch()
    elif fault == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif fault == "pointer":
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(CheckpointError, match=r"again|git lfs pull|has config.json") as caught:
        RemoteSAM.from_pretrained(folder)
    assert str(folder) in str(caught.value)
    if fault == "pointer" and name == "model.safetensors":
        assert "git lfs pull" in str(caught.value)


def drop(tensors: dict[str, torch.Tensor]) -> None:
    tensors.pop("decoder.classify.weight")


def add(tensors: dict[str, torch.Tensor]) -> None:
    tensors["surplus.weight"] = torch.zeros(3)


def reshape(tensors: dict[str, torch.Tensor]) -> None:
    tensors["decoder.classify.weight"] = torch.zeros(2, 5, 1, 1)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (drop, r"1 missing: decoder\.classify\.weight"),
        (add, r"1 left over: surplus\.weight"),
        (reshape, r"decoder\.classify\.weight is \(2, 5, 1, 1\) instead of \(2, 16, 1, 1\)"),
    ],
)
def test_weights_of_another_network_name_the_tensors(
    folder: Path, changed: Callable[[dict[str, torch.Tensor]], None], told: str
) -> None:
    change_tensors(folder, changed)
    with pytest.raises(CheckpointError, match=told) as caught:
        RemoteSAM.from_pretrained(folder)
    assert str(folder / "model.safetensors") in str(caught.value)


def test_what_was_saved_comes_back(tiny_checkpoint: Path, tiny_config: dict[str, Any], tmp_path: Path) -> None:
    config, network, tokenizer = checkpoints.load(tiny_checkpoint)
    assert config.network == tiny_config["network"]
    assert config.preprocessing == checkpoints.Preprocessing(mode="native", size=64)
    assert not network.training
    checkpoints.save(tmp_path / "again", config=tiny_config, network=network, tokenizer=tokenizer)
    image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)
    first, second = (
        RemoteSAM.from_pretrained(path, precision="float32").segment(image, "all ships")
        for path in (tiny_checkpoint, tmp_path / "again")
    )
    np.testing.assert_array_equal(first.probability, second.probability)
    assert (tmp_path / "again" / "model.safetensors").stat().st_mode & 0o044


def test_half_precision_weights_load(tiny_checkpoint: Path, folder: Path) -> None:
    def halve(tensors: dict[str, torch.Tensor]) -> None:
        tensors.update({name: t.half() if t.is_floating_point() else t for name, t in tensors.items()})

    change_tensors(folder, halve)
    network = checkpoints.load(folder)[1]
    assert {p.dtype for p in network.parameters()} == {torch.float32}


def test_a_wrong_configuration_is_not_written(tmp_path: Path, tiny_config: dict[str, Any]) -> None:
    wrong = {**tiny_config, "threshold": 7}
    with pytest.raises(CheckpointError, match="threshold"):
        checkpoints.save(tmp_path / "out", config=wrong, network=torch.nn.Linear(1, 1), tokenizer=None)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["", "no-such-model", "/no/such/folder", "a/b/c"])
def test_an_unknown_name_lists_what_is_accepted(name: str) -> None:
    with pytest.raises(CheckpointError, match=r"no such model; give a bundled one .* a checkpoint folder, or a hub id"):
        hub.find_checkpoint(name)


def test_a_file_instead_of_a_folder_is_told(tiny_checkpoint: Path, tmp_path: Path) -> None:
    weights = tmp_path / "model.pth"
    weights.touch()
    with pytest.raises(CheckpointError, match=r"convert-checkpoint .*model\.pth OUT"):
        hub.find_checkpoint(weights)
    with pytest.raises(CheckpointError, match=r"convert-checkpoint .*model\.pth OUT"):
        RemoteSAM.from_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="give its folder"):
        hub.find_checkpoint(tiny_checkpoint / "config.json")


def test_a_bundled_model_is_found_by_its_name(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "remotesam"
    package.mkdir()
    monkeypatch.setattr(hub, "__file__", str(package / "hub.py"))
    assert hub.bundled_models() == {}
    shutil.copytree(tiny_checkpoint, tmp_path / "checkpoints" / "tiny")
    assert hub.find_checkpoint("tiny") == tmp_path / "checkpoints" / "tiny"
    shutil.copytree(tiny_checkpoint, package / "_checkpoints" / "wheel")
    assert set(hub.bundled_models()) == {"tiny", "wheel"}


def test_a_hub_checkpoint_is_downloaded(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[str] = []

    def download(hub_id: str, **options: Any) -> str:
        asked.append(hub_id)
        return str(tiny_checkpoint)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert hub.find_checkpoint("someone/tiny-model") == tiny_checkpoint
    assert asked == ["someone/tiny-model"]


def test_a_hub_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def download(hub_id: str, **options: Any) -> str:
        raise ConnectionError("name resolution failed")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(CheckpointError, match=r"someone/model: no such folder here.*name resolution failed.*folder"):
        hub.find_checkpoint("someone/model")


@pytest.fixture
def fake_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub with one repository, the folder that is returned, and a cache in ``tmp_path / "cache"``."""
    import huggingface_hub

    from remotesam import convert

    repository = tmp_path / "snapshots" / "abc123"
    repository.mkdir(parents=True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(repository))
    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda *_, **__: [p.name for p in repository.iterdir()])
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda _, name, **__: str(repository / name))

    def converted(source: Path, target: Path) -> None:
        if source.stat().st_size == 0:
            raise ValueError(f"{source}: damaged")
        (target / "config.json").write_text("{}")

    monkeypatch.setattr(convert, "convert_checkpoint", converted)
    return repository


def test_published_weights_on_the_hub_are_converted_once(fake_hub: Path, tmp_path: Path) -> None:
    (fake_hub / "model.pth").write_text("weights")
    folder = hub.find_checkpoint("someone/published")
    assert folder == tmp_path / "cache" / "remotesam" / "someone--published-abc123"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    (fake_hub / "model.pth").unlink()
    assert hub.find_checkpoint("someone/published") == folder


def test_a_conversion_that_fails_leaves_nothing(fake_hub: Path, tmp_path: Path) -> None:
    (fake_hub / "model.pth").touch()
    with pytest.raises(ValueError, match=r"model\.pth: damaged"):
        hub.find_checkpoint("someone/published")
    assert list((tmp_path / "cache" / "remotesam").iterdir()) == []


@pytest.mark.parametrize("names", [[], ["a.pth", "b.pth"], ["model.onnx"]])
def test_a_hub_repository_without_one_model_is_told(fake_hub: Path, names: list[str]) -> None:
    for name in names:
        (fake_hub / name).touch()
    with pytest.raises(CheckpointError, match=r"someone/other: has no config\.json.*convert-checkpoint"):
        hub.find_checkpoint("someone/other")
