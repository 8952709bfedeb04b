import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from remotesam.data.triplet_set import TripletSet, TripletSetError, TripletSetWriter, read_manifest
from tests.data_factories.triplet_sets import SHIP, files, row, unit, write_set

ROOT = Path(__file__).resolve().parents[3]
WRITE = """
import sys, time
from pathlib import Path
from remotesam.data.triplet_set import TripletSetWriter
from tests.data_factories.triplet_sets import unit
with TripletSetWriter(sys.argv[1], settings={"units": 400}, seed=5, shard_rows=100, name="set") as writer:
    for number in range(writer.units_done, 400):
        writer.add(unit(number))
        time.sleep(float(sys.argv[2]))
"""


def begin(folder: Path, **options) -> TripletSetWriter:
    return TripletSetWriter(folder, **{"settings": {"units": 12}, "seed": 5, "shard_rows": 15, **options})


def test_an_empty_set_is_a_table_without_rows(tmp_path):
    with begin(tmp_path) as writer:
        pass
    assert writer.manifest.complete
    assert pq.read_table(tmp_path / "triplets.parquet").num_rows == 0
    assert len(TripletSet(tmp_path)) == 0 and list(TripletSet(tmp_path)) == []
    assert "0 triplets" in (tmp_path / "card.md").read_text()


def test_other_libraries_read_the_folder_as_one_table(tmp_path):
    rows = write_set(tmp_path)
    assert pq.read_table(tmp_path / "triplets.parquet").column("expression").to_pylist() == [r.expression for r in rows]
    frame = pd.read_parquet(tmp_path / "triplets.parquet")
    assert frame.area.tolist() == [r.area for r in rows]
    assert [tuple(box) if box is not None else None for box in frame.box] == [r.box for r in rows]


def test_shards_end_with_a_unit_and_the_manifest_tells_them(tmp_path):
    write_set(tmp_path)
    manifest = read_manifest(tmp_path)
    assert manifest.complete and manifest.units == 12 and len(manifest.shards) == 3
    number = 0
    for shard in manifest.shards:
        table = pq.read_table(tmp_path / shard.file)
        assert table.num_rows == shard.rows == sum(len(unit(number + k)) for k in range(shard.units))
        assert (tmp_path / shard.file).stat().st_size == shard.bytes
        number += shard.units
    assert json.loads((tmp_path / "manifest.json").read_text())["format"] == "remotesam triplet set"


def test_the_counts_are_those_of_the_rows(tmp_path):
    rows = write_set(tmp_path)
    counts = read_manifest(tmp_path).counts
    assert counts["rows"] == len(rows) and counts["images"] == len({r.image for r in rows})
    for name in ("kind", "category", "source", "split", "licence", "maker"):
        values = [getattr(r, name) for r in rows]
        assert counts[name] == {value: values.count(value) for value in set(values)}
    entry = next(e for e in counts["sources"] if (e["source"], e["split"]) == ("other", "train"))
    other = [r for r in rows if (r.source, r.split) == ("other", "train")]
    assert (entry["triplets"], entry["images"]) == (len(other), len({r.image for r in other}))


def test_the_card_says_where_everything_comes_from(tmp_path):
    known = {"drawn": {"citation": "Drawn 2024", "url": "https://example.org"}}
    rows = write_set(tmp_path, name="small ships", sources=known)
    card = (tmp_path / "card.md").read_text()
    assert "# small ships" in card and "seed 5" in card
    drawn = [r for r in rows if (r.source, r.split) == ("drawn", "train")]
    assert f"| drawn | train | {len(drawn)} | {len({r.image for r in drawn})} | CC0 |" in card
    assert f"| one-to-one | {sum(r.kind == 'one-to-one' for r in rows)} |" in card
    assert f"| drawing | {sum(r.area > 0 for r in rows)} |" in card
    assert "- drawn: Drawn 2024, https://example.org" in card and "- other: as its publisher asks" in card
    assert '"units": 12' in card and "| ship |" in card


def test_a_contradictory_row_leaves_its_whole_unit_out(tmp_path):
    with begin(tmp_path) as writer:
        writer.add(unit(0))
        with pytest.raises(TripletSetError, match="area is 7"):
            writer.add([*unit(1), dataclasses.replace(row("the ship", [SHIP]), area=7)])
        assert writer.units_done == 1
        writer.add(unit(2))
    assert list(TripletSet(tmp_path)) == [*unit(0), *unit(2)]


