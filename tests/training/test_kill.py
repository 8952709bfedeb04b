import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from remotesam.training.config import parse_config
from remotesam.training.loop import Trainer
from tests.training.conftest import losses

ROOT = Path(__file__).resolve().parents[2]


def command(config: Path, *options: str) -> subprocess.Popen:
    # The folder of the script comes first on the path of a script; the look-alike is found from the root.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "tools/train.py", str(config), *options]
    return subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_kill_9_then_resume_gives_the_losses_of_an_uninterrupted_run(settings, write_config, tmp_path):
    settings["max_steps"] = 120
    settings["checkpoint_every"] = 5
    whole = {**settings, "work_dir": str(tmp_path / "whole")}
    Trainer(parse_config(whole)).run()

    config, log = write_config(settings), Path(settings["work_dir"]) / "log.jsonl"
    killed = command(config)
    deadline = time.monotonic() + 300
    while killed.poll() is None and time.monotonic() < deadline:
        if log.is_file() and log.read_bytes().count(b"\n") >= 12:
            killed.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    output, _ = killed.communicate(timeout=600)
    assert killed.returncode == -signal.SIGKILL, output.decode()
    done = len(log.read_bytes().splitlines())
    assert 12 <= done < 120

    resumed = command(config, "--resume")
    output, _ = resumed.communicate(timeout=600)
    assert resumed.returncode == 0, output.decode()
    assert b"resuming from" in output
    assert losses(settings["work_dir"]) == losses(whole["work_dir"])
