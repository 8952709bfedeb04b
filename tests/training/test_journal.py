import json

from remotesam.training.journal import Journal, trim_log


def test_no_log_is_no_error(tmp_path):
    trim_log(tmp_path / "log.jsonl", last_step=0)
    assert list(tmp_path.iterdir()) == []


def test_records_after_the_start_and_a_half_line_go(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"ste')
    trim_log(path, last_step=2)
    assert path.read_text() == '{"step": 1}\n{"step": 2}\n'


def test_a_resumed_journal_has_every_step_once(tmp_path):
    for start, stop in ((0, 5), (3, 6)):
        with Journal(tmp_path, start=start, total=6) as journal:
            for step in range(start + 1, stop + 1):
                journal.record("train", step=step, values={"loss": 0.5, "note": "text", "nothing": None})
                journal.advance(step=step, note="loss 0.5")
    steps = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert list((tmp_path / "tensorboard").iterdir())


def test_an_inactive_journal_writes_nothing(tmp_path):
    with Journal(tmp_path / "run", start=0, total=1, active=False) as journal:
        journal.record("train", step=1, values={"loss": 1.0})
        journal.advance(step=1, note="x")
        journal.say("x")
    assert not (tmp_path / "run").exists()
