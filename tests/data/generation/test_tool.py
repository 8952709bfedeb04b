"""tools/make_triplets.py as it is run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.data_factories.generation import contents, scenes, write_set
from tests.scripts import load_script

REPOSITORY = Path(__file__).resolve().parents[3]
Run = Callable[..., tuple[int, str, str]]
TOOL = REPOSITORY / "tools" / "make_triplets.py"


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(TOOL), *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the tool here, and returns its exit code and what it writes."""
    module = load_script("tools/make_triplets.py")

    def main(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [str(TOOL), *map(str, arguments)])
        try:
            code = module.main()
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, out, err

    return main


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("data") / "drawn", scenes(25))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either --config FILE, or --source NAME"),
        (["out", "--source", "coco"], "--source takes --root"),
        (["out", "--source", "nowhere", "--root", "."], "unknown data set 'nowhere'"),
        (["out", "--source", "coco", "--root", "nowhere"], "nowhere"),
        (["out", "--source", "coco", "--root", ".", "--option", "masks"], "'masks' is not NAME=VALUE"),
        (
            ["--config", "nowhere.py", "--option", "masks=optional"],
            "--option, --masker and --held-out go with --source",
        ),
        (["--config", "nowhere.py"], "nowhere.py"),
        (["--source", "coco", "--root", "."], "configuration field 'output' is missing"),
    ],
)
def test_mistakes_are_told_in_a_line(arguments: list[str], message: str, tmp_path: Path, run: Run) -> None:
    code, _, err = run(*(str(tmp_path / a) if a == "out" else a for a in arguments))
    assert code == 2
    assert message in err and "Traceback" not in err


def test_a_dry_run_says_what_would_be_made(root: Path, tmp_path: Path, run: Run) -> None:
    flags = ["--source", "coco", "--root", root, "--split", "all", "--tile", "64", "--overlap", "16"]
    code, out, err = run(tmp_path / "out", *flags, "--dry-run")
    assert (code, err) == (0, "")
    assert "25 records, 225 pictures with tiles" in out and "one-to-one: 'the" in out
    assert not (tmp_path / "out").exists()


def test_a_killed_run_goes_on_to_the_same_bytes(root: Path, tmp_path: Path, run: Run) -> None:
    flags = ["--source", "coco", "--root", root, "--split", "all", "--quiet", "--seed", "3", "--cfg-options"]
    options = ["shard_rows=15", "name=x"]
    code, out, _ = run(tmp_path / "whole", *flags, *options)
    assert code == 0 and "| drawn all | 25 | 25 | 25 |" in out.replace("coco all", "drawn all")
    process = start(tmp_path / "out", *flags, *options)
    table = tmp_path / "out" / "triplets.parquet"
    deadline = time.monotonic() + 60
    while len(list(table.glob("part-*"))) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(list(table.glob("part-*"))) < len(list((tmp_path / "whole" / "triplets.parquet").glob("part-*")))
    code, _, err = run(tmp_path / "out", *flags, *options)
    assert (code, err) == (0, "")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_the_example_configuration_is_understood() -> None:
    from mmengine.config import Config

    from remotesam.data.generation.settings import parse_settings

    settings = parse_settings(Config.fromfile(REPOSITORY / "configs" / "triplets_example.py"))
    assert len(settings.sources) > 5 and settings.evaluation


def test_a_reader_gets_its_options_and_its_own_split(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "classes" / "harbor"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 40)).save(folder / "a.png")
    code, out, _ = run(tmp_path / "out", "--source", "folders", "--root", tmp_path / "classes", "--dry-run")
    assert code == 0 and "classes all: 1 records" in out
    options = ["--option", "splits=here", "--dry-run"]
    code, _, err = run(tmp_path / "out", "--source", "folders", "--root", tmp_path / "classes", *options)
    assert code == 2 and "sources[0].options" in err and "splits" in err
