"""Rows on disk: whole or not there, never twice, never mixed with those of other settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from remotesam.evaluation.dumps import COMMON, DumpError, DumpWriter, read_dump

SCHEMA = pa.schema([*COMMON, pa.field("hits", pa.list_(pa.int64()), nullable=False)])
SETTINGS = {"task": "ref", "data": {"sha256": "abc", "split": "val"}, "size": (8, 8)}
SUMMARY = {"system": "mini", "metric": {"name": "ref", "settings": {}}}


def row(number: int) -> dict[str, Any]:
    told = {"id": f"s{number}", "image": "i", "question": "", "category": "", "asked": "image", "answered": True}
    return {**told, "seconds": 0.1, "hits": [number] * number}


def writer(folder: Path, **change: Any) -> DumpWriter:
    settings = {"settings": SETTINGS, "schema": SCHEMA, "parts": 2, **change}
    return DumpWriter(folder, **settings)


def test_rows_come_back_in_the_order_of_the_parts(tmp_path):
    one = writer(tmp_path / "dump")
    one.write(1, [row(2)])
    one.write(0, [row(0), row(1)])
    one.finish(one.collect(), SUMMARY)
    dump = read_dump(tmp_path / "dump")
    assert dump.rows.column("id").to_pylist() == ["s0", "s1", "s2"]
    assert dump.rows.column("hits").to_pylist() == [[], [1], [2, 2]]
    assert (dump.name, dump.metric.name) == ("mini", "ref")
    assert sorted(path.name for path in (tmp_path / "dump").iterdir()) == ["samples.parquet", "summary.json"]
    assert read_dump(tmp_path / "dump" / "summary.json").rows.equals(dump.rows)


def test_a_set_without_samples_is_a_dump(tmp_path):
    one = writer(tmp_path, parts=0)
    assert one.finish(one.collect(), SUMMARY).rows.num_rows == 0
    assert read_dump(tmp_path).rows.num_rows == 0


def test_a_second_run_goes_on_with_what_is_missing(tmp_path):
    first = writer(tmp_path)
    first.write(0, [row(0)])
    with pytest.raises(DumpError, match=r"1 of 2 parts are missing \(1\)"):
        first.collect()
    second = writer(tmp_path)
    assert second.is_done(0) and not second.is_done(1)
    second.write(1, [row(1)])
    assert second.collect().num_rows == 2


@pytest.mark.parametrize("content", [b"", b"PAR1 cut"])
def test_a_damaged_part_is_not_done(tmp_path, content):
    one = writer(tmp_path)
    one.write(0, [row(0)])
    (tmp_path / "parts" / "part-00000.parquet").write_bytes(content)
    assert not writer(tmp_path).is_done(0)


def test_a_part_with_other_columns_is_not_done(tmp_path):
    one = writer(tmp_path)
    (tmp_path / "parts").mkdir()
    pq.write_table(pa.table({"id": ["s0"]}), tmp_path / "parts" / "part-00000.parquet")
    assert not one.is_done(0)


@pytest.mark.parametrize("finished", [False, True])
def test_other_settings_are_refused_by_name(tmp_path, finished):
    one = writer(tmp_path, parts=0)
    if finished:
        one.finish(one.collect(), SUMMARY)
    other = {**SETTINGS, "data": {"sha256": "abd", "split": "val"}}
    with pytest.raises(DumpError, match=r'data\.sha256 "abc" instead of "abd".*--out.*--overwrite'):
        writer(tmp_path, settings=other)


def test_overwriting_removes_what_an_evaluation_wrote_and_nothing_else(tmp_path):
    one = writer(tmp_path)
    one.write(0, [row(0)])
    (tmp_path / "notes.txt").write_text("mine")
    other = writer(tmp_path, settings={"task": "seg"}, overwrite=True)
    assert not other.is_done(0)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_same_evaluation_is_finished(tmp_path):
    one = writer(tmp_path, parts=0)
    assert not one.finished
    one.finish(one.collect(), SUMMARY)
    assert writer(tmp_path, parts=0).finished


def test_a_sample_that_is_there_twice_is_named(tmp_path):
    one = writer(tmp_path)
    one.write(0, [row(0), row(1)])
    one.write(1, [row(1)])
    with pytest.raises(DumpError, match="1 samples were answered more than once: s1"):
        one.collect()


def test_rows_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(DumpError, match="do not fit the columns"):
        writer(tmp_path).write(0, [{**row(0), "hits": "many"}])
    assert not list(tmp_path.glob("parts/*"))


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DumpError, match=r"nothing: has no summary\.json"):
        read_dump(tmp_path / "nothing")
    writer(tmp_path / "begun")
    with pytest.raises(DumpError, match="is not finished"):
        read_dump(tmp_path / "begun")
    done = writer(tmp_path / "done", parts=0)
    done.finish(done.collect(), SUMMARY)
    summary = tmp_path / "done" / "summary.json"
    content = summary.read_text()
    summary.write_text("{")
    with pytest.raises(DumpError, match=r"summary\.json: cannot be read"):
        read_dump(tmp_path / "done")
    summary.write_text(json.dumps({"format": "remotesam-evaluation-9"}))
    with pytest.raises(DumpError, match="format is 'remotesam-evaluation-9'"):
        read_dump(tmp_path / "done")
    summary.write_text(content)
    (tmp_path / "done" / "samples.parquet").write_bytes(b"PAR1")
    with pytest.raises(DumpError, match=r"samples\.parquet: cannot be read"):
        read_dump(tmp_path / "done")
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DumpError, match="is a file"):
        writer(file)
