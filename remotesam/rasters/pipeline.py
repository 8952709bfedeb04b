"""Units through one segmenter: a thread reads ahead, the segmenter answers, a thread stores, so that none waits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from remotesam.rasters.ask import Question, Tile, ask_unit
from remotesam.rasters.source import Source, WindowReader
from remotesam.rasters.tile_store import TileAnswer, encode_unit
from remotesam.rasters.tiles import Tiling
from remotesam.segmenters.base import Segmenter

_AHEAD = 2  # units that wait on either side of the segmenter


@dataclass(frozen=True)
class UnitJob:
    """All that is needed to answer a unit anywhere; plain data that can be sent to other processes.

    Attributes:
        source: What is read.
        tiling: Its tiles.
        question: What is asked about each.
    """

    source: Source
    tiling: Tiling
    question: Question

    def read(self, reader: WindowReader, unit: int) -> list[Tile]:
        """Reads the tiles of a unit, trying again those that fail."""
        return [self._read_tile(reader, tile) for tile in self.tiling.unit(unit)]

    def answer(self, segmenter: Segmenter, unit: int, tiles: list[Tile]) -> list[TileAnswer]:
        """Answers the tiles of a unit."""
        return ask_unit(segmenter, self.question, tiles, [self.name(tile) for tile in self.tiling.unit(unit)])

    def name(self, tile: int) -> str:
        """What a tile is called in messages."""
        left, top, width, height = self.tiling.tiles[tile]
        return f"{self.source.path}: tile at column {left}, row {top} ({width} x {height} pixels)"

    def pixels(self, unit: int) -> int:
        """The pixels of a unit, counting overlaps only once, so that all units together have those of the grid."""
        total = 0
        for tile in self.tiling.unit(unit):
            row, column = divmod(tile, len(self.tiling.lefts))
            total += _own(self.tiling.lefts, column, self.tiling.width) * _own(
                self.tiling.tops, row, self.tiling.height
            )
        return total

    def _read_tile(self, reader: WindowReader, tile: int) -> Tile:
        problem = ""
        for _ in range(self.question.attempts):
            try:
                return reader.read(*self.tiling.tiles[tile])
            except OSError as error:
                reader.close()  # a file that was replaced, or a connection that broke, is opened anew
                problem = f"cannot be read ({error.__cause__ or error})"
        return problem


def _own(starts: list[int], index: int, end: int) -> int:
    return (starts[index + 1] if index + 1 < len(starts) else end) - starts[index]


@dataclass
class Clock:
    """Seconds spent: processor time of the threads that read and store, elapsed time of the rest."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, seconds: float) -> None:
        """Adds to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


def answer_units(
    job: UnitJob,
    segmenter: Segmenter,
    units: Iterable[int],
    store: Callable[[int, bytes], None],
    *,
    clock: Clock,
    done: Callable[[int], None] = lambda unit: None,
) -> None:
    """Reads, answers and stores units.

    Args:
        job: What to do.
        segmenter: Whom to ask; called from this thread only.
        units: Which units; taken from as they are needed.
        store: Keeps the encoded answers of a unit; called from one other thread.
        clock: Gets the seconds of "read", "network" and "store".
        done: Told of each stored unit.

    Raises:
        TileError: A tile failed where the question says to stop.
        OSError: A unit could not be stored.
    """

    def read(unit: int) -> list[Tile]:
        start = time.thread_time()
        tiles = job.read(reader, unit)
        clock.add("read", time.thread_time() - start)
        return tiles

    def keep(unit: int, answers: list[TileAnswer]) -> None:
        start = time.thread_time()
        store(unit, encode_unit(answers))
        clock.add("store", time.thread_time() - start)
        done(unit)

    stored: deque[Future[None]] = deque()
    with (
        closing(WindowReader(job.source)) as reader,
        ThreadPoolExecutor(1, "read") as reading,
        ThreadPoolExecutor(1, "store") as storing,
    ):
        try:
            for unit, tiles in _ahead(reading, read, units):
                start = time.perf_counter()
                answers = job.answer(segmenter, unit, tiles)
                clock.add("network", time.perf_counter() - start)
                stored.append(storing.submit(keep, unit, answers))
                while len(stored) > _AHEAD:
                    stored.popleft().result()
            while stored:
                stored.popleft().result()
        finally:
            reading.shutdown(cancel_futures=True)


def _ahead(
    pool: ThreadPoolExecutor, read: Callable[[int], list[Tile]], units: Iterable[int]
) -> Iterator[tuple[int, list[Tile]]]:
    waiting: deque[tuple[int, Future[list[Tile]]]] = deque()
    for unit in units:
        waiting.append((unit, pool.submit(read, unit)))
        if len(waiting) > _AHEAD:
            number, future = waiting.popleft()
            yield number, future.result()
    while waiting:
        number, future = waiting.popleft()
        yield number, future.result()
