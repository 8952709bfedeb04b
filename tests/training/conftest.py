"""A tiny run: a look-alike network on scenes of squares, in a temporary folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.state import AcceleratorState

from remotesam.data.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tokenizer")
    corpus = ["ship in the image", "all bridges", "the largest ship on the left"]
    train_tokenizer(corpus, vocab_size=250).save_pretrained(str(folder))
    return str(folder)


@pytest.fixture
def settings(tokenizer_folder: str, tmp_path: Path) -> dict[str, Any]:
    """Fields of a configuration that trains eight steps in well under a second."""
    torch.set_num_threads(1)
    # Accelerate keeps one precision per process; each test may have another.
    AcceleratorState._reset_state()
    scenes = {"type": "tests.training.lookalike:Squares", "length": 6}
    return {
        "network": {"type": "tests.training.lookalike:build", "words": 260},
        "tokenizer": tokenizer_folder,
        "work_dir": str(tmp_path / "run"),
        "data": {"train": {"sources": [scenes], "size": 32, "sentences": 2, "length": 40}, "val": None},
        "loss": {"contour": 0.1, "presence": 0.1},
        "optimizer": {"lr": 1e-2},
        "max_steps": 8,
        "batch_size": 2,
        "ema_decay": 0.9,
        "clip_grad_norm": 1.0,
        "log_every": 1,
        "checkpoint_every": 4,
    }


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Write settings as a configuration file."""

    def write(values: dict[str, Any]) -> Path:
        path = tmp_path / "config.py"
        path.write_text("".join(f"{name} = {value!r}\n" for name, value in values.items()))
        return path

    return write


def losses(folder: str | Path) -> list[tuple[int, float, float]]:
    """Step, loss and gradient norm of every training record of a run."""
    lines = (Path(folder) / "log.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [(r["step"], r["loss"], r["grad_norm"]) for r in records if r["kind"] == "train"]
