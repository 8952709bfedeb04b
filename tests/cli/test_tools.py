"""``remotesam info`` and ``remotesam convert-checkpoint``."""

from __future__ import annotations

from pathlib import Path

import pytest

from remotesam import __version__
from tests.cli.conftest import Run


def test_info_names_versions_and_device(run: Run) -> None:
    code, out, _ = run("info")
    assert code == 0
    for word in (__version__, "torch", "device", "precision", "model"):
        assert word in out


@pytest.mark.parametrize(
    ("content", "told"), [(None, "no such file"), (b"", "cannot be read"), (b"x", "cannot be read")]
)
def test_a_bad_published_file_exits_1_and_is_named(run: Run, tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "model.pth"
    if content is not None:
        path.write_bytes(content)
    code, out, err = run("convert-checkpoint", path, tmp_path / "out")
    assert (code, out) == (1, "")
    assert str(path) in err
    assert told in err
    assert not (tmp_path / "out").exists()
