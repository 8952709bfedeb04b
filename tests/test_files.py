"""Files are whole or not there, and a failure names the file that was asked for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from remotesam.files import atomic_path, write_image, write_json, write_text
from remotesam.images import read_image


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="No space") as caught, atomic_path(path) as temporary:
        temporary.write_text("ha")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interruption_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), atomic_path(tmp_path / "new" / "out.bin") as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("name", ["folder", "file/below.txt"])
def test_a_name_that_is_taken_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OSError) as caught:
        write_text(tmp_path / name, "text")
    assert str(tmp_path) in str(caught.value.filename)
    assert "/.folder-" not in str(caught.value)
    assert "/.below-" not in str(caught.value)


def test_text_and_json_come_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"expression": "左边的船 🚢", "score": 0.5})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").count("左边的船 🚢") == 1
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", float("nan"))
    assert not (tmp_path / "b.json").exists()


def test_a_written_file_has_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("x")
    write_text(tmp_path / "ours.txt", "x")
    assert (tmp_path / "ours.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".bmp", ".webp", ".jpg"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (5, 7, 3)])
def test_images_come_back(tmp_path: Path, suffix: str, shape: tuple[int, ...]) -> None:
    image = np.full(shape, 200, dtype=np.uint8)
    path = tmp_path / f"image{suffix}"
    write_image(path, image)
    np.testing.assert_allclose(read_image(path), read_image(image), atol=2)


@pytest.mark.parametrize(
    ("name", "image", "told"),
    [
        ("a.xyz", np.zeros((2, 2), dtype=np.uint8), "names no image format"),
        ("a", np.zeros((2, 2), dtype=np.uint8), "no extension"),
        ("a.png", np.zeros((2, 2)), "uint8"),
        ("a.png", np.zeros((2, 2, 4), dtype=np.uint8), r"\(2, 2, 4\)"),
    ],
)
def test_images_that_cannot_be_written_are_told(tmp_path: Path, name: str, image: np.ndarray, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        write_image(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []
