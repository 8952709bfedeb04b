"""A command line whose model finds red, green and blue, and images to ask about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam import RemoteSAM
from remotesam.cli import main
from tests.fakes import ColourSegmenter, three_squares

Run = Callable[..., tuple[int, str, str]]

# Command -> a question to the model below, and the endings of the files in a folder that -o names.
COMMANDS = {
    "segment": (["the red one"], [".coco.json", ".csv", ".json", ".mask.png", ".overlay.png"]),
    "ground": (["the red one"], [".coco.json", ".csv", ".json", ".overlay.png"]),
    "detect": (["red", "purple"], [".coco.json", ".csv", ".json", ".overlay.png"]),
    "count": (["red", "purple"], [".coco.json", ".csv", ".json", ".overlay.png"]),
    "semantic": (["red", "purple"], [".coco.json", ".csv", ".json", ".mask.png", ".overlay.png"]),
    "classify": (["red", "purple"], [".csv", ".json", ".overlay.png"]),
    "caption": (["red", "purple"], [".csv", ".json", ".overlay.png", ".txt"]),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with the colour segmenter for a model: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def load(name: str, **options: object) -> RemoteSAM:
        thresholds = {key: options.get(key) for key in ("threshold", "presence_threshold")}
        return RemoteSAM(ColourSegmenter(), **thresholds)  # type: ignore[arg-type]

    monkeypatch.setattr(RemoteSAM, "from_pretrained", load)

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        code = stopped.value.code
        return (code if isinstance(code, int) else 0), captured.out, captured.err

    return call


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """An image of a red, a green and a blue square of 100 pixels each."""
    path = tmp_path / "photo.png"
    Image.fromarray(three_squares()).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good images, one of them in a folder below, and four bad ones."""
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    Image.fromarray(three_squares()).save(folder / "good.png")
    Image.fromarray(three_squares()).save(folder / "below" / "deep.png")
    (folder / "empty.jpg").touch()
    (folder / "text.tif").write_text("no image")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:60])
    (folder / ".hidden.png").touch()
    (folder / "notes.txt").write_text("no image, and not named like one")
    return folder


@pytest.fixture
def ships(tmp_path: Path) -> Path:
    """A folder of two images and one that is none: b.png has three red squares, c.jpg nothing, a.png is empty."""
    folder = tmp_path / "ships"
    folder.mkdir()
    image = np.zeros((60, 90, 3), dtype=np.uint8)
    for left in (5, 35, 65):
        image[20:40, left : left + 20, 0] = 255
    Image.fromarray(image).save(folder / "b.png")
    Image.fromarray(image * 0).save(folder / "c.jpg")
    (folder / "a.png").touch()
    return folder
