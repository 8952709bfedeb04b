"""Runs a task over one image or a folder of them: reads, asks, prints, writes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from remotesam.cli.options import RunOptions
from remotesam.cli.output import console, document_of, lacks_memory, print_json, print_line
from remotesam.cli.outputs import Gathering, check_writable, write_output
from remotesam.cli.plan import Plan, make_plan
from remotesam.cli.task import Answer, R, Task

if TYPE_CHECKING:
    from rich.progress import Progress

    from remotesam.api import RemoteSAM


def run_task(task: Task[R], image: str, options: RunOptions, *, inputs: Iterable[str] = ()) -> None:
    """Runs a task over an image, or over every image of a folder, going on past those that cannot be read.

    Args:
        task: What to ask.
        image: A file or a folder.
        options: What to print and write, and the model.
        inputs: Further files that are read and must not be overwritten.

    Raises:
        typer.BadParameter: A value of ``-o`` cannot be used.
        typer.Exit: With code 1, where an image of a folder failed.
        ValueError: There is no image, it cannot be read, or the model cannot be loaded.
        OSError: A file cannot be written.
    """
    plan = make_plan(
        image, options.targets, kinds=task.kinds, name=task.name, recursive=options.recursive, inputs=inputs
    )
    from remotesam.images import read_image

    # Before the model is loaded, so that a wrong path is told at once.
    pixels = None if plan.is_folder else read_image(image)
    for output in (*plan.jobs[0].outputs, *plan.gathered):
        check_writable(output.path)
    model = options.load_model()
    if pixels is None:
        _run_folder(task, plan, model, options)
        return
    (job,) = plan.jobs
    answer = Answer(job.image, job.name, 1, pixels, task.ask(model, pixels))
    gathering = Gathering(task, plan.gathered)
    gathering.add(answer)
    written = [path for output in job.outputs for path in write_output(task, output, answer)]
    written += gathering.write()
    if options.json:
        print_json(document_of(job.image, pixels.shape, task.document(answer.result)), indent=2)
        return
    task.show(answer.result)
    for path in written:
        print_line(f"wrote {path}")


def _run_folder(task: Task[R], plan: Plan, model: RemoteSAM, options: RunOptions) -> None:
    from remotesam.images import ImageError, read_image

    failures: list[str] = []
    found = 0
    gathering = Gathering(task, plan.gathered)
    with _progress() as progress:
        for number, job in enumerate(progress.track(plan.jobs, description=task.name), start=1):
            try:
                pixels = read_image(job.image)
                answer = Answer(job.image, job.name, number, pixels, task.ask(model, pixels))
            except ImageError as error:
                failures.append(str(error))
                continue
            except (MemoryError, RuntimeError) as error:
                if not lacks_memory(error):
                    raise
                failures.append(f"{job.image}: not enough memory; cut it into tiles, or use --max-batch 1")
                continue
            found += task.found(answer.result)
            gathering.add(answer)
            for output in job.outputs:
                write_output(task, output, answer)
            if options.json:
                print_json(document_of(job.image, pixels.shape, task.document(answer.result)))
            elif not options.targets:
                print_line(job.image, style="bold")
                task.show(answer.result)
    if len(failures) < len(plan.jobs):
        for _ in gathering.write():
            pass
    _print_summary(len(plan.jobs), found, failures, options.targets)


def _progress() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Redirected, what is printed stands above the bar; but then it goes where the bar goes, past a pipe or file.
    return Progress(*columns, console=console(stderr=True), redirect_stdout=sys.stdout.isatty())


def _print_summary(count: int, found: int, failures: Sequence[str], targets: Sequence[str]) -> None:
    done = count - len(failures)
    where = f"; results in {', '.join(targets)}" if targets and done else ""
    print_line(f"{done} of {count} images done, something found in {found}{where}", stderr=True)
    if failures:
        print_line(f"{len(failures)} failed:", stderr=True, style="red")
        for failure in failures:
            print_line(f"  {failure}", stderr=True)
        raise typer.Exit(1)
