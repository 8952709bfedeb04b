import json
from pathlib import Path

import pytest
import torch

from remotesam.training.checkpoint import load_state
from remotesam.training.config import parse_config
from remotesam.training.loop import NonFiniteError, Trainer
from tests.training.conftest import losses


def train(settings: dict, *, resume: bool = False) -> Trainer:
    trainer = Trainer(parse_config(settings), resume=resume)
    trainer.run()
    return trainer


def state(settings: dict, step: int) -> dict:
    return load_state(Path(settings["work_dir"]) / "checkpoints" / f"step_{step:08d}.pt")


def test_the_loss_falls_and_every_step_is_recorded(settings):
    train({**settings, "max_steps": 30})
    records = losses(settings["work_dir"])
    assert [step for step, _, _ in records] == list(range(1, 31))
    assert sum(loss for _, loss, _ in records[-5:]) < 0.8 * sum(loss for _, loss, _ in records[:5])


@pytest.mark.parametrize("change", [{}, {"log_every": 3}, {"gradient_accumulation": 2}, {"mixed_precision": "bf16"}])
def test_a_resumed_run_repeats_the_sequence(settings, tmp_path, change):
    whole = {**settings, **change, "work_dir": str(tmp_path / "whole")}
    train(whole)
    train({**settings, **change})
    (Path(settings["work_dir"]) / "checkpoints" / "step_00000008.pt").unlink()
    train({**settings, **change}, resume=True)
    assert losses(settings["work_dir"]) == losses(whole["work_dir"])
    one, other = state(whole, 8), state(settings, 8)
    for part in ("network", "ema"):
        assert all(torch.equal(one[part][name], other[part][name]) for name in one[part])


def test_worker_processes_change_nothing(settings, tmp_path):
    train(settings)
    train({**settings, "workers": 2, "work_dir": str(tmp_path / "workers")})
    assert losses(settings["work_dir"]) == losses(tmp_path / "workers")


def test_gradient_accumulation_reads_the_batches_of_a_larger_one(settings, tmp_path):
    """The losses differ, as batch normalisation and weighted means see smaller batches, but not by much."""
    train(settings)
    train({**settings, "batch_size": 1, "gradient_accumulation": 2, "work_dir": str(tmp_path / "two")})
    for (_, one, _), (_, other, _) in zip(losses(settings["work_dir"]), losses(tmp_path / "two"), strict=True):
        assert one == pytest.approx(other, rel=0.1)


def test_an_old_run_is_not_overwritten_by_accident(settings):
    train(settings)
    with pytest.raises(ValueError, match=r"has training states; pass --resume or another work_dir"):
        train(settings)
    train(settings, resume=True)  # nothing left to do
    assert len(losses(settings["work_dir"])) == 8


def test_resuming_without_a_state_starts(settings):
    train(settings, resume=True)
    assert len(losses(settings["work_dir"])) == 8


def test_a_truncated_newest_state_is_set_aside_and_the_sequence_still_repeats(settings, tmp_path):
    whole = {**settings, "work_dir": str(tmp_path / "whole"), "checkpoint_every": 2}
    train(whole)
    settings.update(checkpoint_every=2, keep_last=2)
    train(settings)
    newest = Path(settings["work_dir"]) / "checkpoints" / "step_00000008.pt"
    newest.write_bytes(newest.read_bytes()[:500])
    trainer = train(settings, resume=True)
    assert losses(settings["work_dir"]) == losses(whole["work_dir"])
    assert trainer.checkpoints.steps() == [6, 8]
    assert newest.with_name(newest.name + ".unreadable").is_file()


def test_resuming_from_nothing_but_damaged_states_is_an_error(settings):
    train(settings)
    for path in (Path(settings["work_dir"]) / "checkpoints").glob("step_*.pt"):
        path.write_bytes(b"")
    with pytest.raises(ValueError, match="no state in it can be read"):
        train(settings, resume=True)


def test_another_network_is_refused_by_tensor_name(settings):
    train(settings)
    settings["network"] = {**settings["network"], "width": 4}
    with pytest.raises(ValueError, match=r"weights of another network: trunk\.0\.weight is \(8, 3, 3, 3\), not \(4,"):
        Trainer(parse_config({**settings, "max_steps": 9}), resume=True)


