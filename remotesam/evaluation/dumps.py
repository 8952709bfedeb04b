"""Results of an evaluation on disk: one row a sample in parquet, and a summary with all that is needed to repeat it.

While an evaluation runs, its folder holds ``run.json`` (the settings) and ``parts/``, one file for a few images each,
written to a temporary name and renamed. Started again with the same settings it goes on with the parts that are
missing, with any number of processes. In the end there are::

    samples.parquet      one row a sample, in the order of the data set
    summary.json         the figures, and the settings
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from remotesam.evaluation.metric import Metric, create_metric
from remotesam.files import atomic_path, write_json

FORMAT = "remotesam-evaluation-1"
SUMMARY, SAMPLES, RUN, PARTS = "summary.json", "samples.parquet", "run.json", "parts"

COMMON = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("image", pa.string(), nullable=False),
        pa.field("question", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("asked", pa.string(), nullable=False),
        pa.field("answered", pa.bool_(), nullable=False),
        pa.field("seconds", pa.float64()),
    ]
)
"""Columns that every task has; those of the metric follow."""


class DumpError(ValueError):
    """A dump that cannot be read, or a folder that holds another evaluation."""


@dataclass(frozen=True, eq=False)
class Dump:
    """A finished evaluation.

    Attributes:
        folder: Where it lies.
        summary: The content of ``summary.json``.
        rows: One row a sample.
    """

    folder: Path
    summary: dict[str, Any]
    rows: pa.Table

    @cached_property
    def metric(self) -> Metric:
        """The metric with its settings, which recomputes the figures from the rows."""
        told = self.summary["metric"]
        return create_metric(told["name"], **told["settings"])

    @property
    def name(self) -> str:
        """What to call the system in tables."""
        return str(self.summary["system"])


class DumpWriter:
    """Collects the rows of an evaluation, part by part, from one process or several.

    Args:
        folder: Where to write.
        settings: All that decides what the rows are; fit for JSON.
        schema: Columns of the rows.
        parts: How many parts there will be.
        overwrite: Remove what another evaluation left in the folder. Only for the first of several processes.

    Raises:
        DumpError: The folder holds an evaluation with other settings; the message names them.
    """

    def __init__(
        self, folder: str | Path, *, settings: Mapping[str, Any], schema: pa.Schema, parts: int, overwrite: bool = False
    ) -> None:
        self.folder = Path(folder)
        self.settings = json.loads(json.dumps(settings))
        self.schema = schema
        self.parts = parts
        if self.folder.exists() and not self.folder.is_dir():
            raise DumpError(f"{self.folder}: is a file; name a folder for the results")
        if overwrite:
            self.discard()
        for name in (RUN, SUMMARY):
            if (self.folder / name).exists():
                _check_same(self.folder / name, _read_json(self.folder / name).get("settings"), self.settings)
        if not self.finished and not (self.folder / RUN).exists():
            write_json(self.folder / RUN, {"format": FORMAT, "settings": self.settings})

    @property
    def finished(self) -> bool:
        """Whether the folder holds the results of exactly these settings already."""
        return (self.folder / SUMMARY).exists() and (self.folder / SAMPLES).exists()

    def is_done(self, part: int) -> bool:
        """Whether a part has been written, whole and with the same columns."""
        try:
            return bool(pq.read_schema(self._path(part)).equals(self.schema))
        except (OSError, pa.ArrowException):
            return False

    def write(self, part: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes the rows of a part, whole or not at all.

        Raises:
            OSError: The file cannot be written.
            DumpError: A value does not fit its column.
        """
        columns = {field.name: [row[field.name] for row in rows] for field in self.schema}
        try:
            table = pa.table(
                {field.name: pa.array(columns[field.name], field.type) for field in self.schema}, self.schema
            )
        except (pa.ArrowException, TypeError, OverflowError) as error:
            raise DumpError(f"rows of part {part} do not fit the columns of the metric: {error}") from error
        with atomic_path(self._path(part)) as temporary:
            pq.write_table(table, temporary, compression="zstd")

    def collect(self) -> pa.Table:
        """All rows, in the order of the parts.

        Raises:
            DumpError: A part is missing, or a sample is there twice.
        """
        missing = [part for part in range(self.parts) if not self.is_done(part)]
        if missing:
            raise DumpError(
                f"{self.folder / PARTS}: {len(missing)} of {self.parts} parts are missing ({_listed(missing)}); run "
                "the same command again, which goes on with them (several machines need a folder that all of them see)"
            )
        tables = [pq.read_table(self._path(part)) for part in range(self.parts)]
        rows = pa.concat_tables(tables).combine_chunks() if tables else self.schema.empty_table()
        counts = pc.value_counts(rows.column("id"))
        twice = [entry["values"] for entry in counts.to_pylist() if entry["counts"] > 1]
        if twice:
            raise DumpError(f"{len(twice)} samples were answered more than once: {_listed(twice)}")
        return rows

    def finish(self, rows: pa.Table, summary: Mapping[str, Any]) -> Dump:
        """Writes the final files, the summary last, and removes the parts."""
        with atomic_path(self.folder / SAMPLES) as temporary:
            pq.write_table(rows, temporary, compression="zstd")
        document = {"format": FORMAT, **summary, "settings": self.settings}
        write_json(self.folder / SUMMARY, document)
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)
        (self.folder / RUN).unlink(missing_ok=True)
        return Dump(self.folder, document, rows)

    def discard(self) -> None:
        """Removes everything that an evaluation wrote into the folder, and nothing else."""
        for name in (SUMMARY, SAMPLES, RUN):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)

    def _path(self, part: int) -> Path:
        return self.folder / PARTS / f"part-{part:05d}.parquet"


