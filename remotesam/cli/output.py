"""What the commands print and write: tables, errors, and the files of ``-o``."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from remotesam.results import Segmentation

MASK_SUFFIX = ".mask.png"
OVERLAY_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")


@cache
def console(*, stderr: bool = False) -> Console:
    """The console of standard output or standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def readable(text: object) -> str:
    """Text that can be printed and written, also where a file's name is not valid UTF-8."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def print_error(error: BaseException) -> None:
    """Says on standard error what went wrong, without a traceback."""
    if isinstance(error, OSError) and error.filename:
        message = f"{error.filename}: {error.strerror}; {_fix_of(error)}"
    elif lacks_memory(error):
        message = f"not enough memory ({error}); use --max-batch 1, a smaller image, or --device cpu"
    elif isinstance(error, ValueError | OSError):
        message = str(error)
    else:
        message = f"{type(error).__name__}: {error} (run it with remotesam --debug for the traceback)"
    console(stderr=True).print(readable(f"error: {message}"), markup=False, style="red", soft_wrap=True)


def lacks_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on the processor or a GPU."""
    text = str(error)
    told = isinstance(error, RuntimeError) and ("allocate memory" in text or "out of memory" in text)
    return told or isinstance(error, MemoryError)


def print_json(document: dict[str, Any], *, indent: int | None = None) -> None:
    """Prints one JSON document on standard output."""
    encodes_all = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(document, ensure_ascii=not encodes_all, allow_nan=False, indent=indent) + "\n")
    sys.stdout.flush()


def document_of(image: Path | str, shape: Sequence[int], results: Sequence[Segmentation]) -> dict[str, Any]:
    """The JSON document of one image: its name, size in pixels and results with COCO run-length masks."""
    return {
        "image": readable(image),
        "height": int(shape[0]),
        "width": int(shape[1]),
        "results": [result.to_dict() for result in results],
    }


def print_results(results: Sequence[Segmentation]) -> None:
    """Prints a table with a line for each sentence."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading, justify in (("sentence", "left"), ("found", "left"), ("score", "right"), ("pixels", "right")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for result in results:
        found = Text("yes", style="green") if result.present else Text("no", style="dim")
        sentence = result.expression if len(result.expression) <= 200 else result.expression[:197] + "..."
        table.add_row(Text(sentence), found, f"{result.score:.2f}", f"{result.area:,}")
    console().print(table)


@dataclass(frozen=True)
class Output:
    """One file that ``-o`` asks for.

    Attributes:
        path: The file.
        kind: What to write there.
    """

    path: Path
    kind: Literal["overlay", "mask", "json"]


def names_folder(target: str) -> bool:
    """Whether ``-o target`` means a folder: it ends with a slash, is one, or has no extension."""
    return target.endswith(("/", "\\")) or Path(target).is_dir() or not Path(target).suffix


def outputs_of(targets: Sequence[str], *, stem: str) -> list[Output]:
    """What ``-o`` asks for.

    Args:
        targets: The values of ``-o``: files, by their extension, or folders, which get all three kinds.
        stem: The name of files in folders, without extension.

    Raises:
        typer.BadParameter: An extension that names no kind.
    """
    outputs = []
    for target in targets:
        path = Path(target)
        if names_folder(target):
            outputs.append(Output(path / f"{stem}.overlay.png", "overlay"))
            outputs.append(Output(path / f"{stem}{MASK_SUFFIX}", "mask"))
            outputs.append(Output(path / f"{stem}.json", "json"))
        elif path.name.lower().endswith(MASK_SUFFIX):
            outputs.append(Output(path, "mask"))
        elif path.suffix.lower() == ".json":
            outputs.append(Output(path, "json"))
        elif path.suffix.lower() in OVERLAY_SUFFIXES:
            outputs.append(Output(path, "overlay"))
        else:
            raise typer.BadParameter(
                f"{target}: {path.suffix} is not known; use .png or .jpg (overlay), .mask.png, .json, or a folder",
                param_hint="-o",
            )
    return outputs


def write_outputs(
    outputs: Sequence[Output], *, image: Path | str, pixels: np.ndarray, results: Sequence[Segmentation]
) -> list[Path]:
    """Writes each output, whole or not at all.

    Args:
        outputs: What to write.
        image: The image's name, for the JSON.
        pixels: (H, W, 3) uint8 RGB.
        results: One or more results on it. Several sentences give one mask file each, numbered from 1.

    Returns:
        The files written.

    Raises:
        OSError: A file cannot be written; ``filename`` names it.
    """
    from remotesam.files import write_image, write_json
    from remotesam.visualize import overlay

    written = []
    for output in outputs:
        if output.kind == "json":
            write_json(output.path, document_of(image, pixels.shape, results))
            written.append(output.path)
        elif output.kind == "overlay":
            write_image(output.path, overlay(pixels, results))
            written.append(output.path)
        else:
            stem = output.path.name[: -len(MASK_SUFFIX)]
            for number, result in enumerate(results, start=1):
                name = f"{stem}{MASK_SUFFIX}" if len(results) == 1 else f"{stem}.{number}{MASK_SUFFIX}"
                path = output.path.with_name(name)
                write_image(path, result.mask)
                written.append(path)
    return written


def _fix_of(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "choose a place where you may write, or change its permissions"
    if isinstance(error, FileNotFoundError):
        return "check the path"
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return "a file and a folder have the same name there; choose another"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some space, or write elsewhere (nothing half-written was left)"
    return "choose another place"
