"""``remotesam dataset``: measure a triplet set or any data set, and look at its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remotesam.cli import options
from remotesam.cli.output import console, print_json, print_line
from remotesam.cli.outputs import check_writable
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    import numpy as np

    from remotesam.data.statistics import RecordStatistics, SetStatistics
    from remotesam.data.statistics.projection import Encoder

dataset = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Measure a triplet set or any data set, and look at its samples.",
)

_NONE = "none"
_KINDS = (".html", ".json")
_MAP = "Map of sentences"


class KindChoice(StrEnum):
    """The values of ``--kind``."""

    one_to_one = "one-to-one"
    one_to_many = "one-to-many"
    one_to_zero = "one-to-zero"


class AttributesChoice(StrEnum):
    """The values of ``--attributes``."""

    rows = "rows"
    sentences = "sentences"


_Set = Annotated[Path, typer.Argument(help="The folder of a triplet set.", metavar="SET", show_default=False)]
_Split = Annotated[str | None, typer.Option(help="Only this split, such as train.", show_default=False)]


@dataset.command()
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
    split: _Split = None,
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
    device: options.Device = None,
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
        _records(folder, source, split, targets, json)
        return
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


@dataset.command()
def show(
    folder: _Set,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the sheets.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many samples.")] = 48,
    seed: Annotated[int, typer.Option(min=0, help="Other samples for another number.")] = 0,
    kind: Annotated[KindChoice | None, typer.Option(help="Only of this kind.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.", show_default=False)] = None,
    source: Annotated[str | None, typer.Option(help="Only of this data set.", show_default=False)] = None,
    split: _Split = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Where the pictures are, if not where the set says.", show_default=False),
    ] = None,
    cell: Annotated[int, typer.Option(min=64, max=2048, help="Width of a sample in pixels.")] = 360,
) -> None:
    """Look at samples of a triplet set on contact sheets: picture, mask, sentence, kind and source.

    [bold]remotesam dataset show runs/ships -o sheets --kind one-to-one --category ship[/bold]
    """
    if output.exists() and not output.is_dir():
        raise typer.BadParameter(f"{output} is a file; name a folder", param_hint="-o")
    from remotesam.cli.contact_sheets import choose_samples, contact_sheets, named_category
    from remotesam.data.triplet_set import TripletSet
    from remotesam.files import write_image

    triplets = TripletSet(folder, image_root=images, incomplete=True)
    if not triplets.image_root.is_dir():
        raise ValueError(f"{triplets.image_root}: no such folder of pictures; say where they are with --images FOLDER")
    check_writable(output / "sheet.png")
    wanted = {"kind": kind.value if kind else None, "source": source, "split": split}
    if category is not None:
        wanted["category"] = named_category(triplets, category)
    fitting = triplets.filter(**{name: value for name, value in wanted.items() if value is not None})
    if not len(fitting):
        raise ValueError(f"{folder}: no sample fits all that was asked for; ask for less")
    chosen = choose_samples(fitting, count, seed)
    failures: list[str] = []
    for number, sheet in enumerate(contact_sheets(chosen, failures, cell=cell), start=1):
        path = output / f"sheet-{number:03d}.png"
        write_image(path, sheet)
        print_line(f"wrote {path}")
    print_line(f"{len(chosen) - len(failures):,} of {len(fitting):,} samples that fit", stderr=True)
    if failures:
        print_line(f"{len(failures)} failed:", stderr=True, style="red")
        for failure in failures:
            print_line(f"  {failure}", stderr=True)
        raise typer.Exit(1)


def _records(folder: Path, source: str, split: str | None, targets: list[Path], json: bool) -> None:
    from remotesam.data.sources import open_source
    from remotesam.data.statistics import measure_records, render_record_report

    figures = measure_records(open_source(source, folder, **({} if split is None else {"split": split})))
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
    with Progress(
        TextColumn("{task.description}"), BarColumn(), *counted, console=console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda rows: bar.advance(task, rows)
