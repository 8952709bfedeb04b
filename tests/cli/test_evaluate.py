"""``remotesam evaluate`` and ``remotesam report``; ``tools/test.py`` is run by the tests of the harness."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remotesam.cli import main
from tests.cli.conftest import Run
from tests.conftest import TINY_NETWORK
from tests.evaluation.coloured import write_coloured


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A COCO file of coloured rectangles, all of which the model of ``run`` finds."""
    return write_coloured(tmp_path / "data")


def test_a_model_is_measured_and_the_figures_are_told(run: Run, coco: Path, tmp_path: Path) -> None:
    code, out, err = run("evaluate", "--task", "cnt", "--data", coco, "-o", tmp_path / "dump", "--gallery", 1)
    assert (code, err) == (0, "")
    assert "cnt on instances_val val: 5 images, 5 samples" in out
    assert "trained on NWPU VHR-10" in out and "no object discarded by its size" in out
    assert ["accuracy", "100.00"] in [line.split() for line in out.splitlines()]
    assert (tmp_path / "dump" / "gallery" / "best.jpg").is_file()
    summary = json.loads((tmp_path / "dump" / "summary.json").read_text())
    assert summary["model"]["files"].keys() >= {"config.json", "model.safetensors"}
    assert summary["figures"]["accuracy"] == 1


def test_json_is_the_summary(run: Run, coco: Path, tmp_path: Path) -> None:
    code, out, _ = run("evaluate", "-t", "mlc", "-d", coco, "-o", tmp_path / "dump", "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "dump" / "summary.json").read_text())


def test_the_folder_is_named_by_what_is_measured(run: Run, coco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(coco.parent)
    assert run("evaluate", "-t", "det", "-d", coco.name, "--metric", "det-f1", "--name", "My Model")[0] == 0
    assert (coco.parent / "runs/evaluation/det-instances_val-val-my-model-det-f1/summary.json").is_file()


def test_predictions_of_coco_are_scored_without_a_model(run: Run, coco: Path, tmp_path: Path) -> None:
    annotations = json.loads(coco.read_text())["annotations"]
    records = [{key: one[key] for key in ("image_id", "category_id", "bbox")} | {"score": 0.9} for one in annotations]
    results = tmp_path / "results.json"
    results.write_text(json.dumps(records))
    code, out, err = run("evaluate", "-t", "det", "-d", coco, "--predictions", results, "-o", tmp_path / "dump")
    assert (code, err) == (0, "")
    assert ["AP50", "100.00"] in [line.split() for line in out.splitlines()]
    assert "predictions results (results.json, " in out


def test_predictions_with_wrong_samples_are_refused_by_name(run: Run, coco: Path, tmp_path: Path) -> None:
    path = tmp_path / "counts.jsonl"
    path.write_text("".join(json.dumps({"id": name, "counts": {}}) + "\n" for name in ("1", "2", "2", "3", "9")))
    wanted = ("evaluate", "-t", "cnt", "-d", coco, "--predictions", path, "-o", tmp_path / "dump")
    code, out, err = run(*wanted)
    assert (code, out) == (1, "")
    assert "more than one prediction: '2'" in err and "unknown to the data: '9'" in err
    assert "2 of 5 samples have no prediction: '4', '5'" in err
    path.write_text("".join(json.dumps({"id": name, "counts": {}}) + "\n" for name in ("1", "2", "3")))
    code, out, err = run(*wanted, "--allow-missing")
    assert code == 0
    assert "2 samples without a prediction count as answered with nothing: 4, 5" in out


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["-t", "cap"], 1, "does not support the task 'cap': it has no captions; it supports ref, seg, det, vg, cnt"),
        (["-t", "fly"], 2, "'fly' is not one of 'ref'"),
        (["-t", "ref", "--allow-missing"], 2, "goes with --predictions"),
        (["-t", "ref", "--predictions", "nowhere.jsonl"], 1, "nowhere.jsonl: no such file of predictions"),
        (["-t", "ref", "--protocol", "reference"], 1, "needs --size"),
        (["-t", "det", "--protocol", "reference", "--size", "8"], 1, "the task 'det' has one protocol"),
        (["-t", "det", "--data-option", "form"], 2, "'form' is not NAME=VALUE"),
        (["-t", "det", "--data-option", "form=x"], 1, "does not take the options ['form']"),
        (["-t", "det", "--checkpoint", "state.pt"], 2, "needs --config"),
    ],
)
def test_mistakes_are_told(run: Run, coco: Path, tmp_path: Path, options: list[str], code: int, told: str) -> None:
    found, out, err = run("evaluate", "-d", coco, "-o", tmp_path / "dump", *options)
    assert (found, out) == (code, "")
    assert told in " ".join(err.replace("│", " ").split())


