"""``remotesam dataset stats``: what is in a triplet set, or in any data set, in figures, plots and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli.options import read_reader_options
from remotesam.cli.output import console, print_json, print_line
from remotesam.cli.outputs import check_writable
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    import numpy as np

    from remotesam.data.statistics import RecordStatistics, SetStatistics
    from remotesam.data.statistics.projection import Encoder

_NONE = "none"
_KINDS = (".html", ".json")
_MAP = "Map of sentences"


class AttributesChoice(StrEnum):
    """The values of ``--attributes``."""

    rows = "rows"
    sentences = "sentences"


def stats(
    folder: Annotated[
        Path,
        typer.Argument(
            help="The folder of a triplet set, or with --source of a data set.", metavar="SET", show_default=False
        ),
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            help="What to write: .html a report with plots, .json the figures. May be given several times.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as a JSON document.")] = False,
    source: Annotated[
        str | None,
        typer.Option(
            help="Measure a data set as its publisher lays it out, by the name of its reader, such as dota; a wrong "
            "name lists them.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only this split, such as train.", show_default=False)] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            help="With --source, an option of its reader, such as class_column=kind. May be given several times.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    attributes: Annotated[
        AttributesChoice,
        typer.Option(help="rows: what the set says. sentences: found anew, to compare sets of different makers."),
    ] = AttributesChoice.rows,
    points: Annotated[
        int, typer.Option(min=0, max=20_000, help="Sentences on the map; 0 for none.", rich_help_panel=_MAP)
    ] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Another sample for another number.", rich_help_panel=_MAP)] = 0,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help=f"Whose text encoder places the sentences: as for other commands, or '{_NONE}' for their words alone.",
            rich_help_panel=_MAP,
        ),
    ] = DEFAULT_MODEL,
    device: Annotated[
        str | None,
        typer.Option(help="cpu, cuda, cuda:1, mps ... Chosen automatically if left out.", rich_help_panel=_MAP),
    ] = None,
) -> None:
    """Measure a triplet set: samples, categories, attributes, sentences, masks, coverage of RSVocab-1K.

    [bold]remotesam dataset stats runs/ships -o report.html[/bold]

    [bold]remotesam dataset stats --source dota DOTA --split val[/bold]
    """
    targets = output or []
    for path in targets:
        if path.suffix.lower() not in _KINDS:
            raise typer.BadParameter(f"{path}: end it with {' or '.join(_KINDS)}", param_hint="-o")
        check_writable(path)
    if source is not None:
        told = read_reader_options(option or [], hint="--option")
        _records(folder, source, {**({} if split is None else {"split": split}), **told}, targets, json)
        return
    if option:
        raise typer.BadParameter("options are those of a reader: give --source NAME too", param_hint="--option")
    from remotesam.data.statistics import measure_set, render_report
    from remotesam.data.triplet_set import TripletSet

    triplets = TripletSet(folder, incomplete=True)
    notes = {}
    if not triplets.manifest.complete:
        notes["unfinished"] = f"The set is not finished: {len(triplets):,} samples so far are measured."
        print_line(notes["unfinished"], stderr=True, style="yellow")
    name = triplets.manifest.name
    if split is not None:
        triplets, name = triplets.filter(split=split), f"{name}, {split}"
    wants_map = points > 0 and any(path.suffix.lower() == ".html" for path in targets)
    with _progress("measuring", len(triplets)) as advance:
        figures = measure_set(
            triplets, attributes=attributes.value, points=points if wants_map else 0, seed=seed, on_rows=advance
        )
    places, features = (None, "")
    if wants_map:
        places, features, told = _map(figures, model, device, seed)
        notes |= told

    def report() -> str:
        return render_report(figures, name=name, points=places, features=features, notes=notes)

    _tell(figures, targets, json, report, name)


def _records(folder: Path, source: str, options: dict[str, Any], targets: list[Path], json: bool) -> None:
    from inspect import signature

    from remotesam.data.sources.registry import find_reader, open_source
    from remotesam.data.statistics import measure_records, render_record_report

    known = [name for name in signature(find_reader(source)).parameters if name != "root"] + ["every_fifth"]
    for name in options:
        if name not in known:
            raise typer.BadParameter(f"{source} has no option {name}; it has {', '.join(known)}", param_hint="--option")
    figures = measure_records(open_source(source, folder, **options))
    _tell(figures, targets, json, lambda: render_record_report(figures), figures.name)


def _tell(
    figures: SetStatistics | RecordStatistics, targets: list[Path], json: bool, report: Callable[[], str], name: str
) -> None:
    from remotesam.cli.dataset_tables import print_records, print_set
    from remotesam.data.statistics import SetStatistics
    from remotesam.files import write_json, write_text

    for path in targets:
        if path.suffix.lower() == ".html":
            write_text(path, report())
        else:
            write_json(path, figures.as_dict())
    if json:
        print_json(figures.as_dict(), indent=2)
        return
    if isinstance(figures, SetStatistics):
        print_set(figures, name)
    else:
        print_records(figures)
    for path in targets:
        print_line(f"wrote {path}")


def _map(
    figures: SetStatistics, model: str, device: str | None, seed: int
) -> tuple[np.ndarray | None, str, dict[str, str]]:
    """Where sentences lie on a plane, by what, and why they do not."""
    from remotesam.data.statistics.projection import LEAST, can_project, project

    if not can_project():
        told = "There is no map of sentences: it takes scikit-learn, which comes with: pip install 'remotesam[stats]'"
        print_line(told, stderr=True, style="yellow")
        return None, "", {"map": told}
    if len(figures.sample) < LEAST:
        return None, "", {}
    encode, features = _encoder(model, device)
    with _progress("placing sentences", None):
        return project([one.text for one in figures.sample], encode=encode, seed=seed), features, {}


def _encoder(model: str, device: str | None) -> tuple[Encoder | None, str]:
    from remotesam.hub import bundled_models, find_checkpoint

    if model == _NONE or (model == DEFAULT_MODEL and model not in bundled_models()):
        return None, "TF-IDF weights of their words and pairs of words"
    from remotesam.segmenters.sentence_features import SentenceEncoder

    return SentenceEncoder(find_checkpoint(model), device=device), f"what the text encoder of {model} makes of them"


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], Any]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    counted = () if total is None else (MofNCompleteColumn(), TimeRemainingColumn())
    columns = (TextColumn("{task.description}"), BarColumn(), *counted)
    told = console(stderr=True)
    with Progress(*columns, console=told, transient=True, disable=not told.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda rows: bar.advance(task, rows)
