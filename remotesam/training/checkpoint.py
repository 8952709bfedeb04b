"""Training state on disk: complete or absent, never half."""

import json
import logging
import os
import re
from pathlib import Path
from typing import Any

import torch

from remotesam.files import atomic_path, write_json

log = logging.getLogger(__name__)

FORMAT = 1
NAME = re.compile(r"step_(\d{8})\.pt")


class CheckpointFolder:
    """The last ``keep_last`` training states, and the best by a validation figure.

    A state is one file, written under a temporary name, flushed to the disk and renamed, so that a kill at any moment
    leaves the former states intact. ``best.json`` names the best one.

    Args:
        folder: Made on the first save.
        keep_last: States to keep beside the best.
    """

    def __init__(self, folder: Path, *, keep_last: int = 3) -> None:
        self.folder, self.keep_last = folder, keep_last

    def path(self, step: int) -> Path:
        """Where the state after ``step`` optimiser steps is."""
        return self.folder / f"step_{step:08d}.pt"

    def steps(self) -> list[int]:
        """Steps of the states that are there, ascending."""
        if not self.folder.is_dir():
            return []
        return sorted(int(match[1]) for item in self.folder.iterdir() if (match := NAME.fullmatch(item.name)))

    def save(self, state: dict[str, Any], *, step: int) -> Path:
        """Write a state and delete those no longer kept.

        Args:
            state: Tensors and plain Python data only.
            step: Optimiser steps done.

        Returns:
            The file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.path(step)
        with atomic_path(target) as temporary, temporary.open("wb") as file:
            torch.save({"format": FORMAT, "step": step, **state}, file)
            file.flush()
            os.fsync(file.fileno())
        self._prune()
        return target

    def remove_unfinished(self) -> None:
        """Delete what killed runs were writing; call it where no other run writes here."""
        for path in self.folder.glob(".step_*.pt"):
            path.unlink(missing_ok=True)

    def mark_best(self, *, step: int, metric: str, value: float) -> None:
        """Record that the state of ``step`` is the best so far; it is kept until another one is."""
        write_json(self.folder / "best.json", {"step": step, "metric": metric, "value": value})

    def best(self) -> Path | None:
        """The best state, or None where validation never ran."""
        record = self.folder / "best.json"
        if not record.is_file():
            return None
        path = self.path(int(json.loads(record.read_text())["step"]))
        return path if path.is_file() else None

    def latest(self) -> tuple[Path, dict[str, Any]] | None:
        """The newest state that loads, with its file; unreadable ones are reported and passed over."""
        for step in reversed(self.steps()):
            try:
                return self.path(step), load_state(self.path(step))
            except ValueError as error:
                log.warning("%s; trying the state before it", error)
        return None

    def set_aside_after(self, step: int) -> None:
        """Rename states after ``step``, which :meth:`latest` could not read, lest they count among the last."""
        for later in self.steps():
            if later > step:
                path = self.path(later)
                path.replace(path.with_name(path.name + ".unreadable"))

    def _prune(self) -> None:
        best = self.best()
        for step in self.steps()[: -self.keep_last]:
            if self.path(step) != best:
                self.path(step).unlink()


def load_state(path: Path) -> dict[str, Any]:
    """Read one training state to the CPU, weights only.

    Raises:
        ValueError: The file is missing, damaged, or of another format.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such training state")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for damaged archives
        raise ValueError(f"{path}: not a readable training state ({error})") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        found = state.get("format") if isinstance(state, dict) else type(state).__name__
        raise ValueError(f"{path}: training state of format {found!r}; this version reads format {FORMAT}")
    return state
