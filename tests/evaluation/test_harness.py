"""Every sample once, whoever answers, however many processes, and whatever was there before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from remotesam import RemoteSAM
from remotesam.evaluation import harness
from remotesam.evaluation.answering import Answerer
from remotesam.evaluation.data import open_data
from remotesam.evaluation.dumps import DumpError, DumpWriter, read_dump
from remotesam.evaluation.predictions import PredictionError
from remotesam.evaluation.processes import Processes
from remotesam.evaluation.questions import AskOptions, EvaluationError, make_questions
from remotesam.evaluation.run import RunOptions, Subject, run
from tests.evaluation.coloured import SCENES, entry_of, write_coloured
from tests.evaluation.test_questions import SUPPORT
from tests.fakes import ColourSegmenter

ROOT = Path(__file__).resolve().parents[2]
PERFECT = {
    "ref": ("mIoU", "oIoU", "Pr@0.9", "gIoU"),
    "seg": ("mIoU", "mF1"),
    "det": ("AP", "AP50"),
    "obb": ("AP50",),
    "vg": ("Pr@0.9", "meanIoU"),
    "cnt": ("accuracy", "count F1"),
    "mlc": ("accuracy", "mAP"),
    "mcc": ("top-1",),
    "cap": ("BLEU-1", "ROUGE-L"),
    "reason": ("gIoU", "cIoU"),
}


def subject_of(segmenter: ColourSegmenter | None = None) -> Subject:
    about = {"name": "colours", "sha256": "0", "trained_on": []}
    return Subject(name="colours", about=about, model=RemoteSAM(segmenter or ColourSegmenter()))


@pytest.fixture
def data(tmp_path):
    return open_data(str(write_coloured(tmp_path / "data")))


@pytest.mark.parametrize("task", ["ref", "seg", "det", "cnt", "mlc"])
def test_a_model_that_finds_everything_has_perfect_figures(data, tmp_path, task):
    options = RunOptions(ask=AskOptions(asked="categories" if task == "ref" else None))
    dump = run(data, task, subject_of(), folder=tmp_path / "dump", options=options)
    for name in PERFECT[task]:
        assert dump.summary["figures"][name] == 1.0, name
    assert dump.summary["samples"] == (3 if task == "ref" else 1) * len(SCENES)


def test_boxes_of_sentences_are_found(data, tmp_path):
    dump = run(data, "vg", subject_of(), folder=tmp_path / "dump")
    by_image = dict(zip(dump.rows["image"].to_pylist(), dump.rows["intersection"].to_pylist(), strict=True))
    assert by_image["3"] == 40 * 30 and "4" not in by_image


@pytest.mark.parametrize(
    ("kind", "task"), sorted((kind, task) for kind, (_, tasks) in SUPPORT.items() for task in tasks if task != "seg")
)
def test_right_predictions_have_perfect_figures(kind, task, tmp_path):
    data = SUPPORT[kind][0](tmp_path / "data")
    questions = make_questions(data, task)
    asked = [question for index in range(len(questions)) for question in questions.picture(index).questions]
    path = tmp_path / "right.jsonl"
    path.write_text("".join(json.dumps(entry_of(question)) + "\n" for question in asked))
    if not asked:
        with pytest.raises(EvaluationError, match="nothing to ask"):
            run(data, task, Subject.of_predictions(path), folder=tmp_path / "dump")
        return
    dump = run(data, task, Subject.of_predictions(path), folder=tmp_path / "dump")
    assert dump.summary["answered"] == dump.summary["samples"] == len(asked)
    for name in PERFECT[task]:
        assert dump.summary["figures"][name] == pytest.approx(1.0), name


def test_an_image_is_encoded_for_all_its_sentences_at_once(data):
    segmenter = ColourSegmenter()
    picture = make_questions(data, "ref").picture(1)
    answers = list(Answerer(RemoteSAM(segmenter), "ref").answers(picture))
    assert len(segmenter.calls) == 1 and len(answers) == len(picture.questions) == len(segmenter.calls[0])


def test_the_gate_is_applied_to_the_counts_so_that_others_can_be_tried(data, tmp_path):
    model = RemoteSAM(ColourSegmenter(), presence_threshold=1.0)  # nothing passes
    subject = Subject(name="gated", about={"name": "gated", "trained_on": []}, model=model)
    dump = run(data, "ref", subject, folder=tmp_path / "dump")
    assert dump.summary["figures"]["T-acc"] == 0.0
    assert max(dump.rows["predicted"].to_pylist()) > 0
    assert min(dump.rows["presence"].to_pylist()) == 0.0


def test_the_reference_protocol_counts_at_the_networks_size(tmp_path):
    """Pillow's nearest pixel of 64 x 48 at 16 x 16 is (4 i + 2, 3 j + 1): columns 6..22 hold 5 of them, rows 7..19 too.

    The picture is made smaller with a filter that blurs; what is above one half there follows the same edges.
    """
    scene = [("red", (6, 7, 23, 20))]
    data = open_data(str(write_coloured(tmp_path / "data", [scene])))
    options = RunOptions(protocol="reference", size=16, ask=AskOptions(asked="categories"))
    dump = run(data, "ref", subject_of(), folder=tmp_path / "dump", options=options)
    row = dict(zip(dump.rows["category"].to_pylist(), dump.rows.to_pylist(), strict=True))["red"]
    right = np.zeros((48, 64), bool)
    right[7:20, 6:23] = True
    assert row["target"] == right[1::3, 2::4].sum() == 5 * 5
    assert row["map_pixels"] and sum(row["map_pixels"]) == 16 * 16
    empty = dict(zip(dump.rows["category"].to_pylist(), dump.rows.to_pylist(), strict=True))["green"]
    assert (empty["intersection"], empty["predicted"], empty["target"]) == (0, 0, 0)
    assert dump.summary["figures"]["IoU/red"] == row["intersection"] / (row["predicted"] + 25 - row["intersection"])
    assert dump.summary["figures"]["mIoU"] == dump.summary["figures"]["IoU/red"] / 3  # empty unions count 0
    assert (dump.summary["protocol"], dump.summary["input_size"]) == ("reference", "16 x 16")


def test_missing_predictions_are_refused_or_counted_as_empty_and_told(data, tmp_path):
    questions = make_questions(data, "ref", AskOptions(asked="categories"))
    asked = [question for index in range(len(questions)) for question in questions.picture(index).questions]
    path = tmp_path / "p.jsonl"
    path.write_text("".join(json.dumps(entry_of(question)) + "\n" for question in asked[1:]))
    subject, options = Subject.of_predictions(path), RunOptions(ask=AskOptions(asked="categories"))
    with pytest.raises(PredictionError, match=r"1 of 15 samples have no prediction: '1\|"):
        run(data, "ref", subject, folder=tmp_path / "dump", options=options)
    assert not (tmp_path / "dump").exists()
    allowed = RunOptions(ask=AskOptions(asked="categories"), allow_missing=True)
    dump = run(data, "ref", subject, folder=tmp_path / "dump", options=allowed)
    assert dump.summary["missing"] == {"count": 1, "first": [asked[0].id]}
    assert dump.summary["answered"] == 14
    assert dump.rows["answered"].to_pylist() == [False] + [True] * 14
    assert dump.summary["figures"]["mIoU"] == pytest.approx(14 / 15)


def test_a_mask_that_is_damaged_is_told_with_its_sample(data, tmp_path):
    path = tmp_path / "p.jsonl"
    lines = [
        {"id": str(number), "boxes": [[3, 3, 1, 1]], "categories": ["red"], "scores": [1]} for number in range(1, 6)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(EvaluationError, match="'1' cannot be scored"):
        run(data, "det", Subject.of_predictions(path), folder=tmp_path / "dump")


def test_the_summary_has_what_is_needed_to_repeat_it(data, tmp_path):
    options = RunOptions(limit=2, command="remotesam evaluate --task det")
    summary = run(data, "det", subject_of(), folder=tmp_path / "dump", options=options).summary
    assert summary == json.loads((tmp_path / "dump" / "summary.json").read_text())
    assert summary["data"]["sha256"] == data.sha256
    assert summary["metric"]["settings"]["categories"] == ["red", "green", "blue"]
    assert (summary["limit"], summary["images"], summary["seed"]) == (2, 2, 0)
    assert summary["command"] == "remotesam evaluate --task det"
    assert {"remotesam"} <= summary["code"].keys() and {"torch", "numpy"} <= summary["environment"].keys()


def test_a_run_that_was_killed_is_continued(data, tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "PICTURES_A_PART", 1)
    whole = run(data, "ref", subject_of(), folder=tmp_path / "whole")
    seen: list[str] = []
    answers = Answerer.answers

    def dying(self, picture):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(picture.id)
        return answers(self, picture)

    monkeypatch.setattr(Answerer, "answers", dying)
    with pytest.raises(KeyboardInterrupt):
        run(data, "ref", subject_of(), folder=tmp_path / "dump")
    with pytest.raises(DumpError, match="not finished"):
        read_dump(tmp_path / "dump")
    later: list[str] = []
    monkeypatch.setattr(Answerer, "answers", lambda self, picture: later.append(picture.id) or answers(self, picture))
    again = run(data, "ref", subject_of(), folder=tmp_path / "dump")
    assert (seen, later) == (["1", "2"], ["3", "4", "5"])
    assert again.rows.drop(["seconds"]).equals(whole.rows.drop(["seconds"]))
    assert again.summary["figures"] == whole.summary["figures"]


def test_a_finished_run_is_not_repeated(data, tmp_path):
    first = run(data, "det", subject_of(), folder=tmp_path / "dump")
    segmenter = ColourSegmenter()
    again = run(data, "det", subject_of(segmenter), folder=tmp_path / "dump")
    assert not segmenter.calls
    assert again.summary == first.summary


@pytest.mark.parametrize(
    ("change", "told"), [({"limit": 2}, "pictures 5 instead of 2"), ({"metric": "det-f1"}, "metric")]
)
def test_other_runs_do_not_mix(data, tmp_path, change, told):
    run(data, "det", subject_of(), folder=tmp_path / "dump")
    with pytest.raises(DumpError, match=told):
        run(data, "det", subject_of(), folder=tmp_path / "dump", options=RunOptions(**change))
    dump = run(data, "det", subject_of(), folder=tmp_path / "dump", options=RunOptions(**change, overwrite=True))
    assert dump.rows.num_rows == (2 if "limit" in change else 5)


@pytest.mark.parametrize(
    ("task", "options", "told"),
    [
        ("det", {"protocol": "reference", "size": 8}, "has one protocol"),
        ("ref", {"protocol": "reference"}, "needs --size"),
        ("ref", {"size": 8}, "--size goes with --protocol reference"),
        ("ref", {"metric": "det"}, "for the task 'ref' there are ref"),
    ],
)
def test_options_that_do_not_go_together_are_refused(data, tmp_path, task, options, told):
    with pytest.raises(EvaluationError, match=told):
        run(data, task, subject_of(), folder=tmp_path / "dump", options=RunOptions(**options))


def test_each_part_is_done_by_one_process(data, tmp_path, monkeypatch):
    """Two processes one after the other, without waiting: an uneven number of pictures, each answered once."""
    monkeypatch.setattr(harness, "PICTURES_A_PART", 2)
    questions, source = make_questions(data, "cnt"), Answerer(RemoteSAM(ColourSegmenter()), "cnt")
    metric = run(data, "cnt", subject_of(), folder=tmp_path / "one").metric
    writer = DumpWriter(
        tmp_path / "two", settings={}, schema=harness.row_schema(metric, source), parts=harness.parts_of(5)
    )
    asked = {}
    for rank in (1, 0):
        process = Processes()
        process.rank, process.count = rank, 2
        monkeypatch.setattr(process, "wait", lambda: None)
        dump = harness.evaluate(
            questions, source, metric, writer=writer, processes=process, count=5, summary={"metric": {}}
        )
        asked[rank] = len(source.model.segmenter.calls)
    assert asked == {1: 2, 0: 5}
    assert dump.rows["id"].to_pylist() == ["1", "2", "3", "4", "5"]


@pytest.mark.slow
def test_two_processes_give_the_summary_of_one(tmp_path, tiny_checkpoint):
    """Ten pictures, so that eight of them fall to the one process and two to the other."""
    path = write_coloured(tmp_path / "data", [*SCENES, *SCENES])
    common = ["tools/test.py", "--task", "ref", "--data", str(path), "--checkpoint", str(tiny_checkpoint)]
    common += ["--device", "cpu", "--precision", "float32"]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    for name, before in (("one", []), ("two", torchrun)):
        command = [sys.executable, *before, *common, "--out", str(tmp_path / name)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("wrote") == 2  # one process alone speaks
    one, two = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("one", "two"))
    assert one["command"].startswith("remotesam evaluate --task ref --data ")
    for varying in ("command", "created", "seconds", "code"):  # a commit may come in between
        one.pop(varying), two.pop(varying)
    assert one["settings"].pop("code") and two["settings"].pop("code")
    assert one == two
    assert one["images"] == 10
    rows = [pq.read_table(tmp_path / name / "samples.parquet").drop(["seconds"]) for name in ("one", "two")]
    assert rows[0].equals(rows[1])
