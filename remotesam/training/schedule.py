"""Learning rate as a pure function of the step, so that resuming needs no state."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Factor on the learning rate: linear warm-up, then polynomial or cosine decay over the rest.

    With t = (step - warmup_steps) / (max_steps - warmup_steps): polynomial is (1 - t)^power (the reference: power 0.9
    per iteration, no warm-up), cosine is f + (1 - f) (1 + cos(pi t)) / 2 with f = ``final_factor``.

    Attributes:
        max_steps: Optimiser steps of the whole run, >= 1.
        type: ``polynomial``, ``cosine`` or ``constant``.
        power: Exponent of the polynomial.
        warmup_steps: Steps that rise linearly to 1; step 0 already has 1 / (warmup_steps + 1).
        final_factor: Where the decay ends.

    Example:
        >>> schedule = Schedule(max_steps=100)
        >>> schedule(0), round(schedule(50), 4), schedule(100)
        (1.0, 0.5359, 0.0)
    """

    max_steps: int
    type: Literal["polynomial", "cosine", "constant"] = "polynomial"
    power: float = 0.9
    warmup_steps: int = 0
    final_factor: float = 0.0

    def __call__(self, step: int, *, progress: float | None = None) -> float:
        """Factor of the learning rate at optimiser step ``step`` (the first is 0).

        Args:
            step: Decides about the warm-up, and about t where ``progress`` is None.
            progress: t in [0, 1] of a run whose length is not counted in steps.
        """
        if step < self.warmup_steps:
            return (step + 1) / (self.warmup_steps + 1)
        if progress is None:
            progress = (step - self.warmup_steps) / max(1, self.max_steps - self.warmup_steps)
        decay: dict[str, Callable[[float], float]] = {
            "polynomial": lambda t: (1 - t) ** self.power,
            "cosine": lambda t: (1 + math.cos(math.pi * t)) / 2,
            "constant": lambda t: 1.0,
        }
        return self.final_factor + (1 - self.final_factor) * decay[self.type](min(1.0, progress))
