"""The manifest of a triplet set: what its files are, how they were made, and their checksums."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import SCHEMA_VERSION
from remotesam.files import write_json

FORMAT = "remotesam triplet set"
MANIFEST = "manifest.json"
CARD = "card.md"
TABLE = "triplets.parquet"
IMAGES = "images"


@dataclass(frozen=True)
class Shard:
    """One parquet file.

    Attributes:
        file: Path relative to the set's folder, with "/".
        rows: Its rows.
        units: How many units of generation (pictures) it holds, those without rows included.
        bytes: Its size.
        sha256: Its checksum, hexadecimal.
    """

    file: str
    rows: int
    units: int
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything about a set but its rows.

    Attributes:
        name: Name of the set.
        complete: Whether it was written to its end.
        seed: Seed of the generation.
        settings: Settings of the generation.
        code: Versions of the packages that wrote it.
        shard_rows: Rows after which a shard is closed.
        image_root: Folder that the rows' ``image`` is relative to, absolute or relative to the set's folder; None where
            that is the set's folder itself.
        units: Units of generation that are done.
        shards: The parquet files, in order.
        counts: Of the finished set: ``rows``, ``images``, a table of value to rows for each word column, and
            ``sources``: one entry for each source, split and licence.
        sources: What is known of each source by name: "url", "licence", "citation" ...
        report: What the generation has to tell: problems, duplicates, leaks.
        schema_version: Version of the rows' schema.
        format: Says what the file is.
    """

    name: str
    complete: bool
    seed: int
    settings: dict[str, Any]
    code: dict[str, str]
    shard_rows: int
    image_root: str | None = None
    units: int = 0
    shards: tuple[Shard, ...] = ()
    counts: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION
    format: str = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``manifest.json``, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    values = dataclasses.asdict(manifest)
    order = ["format", "schema_version", *(name for name in values if name not in ("format", "schema_version"))]
    write_json(folder / MANIFEST, {name: values[name] for name in order})


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``manifest.json``.

    Raises:
        TripletSetError: The folder or the file is missing, no manifest, of another version, or a field is wrong.
    """
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        where = "is no triplet set: it has no manifest.json" if folder.is_dir() else "does not exist"
        raise TripletSetError(f"{folder} {where}", kind="missing") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise TripletSetError(f"{path} cannot be read: {error}", kind="unreadable") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise TripletSetError(f"{path} is no manifest of a triplet set: its field format is not {FORMAT!r}")
    if values.get("schema_version") != SCHEMA_VERSION:
        raise TripletSetError(
            f"{path}: schema_version is {values.get('schema_version')!r}, this code reads {SCHEMA_VERSION}; "
            "read the set with the version of remotesam that wrote it, or make it anew",
            kind="version",
        )
    try:
        shards = tuple(_shard(entry) for entry in values.pop("shards"))
        names = {item.name for item in dataclasses.fields(Manifest)}
        return Manifest(shards=shards, **{name: value for name, value in values.items() if name in names})
    except (KeyError, TypeError, ValueError) as error:
        raise TripletSetError(f"{path}: a field is missing or wrong ({error})") from error


def _shard(entry: Mapping[str, Any]) -> Shard:
    shard = Shard(**entry)
    for name in ("rows", "units", "bytes"):
        if type(getattr(shard, name)) is not int or getattr(shard, name) < 0:
            raise ValueError(f"shards: {name} is {getattr(shard, name)!r}")
    if Path(shard.file).is_absolute() or ".." in shard.file.split("/"):
        raise ValueError(f"shards: file is {shard.file!r}, which lies outside the set")
    return shard
