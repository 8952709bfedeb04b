"""The options for speed and accuracy reach the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remotesam import RemoteSAM
from tests.fakes import ColourSegmenter


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {"preset": None, "size": None, "tiles": None, "flips": None}),
        (["--fast"], {"preset": "fast"}),
        (["--accurate", "--no-flips"], {"preset": "accurate", "flips": False}),
        (["--size", "640", "--tiles", "--flips"], {"preset": None, "size": 640, "tiles": True, "flips": True}),
    ],
)
def test_choices_reach_the_model(
    run: Callable[..., Any], photo: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], expected: dict[str, Any]
) -> None:
    given: dict[str, Any] = {}

    def load(name: str, **choices: Any) -> RemoteSAM:
        given.update(choices)
        return RemoteSAM(ColourSegmenter())

    monkeypatch.setattr(RemoteSAM, "from_pretrained", load)
    code, _, _ = run("segment", photo, "the red one", *options)
    assert code == 0
    assert given.items() >= expected.items()


@pytest.mark.parametrize(("options", "told"), [(["--fast", "--accurate"], "choose one"), (["--size", "8"], "32")])
def test_impossible_choices_are_told(run: Callable[..., Any], photo: Path, options: list[str], told: str) -> None:
    code, _, error = run("segment", photo, "the red one", *options)
    assert code == 2
    assert told in error
