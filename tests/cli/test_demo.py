"""``remotesam demo``: pictures of a generated scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run


def test_demo_writes_pictures_and_says_where(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("demo", "-o", tmp_path / "demo", "--seed", "3")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "answers.png",
        "overlay.png",
        "results.json",
        "scene.png",
    ]
    assert str(tmp_path / "demo" / "answers.png") in out
    assert "rightly nothing" in out  # the colour segmenter finds no category, so the absent one is right
    assert "missed" in out


@pytest.mark.parametrize("seed", range(6))
def test_demo_asks_about_things_that_are_there_and_one_that_is_not(seed: int) -> None:
    from remotesam.cli.demo import demo_questions
    from remotesam.data.synthetic import generate_scene

    scene = generate_scene(seed, size=256)
    questions = demo_questions(scene)
    empty = [sentence for sentence, mask in questions.items() if not mask.any()]
    assert len(empty) == 1
    assert list(questions)[-1] == empty[0]
    assert all(mask.shape == (256, 256) and mask.dtype == np.bool_ for mask in questions.values())
