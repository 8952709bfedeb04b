"""``remotesam semantic``, ``classify`` and ``caption``: answers about all pixels, and about the whole image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Run
from tests.fakes import three_squares


def test_semantic_lists_categories_with_their_share(run: Run, photo: Path) -> None:
    code, out, _ = run("semantic", photo, "blue", "purple")
    assert code == 0
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["id", "category", "present", "confidence", "share", "area"]
    assert rows == [["1", "blue", "yes", "1.00", "4.2%", "100"], ["2", "purple", "no", "0.00", "0.0%", "0"]]


def test_the_class_map_has_ids_for_pixels(run: Run, photo: Path, tmp_path: Path) -> None:
    assert run("semantic", photo, "green", "purple", "red", "-o", tmp_path / "c.mask.png")[0] == 0
    picture = Image.open(tmp_path / "c.mask.png")
    truth = np.where(three_squares()[:, :, 1] > 0, 1, np.where(three_squares()[:, :, 0] > 0, 3, 0))
    assert picture.mode == "P"
    np.testing.assert_array_equal(np.asarray(picture), truth)


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ([], ["blue", "red"]),
        (["--score-threshold", "0.9"], []),
        (["--score-threshold", "0.9", "--balance", "0"], ["blue", "red"]),
        (["--scene"], ["blue"]),
    ],
)
def test_classify_takes_its_options(run: Run, photo: Path, options: list[str], labels: list[str]) -> None:
    code, out, _ = run("classify", photo, "red", "purple", "blue", "--json", *options)
    assert code == 0
    assert json.loads(out)["labels"] == labels


def test_classify_lists_labels_first(run: Run, photo: Path) -> None:
    _, out, _ = run("classify", photo, "purple", "red", "blue")
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["category", "label", "score"]
    assert rows == [["blue", "yes", "0.52"], ["red", "yes", "0.52"], ["purple", "no", "0.00"]]


def test_caption_is_text(run: Run, photo: Path, tmp_path: Path) -> None:
    code, out, err = run("caption", photo, "red", "blue", "-o", tmp_path / "text.txt")
    assert (code, err) == (0, "")
    text = (tmp_path / "text.txt").read_text()
    assert out == f"{text}wrote {tmp_path / 'text.txt'}\n"
    assert "red" in text
    assert json.loads(run("caption", photo, "red", "blue", "--json")[1])["text"] == text.strip()


def test_captions_differ_by_seed_and_regions_only_when_told(run: Run, photo: Path) -> None:
    def caption(*options: str) -> str:
        return run("caption", photo, "red", "blue", *options)[1]

    assert caption() == caption("--seed", "0", "--regions", "3")
    assert len({caption("--seed", str(seed)) for seed in range(8)}) > 1
