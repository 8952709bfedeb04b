"""Images, folders and files of ``-o``, which all commands treat alike."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from remotesam import RemoteSAM
from remotesam.cli.output import console
from tests.cli.conftest import COMMANDS, Run
from tests.fakes import ColourSegmenter, three_squares


@pytest.mark.parametrize("command", COMMANDS)
def test_one_image_in_every_form(run: Run, photo: Path, tmp_path: Path, command: str) -> None:
    question, endings = COMMANDS[command]
    code, out, err = run(command, photo, *question, "--json", "-o", f"{tmp_path}/out/")
    assert (code, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"photo{ending}" for ending in endings]
    document = json.loads(out)
    assert list(document)[:3] == ["image", "height", "width"]
    assert json.loads((tmp_path / "out" / "photo.json").read_text()) == document
    picture = np.asarray(Image.open(tmp_path / "out" / "photo.overlay.png"))
    assert picture.shape[2] == 3
    table = list(csv.DictReader((tmp_path / "out" / "photo.csv").open()))
    assert {row["image"] for row in table} == {"photo.png"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_in_every_form(run: Run, ships: Path, tmp_path: Path, command: str) -> None:
    question, endings = COMMANDS[command]
    code, out, err = run(command, ships, *question, "-o", f"{tmp_path}/out/")
    assert (code, out) == (1, "")
    assert "2 of 3 images done, something found in 1" in err
    names = {path.name for path in (tmp_path / "out").iterdir()}
    gathered = {f"{command}{ending}" for ending in endings if ending in (".csv", ".coco.json")}
    single = {f"{stem}{ending}" for stem in "bc" for ending in endings if ending not in (".csv", ".coco.json")}
    assert names == gathered | single


@pytest.mark.parametrize("command", ["segment", "ground", "detect", "count", "semantic"])
def test_a_coco_file_is_about_all_images_of_a_folder(run: Run, ships: Path, tmp_path: Path, command: str) -> None:
    path = tmp_path / "all.coco.json"
    options = ["--box", "union"] if command == "ground" else []
    assert run(command, ships, "red", *options, "-o", path)[0] == 1
    dataset = COCO(path)
    assert [(image["id"], image["file_name"]) for image in dataset.imgs.values()] == [(2, "b.png"), (3, "c.jpg")]
    assert [category["name"] for category in dataset.cats.values()] == ["red"]
    assert list(dataset.anns) == list(range(1, len(dataset.anns) + 1))
    assert {annotation["image_id"] for annotation in dataset.anns.values()} == {2}
    assert sum(dataset.annToMask(annotation).sum() for annotation in dataset.anns.values()) == 3 * 400


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_is_about_all_images_of_a_folder(run: Run, ships: Path, tmp_path: Path, command: str) -> None:
    assert run(command, ships, *COMMANDS[command][0], "-o", tmp_path / "all.csv")[0] == 1
    rows = list(csv.DictReader((tmp_path / "all.csv").open()))
    assert "b.png" in {row["image"] for row in rows} <= {"b.png", "c.jpg"}
    assert None not in rows[0]


def test_a_folder_of_bad_images_alone_writes_nothing(run: Run, ships: Path, tmp_path: Path) -> None:
    for name in ("b.png", "c.jpg"):
        (ships / name).write_bytes(b"")
    code, _, err = run("count", ships, "red", "-o", tmp_path / "all.csv", "-o", tmp_path / "all.coco.json")
    assert code == 1
    assert "0 of 3 images done" in err
    assert list(tmp_path.iterdir()) == [ships]


def test_an_interrupted_run_exits_130_and_leaves_no_half_table(
    run: Run, ships: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ColourSegmenter.segment

    def interrupted(self: ColourSegmenter, image: np.ndarray, expressions: list[str]) -> np.ndarray:
        if not image.any():
            raise KeyboardInterrupt
        return answer(self, image, expressions)

    monkeypatch.setattr(ColourSegmenter, "segment", interrupted)
    assert run("count", ships, "red", "-o", tmp_path / "all.csv")[0] == 130
    assert list(tmp_path.iterdir()) == [ships]


@pytest.mark.parametrize("name", ["names.json", "b.mask.png"])
def test_what_is_read_is_never_overwritten(run: Run, ships: Path, name: str) -> None:
    (ships / "names.json").write_text('["red"]')
    (ships / "b.mask.png").write_bytes((ships / "b.png").read_bytes())
    before = (ships / name).read_bytes()
    image = ships / "b.mask.png"
    code, _, err = run("semantic", image, "--categories", ships / "names.json", "-o", ships / name)
    assert code == 2
    assert "is what is read" in err.replace("\n", " ")
    assert (ships / name).read_bytes() == before


@pytest.mark.parametrize("target", ["file/out.png", "file/deep/out.csv"])
def test_what_cannot_be_written_is_told_before_the_model_is_loaded(
    run: Run, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    monkeypatch.setattr(RemoteSAM, "from_pretrained", None)
    code, _, err = run("detect", photo, "red", "-o", tmp_path / target)
    assert code == 1
    assert f"{tmp_path / target}: Not a directory" in err


def test_a_folder_goes_on_past_bad_files_and_lists_them(run: Run, folder: Path, tmp_path: Path) -> None:
    code, _, err = run("segment", folder, "red", "-o", f"{tmp_path}/out/")
    assert code == 1
    assert "1 of 4 images done" in err
    assert "3 failed" in err
    for name in ("empty.jpg", "text.tif", "cut.png"):
        assert str(folder / name) in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "good.json",
        "good.mask.png",
        "good.overlay.png",
        "segment.coco.json",
        "segment.csv",
    ]


def test_a_folder_of_good_files_exits_0_and_its_answers_are_not_asked_again(run: Run, folder: Path) -> None:
    for name in ("empty.jpg", "text.tif", "cut.png"):
        (folder / name).unlink()
    for _ in range(2):
        code, _, err = run("segment", folder, "red", "--recursive", "-o", folder / "out")
        assert code == 0
        assert "2 of 2 images done, something found in 2" in err
    assert (folder / "out" / "below" / "deep.mask.png").exists()


def test_names_that_are_no_utf8_are_no_obstacle(run: Run, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "in")
    os.mkdir(folder)
    try:
        Image.fromarray(three_squares()).save(tmp_path / "a.png")
        os.replace(tmp_path / "a.png", folder + b"/caf\xe9.png")
        with open(folder + b"/caf\xe8.png", "wb"):
            pass
    except OSError:
        pytest.skip("the file system takes valid names only")
    code, out, err = run("segment", tmp_path / "in", "red", "--json", "-o", tmp_path / "out")
    assert code == 1
    assert "1 of 2 images" in err
    assert json.loads(out)["results"][0]["area"] == 100


def test_the_folder_above_takes_the_answers(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    code, _, err = run("segment", "photos", "red", "-o", ".")
    assert code == 1
    assert "1 of 4 images" in err
    assert (folder.parent / "good.json").exists()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")])
def test_a_folder_goes_on_past_an_image_too_large_for_memory(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    answer = ColourSegmenter.segment

    def short_of_memory(self: ColourSegmenter, image: np.ndarray, expressions: list[str]) -> np.ndarray:
        if image.max() == 255:
            raise error
        return answer(self, image, expressions)

    Image.fromarray(three_squares() // 2).save(folder / "other.png")
    monkeypatch.setattr(ColourSegmenter, "segment", short_of_memory)
    code, _, err = run("segment", folder, "red")
    assert code == 1
    assert "1 of 5 images" in err
    assert f"{folder / 'good.png'}: not enough memory" in err
    code, _, err = run("segment", folder / "good.png", "red")
    assert code == 1
    assert "not enough memory" in err


def test_a_folder_as_json_has_a_line_for_each_image(run: Run, folder: Path) -> None:
    code, out, _ = run("segment", folder, "red", "-r", "--json")
    assert code == 1
    documents = [json.loads(line) for line in out.splitlines()]
    assert [Path(document["image"]).name for document in documents] == ["deep.png", "good.png"]


def test_json_goes_to_a_file_also_where_a_terminal_shows_the_progress(
    run: Run, ships: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # to rich: everything is a terminal
    console.cache_clear()
    try:
        _, out, err = run("count", ships, "red", "--json")
    finally:
        console.cache_clear()
    assert "\x1b[" in err
    assert [json.loads(line)["counts"] for line in out.splitlines()] == [{"red": 3}, {"red": 0}]


def test_images_of_one_name_do_not_overwrite_each_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for suffix in (".png", ".bmp", ".jpg"):
        Image.fromarray(three_squares()).save(tmp_path / "in" / f"a{suffix}")
    assert run("segment", tmp_path / "in", "red", "-o", tmp_path / "out")[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("a*.json")) == [
        "a.bmp.json",
        "a.jpg.json",
        "a.png.json",
    ]


def test_a_folder_without_images_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("segment", tmp_path, "red")
    assert code == 1
    assert f"{tmp_path}: no images" in err
    assert "--recursive" in err


@pytest.mark.parametrize("name", ["out.png", "out.json", "out.mask.png", "out/"])
def test_a_full_disk_exits_1_names_the_file_and_leaves_nothing(
    run: Run, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    (tmp_path / "new").mkdir()
    code, _, err = run("segment", photo, "red", "-o", f"{tmp_path}/new/{name}")
    assert code == 1
    assert f"{tmp_path}/new/out" in err or f"{tmp_path}/new/{name}" in err
    assert "No space left" in err
    assert "free some space" in err
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == []


def test_a_folder_run_stops_when_nothing_can_be_written(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    code, _, err = run("segment", folder, "red", "-o", f"{tmp_path}/out/")
    assert code == 1
    assert f"{tmp_path}/out" in err
