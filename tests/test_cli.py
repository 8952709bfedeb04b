"""The command line: what it prints and writes, its exit codes, and that users never see a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from remotesam import RemoteSAM, __version__
from remotesam.cli import main
from tests.fakes import ColourSegmenter, three_squares

Run = Callable[..., tuple[int, str, str]]


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["segment"],
        ["segment", "photo.png"],
        ["segment", "photo.png", ""],
        ["segment", "red", "photo.png"],
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


def test_a_folder_goes_on_past_bad_files_and_lists_them(run: Run, folder: Path, tmp_path: Path) -> None:
    code, _, err = run("segment", folder, "red", "-o", f"{tmp_path}/out/")
    assert code == 1
    assert "1 of 4 images segmented" in err
    assert "3 failed" in err
    for name in ("empty.jpg", "text.tif", "cut.png"):
        assert str(folder / name) in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "good.json",
        "good.mask.png",
        "good.overlay.png",
    ]


def test_a_folder_of_good_files_exits_0_and_its_answers_are_not_asked_again(run: Run, folder: Path) -> None:
    for name in ("empty.jpg", "text.tif", "cut.png"):
        (folder / name).unlink()
    for _ in range(2):
        code, _, err = run("segment", folder, "red", "--recursive", "-o", folder / "out")
        assert code == 0
        assert "2 of 2 images segmented, something found in 2" in err
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


def test_images_of_one_name_do_not_overwrite_each_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for suffix in (".png", ".bmp", ".jpg"):
        Image.fromarray(three_squares()).save(tmp_path / "in" / f"a{suffix}")
    assert run("segment", tmp_path / "in", "red", "-o", tmp_path / "out")[0] == 0
    assert len(list((tmp_path / "out").glob("*.json"))) == 3


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


def test_thresholds_reach_the_model(run: Run, photo: Path, tmp_path: Path) -> None:
    dim = tmp_path / "dim.png"
    Image.fromarray(three_squares() // 2).save(dim)
    assert "no" in run("segment", dim, "red")[1].split()
    assert "yes" in run("segment", dim, "red", "--threshold", "0.4")[1].split()
    assert "no" in run("segment", dim, "red", "--threshold", "0.4", "--presence-threshold", "0.9")[1].split()


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


def test_info_names_versions_and_device(run: Run) -> None:
    code, out, _ = run("info")
    assert code == 0
    for word in (__version__, "torch", "device", "precision", "model"):
        assert word in out


@pytest.mark.parametrize(
    ("content", "told"), [(None, "no such file"), (b"", "cannot be read"), (b"x", "cannot be read")]
)
def test_a_bad_published_file_exits_1_and_is_named(run: Run, tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "model.pth"
    if content is not None:
        path.write_bytes(content)
    code, out, err = run("convert-checkpoint", path, tmp_path / "out")
    assert (code, out) == (1, "")
    assert str(path) in err
    assert told in err
    assert not (tmp_path / "out").exists()


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"remotesam {__version__}\n", "")


def test_a_real_checkpoint_through_a_new_process(photo: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "remotesam", "segment", str(photo), "all ships", "the plane"]
    options = ["--model", str(tiny_checkpoint), "--json", "-o", str(tmp_path / "out.png")]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [r["rle"]["size"] for r in json.loads(done.stdout)["results"]] == [[40, 60], [40, 60]]
    assert (tmp_path / "out.png").stat().st_size > 0


def test_a_missing_model_exits_1(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["segment", str(photo), "red", "--model", "no-such-model"])
    assert stopped.value.code == 1
    assert "'no-such-model': no such model" in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from remotesam.cli import main\n"
        "try: main(['segment', '--help'])\n"
        "except SystemExit as stopped: assert not stopped.code\n"
        "heavy = {'torch', 'numpy', 'cv2', 'transformers', 'supervision', 'skimage'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
