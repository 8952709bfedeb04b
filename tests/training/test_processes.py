import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from remotesam.training.checkpoint import load_state
from remotesam.training.config import parse_config
from remotesam.training.loop import Trainer
from tests.training.conftest import losses

ROOT = Path(__file__).resolve().parents[2]


def torchrun(config: Path, *options: str) -> None:
    arguments = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [*arguments, "tools/train.py", str(config), *options],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="data parallel"),
        pytest.param({"loss": {"dice": 0.5, "dice_reduction": "sample"}, "fsdp": True}, id="sharded"),
    ],
)
def test_two_processes_equal_one_with_the_doubled_batch(settings, write_config, tmp_path, change):
    """Batch normalisation, clipping, losses with uneven targets, averages and validation included."""
    settings = {**settings, **change, "sync_batch_norm": True, "clip_grad_norm": 0.1, "batch_size": 3}
    # With the usual epsilon, Adam scales gradients of nothing but rounding up to whole steps.
    settings["optimizer"] = {"lr": 1e-2, "eps": 1e-2}
    settings["data"]["val"] = {"type": "tests.training.lookalike:Squares", "length": 3}
    single = {**settings, "batch_size": 6, "work_dir": str(tmp_path / "single"), "fsdp": False}
    Trainer(parse_config(single)).run()
    torchrun(write_config(settings))

    one = load_state(Path(single["work_dir"]) / "checkpoints" / "step_00000008.pt")
    two = load_state(Path(settings["work_dir"]) / "checkpoints" / "step_00000008.pt")
    for part in ("network", "ema"):
        assert one[part].keys() == two[part].keys()
        for name, value in one[part].items():
            torch.testing.assert_close(two[part][name], value, atol=1e-6, rtol=1e-4, msg=lambda m, n=name: f"{n}: {m}")
    for (_, a, norm_a), (_, b, norm_b) in zip(losses(single["work_dir"]), losses(settings["work_dir"]), strict=True):
        assert a == pytest.approx(b, rel=1e-5)
        assert norm_a == pytest.approx(norm_b, rel=1e-4)

    # A state of two processes, sharded or not, is continued by one.
    grown = {**single, "work_dir": settings["work_dir"], "max_steps": 9}
    trainer = Trainer(parse_config(grown), resume=True)
    assert trainer.step == 8
    trainer.run()
    assert torch.isfinite(torch.tensor(losses(settings["work_dir"])[-1][1]))