def test_a_non_finite_loss_names_samples_and_the_last_good_state(settings):
    settings["network"]["blow_up_at"] = 6
    with pytest.raises(NonFiniteError, match=r"step 6: the loss is nan.*square-\d.*step_00000004\.pt") as error:
        train(settings)
    assert str(error.value).count("square-") == 2
    saved = state(settings, 4)
    assert all(torch.isfinite(value).all() for value in saved["network"].values())
    assert [step for step, _, _ in losses(settings["work_dir"])] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_bad_image_is_fatal_by_name(settings, workers):
    settings["data"]["train"]["sources"][0]["bad"] = tuple(range(6))
    with pytest.raises(ValueError, match=r"^square-\d\.png: cannot be read; .*on_bad_sample='skip'"):
        train({**settings, "workers": workers})


def test_a_bad_image_is_skipped_and_recorded(settings):
    settings["data"]["train"]["sources"][0]["bad"] = (2, 3)
    train({**settings, "on_bad_sample": "skip"})
    lines = [json.loads(line) for line in (Path(settings["work_dir"]) / "log.jsonl").read_text().splitlines()]
    events = [line["skipped"] for line in lines if line["kind"] == "event"]
    assert events and all(text in ("square-2.png: cannot be read", "square-3.png: cannot be read") for text in events)
    assert len(losses(settings["work_dir"])) == 8


def test_validation_is_recorded_and_the_best_state_kept(settings):
    settings["data"]["val"] = {"type": "tests.training.lookalike:Squares", "length": 3}
    trainer = train({**settings, "eval_every": 2, "keep_last": 1, "presence_threshold": 0.0, "max_steps": 6})
    lines = [json.loads(line) for line in (Path(settings["work_dir"]) / "log.jsonl").read_text().splitlines()]
    figures = [line for line in lines if line["kind"] == "validation"]
    assert [line["step"] for line in figures] == [2, 4, 6]
    assert all(line["samples"] == 6 and line["targeted"] == 3 for line in figures)
    best = json.loads((trainer.checkpoints.folder / "best.json").read_text())
    assert best["value"] == max(line["mIoU"] for line in figures)
    assert trainer.checkpoints.best() in {trainer.checkpoints.path(step) for step in trainer.checkpoints.steps()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokenizer": "/nowhere/tokenizer"}, "tokenizer '/nowhere/tokenizer'"),
        ({"init_from": "nowhere"}, "nowhere: neither a folder with model.safetensors nor a training state"),
        ({"activation_checkpointing": True}, "TinyNetwork has no set_activation_checkpointing"),
        ({"text_layers_trained": 1}, "TinyNetwork has no text_encoder with numbered layers"),
        ({"pretrained_trunk": True}, "pretrained_trunk: the network has no 'trunk' to fill"),
        ({"mixed_precision": "fp16"}, "'fp16' needs a GPU"),
        ({"network": {"type": "tests.training.nowhere:build"}}, "cannot import 'tests.training.nowhere:build'"),
        ({"epochs": 1, "max_steps": None, "batch_size": 41}, "less than one step of 41"),
    ],
)
def test_mistakes_say_what_to_change(settings, change, message):
    if change.get("mixed_precision") == "fp16" and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ValueError) as error:
        Trainer(parse_config({**settings, **change}))
    assert message in str(error.value)


def test_a_run_starts_from_the_weights_of_another(settings, tmp_path):
    train(settings)
    first = Path(settings["work_dir"]) / "checkpoints" / "step_00000008.pt"
    trainer = Trainer(parse_config({**settings, "init_from": str(first), "work_dir": str(tmp_path / "second")}))
    expected = load_state(first)["ema"]
    for name, value in trainer.bare_module.network.state_dict().items():
        assert torch.equal(value, expected[name])


def test_a_run_by_the_clock_ends_with_the_clock_and_resumes_where_it_was(settings):
    settings = {name: value for name, value in settings.items() if name != "max_steps"} | {"max_seconds": 0.5}
    trainer = train(settings)
    assert trainer.finished and trainer.step >= 1
    assert state(settings, trainer.step)["seconds"] == trainer.seconds >= 0.5
    again = train(settings, resume=True)
    assert again.step == trainer.step, "the time is used up"
    longer = train({**settings, "max_seconds": trainer.seconds + 0.3}, resume=True)
    assert longer.step > trainer.step and longer.seconds < trainer.seconds + 30
    rates = [
        json.loads(line)["lr"]
        for line in (Path(settings["work_dir"]) / "log.jsonl").read_text().splitlines()
        if '"train"' in line
    ]
    assert rates[-1] < rates[0]
