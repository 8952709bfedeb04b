"""Many maps take disk, not memory, and leave nothing behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from remotesam.tasks.map_store import MapStore

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc and /dev")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def filled(count: int = 3, *, memory_limit: int = 0) -> np.ndarray:
    store = MapStore((count, 4, 5), memory_limit=memory_limit)
    for number in range(count):
        store.append(np.full((4, 5), number, dtype=np.float32))
    maps = store.array()
    store.close()
    return maps


@pytest.mark.parametrize(("memory_limit", "in_memory"), [(3 * 4 * 5 * 4, True), (3 * 4 * 5 * 4 - 1, False)])
def test_the_limit_decides_where_maps_lie(folder: Path, memory_limit: int, in_memory: bool) -> None:
    maps = filled(memory_limit=memory_limit)
    assert isinstance(maps, np.memmap) != in_memory
    assert (maps.shape, maps.dtype) == ((3, 4, 5), np.float32)
    np.testing.assert_array_equal(maps[:, 3, 4], [0, 1, 2])
    maps[0] = 7  # a copy of its own, which may be changed
    assert maps[0, 0, 0] == 7
    assert list(folder.iterdir()) == [], "the file has no name"


@LINUX
def test_the_file_goes_with_the_array(folder: Path) -> None:
    def mapped() -> bool:
        return str(folder) in Path("/proc/self/maps").read_text()

    maps = filled()
    view = maps[1]
    assert mapped()
    del maps
    assert mapped(), "a view needs it"
    del view
    assert not mapped()


def test_a_disk_with_too_little_room_is_told_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(
        OSError, match=r"1000 probability maps of 1024 x 1024 pixels \(4\.19 GB\).*only 1\.00 GB"
    ) as told:
        MapStore((1000, 1024, 1024))
    assert str(folder) in str(told.value)
    assert "TMPDIR" in str(told.value)


@LINUX
def test_a_disk_that_becomes_full_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: open("/dev/full", "r+b"))  # noqa: SIM115
    store = MapStore((3, 4, 5), memory_limit=0)
    with pytest.raises(OSError, match="No space left on device; let the environment variable TMPDIR") as told:
        store.append(np.zeros((4, 5), dtype=np.float32))
    assert str(folder) in str(told.value)


def test_a_folder_that_cannot_be_written_to_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "nowhere"))
    with pytest.raises(OSError, match=r"cannot keep 3 probability maps.*nowhere"):
        MapStore((3, 4, 5), memory_limit=0)


_MANY = """
import resource, numpy as np
from remotesam.tasks import semantic_map
def maps():
    for number in range(600):
        yield np.full((512, 512), number / 600, dtype=np.float32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = semantic_map(maps(), [f"class {i}" for i in range(600)], memory_limit=2**26)
assert found.classes.min() == 600 and found.probabilities.nbytes == 600 * 2**20
assert abs(float(found.probabilities[300, 5, 5]) - 0.5) < 1e-6
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@LINUX
def test_maps_in_a_file_take_no_memory(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 2**31:
        pytest.skip("needs 0.6 GB of disk")
    run = subprocess.run(
        [sys.executable, "-c", _MANY], capture_output=True, text=True, env={"TMPDIR": str(tmp_path)}, check=False
    )
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 100, "600 MiB of maps, hardly any of it in memory"
