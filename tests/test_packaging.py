"""What a clone and an installed copy must keep true: light imports, declared dependencies, no file left out."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import remotesam

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CODE = ("remotesam", "tools", "benchmarks", "configs", "tests")
HEAVY = ("torch", "torchvision", "transformers", "timm", "cv2", "skimage", "supervision", "mmengine", "accelerate")

# Distribution -> the module it is imported as, where the names differ.
MODULES = {
    "opencv-python": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "mmcv-lite": "mmcv",
    "mmsegmentation": "mmseg",
    "python-multipart": "multipart",
}
# Declared although no file of ours imports it.
NOT_IMPORTED = {
    "torchvision": "timm imports it; named here so that pip chooses it and torch together",
    "tensorboard": "torch.utils.tensorboard writes through it",
    "mmcv-lite": "mmsegmentation imports it and does not declare it",
    "uvicorn": "runs the server",
    "python-multipart": "fastapi reads uploaded forms with it",
    "pytest-xdist": "adds -n to pytest",
    "ruff": "a command",
    "mypy": "a command",
    "pre-commit": "a command",
    "fastapi": "extra serve, named ahead of the code that serves",
}


def distribution(requirement: str) -> str:
    """Returns the lower-case distribution name of a requirement such as ``"torch>=2.6"``."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def module_of(name: str) -> str:
    """Returns the name under which a distribution is imported."""
    return MODULES.get(name, name.replace("-", "_"))


DEPENDENCIES = [distribution(r) for r in PROJECT["dependencies"]]
EXTRAS = {extra: [distribution(r) for r in rs] for extra, rs in PROJECT["optional-dependencies"].items()}


@functools.cache
def imported_modules(folder: str) -> dict[str, str]:
    """Returns the top-level modules that the files of a folder import, each with one file that does."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip":
                names = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    return found


def tracked_files() -> list[Path]:
    """Returns the files under version control, none outside a clone."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_version_is_the_same_everywhere() -> None:
    assert remotesam.__version__ == PROJECT["version"] == importlib.metadata.version("remotesam")


def test_public_names_exist() -> None:
    for name in remotesam.__all__:
        assert getattr(remotesam, name) is not None


@pytest.mark.parametrize(
    "code",
    [
        "import remotesam",
        "import sys; sys.argv = ['remotesam', '--help']\n"
        "from remotesam.cli import main\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code",
    ],
    ids=["import", "help"],
)
def test_starts_fast_and_loads_nothing_heavy(code: str) -> None:
    # Processor time, not the clock: other processes may own the cores.
    probe = (
        f"{code}\nimport sys, time\nprint()\nprint(time.process_time(), *(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = run_python(probe)
    assert done.returncode == 0, done.stderr
    seconds, *loaded = done.stdout.splitlines()[-1].split()
    assert not loaded
    assert float(seconds) < 0.5


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "remotesam").rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
    assert (ROOT / "remotesam" / "py.typed").is_file()


@pytest.mark.parametrize("config", sorted(path.name for path in (ROOT / "configs").glob("*.py")))
def test_configuration_loads(config: str) -> None:
    from mmengine.config import Config

    assert len(Config.fromfile(ROOT / "configs" / config)) > 0


@pytest.mark.parametrize("name", [*DEPENDENCIES, *(name for names in EXTRAS.values() for name in names)])
def test_declared_dependency_is_used(name: str) -> None:
    folders = ("remotesam", "tools") if name in DEPENDENCIES else CODE
    used = module_of(name) in {module for folder in folders for module in imported_modules(folder)}
    assert used != (name in NOT_IMPORTED), f"{name}: import it, drop it, or name the reason in NOT_IMPORTED"


@pytest.mark.parametrize("folder", CODE)
def test_imported_module_is_declared(folder: str) -> None:
    allowed = {"remotesam", "tests", "tools", *sys.stdlib_module_names, *map(module_of, DEPENDENCIES)}
    extras = EXTRAS if folder in ("tests", "benchmarks") else {k: v for k, v in EXTRAS.items() if k != "dev"}
    allowed |= {module_of(name) for names in extras.values() for name in names}
    allowed |= {path.stem for path in (ROOT / folder).glob("*.py")}  # scripts share helpers with their neighbours
    assert {module: path for module, path in imported_modules(folder).items() if module not in allowed} == {}


def test_no_path_of_one_machine_is_tracked() -> None:
    files = tracked_files()
    if not files:
        pytest.skip("not a git clone")
    pattern = re.compile(rb"(?<![\w.:/~-])/(?:root|home|Users|work|mnt)/\w|[A-Z]:\\Users\\")
    found = []
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found += [f"{path.relative_to(ROOT)}: {match.group()!r}" for match in pattern.finditer(content)]
    assert found == []


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("installed", "target"), [(False, "test"), (False, "demo"), (True, "test"), (True, "demo")])
def test_make_installs_once(installed: bool, target: str, tmp_path: Path) -> None:
    if installed:
        (tmp_path / ".installed").touch()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        ["make", "-n", target, f"VENV={tmp_path}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("pip install" in done.stdout) != installed
