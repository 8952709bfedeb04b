import struct
import zlib
from pathlib import Path

import pytest

from remotesam.data.sources.headers import image_size
from tests.data_factories.objects import draw


def test_scenes_too_large_for_pillow_have_a_size(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 29200, 27620, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    path = tmp_path / "P9000.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)))
    with path.open("ab") as file:
        file.write(struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))
    assert image_size(path) == (27620, 29200)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
def test_the_size_is_height_and_width(tmp_path: Path, suffix: str) -> None:
    draw(tmp_path / f"image{suffix}", (30, 50))
    assert image_size(tmp_path / f"image{suffix}") == (30, 50)


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("name", ["image.png", "image.tif"])
def test_what_is_no_image_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(OSError):
        image_size(tmp_path / name)
