"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class PrecisionChoice(StrEnum):
    """The values of ``--precision``."""

    float32 = "float32"
    bf16 = "bf16"
    fp16 = "fp16"


Model = Annotated[
    str, typer.Option("--model", "-m", help="A bundled model, a checkpoint folder, or a hub id owner/name.")
]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda, cuda:1, mps ... Chosen automatically if left out.", show_default=False)
]
PrecisionOption = Annotated[
    PrecisionChoice | None, typer.Option(help="Chosen automatically if left out.", show_default=False)
]
_MAX_BATCH_HELP = "How many sentences to compute at once; fewer need less memory. The model's if left out."
MaxBatch = Annotated[int | None, typer.Option(min=1, help=_MAX_BATCH_HELP, show_default=False)]
_THRESHOLD_HELP = "A pixel belongs above this probability; the model's if left out."
_PRESENCE_HELP = "Something is there above this score; the model's if left out."
Threshold = Annotated[float | None, typer.Option(min=0, max=1, help=_THRESHOLD_HELP, show_default=False)]
PresenceThreshold = Annotated[float | None, typer.Option(min=0, max=1, help=_PRESENCE_HELP, show_default=False)]
