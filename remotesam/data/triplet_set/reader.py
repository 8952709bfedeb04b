"""Opens triplet sets lazily: rows, masks and pictures by number, views, and blocks for statistics."""

from __future__ import annotations

import bisect
import itertools
import operator
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.progress import track

from remotesam.data.faults import Fault
from remotesam.data.sources.pixels import read_pixels
from remotesam.data.sources.records import Problem, Record
from remotesam.data.triplet_set.index import BATCH_ROWS, index_path, open_index
from remotesam.data.triplet_set.manifest import Manifest, read_manifest
from remotesam.data.triplet_set.problems import TripletSetError
from remotesam.data.triplet_set.schema import SCHEMA, WORDS, TripletRow, table_to_rows
from remotesam.data.triplet_set.shards import open_shard, read_shard, shard_fault

BLOCK_ROWS = 8192


class TripletSet(Sequence[TripletRow]):
    """The triplets of a folder, or a part of them.

    Nothing but the manifest is read at first. Rows are read one by one from where they lie, so that processes that are
    forked or spawned can share a set and its memory does not grow.

    Args:
        folder: Folder of the set.
        image_root: Where its pictures are, instead of what the manifest says.
        incomplete: Also open a set that is not finished, with the shards it has.

    Raises:
        TripletSetError: There is no such set, it is not finished or of another version, or a shard is missing or has
            another size than the manifest says.

    Example:
        >>> triplets = TripletSet("ships")                                                          # doctest: +SKIP
        >>> len(triplets), triplets[0].expression, triplets.mask(0).sum()                           # doctest: +SKIP
        (1200, 'the ship on the left', 412)
        >>> train = triplets.filter(split="train", kind=("one-to-one", "one-to-many"))              # doctest: +SKIP
    """

    def __init__(self, folder: str | Path, *, image_root: str | Path | None = None, incomplete: bool = False) -> None:
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)
        if not self.manifest.complete and not incomplete:
            raise TripletSetError(
                f"{self.folder} is not finished: {self.manifest.rows} rows so far; run what made it again, or pass "
                "incomplete=True to open what is there",
                kind="incomplete",
            )
        for shard in self.manifest.shards:
            fault = shard_fault(self.folder, shard, checksum=False)
            if fault is not None:
                raise fault
        root = image_root if image_root is not None else self.manifest.image_root
        self.image_root = self.folder if root is None else self.folder / root
        self._starts = [0, *itertools.accumulate(shard.rows for shard in self.manifest.shards)]
        self._numbers: np.ndarray | None = None
        self._forget_files()

    def __len__(self) -> int:
        """Number of rows."""
        return self._starts[-1] if self._numbers is None else len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> TripletRow: ...

    @overload
    def __getitem__(self, index: slice) -> TripletSet: ...

    def __getitem__(self, index: int | slice) -> TripletRow | TripletSet:
        if isinstance(index, slice):
            return self.select(np.arange(len(self))[index])
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {self!r}")
        index %= len(self)
        shard, batch, place = self._locate(index if self._numbers is None else int(self._numbers[index]))
        return table_to_rows(self._batch(shard, batch).slice(place, 1))[0]

    def __iter__(self) -> Iterator[TripletRow]:
        for block in self.blocks():
            yield from table_to_rows(block)

    def __repr__(self) -> str:
        return f"TripletSet({self.manifest.name}: {len(self):,} of {self.manifest.rows:,} triplets)"

    def rows(self, indices: Iterable[int]) -> list[TripletRow]:
        """Some rows, in the order asked for; neighbours in the set cost little more than one.

        Raises:
            IndexError: There is no such row.
        """
        numbers = self.numbers(indices).tolist()
        rows: list[TripletRow] = []
        while len(rows) < len(numbers):
            first = len(rows)
            shard, batch, place = self._locate(numbers[first])
            end, limit = first + 1, min(BATCH_ROWS - place, self._starts[shard + 1] - numbers[first])
            while end < len(numbers) and end - first < limit and numbers[end] == numbers[end - 1] + 1:
                end += 1
            rows += table_to_rows(self._batch(shard, batch).slice(place, end - first))
        return rows

    def numbers(self, indices: Iterable[int] | None = None) -> np.ndarray:
        """Row numbers in the whole set, (n,) int64, of some rows of this view (from the end where negative) or of all.

        Raises:
            IndexError: There is no such row.
        """
        if indices is None:
            return np.arange(len(self)) if self._numbers is None else self._numbers
        wanted = np.asarray(indices if isinstance(indices, np.ndarray) else list(indices), np.int64)
        wrong = (wanted < -len(self)) | (wanted >= len(self))
        if wrong.any():
            raise IndexError(f"row {wanted[wrong][0]} of {self!r}")
        wanted = np.where(wanted < 0, wanted + len(self), wanted)
        return wanted if self._numbers is None else self._numbers[wanted]

    def mask(self, index: int) -> np.ndarray:
        """The mask of a row, (height, width) bool.

        Raises:
            TripletSetError: Its run lengths are damaged or of another size.
        """
        return self[index].mask()

    def image(self, index: int) -> np.ndarray:
        """The picture of a row, or its window of the file: (height, width, 3) uint8 RGB.

        Raises:
            TripletSetError: The file is missing, damaged, or of another size than the row says.
        """
        return self.picture(self[index])

    def picture(self, row: TripletRow) -> np.ndarray:
        """The picture of a row at hand, as :meth:`image`."""
        path = self.image_root / row.image
        try:
            return read_pixels(Record(row.image_id, path, (row.height, row.width), window=row.window))
        except Fault as fault:
            raise TripletSetError(f"{path}: {fault}", kind=fault.kind) from fault

    def filter(self, **wanted: str | Collection[str]) -> TripletSet:
        """A view of the rows that have certain words; only these columns are read.

        Args:
            **wanted: A value, or several of which any will do, of ``kind``, ``category``, ``source``, ``split``,
                ``licence`` or ``maker``. All have to hold.

        Raises:
            ValueError: A column cannot be filtered by, or no row of the whole set has the value.
        """
        values = {name: [value] if isinstance(value, str) else list(value) for name, value in wanted.items()}
        for name, asked in values.items():
            if name not in WORDS:
                raise ValueError(f"rows cannot be filtered by {name!r}; take {', '.join(WORDS)}")
            known = self.manifest.counts.get(name, asked)  # a set that is not finished has no counts
            for missing in sorted(set(asked) - set(known)):
                raise ValueError(f"{self.folder}: no row has {name} {missing!r}; there are {', '.join(known)[:500]}")
        chosen = []
        for start, shard in zip(self._starts, self.manifest.shards, strict=False):
            table = read_shard(self.folder, shard, list(values)) if values else None
            fits = np.ones(shard.rows, bool)
            for name, asked in values.items():
                assert table is not None
                fits &= pc.is_in(table.column(name), value_set=pa.array(asked, pa.string())).to_numpy()
            chosen.append(np.flatnonzero(fits) + start)
        numbers = np.concatenate([np.zeros(0, np.int64), *chosen])
        return self._view(numbers if self._numbers is None else np.intersect1d(numbers, self._numbers))

    def select(self, indices: Iterable[int]) -> TripletSet:
        """A view of some rows, each once and in the order of the set.

        Raises:
            IndexError: There is no such row.
        """
        return self._view(np.unique(self.numbers(indices)))

    def blocks(self, *, columns: Sequence[str] | None = None, rows: int = BLOCK_ROWS) -> Iterator[pa.Table]:
        """The rows as tables of at most ``rows`` rows each, in order; for statistics and everything sequential.

        Args:
            columns: Which columns, by default all; the others are not read.
            rows: Rows of a table.

        Raises:
            TripletSetError: A shard is missing or damaged.
        """
        names = list(SCHEMA.names if columns is None else columns)
        unknown = sorted(set(names) - set(SCHEMA.names))
        if unknown:
            raise ValueError(f"there is no column {unknown[0]!r}; there are {', '.join(SCHEMA.names)}")
        for start, end, shard in zip(self._starts, self._starts[1:], self.manifest.shards, strict=False):
            if self._numbers is not None:
                first, last = np.searchsorted(self._numbers, (start, end))
                local = self._numbers[first:last] - start
                if not local.size:
                    continue
            done = 0
            with open_shard(self.folder, shard) as file:
                for batch in file.iter_batches(rows, columns=names, use_threads=False):
                    table = pa.Table.from_batches([batch]).select(names)
                    if self._numbers is not None:
                        inside = local[np.searchsorted(local, done) : np.searchsorted(local, done + len(batch))]
                        table = table.take(pa.array(inside - done))
                    done += len(batch)
                    if len(table):
                        yield table

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows of the view, in memory."""
        chunks = [block.column(name).combine_chunks() for block in self.blocks(columns=[name])]
        return pa.chunked_array(chunks, SCHEMA.field(name).type)

    def prepare(self) -> None:
        """Make the copies that rows are read from where they are missing; otherwise that happens at the first row."""
        shards = self.manifest.shards
        missing = not all(index_path(self.folder, shard).exists() for shard in shards)
        shown = missing and sys.stderr.isatty()
        for number in track(range(len(shards)), "preparing random access", disable=not shown, transient=True):
            self._reader(number)

    def verify(self, *, rows: bool = False, images: bool = False) -> list[Problem]:
        """Compare the files with the manifest, with a progress bar.

        Args:
            rows: Also check every row, its run lengths included.
            images: Also check that every picture is there and as large as its rows say.

        Returns:
            What is wrong; nothing where all is well.
        """
        from remotesam.data.triplet_set.verification import verify

        return verify(self, rows=rows, images=images)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_readers", "_last")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget_files()

    def _forget_files(self) -> None:
        self._readers: dict[int, pa.ipc.RecordBatchFileReader] = {}
        self._last: tuple[int, int, pa.RecordBatch] | None = None

    def _view(self, numbers: np.ndarray) -> TripletSet:
        view = object.__new__(TripletSet)
        view.__setstate__({**self.__getstate__(), "_numbers": numbers})
        view._readers = self._readers
        return view

    def _reader(self, shard: int) -> pa.ipc.RecordBatchFileReader:
        if shard not in self._readers:
            self._readers[shard] = open_index(self.folder, self.manifest.shards[shard])
        return self._readers[shard]

    def _locate(self, number: int) -> tuple[int, int, int]:
        """Shard, batch in it and place in that of a row of the whole set."""
        shard = bisect.bisect_right(self._starts, number) - 1
        return shard, *divmod(number - self._starts[shard], BATCH_ROWS)

    def _batch(self, shard: int, batch: int) -> pa.RecordBatch:
        last = self._last  # read once: threads may change it meanwhile
        if last is not None and last[:2] == (shard, batch):
            return last[2]
        try:
            found = self._reader(shard).get_batch(batch)
        except (OSError, pa.ArrowException) as error:
            file = self.folder / self.manifest.shards[shard].file
            raise TripletSetError(f"the copy of {file} for random access cannot be read: {error}") from error
        self._last = (shard, batch, found)
        return found
