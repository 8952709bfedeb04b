"""A second copy of each shard from which single rows are read fast: uncompressed Arrow in batches of a few rows.

A row of a parquet file costs the decoding of its row group. Random rows of a set of 200,000, on one core: 80 rows/s
from row groups of 4,096 with zstd, 320 from groups of 512, 2,150 from groups of 64 without compression, which make the
file as large as the copy is. Arrow batches of 64 rows give 5,000 to 8,000 rows/s mapped into memory, where every page
that was ever touched stays resident (all 143 MiB), and 11,700 with positioned reads, which leave next to nothing behind
(8 MiB); compressed batches give 1,000 to 2,400.

The copies are derived: they may be deleted or left out when a set is published, and are made again when needed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from remotesam.data.triplet_set.manifest import Shard
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import SCHEMA
from remotesam.data.triplet_set.shards import read_shard
from remotesam.files import atomic_path

INDEX = "index"
BATCH_ROWS = 64
_KEY = b"shard_sha256"


def index_path(folder: Path, shard: Shard) -> Path:
    """Where the copy of a shard lies in its set."""
    return folder / INDEX / f"{Path(shard.file).stem}.arrow"


def write_index(path: Path, table: pa.Table, shard: Shard) -> None:
    """Write the copy of a shard, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    schema = SCHEMA.with_metadata({_KEY: shard.sha256.encode()})
    with atomic_path(path) as temporary, temporary.open("wb") as out:
        with pa.ipc.new_file(pa.PythonFile(out, "w"), schema) as file:
            file.write_table(table.combine_chunks().cast(schema), BATCH_ROWS)
        out.flush()
        os.fsync(out.fileno())


def open_index(folder: Path, shard: Shard) -> pa.ipc.RecordBatchFileReader:
    """Open the copy of a shard; where it is missing or of another shard it is made first.

    It goes into the set's folder, or into the user's cache where that cannot be written.

    Raises:
        TripletSetError: The shard is missing or damaged.
        OSError: The copy can be written nowhere.
    """
    places = [index_path(folder, shard), _cache_path(shard)]
    for path in places:
        found = _open(path, shard)
        if found is not None:
            return found
    table = read_shard(folder, shard)
    try:
        write_index(places[0], table, shard)
        path = places[0]
    except OSError:
        write_index(places[1], table, shard)
        path = places[1]
    made = _open(path, shard)
    if made is None:
        raise TripletSetError(f"{path} was written but cannot be read again", kind="unreadable")
    return made


def _open(path: Path, shard: Shard) -> pa.ipc.RecordBatchFileReader | None:
    """None where there is no readable copy of this very shard."""
    try:
        reader = pa.ipc.open_file(pa.OSFile(str(path)))
    except (OSError, pa.ArrowException):
        return None
    metadata = reader.schema.metadata or {}
    rows = -(-shard.rows // BATCH_ROWS)
    return reader if metadata.get(_KEY) == shard.sha256.encode() and reader.num_record_batches == rows else None


def _cache_path(shard: Shard) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "remotesam" / "triplet_sets" / f"{shard.sha256}.arrow"
