"""Scenes in folders, label tables and captions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.data_factories.pictures import save_noise

SIDE = 6


def write_scenes(root: Path, classes: Mapping[str, Sequence[str]]) -> None:
    """Writes the named files of each class."""
    for name, files in classes.items():
        for number, file in enumerate(files):
            save_noise(root / name / file, SIDE, SIDE, seed=number)


def table_text(rows: Mapping[str, Sequence[int]], labels: Sequence[str], *, corner: str, delimiter: str) -> str:
    """A table as text: a line of labels and a line an image."""
    lines = [delimiter.join([corner, *labels])]
    lines += [delimiter.join([image, *map(str, values)]) for image, values in rows.items()]
    return "\n".join(lines) + "\n"


def karpathy(images: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """A caption file: name -> (split, sentences)."""
    entries: list[dict[str, Any]] = []
    for number, (name, (split, texts)) in enumerate(images.items()):
        sentences = [
            {"raw": text, "tokens": text.split(), "imgid": number, "sentid": at} for at, text in enumerate(texts)
        ]
        entries.append({"filename": name, "imgid": number, "sentences": sentences, "split": split, "sentids": [number]})
    return {"images": entries, "dataset": "look-alike"}


def write_captions(root: Path, file: str, folder: str, images: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """Writes a caption file and its images."""
    for number, name in enumerate(images):
        save_noise(root / folder / name, SIDE, SIDE, seed=number)
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(karpathy(images)))
