"""``remotesam segment``: one image or a folder of them, any number of sentences."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli import options
from remotesam.cli.output import (
    Output,
    console,
    document_of,
    lacks_memory,
    names_folder,
    outputs_of,
    print_json,
    print_results,
    readable,
    write_outputs,
)
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    from rich.progress import Progress

    from remotesam.api import RemoteSAM

Job = tuple[Path, list[Output]]
IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".jp2", ".avif", ".ppm", ".pgm")
)


def segment(
    image: Annotated[str, typer.Argument(help="An image, or a folder of images.", metavar="IMAGE")],
    sentences: Annotated[list[str], typer.Argument(help='What to find, such as "all airplanes".', metavar="SENTENCE")],
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="What to write, by extension: .png or .jpg the masks drawn on the image, .mask.png the mask itself "
            "(255 inside; numbered files for several sentences), .json masks as COCO RLE; a folder gets all three. "
            "May be given several times.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON on standard output: a document, or a line for each image.")
    ] = False,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into the folder's folders too.")] = False,
    threshold: options.Threshold = None,
    presence_threshold: options.PresenceThreshold = None,
    model: options.Model = DEFAULT_MODEL,
    device: options.Device = None,
    precision: options.PrecisionOption = None,
    max_batch: options.MaxBatch = None,
) -> None:
    """Find what sentences name in an image, or in every image of a folder.

    [bold]remotesam segment photo.jpg "all airplanes" "the ship on the left" -o out.png[/bold]
    """
    targets = output or []
    for number, sentence in enumerate(sentences, start=1):
        if not sentence.strip():
            raise typer.BadParameter(
                f'sentence {number} is empty; say what to find, such as "all airplanes"', param_hint="SENTENCE"
            )
    source = Path(image)
    # os.path answers False where Path raises, as on names that are too long.
    if not os.path.exists(image) and any(map(os.path.isfile, sentences)):
        raise typer.BadParameter(f"{image}: no such file; give the image first, then the sentences", param_hint="IMAGE")
    jobs = _folder_jobs(source, targets, recursive=recursive) if os.path.isdir(image) else None
    outputs = _single_outputs(source, targets) if jobs is None else []

    from remotesam.images import read_image

    # Before the model is loaded, so that a wrong path is told at once.
    pixels = read_image(image) if jobs is None else None
    from remotesam.api import RemoteSAM

    loaded = RemoteSAM.from_pretrained(
        model,
        device=device,
        precision=precision.value if precision else None,
        threshold=threshold,
        presence_threshold=presence_threshold,
        max_batch=max_batch,
    )
    if jobs is not None:
        _segment_folder(loaded, jobs, sentences, json=json, targets=targets)
    elif pixels is not None:
        results = loaded.segment(pixels, sentences)
        written = write_outputs(outputs, image=source, pixels=pixels, results=results)
        if json:
            print_json(document_of(source, pixels.shape, results), indent=2)
            return
        print_results(results)
        for file in written:
            console().print(readable(f"wrote {file}"), markup=False, soft_wrap=True)


def _segment_folder(
    model: RemoteSAM, jobs: Sequence[Job], sentences: Sequence[str], *, json: bool, targets: Sequence[str]
) -> None:
    from remotesam.images import ImageError, read_image

    failures: list[str] = []
    found = 0
    with _progress() as progress:
        for path, outputs in progress.track(jobs, description="segmenting"):
            try:
                pixels = read_image(path)
                results = model.segment(pixels, sentences)
            except ImageError as error:
                failures.append(str(error))
                continue
            except (MemoryError, RuntimeError) as error:
                if not lacks_memory(error):
                    raise
                failures.append(f"{path}: not enough memory; cut it into tiles, or use --max-batch 1")
                continue
            found += any(result.present for result in results)
            write_outputs(outputs, image=path, pixels=pixels, results=results)
            if json:
                print_json(document_of(path, pixels.shape, results))
            elif not outputs:
                console().print(readable(path), markup=False, style="bold")
                print_results(results)
    _print_summary(len(jobs), found, failures, targets)


def _single_outputs(source: Path, targets: Sequence[str]) -> list[Output]:
    outputs = outputs_of(targets, stem=source.stem)
    for item in outputs:
        if item.path.resolve() == source.resolve():
            raise typer.BadParameter(f"{item.path} is the image itself; choose another name", param_hint="-o")
    return outputs


def _folder_jobs(folder: Path, targets: Sequence[str], *, recursive: bool) -> list[Job]:
    for target in targets:
        if not names_folder(target):
            raise typer.BadParameter(
                f"{target} is one file, and {folder} is a folder of images; give a folder", param_hint="-o"
            )
        if Path(target).resolve() == folder.resolve():
            raise typer.BadParameter(f"{target} is the folder of the images; choose another", param_hint="-o")
    # Pictures of an earlier run are no images to ask about.
    ours = [out for out in (Path(target).resolve() for target in targets) if out.is_relative_to(folder.resolve())]
    paths = [
        path
        for path in sorted(folder.rglob("*") if recursive else folder.iterdir())
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not path.name.startswith(".")
        and not any(path.resolve().is_relative_to(own) for own in ours)
    ]
    if not paths:
        hint = "give another, or add --recursive" if not recursive else "give another"
        raise ValueError(f"{folder}: no images in this folder; {hint}")
    stems = [path.relative_to(folder).with_suffix("") for path in paths]
    uses = Counter(stems)
    return [
        (path, outputs_of(targets, stem=str(stem if uses[stem] == 1 else path.relative_to(folder))))
        for path, stem in zip(paths, stems, strict=True)
    ]


def _progress() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console(stderr=True))


def _print_summary(count: int, found: int, failures: Sequence[str], targets: Sequence[str]) -> None:
    told = console(stderr=True)
    done = count - len(failures)
    where = f"; results in {', '.join(targets)}" if targets else ""
    told.print(f"{done} of {count} images segmented, something found in {found}{where}", markup=False, soft_wrap=True)
    if failures:
        told.print(f"{len(failures)} failed:", style="red")
        for failure in failures:
            told.print(f"  {readable(failure)}", markup=False, soft_wrap=True)
        raise typer.Exit(1)
