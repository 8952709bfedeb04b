"""What a run reports: a line of JSON per record, TensorBoard, and a progress bar."""

import datetime
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from remotesam.files import atomic_path

SECONDS_BETWEEN_LINES = 30.0


class Journal:
    """Writes ``log.jsonl`` and TensorBoard files in the run's folder, and shows the progress bar.

    Each record is one flushed line ``{"step": int, "kind": "train" | "validation" | "event", ...}``. A resumed run
    first drops the records after its start (and a half-written last line), so that no step appears twice.

    Args:
        folder: The run's folder.
        start: Optimiser steps already done.
        total: Optimiser steps of the whole run; None where they are not known.
        active: False in processes other than the first: nothing is written or shown.
    """

    def __init__(self, folder: Path, *, start: int, total: int | None, active: bool = True) -> None:
        self.active = active
        if not active:
            return
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        self.said = -math.inf
        path = folder / "log.jsonl"
        trim_log(path, last_step=start)
        self.file = path.open("a", encoding="utf-8")
        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=start + 1)
        self.bar = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self.task = self.bar.add_task("training", total=total, completed=start, note="")

    def __enter__(self) -> "Journal":
        if self.active:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.active:
            self.bar.stop()
            self.file.close()
            self.board.close()

    def advance(self, *, step: int, note: str | None = None) -> None:
        """Move the bar to ``step``, with a text beside it."""
        if self.active:
            self.bar.update(self.task, completed=step)
            if note is None:
                return
            self.bar.update(self.task, note=note)
            # A log file shows no moving bar: a line now and then instead.
            if not self.bar.console.is_terminal and time.monotonic() - self.said > SECONDS_BETWEEN_LINES:
                self.said = time.monotonic()
                left = self.bar.tasks[0].time_remaining
                eta = "" if left is None else f"  {datetime.timedelta(seconds=round(left))} left"
                total = self.bar.tasks[0].total
                self.say(f"step {step}{'' if total is None else f' of {total:.0f}'}  {note}{eta}")

    def record(self, kind: str, *, step: int, values: Mapping[str, Any]) -> None:
        """Write one record; finite numbers also go to TensorBoard as ``kind/name``."""
        if not self.active:
            return
        self.file.write(json.dumps({"step": step, "kind": kind, **values}) + "\n")
        self.file.flush()
        for name, value in values.items():
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                self.board.add_scalar(f"{kind}/{name}", value, step)

    def picture(self, name: str, image: NDArray[np.uint8], *, step: int) -> None:
        """Show an (H, W, 3) RGB picture in TensorBoard."""
        if self.active:
            self.board.add_image(name, image, step, dataformats="HWC")

    def say(self, text: str) -> None:
        """Print above the bar."""
        if self.active:
            self.bar.console.print(text, markup=False, highlight=False)


def trim_log(path: Path, *, last_step: int) -> None:
    """Drop records after ``last_step`` and a half-written last line; nothing happens without the file."""
    if not path.is_file():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            break
        if record["step"] <= last_step:
            kept.append(line)
    with atomic_path(path) as temporary:
        temporary.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
