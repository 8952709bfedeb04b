"""The files of ``-o``: which are asked for, and how each is written."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import typer

from remotesam.cli.output import document_of, readable
from remotesam.cli.task import Answer, R, Task

MASK_SUFFIX = ".mask.png"
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
# Kind -> the endings that name it; the first whose ending fits is meant.
KINDS = {
    "mask": (MASK_SUFFIX,),
    "coco": (".coco.json",),
    "json": (".json",),
    "csv": (".csv",),
    "text": (".txt",),
    "picture": PICTURE_SUFFIXES,
}
GATHERED_KINDS = ("coco", "csv")  # one file about all images of a run
_PICTURE_IN_FOLDER = ".overlay.png"


@dataclass(frozen=True)
class Output:
    """One file that ``-o`` asks for.

    Attributes:
        path: The file.
        kind: What to write there, of ``KINDS``.
    """

    path: Path
    kind: str


def names_folder(target: str) -> bool:
    """Whether ``-o target`` means a folder: it ends with a slash, is one, or has no extension."""
    return target.endswith(("/", "\\")) or Path(target).is_dir() or not Path(target).suffix


def outputs_of(target: str, *, kinds: Sequence[str], stem: str) -> list[Output]:
    """What one ``-o`` asks for.

    Args:
        target: A file, by its extension, or a folder, which gets a file of each kind.
        kinds: What can be written, of ``KINDS``.
        stem: The name of files in folders, without extension.

    Raises:
        typer.BadParameter: An extension that names none of the kinds.
    """
    if not target.strip():
        raise typer.BadParameter("is empty; name a file or a folder", param_hint="-o")
    path = Path(target)
    if names_folder(target):
        endings = {kind: _PICTURE_IN_FOLDER if kind == "picture" else KINDS[kind][0] for kind in kinds}
        return [Output(path / f"{stem}{ending}", kind) for kind, ending in endings.items()]
    meant = next((kind for kind, named in KINDS.items() if path.name.lower().endswith(named)), None)
    if meant is not None and meant in kinds:
        return [Output(path, meant)]
    known = ", ".join(".png or .jpg (picture)" if kind == "picture" else KINDS[kind][0] for kind in kinds)
    raise typer.BadParameter(f"{target}: this command writes no such file; use {known}, or a folder", param_hint="-o")


def check_writable(path: Path) -> None:
    """Tells before the work whether a file could be written, without making its folder.

    Raises:
        OSError: It could not; ``filename`` names it.
    """
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_output(task: Task[R], output: Output, answer: Answer[R]) -> list[Path]:
    """Writes one file about one image (several masks where there are several), whole or not at all.

    Returns:
        The files written.

    Raises:
        OSError: A file cannot be written; ``filename`` names it.
    """
    from remotesam.files import write_image, write_json, write_text

    if output.kind == "mask":
        return list(task.write_masks(output.path, answer.result))
    if output.kind == "picture":
        write_image(output.path, task.draw(answer.pixels, answer.result))
    elif output.kind == "text":
        write_text(output.path, task.text(answer.result) + "\n")
    else:
        write_json(output.path, document_of(answer.image, answer.pixels.shape, task.document(answer.result)))
    return [output.path]


@dataclass
class Gathering(Generic[R]):
    """Files about all images of a run, written when it has ended.

    Attributes:
        task: Whose answers they are.
        outputs: The files, of ``GATHERED_KINDS``.
    """

    task: Task[R]
    outputs: Sequence[Output]
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _datasets: list[dict[str, Any]] = field(default_factory=list)

    def add(self, answer: Answer[R]) -> None:
        """Takes what the files need of an answer."""
        kinds = {output.kind for output in self.outputs}
        name = readable(answer.name)
        if "csv" in kinds:
            self._rows += [{"image": name, **row} for row in self.task.rows(answer.result)]
        if "coco" in kinds:
            found = self.task.instances(answer.result, answer.pixels.shape[:2])
            self._datasets.append(found.to_coco_dataset(file_name=name, image_id=answer.number))

    def write(self) -> Iterator[Path]:
        """Writes the files, each whole or not at all, and yields their names."""
        from remotesam.files import write_json, write_text

        for output in self.outputs:
            if output.kind == "coco":
                write_json(output.path, merged_coco(self._datasets))
            else:
                write_text(output.path, _csv(("image", *self.task.columns), self._rows))
            yield output.path


def merged_coco(datasets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Puts COCO data sets of one image each, with the same categories, together; annotations are numbered from 1."""
    annotations = [annotation for dataset in datasets for annotation in dataset["annotations"]]
    return {
        "images": [image for dataset in datasets for image in dataset["images"]],
        "categories": datasets[0]["categories"] if datasets else [],
        "annotations": [{**annotation, "id": number} for number, annotation in enumerate(annotations, start=1)],
    }


def _csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: round(cell, 6) if isinstance(cell, float) else cell for name, cell in row.items()})
    return text.getvalue()