def test_data_that_are_not_there_are_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("evaluate", "-t", "det", "-d", "nwpu-vhr-10", "--root", tmp_path / "none")
    assert code == 1 and "none" in err
    assert "unknown data 'nwpu'" in run("evaluate", "-t", "det", "-d", "nwpu")[2]


def test_a_report_of_two_systems(run: Run, coco: Path, tmp_path: Path) -> None:
    for name, options in (("a", []), ("b", ["--threshold", "1"])):
        assert run("evaluate", "-t", "cnt", "-d", coco, "--name", name, "-o", tmp_path / name, *options)[0] == 0
    code, out, err = run("report", tmp_path / "a", tmp_path / "b", "--draws", 10)
    assert (code, err) == (0, "")
    assert "b against a" in out and "worse on 80.0%" in out
    code, out, _ = run("report", tmp_path / "a", tmp_path / "b", "--draws", 10, "-o", tmp_path / "report")
    assert code == 0
    text = (tmp_path / "report" / "report.md").read_text()
    assert "### b against a" in text and (tmp_path / "report" / "report.html").is_file()


def test_plots_stand_beside_the_report(run: Run, coco: Path, tmp_path: Path) -> None:
    assert run("evaluate", "-t", "ref", "-d", coco, "-o", tmp_path / "dump")[0] == 0
    assert run("report", tmp_path / "dump", "--draws", 5, "-o", tmp_path / "r.md")[0] == 0
    assert "](plots/01/sweep.png)" in (tmp_path / "r.md").read_text()
    assert (tmp_path / "plots" / "01" / "sweep.png").is_file()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["nowhere"], 1, "nowhere: has no summary.json"),
        (["nowhere", "-o", "report.pdf"], 2, "written as .md or .html"),
        (["nowhere", "-o", "r.md", "-o", "r.md"], 2, "is named twice"),
        ([], 2, "Missing argument"),
    ],
)
def test_mistakes_about_reports_are_told(run: Run, options: list[str], code: int, told: str) -> None:
    found, out, err = run("report", *options)
    assert (found, out) == (code, "")
    assert told in " ".join(err.replace("│", " ").split())


def test_a_training_state_is_measured_with_its_configuration(
    coco: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    from remotesam.networks import build_network
    from remotesam.training.checkpoint import FORMAT

    torch.save({"format": FORMAT, "network": build_network(TINY_NETWORK).state_dict(), "ema": None}, tmp_path / "s.pt")
    fields = {
        "network": TINY_NETWORK,
        "tokenizer": str(tiny_checkpoint),
        "work_dir": str(tmp_path),
        "data": {"train": {"sources": [{"type": "synthetic"}], "size": 64, "sentences": 1, "length": 1}, "val": None},
        "max_steps": 1,
        "batch_size": 1,
    }
    config = tmp_path / "config.py"
    config.write_text("".join(f"{name} = {value!r}\n" for name, value in fields.items()))
    command = ["evaluate", "--task", "mlc", "--data", str(coco), "--limit", "1", "--device", "cpu"]
    command += ["--config", str(config), "--out", str(tmp_path / "dump"), "--checkpoint"]
    with pytest.raises(SystemExit) as stopped:
        main([*command, str(tmp_path / "s.pt")])
    assert stopped.value.code == 0, capsys.readouterr().err
    summary = json.loads((tmp_path / "dump" / "summary.json").read_text())
    assert (summary["system"], summary["model"]["config"]["preprocessing"]["size"]) == ("s.pt", 64)
    # A folder has a configuration of its own, which must be that one.
    config.write_text(config.read_text().replace("'hidden_size': 16", "'hidden_size': 32"))
    with pytest.raises(SystemExit) as stopped:
        main([*command, str(tiny_checkpoint)])
    assert stopped.value.code == 1
    assert "describes another network" in capsys.readouterr().err
