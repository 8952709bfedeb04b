"""Units on a Ray cluster: actors hold the model, answers come back to where the run was started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from remotesam.rasters.engines import Task, answer_chunk, chunked, each_here, keep, moved, share_threads
from remotesam.rasters.errors import RasterError
from remotesam.rasters.pipeline import Clock, UnitJob
from remotesam.segmenters.base import Segmenter


class RayEngine:
    """Actors of a Ray cluster (docs.ray.io), each with a segmenter of its own.

    Joins the cluster that ``RAY_ADDRESS`` names, or the one already joined, or starts one on this machine. Every node
    must see the rasters under the same path or URL; the working folder is this machine's alone. An actor that dies is
    started again and its units are asked again.

    Args:
        segmenter: Stored in the cluster once; it must be one that pickle takes.
        workers: How many actors.
        devices: A device for each, or none. An actor of a "cuda" device asks Ray for a GPU, and computes on the one
            that Ray gives it.

    Raises:
        RasterError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, segmenter: Segmenter, workers: int, devices: Sequence[str] = ()) -> None:
        try:
            import ray
        except ImportError as error:
            raise RasterError(f"the engine 'ray' needs ray ({error}); pip install 'remotesam[ray]'") from error
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            try:
                ray.init(log_to_driver=False, include_dashboard=False, logging_level="ERROR")
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise RasterError(f"no Ray cluster can be joined or started ({error})") from error
        self._segmenter = ray.put(segmenter)  # kept, so that actors can be started again
        self._actors = []
        for index in range(workers):
            device = devices[index] if devices else None
            needs = {"num_gpus": 1} if (device or "").startswith("cuda") else {}
            actor = ray.remote(**{"num_cpus": 1, "max_restarts": 3, "max_task_retries": 3, **needs})(_Actor)
            self._actors.append(actor.remote(self._segmenter, workers, "cuda" if needs else device))

    def answer(
        self,
        job: UnitJob,
        units: Sequence[int],
        store: Callable[[int, bytes], None],
        *,
        clock: Clock,
        done: Callable[[int], None],
    ) -> None:
        """See ``remotesam.rasters.engines.Engine``."""
        ray = self._ray
        shared = ray.put(job)
        chunks = iter(chunked(units, len(self._actors)))
        running: dict[Any, Any] = {}

        def give(actor: Any) -> None:
            chunk = next(chunks, None)
            if chunk is not None:
                running[actor.answer.remote(shared, chunk)] = actor

        for actor in (*self._actors, *self._actors):  # two each, so that none waits for the next
            give(actor)
        try:
            while running:
                ended, _ = ray.wait(list(running), num_returns=1)
                give(running.pop(ended[0]))
                keep(ray.get(ended[0]), store, clock=clock, done=done)
        except ray.exceptions.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else RasterError(str(error)) from None
        except ray.exceptions.RayError as error:
            raise RasterError(f"the Ray cluster failed ({error}); run again to go on") from error
        finally:
            for reference in running:
                ray.cancel(reference)

    def each(self, task: Task, arguments: Sequence[tuple[Any, ...]], done: Callable[[int], None]) -> None:
        """See ``remotesam.rasters.engines.Engine``; here, where the answers are."""
        each_here(task, arguments, done)

    def close(self) -> None:
        """Ends the actors, and the cluster where this run started it."""
        for actor in self._actors:
            self._ray.kill(actor)
        if self._started:
            self._ray.shutdown()


class _Actor:
    """Holds a segmenter and answers units."""

    def __init__(self, segmenter: Any, workers: int, device: str | None) -> None:
        self._segmenter = segmenter if device is None else moved(segmenter, device)
        share_threads(workers)

    def answer(self, job: UnitJob, units: list[int]) -> Any:
        return answer_chunk(job, self._segmenter, units)
