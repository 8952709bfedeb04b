"""Writes a triplet set in shards; a writer that was killed goes on where it stopped."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

import remotesam
from remotesam.data.triplet_set.card import render_card
from remotesam.data.triplet_set.counting import count_rows
from remotesam.data.triplet_set.index import INDEX, index_path, write_index
from remotesam.data.triplet_set.manifest import (
    CARD,
    IMAGES,
    MANIFEST,
    TABLE,
    Manifest,
    Shard,
    read_manifest,
    write_manifest,
)
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import TripletRow, rows_to_table
from remotesam.data.triplet_set.shards import lock_folder, shard_fault, write_shard
from remotesam.files import write_text

SHARD_ROWS = 50_000


class TripletSetWriter:
    """Writes the rows of a set, a unit of generation (the rows of one picture) at a time.

    Shards are closed at the end of the unit that fills them, so a unit never falls apart, and cut at the same places
    whatever the number of workers that made the rows: hand the units over in order. After a kill, open the writer with
    the same arguments, go on with unit ``units_done``, and the files become those of an undisturbed run, to the byte.

    Args:
        folder: Folder of the set; pictures that belong to it go to its ``images/``, before their rows are added.
        settings: Settings of the generation, of JSON types.
        seed: Seed of the generation.
        name: Name of the set for its card; that of the folder where empty.
        shard_rows: Rows after which a shard is closed.
        image_root: Folder that ``TripletRow.image`` is relative to where pictures are references, absolute or relative
            to ``folder``; None where pictures lie in the set's folder.
        sources: For the card, by source: "url", "citation" and what else is known.
        overwrite: Throw away the rows of a set that is there already, instead of going on with it.

    Raises:
        TripletSetError: A set of other settings is there, or another process writes it.
        OSError: The folder cannot be written.

    Example:
        >>> units = [[...], [], [...]]                                                              # doctest: +SKIP
        >>> with TripletSetWriter("ships", settings={"ratio": 0.5}, seed=7) as writer:              # doctest: +SKIP
        ...     for rows in units[writer.units_done:]:
        ...         writer.add(rows)
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        settings: Mapping[str, Any],
        seed: int = 0,
        name: str = "",
        shard_rows: int = SHARD_ROWS,
        image_root: str | None = None,
        sources: Mapping[str, Mapping[str, str]] | None = None,
        overwrite: bool = False,
    ) -> None:
        if shard_rows < 1:
            raise ValueError(f"shard_rows is {shard_rows}; it must be at least 1")
        self.folder = Path(folder)
        self.table_folder = self.folder / TABLE
        for needed in (self.folder, self.folder / IMAGES, self.table_folder):
            needed.mkdir(parents=True, exist_ok=True)
        self._lock = lock_folder(self.folder)
        wanted = Manifest(
            name=name or self.folder.resolve().name,
            complete=False,
            seed=seed,
            settings=json.loads(json.dumps(dict(settings), allow_nan=False)),
            code={"remotesam": remotesam.__version__, "pyarrow": pa.__version__},
            shard_rows=shard_rows,
            image_root=image_root,
            sources={key: dict(value) for key, value in (sources or {}).items()},
        )
        try:
            self.manifest = self._begin(wanted, overwrite)
        except BaseException:
            self.close()
            raise
        self._pending: list[TripletRow] = []
        self._units = 0

    @property
    def units_done(self) -> int:
        """Units that need not be added again: those of closed shards, and those added since."""
        return self.manifest.units + self._units

    @property
    def rows_done(self) -> int:
        """Rows so far."""
        return self.manifest.rows + len(self._pending)

    @property
    def complete(self) -> bool:
        """Whether the set was finished."""
        return self.manifest.complete

    def add(self, rows: Sequence[TripletRow]) -> None:
        """Add the rows of the next unit; none is fine.

        Raises:
            TripletSetError: A row contradicts itself (none of the unit is taken then), or the set is finished.
            OSError: The shard cannot be written, such as on a full disk. Closed shards are safe, and the unit is taken:
                once there is room, the next ``add`` or ``finish`` tries again.
        """
        if self.complete:
            raise TripletSetError(f"{self.folder} is finished; take another folder, or overwrite=True", kind="settings")
        for row in rows:
            row.check()
        self._pending += rows
        self._units += 1
        if len(self._pending) >= self.manifest.shard_rows:
            self._close_shard()

    def finish(self, *, report: Mapping[str, Any] | None = None) -> Manifest:
        """Write what is left, the counts, the card, and the manifest that calls the set complete.

        Args:
            report: What the generation has to tell about problems, duplicates or leaks, of JSON types.

        Returns:
            The manifest.

        Raises:
            OSError: A file cannot be written; calling again tries again.
        """
        if not self.complete:
            if self._pending or not self.manifest.shards:
                self._close_shard()
            done = dataclasses.replace(
                self.manifest,
                units=self.units_done,
                counts=count_rows(self.folder, self.manifest.shards),
                report=dict(report or {}),
                complete=True,
            )
            write_text(self.folder / CARD, render_card(done))
            write_manifest(self.folder, done)
            self.manifest, self._units = done, 0
        return self.manifest

    def close(self) -> None:
        """Let other writers have the folder. Rows since the last shard are dropped unless the set was finished."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> TripletSetWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.close()

    def _begin(self, wanted: Manifest, overwrite: bool) -> Manifest:
        for leftover in (*self.table_folder.glob(".part-*"), *(self.folder / INDEX).glob(".part-*")):
            leftover.unlink()
        if overwrite:
            (self.folder / MANIFEST).unlink(missing_ok=True)
            self._remove_parts()
        if not (self.folder / MANIFEST).exists():
            if any(self.table_folder.glob("*.parquet")):
                raise TripletSetError(f"{self.table_folder} has parquet files but no manifest.json beside it")
            write_manifest(self.folder, wanted)
            return wanted
        found = read_manifest(self.folder)
        for name in ("settings", "seed", "shard_rows", "image_root", "code"):
            before, now = getattr(found, name), getattr(wanted, name)
            if before != now:
                raise TripletSetError(
                    f"{self.folder} was begun with {name} {before!r}, now it is {now!r}; go on with the same, "
                    "take another folder, or pass overwrite=True",
                    kind="settings",
                )
        return self._whole_part(found)

    def _whole_part(self, found: Manifest) -> Manifest:
        """What is left of a set up to its first shard that is missing or damaged."""
        whole: list[Shard] = []
        for shard in found.shards:
            if shard_fault(self.folder, shard) is not None:
                break
            whole.append(shard)
        if len(whole) == len(found.shards):
            return found
        kept = dataclasses.replace(
            found, shards=tuple(whole), units=sum(shard.units for shard in whole), complete=False, counts={}, report={}
        )
        write_manifest(self.folder, kept)
        return kept

    def _remove_parts(self) -> None:
        for part in (*self.table_folder.glob("part-*.parquet"), *(self.folder / INDEX).glob("part-*.arrow")):
            part.unlink()

    def _close_shard(self) -> None:
        number = len(self.manifest.shards)
        try:
            table = rows_to_table(self._pending)
            shard = write_shard(self.folder, number, table, units=self._units)
            write_index(index_path(self.folder, shard), table, shard)
            manifest = dataclasses.replace(
                self.manifest, shards=(*self.manifest.shards, shard), units=self.manifest.units + self._units
            )
            write_manifest(self.folder, manifest)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{error.strerror}; shards that are done are safe ({number} with {self.manifest.rows} rows): make room "
                "and start again with the same arguments to go on",
                error.filename,
            ) from error
        self.manifest, self._pending, self._units = manifest, [], 0
