"""A progress bar in megapixels a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from remotesam.cli.output import console

if TYPE_CHECKING:
    from rich.progress import Task, TaskID
    from rich.text import Text

    from remotesam.rasters.raster_run import Progress


@contextmanager
def megapixel_progress() -> Iterator[Progress]:
    """Yields what a run over rasters reports to; a bar a stage, with megapixels a second and the time left."""
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Megapixels(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = f"{task.speed:6.2f} Mpx/s" if task.speed else ""
            return Text(f"{task.completed:8.1f} of {task.total or 0:.1f} Mpx  {speed}")

    columns = (TextColumn("{task.description:>9}"), BarColumn(), Megapixels(), TimeRemainingColumn())
    with Bars(*columns, console=console(stderr=True)) as bars:
        stages: dict[str, TaskID] = {}
        last: dict[str, float] = {}

        def report(stage: str, done: float, total: float) -> None:
            if stage not in stages or done < last[stage]:  # the next raster
                if stage in stages:
                    bars.remove_task(stages[stage])
                stages[stage] = bars.add_task(stage, total=total)
                if done:
                    bars.reset(stages[stage], total=total, completed=0)  # what was there before is no speed
            bars.update(stages[stage], completed=done, total=total)
            last[stage] = done

        yield report
