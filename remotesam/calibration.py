"""From presence scores to probabilities that a target is there, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

_TINY = 1e-7


@dataclass(frozen=True)
class Calibration:
    """A rising map of [0, 1] onto itself, as plain numbers.

    Attributes:
        kind: ``"temperature"``: sigmoid(logit(score) / temperature), Guo et al., "On Calibration of Modern Neural
            Networks", ICML 2017; ``"isotonic"``: straight lines between knots fitted by isotonic regression.
        temperature: For the kind "temperature", above 0.
        scores: For the kind "isotonic", rising, from 0 to 1.
        shares: Likewise: the share of targets that were there at each of ``scores``.

    Raises:
        ValueError: A field is missing or wrong; the message names it.

    Example:
        >>> calibration = Calibration(kind="isotonic", scores=(0.0, 0.8, 1.0), shares=(0.0, 0.5, 1.0))
        >>> calibration.probability(0.9), calibration.score(0.25)
        (0.75, 0.4)
    """

    kind: Literal["temperature", "isotonic"]
    temperature: float = 1.0
    scores: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("temperature", "isotonic"):
            raise ValueError(f"calibration.kind is {self.kind!r}; use 'temperature' or 'isotonic'")
        if self.kind == "temperature":
            if not (math.isfinite(self.temperature) and self.temperature > 0):
                raise ValueError(f"calibration.temperature is {self.temperature!r}; use a number above 0")
            return
        for name, values in (("scores", self.scores), ("shares", self.shares)):
            if (
                len(values) < 2
                or values[0] != 0
                or values[-1] != 1
                or any(after <= before for before, after in pairwise(values))
            ):
                raise ValueError(f"calibration.{name} must rise from 0 to 1 without a plateau, got {list(values)[:8]}")
        if len(self.scores) != len(self.shares):
            raise ValueError(f"calibration has {len(self.scores)} scores for {len(self.shares)} shares")

    @classmethod
    def from_dict(cls, values: Any) -> Calibration:
        """Reads what :meth:`to_dict` gives.

        Raises:
            ValueError: A field is missing, wrong or unknown.
        """
        if not isinstance(values, Mapping) or "kind" not in values:
            raise ValueError(f"calibration is {values!r}; give its kind and its numbers")
        wanted = {"temperature": {"temperature"}, "isotonic": {"scores", "shares"}}.get(values["kind"], set())
        if unknown := sorted(values.keys() - wanted - {"kind"}):
            raise ValueError(f"calibration has unknown fields {unknown} for kind={values['kind']!r}")
        numbers: dict[str, Any] = {}
        for name in wanted & values.keys():
            given = values[name] if name != "temperature" else [values[name]]
            if not isinstance(given, Sequence) or not all(
                isinstance(one, int | float) and not isinstance(one, bool) for one in given
            ):
                raise ValueError(f"calibration.{name} is {values[name]!r}; give numbers")
            numbers[name] = tuple(float(one) for one in given) if name != "temperature" else float(given[0])
        return cls(kind=values["kind"], **numbers)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for ``config.json``."""
        if self.kind == "temperature":
            return {"kind": self.kind, "temperature": self.temperature}
        return {"kind": self.kind, "scores": list(self.scores), "shares": list(self.shares)}

    def probability(self, score: float) -> float:
        """The probability that a target is there, in [0, 1], from the presence score of its map, in [0, 1]."""
        if self.kind == "isotonic":
            return _between(score, self.scores, self.shares)
        return _tempered(score, 1 / self.temperature)

    def score(self, probability: float) -> float:
        """The presence score, in [0, 1], of which :meth:`probability` makes the given one."""
        if self.kind == "isotonic":
            return _between(probability, self.shares, self.scores)
        return _tempered(probability, self.temperature)


def _between(value: float, knots: Sequence[float], values: Sequence[float]) -> float:
    import numpy as np  # here, so that the command line starts without it

    return float(np.interp(value, knots, values))


def _tempered(value: float, factor: float) -> float:
    if value <= 0 or value >= 1:
        return min(max(float(value), 0.0), 1.0)
    bounded = min(max(value, _TINY), 1 - _TINY)
    logit = factor * math.log(bounded / (1 - bounded))
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else 1 - 1 / (1 + math.exp(logit))
