"""``remotesam dataset``: measuring and looking at triplet sets and data sets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam.cli import contact_sheets
from remotesam.data.statistics import record_report, report
from remotesam.data.triplet_set import TripletSet, TripletSetWriter
from tests.cli.conftest import Run
from tests.data_factories.measured import one_row, small_set, write_rows
from tests.data_factories.pictures import save


@pytest.fixture
def triplets(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "set", [one for one in small_set() if one.window is None])


@pytest.fixture
def unplotted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves plots out, which take seconds."""
    for module in (report, record_report):
        monkeypatch.setattr(module, "plot", lambda chart, alternative: "")


def broken(folder: Path, kind: str) -> Path:
    """A folder that is no good set in some way."""
    if kind == "missing":
        return folder / "no such"
    if kind == "no set":
        return folder
    path = write_rows(folder / "bad", [] if kind == "empty" else small_set()[:1])
    if kind == "no shard":
        next((path / "triplets.parquet").glob("*")).unlink()
    if kind == "cut shard":
        shard = next((path / "triplets.parquet").glob("*"))
        shard.write_bytes(shard.read_bytes()[:-9])
    if kind == "damaged shard":
        shard = next((path / "triplets.parquet").glob("*"))
        content = bytearray(shard.read_bytes())
        content[4 : len(content) * 9 // 10] = bytes(len(content) * 9 // 10 - 4)
        shard.write_bytes(content)
    if kind == "version":
        manifest = path / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    return path


@pytest.mark.parametrize("command", ["stats", "show"])
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("missing", "does not exist"),
        ("no set", "is no triplet set"),
        ("empty", ""),
        ("no shard", "is missing"),
        ("cut shard", "the manifest says"),
        ("damaged shard", "part-00000.parquet"),
        ("version", "schema_version is 99"),
    ],
)
def test_a_bad_set_exits_1_and_is_named(run: Run, tmp_path: Path, command: str, kind: str, told: str) -> None:
    folder = broken(tmp_path, kind)
    extra = ["-o", tmp_path / "sheets"] if command == "show" else []
    code, out, err = run("dataset", command, folder, *extra)
    assert (code, out) == (1, "")
    assert str(folder) in err
    assert told in err
    assert not (tmp_path / "sheets").exists()


def test_stats_prints_the_figures(run: Run, triplets: Path) -> None:
    code, out, err = run("dataset", "stats", triplets)
    assert (code, err) == (0, "")
    for told in ("by hand", "one-to-zero", "rrsis-d", "storage tank", "colour", "annotator", "leaf"):
        assert (told in out) == (told not in ("storage tank", "annotator")), told


def test_json_is_a_document_alone(run: Run, triplets: Path) -> None:
    code, out, _ = run("dataset", "stats", triplets, "--json")
    figures = json.loads(out)
    assert code == 0
    assert (figures["samples"], figures["kinds"]["one-to-zero"]) == (6, 2)
    assert figures["attribute_types"]["colour"] == 2
    assert len(figures["attribute_types"]) == 16


def test_a_split_is_measured_alone(run: Run, triplets: Path) -> None:
    _, out, _ = run("dataset", "stats", triplets, "--json", "--split", "val")
    assert json.loads(out)["sources"] == {"rrsis-d": 2}
    code, _, err = run("dataset", "stats", triplets, "--split", "test")
    assert code == 1
    assert "there are train, val" in err


def test_attributes_can_be_found_anew(run: Run, triplets: Path) -> None:
    _, out, _ = run("dataset", "stats", triplets, "--json", "--attributes", "sentences")
    assert json.loads(out)["attribute_values"] == {"colour:white": 2, "position:left": 2, "colour:red": 1}


@pytest.mark.usefixtures("unplotted")
@pytest.mark.parametrize("model", ["none", "remotesam-mini"])
def test_the_report_has_a_map_of_sentences(run: Run, triplets: Path, tmp_path: Path, model: str) -> None:
    pytest.importorskip("sklearn")
    page, figures = tmp_path / "out" / "report.html", tmp_path / "out" / "figures.json"
    code, out, _ = run("dataset", "stats", triplets, "-o", page, "-o", figures, "--model", model)
    assert code == 0
    assert f"wrote {page}" in out
    text = page.read_text(encoding="utf-8")
    assert ("TF-IDF" in text) == (model == "none")
    assert ("text encoder of remotesam-mini" in text) == (model != "none")
    assert json.loads(figures.read_text(encoding="utf-8"))["samples"] == 6
    assert sorted(path.name for path in page.parent.iterdir()) == ["figures.json", "report.html"]


@pytest.mark.usefixtures("unplotted")
def test_without_scikit_learn_the_report_says_why_it_has_no_map(
    run: Run, triplets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    code, _, err = run("dataset", "stats", triplets, "-o", tmp_path / "report.html")
    assert code == 0
    assert "pip install 'remotesam[stats]'" in err
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "remotesam[stats]" in text
    assert "t-SNE of" not in text


def test_an_unfinished_set_is_measured_as_far_as_it_goes(run: Run, tmp_path: Path) -> None:
    writer = TripletSetWriter(tmp_path / "set", settings={}, shard_rows=1)
    writer.add(small_set()[:2])
    writer.close()
    code, out, err = run("dataset", "stats", tmp_path / "set", "--json")
    assert code == 0
    assert "not finished: 2 samples" in err
    assert json.loads(out)["samples"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stats"], "Missing argument"),
        (["stats", "SET", "-o", "report.pdf"], ".html or .json"),
        (["stats", "SET", "--attributes", "words"], "rows"),
        (["stats", "SET", "--points", "-1"], "--points"),
        (["stats", "SET", "--option", "name=x"], "--source"),
        (["stats", "SET", "--source", "folders", "--option", "name"], "NAME=VALUE"),
        (["stats", "SET", "--source", "folders", "--option", "colour=red"], "has split, on_error, lists, name"),
        (["show", "SET"], "--output"),
        (["show", "SET", "-o", "sheets", "--kind", "two"], "one-to-many"),
        (["show", "SET", "-o", "sheets", "-n", "0"], "--count"),
    ],
)
def test_wrong_usage_exits_2(run: Run, arguments: list[str], told: str) -> None:
    code, _, err = run("dataset", *arguments)
    assert code == 2
    assert told in err


