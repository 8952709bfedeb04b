"""Looks at every picture once before anything is made: fingerprints, and what label maps show."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from remotesam.data.faults import Fault
from remotesam.data.generation.fingerprints import Fingerprint, fingerprint
from remotesam.data.generation.parallel import ordered_map
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.records import Record

_EMPTY = np.zeros((0, 32), np.uint8)


@dataclass(frozen=True)
class Look:
    """What was seen of a record.

    Attributes:
        print: Fingerprint of its picture; None where it was not asked for or the picture cannot be read.
        shown: Categories that its label map shows, in the data set's spelling.
    """

    print: Fingerprint | None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scan:
    """What to look at: whether to take fingerprints, of all eight ways, and whether to read label maps."""

    prints: bool
    turned: bool
    labels: bool


def scan(
    records: Sequence[Record],
    what: Scan,
    *,
    workers: int,
    cache: Path | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Look]:
    """Look at every record.

    Args:
        records: The records.
        what: What to look at.
        workers: Processes.
        cache: A file of JSON lines with what was seen before, which is read and added to; a picture counts as seen
            while its size and time of change are the same.
        advance: Called after each record.

    Returns:
        One for each record. What cannot be read is seen by no one: making its rows will say why.
    """
    seen = {} if cache is None else _read(cache)
    keys = [_key(record, what) for record in records]
    fresh = {key: number for number, key in reversed(list(enumerate(keys))) if key not in seen}
    for _ in range(len(records) - len(fresh)):
        advance()
    looks = ordered_map(_look, (records[number] for number in fresh.values()), state=what, workers=workers)
    file = None if cache is None or not fresh else cache.open("a", encoding="utf-8")
    try:
        for key, look in zip(fresh, looks, strict=True):
            seen[key] = look
            if file is not None:
                file.write(json.dumps({"key": key, **_plain(look)}) + "\n")
                file.flush()
            advance()
    finally:
        if file is not None:
            file.close()
    return [seen[key] for key in keys]


def _look(what: Scan, record: Record) -> Look:
    print_ = None
    if what.prints:
        with suppress(Fault):
            print_ = fingerprint(read_pixels(record), turned=what.turned)
    shown: tuple[str, ...] = ()
    if what.labels and record.label_map is not None:
        with suppress(SourceError):
            shown = tuple(record.label_map.masks())
    return Look(print_, shown)


def _key(record: Record, what: Scan) -> str:
    files = [record.image, *([record.label_map.path] if what.labels and record.label_map else [])]
    parts: list[Any] = [record.window, what.prints, what.turned, what.labels]
    for file in files:
        try:
            status = file.stat()
            parts.append((str(file.resolve()), status.st_size, status.st_mtime_ns))
        except OSError:
            parts.append((str(file), None, None))
    return json.dumps(parts)


def _plain(look: Look) -> dict[str, Any]:
    hashes = None if look.print is None else [bytes(row).hex() for row in look.print.hashes]
    return {"content": look.print and look.print.content, "hashes": hashes, "shown": look.shown}


def _read(cache: Path) -> dict[str, Look]:
    seen = {}
    try:
        lines = cache.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        try:
            entry = json.loads(line)
            hashes = entry["hashes"]
            rows = [np.frombuffer(bytes.fromhex(row), np.uint8) for row in hashes or ()]
            print_ = None if hashes is None else Fingerprint(entry["content"], np.stack(rows) if rows else _EMPTY)
            seen[entry["key"]] = Look(print_, tuple(entry["shown"]))
        except (ValueError, KeyError, TypeError):  # the last line of a run that was killed
            continue
    return seen
