"""RefSegRS and RISBench: a line of text and a mask picture for each image."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remotesam.data.sources import SourceError, open_source
from tests.data_factories.pictures import save, save_noise
from tests.data_factories.referring import HEIGHT, WIDTH, write_phrases

REFSEGRS: dict[str, Any] = {"images": "images", "masks": "masks", "suffix": ".tif", "with_suffix": False}
RISBENCH: dict[str, Any] = {"images": "img_rgb", "masks": "mask", "suffix": ".png", "with_suffix": True}
OTHER_RISBENCH: dict[str, Any] = {"images": "rgb", "masks": "mask", "suffix": ".png", "with_suffix": True}
SETS = [("refsegrs", "", REFSEGRS), ("risbench", "", RISBENCH), ("risbench", "RISBench_dataset", OTHER_RISBENCH)]


@pytest.mark.parametrize(("name", "below", "layout"), SETS)
def test_masks_are_those_drawn(tmp_path: Path, name: str, below: str, layout: dict[str, Any]) -> None:
    drawn = write_phrases(tmp_path / below, **layout)
    for check in (False, True):
        records = open_source(name, tmp_path, on_error="raise", check_masks=check)
        assert records.problems == ()
        assert [record.id for record in records] == ["0", "1"]
        for record in records:
            (expression,) = record.expressions
            mask = record.by_id[expression.targets[0]].mask(*record.size)
            assert (mask == drawn[expression.text]).all()
            assert record.by_id[expression.targets[0]].category == ""


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("2", "format", "no expression"),
        ("1 a vehicle at the bottom", "duplicate", "repeats"),
        ("7 a lost one", "missing", "image is missing"),
    ],
)
def test_bad_lines_are_told(tmp_path: Path, line: str, kind: str, message: str) -> None:
    write_phrases(tmp_path, **REFSEGRS)
    with (tmp_path / "output_phrase_train.txt").open("a") as file:
        file.write(line + "\n")
    records = open_source("refsegrs", tmp_path)
    assert len(records) == 2
    assert [problem.kind for problem in records.problems] == [kind]
    assert message in records.problems[0].message
    with pytest.raises(SourceError, match=message):
        open_source("refsegrs", tmp_path, on_error="raise")


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b"II*\0 no TIFF"), "unreadable"),
        (lambda path: save_noise(path, HEIGHT, WIDTH + 2), "size"),
    ],
)
def test_bad_masks_are_told_without_decoding_any(tmp_path: Path, damage: Callable[[Path], object], kind: str) -> None:
    write_phrases(tmp_path, **REFSEGRS)
    damage(tmp_path / "masks" / "0.tif")
    records = open_source("refsegrs", tmp_path)
    assert [record.id for record in records] == ["1"]
    assert [(problem.kind, problem.item) for problem in records.problems] == [(kind, "0")]
    assert str(tmp_path / "masks" / "0.tif") in records.problems[0].file


def test_empty_and_truncated_masks_are_told_when_checked(tmp_path: Path) -> None:
    write_phrases(tmp_path, **RISBENCH)
    save(tmp_path / "mask" / "0.png", np.zeros((HEIGHT, WIDTH), np.uint8))
    whole = (tmp_path / "mask" / "1.png").read_bytes()
    (tmp_path / "mask" / "1.png").write_bytes(whole[:60])
    assert len(open_source("risbench", tmp_path)) == 2
    records = open_source("risbench", tmp_path, check_masks=True)
    assert [problem.kind for problem in records.problems] == ["area", "unreadable"]
    assert len(records) == 0


def test_several_expressions_of_one_image_share_its_target(tmp_path: Path) -> None:
    write_phrases(tmp_path, **REFSEGRS)
    with (tmp_path / "output_phrase_train.txt").open("a") as file:
        file.write("0 the bridge\n")
    records = open_source("refsegrs", tmp_path)
    assert [e.text for e in records[0].expressions] == ["the road", "the bridge"]
    assert len(records[0].annotations) == 1


@pytest.mark.parametrize(("name", "missing"), [("refsegrs", "images"), ("risbench", "img_rgb, rgb")])
def test_missing_folders_and_splits_are_fatal(tmp_path: Path, name: str, missing: str) -> None:
    with pytest.raises(SourceError, match=missing):
        open_source(name, tmp_path)
    write_phrases(tmp_path, **(REFSEGRS if name == "refsegrs" else RISBENCH))
    with pytest.raises(SourceError, match="no split 'val'; there are 'train'"):
        open_source(name, tmp_path, split="val")
    (tmp_path / "output_phrase_train.txt").write_bytes(b"1 caf\xe9")
    with pytest.raises(SourceError, match="cannot be read"):
        open_source(name, tmp_path)
