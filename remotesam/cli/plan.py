"""Which images a command is about, and which files it will write, settled before any work."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from remotesam.cli.outputs import GATHERED_KINDS, KINDS, Output, names_folder, outputs_of

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".jp2", ".avif", ".ppm", ".pgm")
)


@dataclass(frozen=True)
class Job:
    """One image and the files about it alone.

    Attributes:
        image: The image's path.
        name: The path from the folder that was given; the file's name for a single image.
        outputs: What to write about it.
    """

    image: Path
    name: str
    outputs: list[Output]


@dataclass(frozen=True)
class Plan:
    """All that a run reads and writes.

    Attributes:
        jobs: One for each image, sorted by name.
        gathered: Files about all of the images.
        is_folder: Whether a folder was given.
    """

    jobs: list[Job]
    gathered: list[Output]
    is_folder: bool

    @property
    def outputs(self) -> list[Output]:
        """Every file that will be written."""
        return [output for job in self.jobs for output in job.outputs] + self.gathered


def make_plan(
    image: str, targets: Sequence[str], *, kinds: Sequence[str], name: str, recursive: bool, inputs: Iterable[str] = ()
) -> Plan:
    """Settles what to read and what to write.

    Args:
        image: The image or folder that was given.
        targets: The values of ``-o``.
        kinds: What the command can write, of ``remotesam.cli.outputs.KINDS``.
        name: The command's, which files about all images of a folder bear.
        recursive: Whether to look into the folder's folders.
        inputs: Further files that are read and must not be overwritten.

    Raises:
        typer.BadParameter: A target cannot be used, or would overwrite what is read.
        ValueError: The folder has no images.
    """
    source = Path(image)
    # os.path answers False where Path raises, as on names that are too long.
    if os.path.isdir(image):
        plan = _folder_plan(source, targets, kinds=kinds, name=name, recursive=recursive)
    else:
        outputs = [output for target in targets for output in outputs_of(target, kinds=kinds, stem=source.stem)]
        alone = [output for output in outputs if output.kind not in GATHERED_KINDS]
        gathered = [output for output in outputs if output.kind in GATHERED_KINDS]
        plan = Plan([Job(source, source.name, alone)], gathered, is_folder=False)
    if targets:
        read = {os.path.realpath(path) for path in (*inputs, *(str(job.image) for job in plan.jobs))}
        for output in plan.outputs:
            if os.path.realpath(output.path) in read:
                raise typer.BadParameter(f"{output.path} is what is read; choose another name", param_hint="-o")
    return plan


def check_words(image: str, words: Iterable[str], *, hint: str) -> None:
    """Tells of images given where sentences or categories belong, as a wildcard of the shell gives them.

    Raises:
        typer.BadParameter: One of the words is an image file.
    """
    for word in filter(os.path.isfile, words):
        if not os.path.exists(image):
            raise typer.BadParameter(
                f"{image}: no such file; give the image first, then the {hint}", param_hint="IMAGE"
            )
        if Path(word).suffix.lower() in IMAGE_SUFFIXES:
            raise typer.BadParameter(
                f"{word} is an image; give one image, or the folder of several, then the {hint}", param_hint="IMAGE"
            )


def _folder_plan(folder: Path, targets: Sequence[str], *, kinds: Sequence[str], name: str, recursive: bool) -> Plan:
    folders: list[str] = []
    gathered: list[Output] = []
    for target in targets:
        outputs = outputs_of(target, kinds=kinds, stem=name)
        if names_folder(target):
            if Path(target).resolve() == folder.resolve():
                raise typer.BadParameter(f"{target} is the folder of the images; choose another", param_hint="-o")
            folders.append(target)
        elif outputs[0].kind not in GATHERED_KINDS:
            others = "".join(f", or {KINDS[kind][0]}" for kind in GATHERED_KINDS if kind in kinds)
            raise typer.BadParameter(
                f"{target} is about one image, and {folder} is a folder of them; give a folder{others}", param_hint="-o"
            )
        gathered += [output for output in outputs if output.kind in GATHERED_KINDS]
    paths = _images_in(folder, recursive=recursive, apart_from=[Path(target) for target in folders])
    names = [path.relative_to(folder) for path in paths]
    uses = Counter(own.with_suffix("") for own in names)
    kinds_alone = [kind for kind in kinds if kind not in GATHERED_KINDS]
    jobs = []
    for path, own in zip(paths, names, strict=True):
        stem = str(own.with_suffix("") if uses[own.with_suffix("")] == 1 else own)
        outputs = [output for target in folders for output in outputs_of(target, kinds=kinds_alone, stem=stem)]
        jobs.append(Job(path, own.as_posix(), outputs))
    return Plan(jobs, gathered, is_folder=True)


def _images_in(folder: Path, *, recursive: bool, apart_from: Sequence[Path]) -> list[Path]:
    """The images of a folder by name, without hidden ones and without the pictures of an earlier run."""
    ours = [path for path in (path.resolve() for path in apart_from) if path.is_relative_to(folder.resolve())]
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
    return paths