def read_dump(path: str | Path) -> Dump:
    """Reads a finished evaluation.

    Args:
        path: Its folder, or a file in it.

    Raises:
        DumpError: There is none, it is not finished, or a file of it is damaged.
    """
    folder = Path(path)
    if folder.is_file():
        folder = folder.parent
    if not (folder / SUMMARY).is_file():
        if (folder / RUN).is_file():
            raise DumpError(f"{folder}: the evaluation is not finished; run its command again, which goes on with it")
        raise DumpError(f"{folder}: has no {SUMMARY}; name the folder that remotesam evaluate wrote")
    summary = _read_json(folder / SUMMARY)
    if summary.get("format") != FORMAT or "metric" not in summary:
        found = summary.get("format")
        raise DumpError(f"{folder / SUMMARY}: format is {found!r}, this version reads {FORMAT!r}; evaluate again")
    try:
        rows = pq.read_table(folder / SAMPLES)
    except (OSError, pa.ArrowException) as error:
        raise DumpError(f"{folder / SAMPLES}: cannot be read ({error}); evaluate again with --overwrite") from error
    missing = [name for name in COMMON.names if name not in rows.column_names]
    if missing:
        raise DumpError(f"{folder / SAMPLES}: lacks the columns {', '.join(missing)}; evaluate again with --overwrite")
    return Dump(folder, summary, rows)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DumpError(f"{path}: cannot be read ({error}); evaluate again with --overwrite") from error
    if not isinstance(document, dict):
        raise DumpError(f"{path}: holds no object; evaluate again with --overwrite")
    return document


def _check_same(path: Path, found: Any, wanted: Mapping[str, Any]) -> None:
    differing = _differences(found if isinstance(found, dict) else {}, wanted)
    if differing:
        raise DumpError(
            f"{path}: the folder holds another evaluation, with {'; '.join(differing[:5])}; name another folder with "
            "--out, or write over it with --overwrite"
        )


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any], prefix: str = "") -> list[str]:
    result = []
    for name in [*wanted, *(name for name in found if name not in wanted)]:
        one, other = found.get(name), wanted.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            result += _differences(one, other, f"{prefix}{name}.")
        elif one != other:
            result.append(f"{prefix}{name} {_short(one)} instead of {_short(other)}")
    return result


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _listed(values: Sequence[Any], most: int = 10) -> str:
    shown = ", ".join(str(value) for value in values[:most])
    return f"{shown}, ..." if len(values) > most else shown
