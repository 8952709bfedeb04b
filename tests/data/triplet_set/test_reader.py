import dataclasses
import json
import multiprocessing
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from torch.utils.data import DataLoader

from remotesam.data.triplet_set import TripletSet, TripletSetError, read_manifest
from remotesam.data.triplet_set.schema import rows_to_table
from tests.data_factories.pictures import save
from tests.data_factories.triplet_sets import (
    HEIGHT,
    LARGE_SHIP,
    SHIP,
    WIDTH,
    Areas,
    expressions,
    picture,
    row,
    write_set,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_set(tmp_path / "set")
    return tmp_path / "set"


def change_manifest(folder: Path, **fields: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def replace_shard(folder: Path, table: pa.Table) -> None:
    """Puts another table in place of the first shard and lets the manifest agree about its size."""
    path = folder / "triplets.parquet" / "part-00000.parquet"
    pq.write_table(table, path)
    shards = [dataclasses.asdict(shard) for shard in read_manifest(folder).shards]
    change_manifest(folder, shards=[{**shards[0], "bytes": path.stat().st_size, "sha256": "0" * 64}, *shards[1:]])


def test_a_folder_that_is_not_there_or_no_set_is_named(tmp_path):
    with pytest.raises(TripletSetError, match="nowhere does not exist"):
        TripletSet(tmp_path / "nowhere")
    with pytest.raises(TripletSetError, match=r"is no triplet set: it has no manifest.json"):
        TripletSet(tmp_path)


@pytest.mark.parametrize(
    ("content", "message", "kind"),
    [
        ('{"format"', "cannot be read", "unreadable"),
        ("[]", "is no manifest of a triplet set", "format"),
        (
            '{"format": "remotesam triplet set", "schema_version": 99}',
            "schema_version is 99, this code reads",
            "version",
        ),
        ('{"format": "remotesam triplet set", "schema_version": 1}', "a field is missing or wrong", "format"),
    ],
)
def test_a_bad_manifest_is_named(folder, content, message, kind):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(TripletSetError, match=message) as caught:
        TripletSet(folder)
    assert caught.value.kind == kind and "manifest.json" in str(caught.value)


@pytest.mark.parametrize("file", ["/etc/passwd", "../other/part-00000.parquet"])
def test_a_manifest_cannot_point_outside_its_folder(folder, file):
    shards = [dataclasses.asdict(shard) for shard in read_manifest(folder).shards]
    change_manifest(folder, shards=[{**shards[0], "file": file}])
    with pytest.raises(TripletSetError, match="lies outside the set"):
        TripletSet(folder)


@pytest.mark.parametrize(
    ("damage", "kind", "message"),
    [
        (lambda content: None, "missing", r"part-00001.parquet is missing; the manifest has it with \d+ rows"),
        (lambda content: content[:-20], "truncated", r"part-00001.parquet has \d+ bytes, the manifest says"),
        (lambda content: content + b"x", "checksum", r"part-00001.parquet has \d+ bytes, the manifest says"),
    ],
)
def test_a_missing_or_truncated_shard_is_found_at_once(folder, damage, kind, message):
    path = folder / "triplets.parquet" / "part-00001.parquet"
    content = damage(path.read_bytes())
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TripletSetError, match=message) as caught:
        TripletSet(folder)
    assert caught.value.kind == kind


def test_a_changed_byte_is_found_by_verifying(folder):
    assert TripletSet(folder).verify(rows=True, images=True) == []
    path = folder / "triplets.parquet" / "part-00001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (problem,) = TripletSet(folder).verify()
    assert (problem.file, problem.kind) == ("triplets.parquet/part-00001.parquet", "checksum")
    assert "its sha256 is" in problem.message


def test_a_file_that_is_no_parquet_is_named_when_it_is_read(folder):
    path = folder / "triplets.parquet" / "part-00000.parquet"
    path.write_bytes(b"x" * path.stat().st_size)
    shutil.rmtree(folder / "index")
    triplets = TripletSet(folder)
    for read in (lambda: triplets[0], lambda: list(triplets), lambda: triplets.filter(kind="one-to-one")):
        with pytest.raises(TripletSetError, match=r"part-00000.parquet cannot be read") as caught:
            read()
        assert caught.value.kind == "unreadable"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop_columns(["maker"]), "has no column 'maker'"),
        (lambda table: table.set_column(10, "area", table["area"].cast("float")), "column area is float, not int64"),
        (lambda table: table.slice(1), r"has 14 rows, the manifest says 15"),
    ],
)
def test_a_shard_of_another_schema_is_named(folder, change, message):
    replace_shard(folder, change(pq.read_table(folder / "triplets.parquet" / "part-00000.parquet")))
    for read in (lambda s: s[0], lambda s: list(s.blocks())):
        with pytest.raises(TripletSetError, match=message):
            read(TripletSet(folder))
    assert TripletSet(folder).verify()[0].kind == "checksum"


