"""``remotesam segment``: a mask for each sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from tests.cli.conftest import Run
from tests.fakes import three_squares


def test_a_sentence_of_10000_characters_is_answered(run: Run, photo: Path, tmp_path: Path) -> None:
    code, out, _ = run("segment", photo, "red " * 2500, "-o", tmp_path / "out.png")
    assert code == 0
    assert "100" in out
    assert len(out) < 3000


def test_a_table_answers_each_sentence(run: Run, photo: Path) -> None:
    code, out, err = run("segment", photo, "the red one", "a purple one")
    assert (code, err) == (0, "")
    assert [line.split()[-3:] for line in out.splitlines()[1:]] == [["yes", "1.00", "100"], ["no", "0.00", "0"]]


def test_json_is_one_document_on_standard_output(run: Run, photo: Path) -> None:
    code, out, err = run("segment", photo, "red", "purple 左 🚢", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["image"], document["height"], document["width"]) == (str(photo), 40, 60)
    assert [r["present"] for r in document["results"]] == [True, False]
    assert document["results"][1]["expression"] == "purple 左 🚢"
    np.testing.assert_array_equal(coco_mask.decode(document["results"][0]["rle"]), three_squares()[:, :, 0] > 0)


def test_outputs_by_extension(run: Run, photo: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "deep" / name for name in ("a.png", "b.JPG", "c.mask.png", "d.json")]
    code, out, _ = run("segment", photo, "red", *(part for path in outputs for part in ("-o", path)))
    assert code == 0
    assert all(f"wrote {path}" in out for path in outputs)
    for path in outputs[:2]:
        assert np.asarray(Image.open(path)).shape[2] == 3
    np.testing.assert_array_equal(np.asarray(Image.open(outputs[2])), three_squares()[:, :, 0])
    assert json.loads(outputs[3].read_text())["results"][0]["area"] == 100


def test_several_sentences_give_a_mask_each(run: Run, photo: Path, tmp_path: Path) -> None:
    assert run("segment", photo, "red", "purple", "blue", "-o", tmp_path / "m.mask.png")[0] == 0
    masks = [np.asarray(Image.open(tmp_path / f"m.{number}.mask.png")) for number in (1, 2, 3)]
    assert [int((mask == 255).sum()) for mask in masks] == [100, 0, 100]
    assert not (tmp_path / "m.mask.png").exists()


def test_thresholds_reach_the_model(run: Run, photo: Path, tmp_path: Path) -> None:
    dim = tmp_path / "dim.png"
    Image.fromarray(three_squares() // 2).save(dim)
    assert "no" in run("segment", dim, "red")[1].split()
    assert "yes" in run("segment", dim, "red", "--threshold", "0.4")[1].split()
    assert "no" in run("segment", dim, "red", "--threshold", "0.4", "--presence-threshold", "0.9")[1].split()


def test_a_real_checkpoint_through_a_new_process(photo: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "remotesam", "segment", str(photo), "all ships", "the plane"]
    options = ["--model", str(tiny_checkpoint), "--json", "-o", str(tmp_path / "out.png")]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [r["rle"]["size"] for r in json.loads(done.stdout)["results"]] == [[40, 60], [40, 60]]
    assert (tmp_path / "out.png").stat().st_size > 0
