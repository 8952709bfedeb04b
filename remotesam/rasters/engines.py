"""Where units are answered: in this process, in processes of this machine, or on a Ray cluster.

All give the same answers: a unit is always the same tiles, asked together, whoever asks and in whatever order.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol

from remotesam.rasters.errors import RasterError
from remotesam.rasters.pipeline import Clock, UnitJob, answer_units
from remotesam.segmenters.base import Segmenter

CHUNK = 4
"""Units that a worker is given at once, so that it reads ahead."""

Answered = tuple[list[tuple[int, bytes]], dict[str, float]]
Task = Callable[..., None]


class Engine(Protocol):
    """Something that answers units."""

    def answer(
        self,
        job: UnitJob,
        units: Sequence[int],
        store: Callable[[int, bytes], None],
        *,
        clock: Clock,
        done: Callable[[int], None],
    ) -> None:
        """Answers units; see ``answer_units``."""
        ...

    def each(self, task: Task, arguments: Sequence[tuple[Any, ...]], done: Callable[[int], None]) -> None:
        """Calls a function of this machine's files with each of some arguments, in any order.

        Args:
            task: A function of a module.
            arguments: Those of each call.
            done: Told the index of each call that ended.
        """
        ...

    def close(self) -> None:
        """Ends workers."""
        ...


class LocalEngine:
    """This process, with a thread that reads and one that stores.

    Args:
        segmenter: Whom to ask.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def answer(
        self,
        job: UnitJob,
        units: Sequence[int],
        store: Callable[[int, bytes], None],
        *,
        clock: Clock,
        done: Callable[[int], None],
    ) -> None:
        """See ``Engine``."""
        answer_units(job, self._segmenter, units, store, clock=clock, done=done)

    def each(self, task: Task, arguments: Sequence[tuple[Any, ...]], done: Callable[[int], None]) -> None:
        """See ``Engine``."""
        each_here(task, arguments, done)

    def close(self) -> None:
        """See ``Engine``."""


class ProcessEngine:
    """Processes of this machine, each with a segmenter of its own.

    Args:
        segmenter: Sent to every process once; it must be one that pickle takes.
        workers: How many processes.
        devices: A device for each, or none.
    """

    def __init__(self, segmenter: Segmenter, workers: int, devices: Sequence[str] = ()) -> None:
        context = get_context("spawn")  # a fork would share the state of torch's threads
        names = context.Queue()
        for index in range(workers):
            names.put(devices[index] if devices else None)
        self._workers = workers
        self._pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_start_worker, initargs=(segmenter, workers, names)
        )

    def answer(
        self,
        job: UnitJob,
        units: Sequence[int],
        store: Callable[[int, bytes], None],
        *,
        clock: Clock,
        done: Callable[[int], None],
    ) -> None:
        """See ``Engine``."""
        chunks = iter(chunked(units, self._workers))
        running: set[Future[Answered]] = set()
        try:
            while True:
                while len(running) < 2 * self._workers and (chunk := next(chunks, None)):
                    running.add(self._pool.submit(_answer_in_worker, job, chunk))
                if not running:
                    return
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    keep(future.result(), store, clock=clock, done=done)
        except BrokenProcessPool as error:
            raise RasterError("a worker process died, perhaps for want of memory; run again to go on") from error
        finally:
            for future in running:
                future.cancel()

    def each(self, task: Task, arguments: Sequence[tuple[Any, ...]], done: Callable[[int], None]) -> None:
        """See ``Engine``."""
        futures = [self._pool.submit(task, *values) for values in arguments]
        try:
            for index, future in enumerate(futures):
                future.result()
                done(index)
        except BrokenProcessPool as error:
            raise RasterError("a worker process died, perhaps for want of memory; run again to go on") from error
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """See ``Engine``."""
        self._pool.shutdown(cancel_futures=True)


def make_engine(segmenter: Segmenter, *, engine: str, workers: int, devices: Sequence[str]) -> Engine:
    """The engine of a name; see ``RasterOptions``.

    Raises:
        RasterError: Ray is not installed, or cannot be reached.
    """
    if engine == "ray":
        from remotesam.rasters.ray_engine import RayEngine

        return RayEngine(segmenter, workers, devices)
    if workers > 1:
        return ProcessEngine(segmenter, workers, devices)
    return LocalEngine(moved(segmenter, devices[0]) if devices else segmenter)


def each_here(task: Task, arguments: Sequence[tuple[Any, ...]], done: Callable[[int], None]) -> None:
    """``Engine.each`` in this process, one call after the other."""
    for index, values in enumerate(arguments):
        task(*values)
        done(index)


def chunked(units: Sequence[int], workers: int) -> Iterator[list[int]]:
    """Units in chunks, smaller ones where there are few, so that every worker has some."""
    size = max(1, min(CHUNK, len(units) // (2 * workers)))
    for start in range(0, len(units), size):
        yield list(units[start : start + size])


def answer_chunk(job: UnitJob, segmenter: Segmenter, units: Sequence[int]) -> Answered:
    """The encoded answers of units, and the seconds of each stage."""
    clock = Clock()
    answered: list[tuple[int, bytes]] = []
    answer_units(job, segmenter, units, lambda unit, content: answered.append((unit, content)), clock=clock)
    return answered, clock.seconds


def keep(answered: Answered, store: Callable[[int, bytes], None], *, clock: Clock, done: Callable[[int], None]) -> None:
    """Stores what ``answer_chunk`` gave."""
    for unit, content in answered[0]:
        store(unit, content)
        done(unit)
    for stage, seconds in answered[1].items():
        clock.add(stage, seconds)


def moved(segmenter: Any, device: str) -> Any:
    """The segmenter on a device.

    Raises:
        RasterError: It has no method ``to(device)``.
    """
    if not callable(getattr(segmenter, "to", None)):
        raise RasterError(f"{type(segmenter).__name__} cannot be moved to {device}: it has no method to(device)")
    return segmenter.to(device)


def share_threads(workers: int) -> None:
    """Divides the cores of this machine between workers, unless OMP_NUM_THREADS says otherwise."""
    torch = sys.modules.get("torch")
    if torch is not None and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))


_segmenter: Any = None


def _start_worker(segmenter: Any, workers: int, devices: Any) -> None:
    global _segmenter
    device = devices.get()
    _segmenter = segmenter if device is None else moved(segmenter, device)
    share_threads(workers)


def _answer_in_worker(job: UnitJob, units: Sequence[int]) -> Answered:
    return answer_chunk(job, _segmenter, units)
