"""One parquet file of a triplet set: written, checked and locked."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from remotesam.data.triplet_set.manifest import TABLE, Shard
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import SCHEMA, WORDS
from remotesam.files import atomic_path

ROW_GROUP_ROWS = 4096
_REPEATED = ["image", "image_id", *WORDS, "attributes.list.element"]


def write_shard(folder: Path, number: int, table: pa.Table, *, units: int) -> Shard:
    """Write a table as shard ``number``, whole or not at all; the same rows give the same bytes.

    Raises:
        OSError: The file cannot be written.
    """
    content = io.BytesIO()
    pq.write_table(
        table, content, row_group_size=ROW_GROUP_ROWS, compression="zstd", use_dictionary=_REPEATED, version="2.6"
    )
    file = f"{TABLE}/part-{number:05d}.parquet"
    with atomic_path(folder / file) as temporary, temporary.open("wb") as out:
        out.write(content.getbuffer())
        out.flush()
        os.fsync(out.fileno())
    size = content.tell()
    return Shard(file, table.num_rows, units, size, hashlib.sha256(content.getbuffer()).hexdigest())


def read_shard(folder: Path, shard: Shard, columns: Sequence[str] | None = None) -> pa.Table:
    """Read some columns of a shard, by default all.

    Raises:
        TripletSetError: The file is missing, damaged, or has other columns or rows than it should.
    """
    with open_shard(folder, shard) as file:
        try:
            return file.read(columns=None if columns is None else list(columns), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise TripletSetError(f"{folder / shard.file} cannot be read: {error}", kind="unreadable") from error


def open_shard(folder: Path, shard: Shard) -> pq.ParquetFile:
    """Open a shard whose size, columns and number of rows are right.

    Raises:
        TripletSetError: They are not, or the file is missing or damaged.
    """
    path = folder / shard.file
    fault = shard_fault(folder, shard, checksum=False)
    if fault is not None:
        raise fault
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise TripletSetError(f"{path} cannot be read: {error}", kind="unreadable") from error
    found = file.schema_arrow
    for field in SCHEMA:
        if field.name not in found.names:
            raise TripletSetError(f"{path} has no column {field.name!r}; it has {', '.join(found.names)}")
        if not found.field(field.name).type.equals(field.type):
            raise TripletSetError(f"{path}: column {field.name} is {found.field(field.name).type}, not {field.type}")
    if file.metadata.num_rows != shard.rows:
        raise TripletSetError(
            f"{path} has {file.metadata.num_rows} rows, the manifest says {shard.rows}", kind="checksum"
        )
    return file


def shard_fault(folder: Path, shard: Shard, *, checksum: bool = True) -> TripletSetError | None:
    """What is wrong with the file of a shard, None where nothing is."""
    path = folder / shard.file
    try:
        size = path.stat().st_size
        if size != shard.bytes:
            kind = "truncated" if size < shard.bytes else "checksum"
            return TripletSetError(f"{path} has {size} bytes, the manifest says {shard.bytes}", kind=kind)
        if checksum:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != shard.sha256:
                return TripletSetError(
                    f"{path}: its sha256 is {found}, the manifest says {shard.sha256}: the file was changed or damaged",
                    kind="checksum",
                )
    except FileNotFoundError:
        return TripletSetError(f"{path} is missing; the manifest has it with {shard.rows} rows", kind="missing")
    except OSError as error:
        return TripletSetError(f"{path} cannot be read: {error}", kind="unreadable")
    return None


def lock_folder(folder: Path) -> int | None:
    """Hold a folder for this process until the returned file descriptor is closed or the process ends.

    Returns:
        None where the system has no such locks.

    Raises:
        TripletSetError: Another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise TripletSetError(f"{folder} is being written by another process", kind="settings") from error
    return handle
