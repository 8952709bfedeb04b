"""``tools/make_scenes.py``: generated scenes as a data set on disk."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from remotesam.data.record_scenes import open_scenes
from remotesam.data.synthetic import generate_scene

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_scenes.py"


def make(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", [str(TOOL), *map(str, arguments)])
    runpy.run_path(str(TOOL), run_name="__main__")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--train", 0], "1 or more"), (["--size", 32], "64 to 1024"), (["--context", "moon"], "invalid choice")],
)
def test_numbers_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list, told: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        make(monkeypatch, tmp_path / "out", *arguments)
    assert stopped.value.code == 2 and told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_set_holds_the_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, tmp_path / "out", "--train", 2, "--val", 1, "--size", 128, "--seed", 5)
    for split, seeds in (("train", (5, 6)), ("val", (7,))):
        scenes = open_scenes("coco", tmp_path / "out", split=split)
        assert len(scenes) == len(seeds)
        for number, seed in enumerate(seeds):
            read, made = scenes.scene(number), generate_scene(seed, size=128)
            assert (read.image == made.image).all()
            assert [mask.tolist() for mask in masks(read)] == [mask.tolist() for mask in masks(made)]


def masks(scene: object) -> list[np.ndarray]:
    found = [(i.category, i.mask(128, 128)) for i in scene.instances]  # type: ignore[attr-defined]
    return sorted((mask for _, mask in found if mask.any()), key=lambda mask: mask.tobytes())
