"""What holds for every command: usage, exit codes, errors without tracebacks, and quick help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from remotesam import __version__
from remotesam.cli import main
from tests.cli.conftest import COMMANDS, Run
from tests.fakes import ColourSegmenter


@pytest.mark.parametrize(
    "arguments",
    [
        ["segment"],
        ["segment", "photo.png"],
        ["segment", "photo.png", ""],
        ["segment", "red", "photo.png"],
        ["segment", "photo.png", "photo.png"],
        ["segment", "photo.png", "red", "  "],
        ["segment", "photo.png", "red", "-o", "out.docx"],
        ["segment", "photo.png", "red", "-o", "photo.png"],
        ["segment", "photo.png", "red", "--threshold", "2"],
        ["segment", "photo.png", "red", "--threshold", "high"],
        ["segment", "photo.png", "red", "--max-batch", "0"],
        ["segment", "photo.png", "red", "--precision", "int8"],
        ["segment", "photo.png", "red", "--nonsense"],
        ["segment", ".", "red", "-o", "out.png"],
        ["segment", ".", "red", "-o", "."],
        ["segment", ".", "red", "-o", "out.json"],
        ["segment", "photo.png", "red", "-o", "out.txt"],
        ["segment", "photo.png", "red", "-o", ""],
        ["detect", "photo.png"],
        ["detect", "photo.png", ""],
        ["detect", "photo.png", "red", " Red "],
        ["detect", "red", "photo.png"],
        ["detect", "photo.png", "photo.png", "red"],
        ["detect", "photo.png", "red", "--min-area", "0"],
        ["detect", "photo.png", "red", "--contours", "sobel"],
        ["detect", "photo.png", "red", "--contour-mode", "eroded"],
        ["detect", "photo.png", "red", "--contour-threshold", "1.5"],
        ["detect", "photo.png", "red", "-o", "photo.mask.png"],
        ["count", "photo.png"],
        ["ground", "photo.png"],
        ["ground", "photo.png", " "],
        ["ground", "photo.png", "the", "red", "one"],
        ["ground", "photo.png", "red", "--box", "all"],
        ["classify", "photo.png", "red", "--balance", "-1"],
        ["classify", "photo.png", "red", "-o", "out.coco.json"],
        ["caption", "photo.png", "red", "--regions", "4"],
        ["semantic", "photo.png"],
        ["demo", "-o", "photo.png"],
        ["demo", "--seed", "-1"],
        ["convert-checkpoint", "photo.png"],
        ["convert-checkpoint", "photo.png", "photo.png"],
        ["unknown"],
    ],
)
def test_wrong_usage_exits_2_and_says_why(
    run: Run, photo: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(photo.parent)
    before = photo.read_bytes()
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "Error" in err
    assert list(photo.parent.iterdir()) == [photo]
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no such file"),
        (b"", "0 bytes"),
        (b"nonsense", "not an image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "again"),
    ],
)
def test_a_bad_image_exits_1_and_is_named(run: Run, tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "bad [bold].png"  # brackets are markup to rich
    if content is not None:
        path.write_bytes(content)
    code, out, err = run("segment", path, "red", "-o", tmp_path / "out.png", "--json")
    assert (code, out) == (1, "")
    assert str(path) in err
    assert told in err
    assert not (tmp_path / "out.png").exists()


def test_an_unforeseen_error_has_no_traceback_unless_asked(
    run: Run, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(ColourSegmenter, "segment", broken)
    code, _, err = run("segment", photo, "red")
    assert code == 1
    assert "surprise" in err
    assert "--debug" in err
    with pytest.raises(KeyError, match="surprise"):
        main(["--debug", "segment", str(photo), "red"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_its_help_with_an_example(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"remotesam {command} photo" in out
    assert "--output" in out


def test_the_help_lists_every_command(run: Run) -> None:
    out = run("--help")[1]
    listed = [line.split()[1] for line in out.splitlines() if line.startswith("│")]
    assert [word for word in listed if word in COMMANDS] == list(COMMANDS)


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"remotesam {__version__}\n", "")


def test_a_missing_model_exits_1(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["segment", str(photo), "red", "--model", "no-such-model"])
    assert stopped.value.code == 1
    assert "'no-such-model': no such model" in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from remotesam.cli import main\n"
        "try: main(['detect', '--help'])\n"
        "except SystemExit as stopped: assert not stopped.code\n"
        "heavy = {'torch', 'numpy', 'cv2', 'transformers', 'supervision', 'skimage'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