@pytest.mark.parametrize("stop_after", [0, 1, 5, 11, 12])
def test_a_writer_that_stopped_goes_on_to_the_same_files(tmp_path, stop_after):
    write_set(tmp_path / "whole")
    folder = tmp_path / "part"
    with pytest.raises(KeyboardInterrupt), begin(folder, name="whole") as writer:
        for number in range(stop_after):
            writer.add(unit(number))
        raise KeyboardInterrupt
    (folder / "triplets.parquet" / ".part-00001-0123.parquet").write_bytes(b"half of a shard")
    with begin(folder, name="whole") as writer:
        assert writer.units_done <= stop_after
        for number in range(writer.units_done, 12):
            writer.add(unit(number))
    whole = {name: content for name, content in files(tmp_path / "whole").items() if not name.startswith("images")}
    assert files(folder) == whole


def test_kill_9_then_the_same_call_gives_the_files_of_an_undisturbed_run(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WRITE]
    subprocess.run([*command, str(tmp_path / "whole"), "0"], env=environment, check=True)
    folder = tmp_path / "killed"
    killed = subprocess.Popen([*command, str(folder), "0.002"], env=environment)
    deadline = time.monotonic() + 120
    while killed.poll() is None and time.monotonic() < deadline:
        if len(list(folder.glob("triplets.parquet/part-*"))) >= 3:
            killed.send_signal(signal.SIGKILL)
            break
        time.sleep(0.001)
    assert killed.wait() == -signal.SIGKILL
    with pytest.raises(TripletSetError, match="is not finished"):
        TripletSet(folder)
    assert 0 < len(TripletSet(folder, incomplete=True)) < 1400
    subprocess.run([*command, str(folder), "0"], env=environment, check=True)
    assert files(folder) == files(tmp_path / "whole")


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_set_is_repaired_from_its_first_bad_shard_on(tmp_path, damage):
    write_set(tmp_path)
    before = files(tmp_path)
    shard = tmp_path / "triplets.parquet" / "part-00001.parquet"
    content = shard.read_bytes()
    changed = {"missing": None, "cut": content[:-9], "changed": content[:200] + b"x" + content[201:]}[damage]
    if changed is None:
        shard.unlink()
    else:
        shard.write_bytes(changed)
    with begin(tmp_path) as writer:
        assert not writer.complete and writer.units_done == read_manifest(tmp_path).shards[0].units
        for number in range(writer.units_done, 12):
            writer.add(unit(number))
    assert files(tmp_path) == before


def test_a_finished_set_stays_as_it_is(tmp_path):
    write_set(tmp_path)
    before = files(tmp_path)
    with begin(tmp_path) as writer:
        assert writer.complete and writer.units_done == 12
        with pytest.raises(TripletSetError, match="is finished; take another folder, or overwrite=True"):
            writer.add(unit(0))
    assert files(tmp_path) == before


@pytest.mark.parametrize("changes", [{"seed": 6}, {"settings": {}}, {"shard_rows": 16}, {"image_root": "../pictures"}])
def test_other_settings_do_not_mix(tmp_path, changes):
    write_set(tmp_path)
    before = files(tmp_path)
    with pytest.raises(TripletSetError, match=f"was begun with {next(iter(changes))} "):
        begin(tmp_path, **changes)
    assert files(tmp_path) == before
    with begin(tmp_path, overwrite=True, **changes) as writer:
        writer.add(unit(1))
    assert list(TripletSet(tmp_path)) == unit(1)


def test_two_writers_cannot_have_one_folder(tmp_path):
    with begin(tmp_path), pytest.raises(TripletSetError, match="is being written by another process"):
        begin(tmp_path)
    with begin(tmp_path) as writer:
        assert writer.complete


def test_parquet_files_of_others_are_not_touched(tmp_path):
    (tmp_path / "triplets.parquet").mkdir()
    (tmp_path / "triplets.parquet" / "part-00000.parquet").write_bytes(b"mine")
    with pytest.raises(TripletSetError, match=r"has parquet files but no manifest.json"):
        begin(tmp_path)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, monkeypatch):
    write_set(tmp_path / "whole")
    folder = tmp_path / "full"
    with begin(folder, name="whole") as writer:
        for number in range(5):
            writer.add(unit(number))
        assert len(writer.manifest.shards) == 1

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match=r"No space left.*safe \(1 with 15 rows\): make room") as caught:
                for number in range(5, 12):
                    writer.add(unit(number))
        assert caught.value.errno == errno.ENOSPC and "part-00001.parquet" in str(caught.value.filename)
        assert not list(folder.rglob(".part*"))
        assert len(TripletSet(folder, incomplete=True)) == 15
        for number in range(writer.units_done, 12):  # room was made
            writer.add(unit(number))
    assert list(TripletSet(folder)) == list(TripletSet(tmp_path / "whole"))