def test_run_lengths_of_another_size_are_named(folder):
    table = pq.read_table(folder / "triplets.parquet" / "part-00000.parquet")
    heights = pa.array([HEIGHT + 1, *[HEIGHT] * (len(table) - 1)], pa.int32())
    replace_shard(folder, table.set_column(4, table.schema.field("height"), heights))
    triplets = TripletSet(folder)
    with pytest.raises(TripletSetError, match=r"images/0.png, 'the ship on the left': has run lengths of 10800 pixels"):
        triplets.mask(0)
    assert "run lengths of 10800 pixels" in triplets.verify(rows=True)[0].message or triplets.verify()[0].kind
    assert triplets.mask(1).shape == (HEIGHT, WIDTH)


def test_pictures_that_are_missing_broken_or_of_another_size_are_named(folder):
    (folder / "images" / "0.png").unlink()
    (folder / "images" / "1.png").write_bytes(b"no picture")
    save(folder / "images" / "2.png", np.zeros((HEIGHT, WIDTH - 1, 3), np.uint8))
    triplets = TripletSet(folder)
    first = {row.image: index for index, row in reversed(list(enumerate(triplets)))}
    for name, kind in (("0", "missing"), ("1", "unreadable"), ("2", "size")):
        with pytest.raises(TripletSetError, match=rf"images/{name}.png: the image") as caught:
            triplets.image(first[f"images/{name}.png"])
        assert caught.value.kind == kind
    problems = triplets.verify(images=True)
    assert [(Path(p.file).name, p.kind) for p in problems] == [
        ("0.png", "missing"),
        ("1.png", "unreadable"),
        ("2.png", "size"),
    ]


def test_rows_come_back_in_every_way(folder, tmp_path):
    rows = write_set(tmp_path / "again")
    triplets = TripletSet(folder)
    assert len(triplets) == len(rows) and list(triplets) == rows
    assert [triplets[index] for index in range(len(rows))] == rows
    assert triplets[-1] == rows[-1] and triplets[np.int64(3)] == rows[3]
    order = [5, 3, 4, 5, 30, -1, 0]
    assert triplets.rows(order) == [rows[index] for index in order]
    assert triplets.rows([]) == []
    assert triplets.column("expression").to_pylist() == [r.expression for r in rows]
    for wrong in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError, match=rf"row {wrong} of TripletSet"):
            triplets[wrong]


def test_views_keep_the_order_and_combine(folder, tmp_path):
    rows = write_set(tmp_path / "again")
    triplets = TripletSet(folder)
    view = triplets.filter(kind=("one-to-one", "one-to-many"), split="train")
    expected = [r for r in rows if r.kind != "one-to-zero" and r.split == "train"]
    assert list(view) == expected and view.rows(range(len(view))) == expected
    assert list(view.filter(source="other")) == [r for r in expected if r.source == "other"]
    assert list(view[2:9:3]) == expected[2:9:3] and view[-1] == expected[-1]
    assert list(triplets.select([7, 2, 2])) == [rows[2], rows[7]]
    assert list(triplets.filter()) == rows and len(triplets[:0]) == 0 and list(triplets[:0]) == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"area": "3"}, "rows cannot be filtered by 'area'; take kind, category"),
        ({"kind": "one-to-two"}, "no row has kind 'one-to-two'; there are one-to-one"),
        ({"source": ["drawn", "x"]}, "no row has source 'x'; there are drawn, other"),
    ],
)
def test_filters_that_cannot_match_are_refused(folder, wanted, message):
    with pytest.raises(ValueError, match=message):
        TripletSet(folder).filter(**wanted)


def test_blocks_hold_the_columns_asked_for_and_no_more_rows(folder):
    triplets = TripletSet(folder)
    blocks = list(triplets.blocks(columns=["area", "kind"], rows=4))
    assert {tuple(block.column_names) for block in blocks} == {("area", "kind")}
    assert max(map(len, blocks)) == 4
    assert [area for block in blocks for area in block["area"].to_pylist()] == [r.area for r in triplets]
    with pytest.raises(ValueError, match="there is no column 'size'"):
        next(triplets.blocks(columns=["size"]))