def test_a_data_set_is_measured_by_its_reader(run: Run, tmp_path: Path) -> None:
    for name in ("forest/a", "forest/b", "harbor/c"):
        (tmp_path / "scenes" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(tmp_path / "scenes" / f"{name}.png")
    code, out, _ = run("dataset", "stats", "--source", "folders", tmp_path / "scenes", "--json")
    assert code == 0
    figures = json.loads(out)
    assert figures["images"] == 3
    assert figures["image_labels"] == {"forest": 2, "harbor": 1}
    code, out, _ = run("dataset", "stats", "--source", "folders", tmp_path / "scenes", "--option", "name=my scenes")
    assert code == 0
    assert "my scenes" in out
    assert "forest" in out


def test_an_unknown_reader_lists_those_there_are(run: Run, tmp_path: Path) -> None:
    code, _, err = run("dataset", "stats", "--source", "no such", tmp_path)
    assert code == 1
    assert "nwpu-vhr-10" in err


def test_show_draws_every_sample(run: Run, triplets: Path, tmp_path: Path) -> None:
    code, out, err = run("dataset", "show", triplets, "-o", tmp_path / "sheets", "--cell", 64)
    assert code == 0
    assert "6 of 6 samples" in err
    assert out.split() == ["wrote", str(tmp_path / "sheets" / "sheet-001.png")]
    assert Image.open(tmp_path / "sheets" / "sheet-001.png").width > 4 * 64


@pytest.mark.parametrize(
    ("arguments", "fitting"),
    [
        (["--kind", "one-to-zero"], 2),
        (["--category", "Storagetank"], 1),
        (["--category", "SHIPS"], 3),
        (["--source", "rrsis-d"], 2),
        (["--split", "train"], 4),
        (["--split", "train", "--kind", "one-to-one"], 1),
        (["-n", 2], 6),
    ],
)
def test_show_takes_what_was_asked_for(
    run: Run, triplets: Path, tmp_path: Path, arguments: list[object], fitting: int
) -> None:
    code, _, err = run("dataset", "show", triplets, "-o", tmp_path / "sheets", "--cell", 64, *arguments)
    assert code == 0
    assert f"{2 if '-n' in arguments else fitting} of {fitting} samples" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--category", "zeppelin"], "no row has category 'zeppelin'; there are"),
        (["--source", "dior"], "there are dota, rrsis-d"),
        (["--source", "rrsis-d", "--kind", "one-to-many"], "no sample fits"),
        (["--images", "no such folder"], "--images FOLDER"),
    ],
)
def test_show_says_what_there_is_instead(
    run: Run, triplets: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    code, _, err = run("dataset", "show", triplets, "-o", tmp_path / "sheets", *arguments)
    assert code == 1
    assert told in err
    assert not (tmp_path / "sheets").exists()


def test_missing_pictures_are_told_and_the_others_shown(run: Run, triplets: Path, tmp_path: Path) -> None:
    (triplets / "images" / "c.png").unlink()
    code, out, err = run("dataset", "show", triplets, "-o", tmp_path / "sheets", "--cell", 64)
    assert code == 1
    assert "sheet-001.png" in out
    assert "4 of 6 samples" in err
    assert err.count("c.png") == 2


def test_the_same_seed_shows_the_same_samples(tmp_path: Path) -> None:
    rows = [one_row(f"ship {number}", (0, 0, 5, 5)) for number in range(40)]
    triplets = TripletSet(write_rows(tmp_path / "set", rows, shard_rows=7, pictures=False))
    chosen = [contact_sheets.choose_samples(triplets, 10, seed).numbers().tolist() for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert [len(set(numbers)) for numbers in chosen] == [10, 10, 10]
    assert len(contact_sheets.choose_samples(triplets, 99, 0)) == 40


def test_a_mask_is_drawn_where_it_is() -> None:
    picture = np.full((90, 120, 3), 80, np.uint8)
    drawn = contact_sheets.drawn_sample(picture, one_row("ship", (30, 20, 60, 50)))
    changed = (drawn != picture).any(2)
    assert changed[22:48, 32:58].all()
    assert not changed[:15].any()
    assert not changed[:, 70:].any()
    outlined = contact_sheets.drawn_sample(picture, one_row("ship", (30, 20, 60, 50)), filled=False)
    assert (outlined[30:40, 40:50] == picture[30:40, 40:50]).all()
    assert (outlined[20:50, 30] != picture[20:50, 30]).any(1).all()
    assert np.array_equal(contact_sheets.drawn_sample(picture, one_row("ship")), picture)


def test_narrow_pictures_do_not_fill_the_screen(tmp_path: Path) -> None:
    row = one_row("ship", (3, 3, 9, 9))
    narrow = row.of_mask(np.ones((400, 20), bool), **{
        name: getattr(row, name)
        for name in ("image_id", "expression", "kind", "source", "split")
    }, image="images/narrow.png")  # fmt: skip
    folder = write_rows(tmp_path / "set", [row, narrow])
    save(folder / "images" / "narrow.png", np.zeros((400, 20, 3), np.uint8))
    (sheet,) = contact_sheets.contact_sheets(TripletSet(folder), [], cell=64)
    assert sheet.shape[0] < 3 * 64
