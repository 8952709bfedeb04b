"""Work in several processes, with the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4
_state: Any = None


def ordered_map(function: Callable[[Any, T], R], tasks: Iterable[T], *, state: Any, workers: int) -> Iterator[R]:
    """Yield ``function(state, task)`` for every task, in their order.

    Args:
        function: Importable by its name. What it returns must not depend on earlier tasks.
        tasks: Taken up one after the other, only a few ahead of the results.
        state: What all tasks share; sent to each process once.
        workers: Processes; with 0 or 1 all happens in this one.

    Raises:
        BrokenProcessPool: A process was killed, such as for want of memory.
    """
    if workers <= 1:
        for task in tasks:
            yield function(state, task)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(state,))
    pending: deque[Future[R]] = deque()
    try:
        for task in tasks:
            pending.append(pool.submit(_call, function, task))
            if len(pending) >= _AHEAD * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(state: Any) -> None:
    global _state
    _state = state
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    cv2.setNumThreads(1)


def _call(function: Callable[[Any, T], R], task: T) -> R:
    return function(_state, task)