def test_pictures_and_masks_are_the_drawn_ones(folder):
    triplets = TripletSet(folder)
    drawn = picture([(SHIP, "red"), (LARGE_SHIP, "blue")])
    index = next(i for i, r in enumerate(triplets) if r.expression == "all ships")
    assert np.array_equal(triplets.image(index), drawn)
    assert np.array_equal(triplets.mask(index), (drawn != (120, 118, 112)).any(axis=2))


def test_windows_and_pictures_elsewhere(tmp_path):
    from remotesam.data.triplet_set import TripletSetWriter

    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    save(tmp_path / "pictures" / "big.png", pixels)
    with TripletSetWriter(tmp_path / "set", settings={}, image_root="../pictures") as writer:
        writer.add([row("the ship", [SHIP], image="big.png", window=(150, 60, WIDTH, HEIGHT))])
        writer.add([row("the ship", [SHIP], image="big.png", window=(200, 60, WIDTH, HEIGHT))])
    (tmp_path / "pictures").rename(tmp_path / "moved")
    with pytest.raises(TripletSetError, match=r"big.png: the image is missing"):
        TripletSet(tmp_path / "set").image(0)
    triplets = TripletSet(tmp_path / "set", image_root=tmp_path / "moved")
    assert np.array_equal(triplets.image(0), pixels[60 : 60 + HEIGHT, 150 : 150 + WIDTH])
    with pytest.raises(TripletSetError, match=r"big.png: the image is 100 x 90 pixels in the window"):
        triplets.image(1)
    assert [p.kind for p in triplets.verify(images=True)] == ["size"]


def test_the_copies_for_random_access_are_made_again(folder, tmp_path, monkeypatch):
    rows = list(TripletSet(folder))
    copies = {path.name: path.read_bytes() for path in (folder / "index").iterdir()}
    shutil.rmtree(folder / "index")
    assert TripletSet(folder)[3] == rows[3]
    TripletSet(folder).prepare()
    assert {path.name: path.read_bytes() for path in (folder / "index").iterdir()} == copies
    (folder / "index" / "part-00000.arrow").write_bytes(copies["part-00001.arrow"])  # of another shard
    (folder / "index" / "part-00001.arrow").write_bytes(copies["part-00001.arrow"][:500])
    assert TripletSet(folder).rows(range(len(rows))) == rows
    # A file in place of the folder cannot be written into, as a set that may only be read.
    shutil.rmtree(folder / "index")
    (folder / "index").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert TripletSet(folder).rows(range(len(rows))) == rows
    assert len(list((tmp_path / "cache").rglob("*.arrow"))) == len(copies)


@pytest.mark.parametrize(("start", "workers", "epochs"), [("fork", 2, 2), ("spawn", 1, 1)])
def test_workers_of_a_data_loader_read_the_same(folder, start, workers, epochs):
    triplets = TripletSet(folder).filter(split="train")
    expected = [(r.expression, r.area) for r in triplets]
    _ = triplets[0], triplets[len(triplets) - 1]  # files are open when the workers start
    loader = DataLoader(Areas(triplets), batch_size=None, num_workers=workers, multiprocessing_context=start)
    for _ in range(epochs):
        assert [tuple(entry) for entry in loader] == expected


def test_many_forked_processes_share_open_files(folder):
    triplets = TripletSet(folder)
    rng = np.random.default_rng(0)
    orders = [rng.integers(len(triplets), size=300).tolist() for _ in range(4)]
    expected = [expressions(triplets, order) for order in orders]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert pool.starmap(expressions, [(triplets, order) for order in orders]) == expected


def test_a_set_travels_light(folder):
    triplets = TripletSet(folder)
    _ = triplets[0]
    copy = pickle.loads(pickle.dumps(triplets))
    assert copy[5] == triplets[5] and repr(copy) == repr(triplets)
    assert len(pickle.dumps(triplets)) < 5000


def test_opening_reads_no_rows(folder, monkeypatch):
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(pq, "ParquetFile", forbidden)
    monkeypatch.setattr(pa.ipc, "open_file", forbidden)
    assert len(TripletSet(folder)) == len(rows_to_table([])) + read_manifest(folder).rows
    assert os.path.isdir(folder / "index")
