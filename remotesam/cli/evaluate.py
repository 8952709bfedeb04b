"""``remotesam evaluate``: the figures of a task on a data set, of a model or of a file of predictions."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli.categories import read_categories
from remotesam.cli.evaluation_options import TASK_HELP, DataOptions, ResultOptions, SubjectOptions, TaskChoice
from remotesam.cli.evaluation_text import show_summary
from remotesam.cli.groups import with_groups
from remotesam.cli.output import print_json, print_line

if TYPE_CHECKING:
    from remotesam.evaluation.data import EvaluationData
    from remotesam.evaluation.run import RunOptions, Subject


@with_groups
def evaluate(
    task: Annotated[TaskChoice, typer.Option("--task", "-t", help=TASK_HELP)],
    wanted: DataOptions,
    who: SubjectOptions,
    result: ResultOptions,
) -> None:
    """Measure a model, or anybody's predictions, on a data set.

    [bold]remotesam evaluate --task ref --data rrsis-d --root RRSIS-D --split test --protocol reference[/bold]

    [bold]remotesam evaluate --task det --data instances_val.json --predictions results.json[/bold]

    Writes a row a sample and a summary with all that is needed to repeat it; remotesam report makes tables of them.
    Started again it goes on where it stopped. torchrun shares the images out over processes.
    """
    from remotesam.evaluation.processes import Processes
    from remotesam.evaluation.run import run

    processes = Processes()
    try:
        data = wanted.open()
        subject = who.load(processes)
        chosen = _run_options(wanted, who, result)
        folder = result.out or _default_folder(task.value, data, subject, chosen)
        dump = run(data, task.value, subject, folder=folder, options=chosen, processes=processes)
        if dump is None:
            return
        if result.json:
            print_json(dump.summary, indent=2)
        else:
            show_summary(dump.summary)
            for path in (dump.folder / "samples.parquet", dump.folder / "summary.json"):
                print_line(f"wrote {path}")
            if result.gallery:
                print_line(f"wrote {dump.folder / 'gallery'}")
    finally:
        processes.close()


def _run_options(wanted: DataOptions, who: SubjectOptions, result: ResultOptions) -> RunOptions:
    from remotesam.evaluation.questions import AskOptions
    from remotesam.evaluation.run import RunOptions

    ask = AskOptions(
        asked=wanted.questions.value if wanted.questions else None,
        boxes=wanted.boxes.value,
        shape=wanted.shape.value,
        categories=read_categories([], wanted.categories) if wanted.categories else None,
        background=wanted.background.value if wanted.background else None,
        synonyms=tuple(wanted.synonym) if wanted.synonym else None,
        seed=result.seed,
    )
    return RunOptions(
        metric=result.metric,
        protocol=result.protocol.value,
        size=result.size,
        presence_threshold=who.presence_threshold,
        ask=ask,
        limit=wanted.limit,
        allow_missing=who.allow_missing,
        overwrite=result.overwrite,
        gallery=result.gallery,
        command=_command(sys.argv[1:]),
    )


def _command(arguments: Sequence[str]) -> str:
    """How to do it again, whether this is tools/test.py or remotesam evaluate."""
    given = list(arguments)
    return shlex.join(
        ["remotesam", "evaluate", *(given[given.index("evaluate") + 1 :] if "evaluate" in given else given)]
    )


def _default_folder(task: str, data: EvaluationData, subject: Subject, chosen: RunOptions) -> Path:
    words = [task, data.name, data.split, subject.name, *(["reference"] if chosen.protocol == "reference" else [])]
    words += [chosen.metric] if chosen.metric not in (None, task) else []
    return Path("runs/evaluation") / re.sub(r"[^\w.]+", "-", "-".join(words).lower())
