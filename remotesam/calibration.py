"""From presence scores to probabilities that a target is there, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

CalibrationKind = Literal["temperature", "isotonic", "logistic"]

_TINY = 1e-7
_NUMBERS = {
    "temperature": ("temperature",),
    "isotonic": ("scores", "shares"),
    "logistic": ("slope", "intercept", "details", "offsets"),
}


@dataclass(frozen=True)
class Calibration:
    """A rising map of [0, 1] onto itself, as plain numbers.

    Attributes:
        kind: ``"temperature"``: sigmoid(logit(score) / temperature), Guo et al., "On Calibration of Modern Neural
            Networks", ICML 2017; ``"isotonic"``: straight lines between knots fitted by isotonic regression;
            ``"logistic"``: sigmoid(slope * logit(score) + intercept + offsets), Platt, "Probabilistic Outputs for
            Support Vector Machines", 1999, since a network may be surer of one category than of another.
        temperature: For the kind "temperature", above 0.
        slope: For the kind "logistic", above 0.
        intercept: Likewise, any number.
        offsets: Likewise, by the names of ``remotesam.data.vocabulary``; other categories have 0.
        details: Likewise, the offset of sentences that compare, count or place objects, "the ship on the left", see
            :func:`remotesam.inference.may_be_tiled`: scores are lower there, and what is meant is more often there.
        scores: For the kind "isotonic", rising, from 0 to 1.
        shares: Likewise: the share of targets that were there at each of ``scores``.

    Raises:
        ValueError: A field is missing or wrong; the message names it.

    Example:
        >>> calibration = Calibration(kind="isotonic", scores=(0.0, 0.8, 1.0), shares=(0.0, 0.5, 1.0))
        >>> calibration.probability(0.9), calibration.score(0.25)
        (0.75, 0.4)
        >>> calibration = Calibration(kind="logistic", slope=2.0, offsets={"ship": -1.0})
        >>> calibration.probability(0.5), round(calibration.about("all ships").probability(0.5), 3)
        (0.5, 0.269)
    """

    kind: CalibrationKind
    temperature: float = 1.0
    slope: float = 1.0
    intercept: float = 0.0
    offsets: Mapping[str, float] = field(default_factory=dict)
    details: float = 0.0
    scores: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in _NUMBERS:
            raise ValueError(f"calibration.kind is {self.kind!r}; use {', '.join(map(repr, _NUMBERS))}")
        for name in ("temperature", "slope"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"calibration.{name} is {value!r}; use a number above 0")
        for name, value in {"intercept": self.intercept, "details": self.details, **self.offsets}.items():
            if not math.isfinite(value):
                raise ValueError(f"calibration: {name} is {value!r}; use a finite number")
        if self.kind != "isotonic":
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
        wanted = set(_NUMBERS.get(values["kind"], ()))
        if unknown := sorted(values.keys() - wanted - {"kind"}):
            raise ValueError(f"calibration has unknown fields {unknown} for kind={values['kind']!r}")
        return cls(kind=values["kind"], **{name: _numbers(name, values[name]) for name in wanted & values.keys()})

    def to_dict(self) -> dict[str, Any]:
        """Plain data for ``config.json``."""
        if self.kind == "isotonic":
            return {"kind": self.kind, "scores": list(self.scores), "shares": list(self.shares)}
        return {"kind": self.kind, **{name: getattr(self, name) for name in _NUMBERS[self.kind] if getattr(self, name)}}

    def about(self, text: str) -> Calibration:
        """The calibration of one sentence: that of the first category it names, and of its details."""
        if not self.offsets and not self.details:
            return self
        from remotesam.data.vocabulary import mentioned
        from remotesam.inference import may_be_tiled

        named = mentioned(text)
        offset = self.offsets.get(named[0], 0.0) if named else 0.0
        detail = 0.0 if may_be_tiled(text) else self.details
        return replace(self, intercept=self.intercept + offset + detail, offsets={}, details=0.0)

    def probability(self, score: float) -> float:
        """The probability that a target is there, in [0, 1], from the presence score of its map, in [0, 1]."""
        if self.kind == "isotonic":
            return _between(score, self.scores, self.shares)
        if self.kind == "logistic":
            return _moved(score, self.slope, self.intercept)
        return _moved(score, 1 / self.temperature)

    def score(self, probability: float) -> float:
        """The presence score, in [0, 1], of which :meth:`probability` makes the given one."""
        if self.kind == "isotonic":
            return _between(probability, self.shares, self.scores)
        if self.kind == "logistic":
            return _moved(probability, 1 / self.slope, -self.intercept / self.slope)
        return _moved(probability, self.temperature)


def _between(value: float, knots: Sequence[float], values: Sequence[float]) -> float:
    import numpy as np  # here, so that the command line starts without it

    return float(np.interp(value, knots, values))


def _moved(value: float, factor: float, shift: float = 0.0) -> float:
    if value <= 0 or value >= 1:
        return min(max(float(value), 0.0), 1.0)
    bounded = min(max(value, _TINY), 1 - _TINY)
    logit = factor * math.log(bounded / (1 - bounded)) + shift
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else 1 - 1 / (1 + math.exp(logit))


def _numbers(name: str, given: Any) -> Any:
    """A field of plain data as the class takes it: a number, a list of numbers, or numbers by name."""
    many = {"scores": Sequence, "shares": Sequence, "offsets": Mapping}.get(name)
    if many is not None and (isinstance(given, str) or not isinstance(given, many)):
        raise ValueError(f"calibration.{name} is {given!r}; give numbers")
    values = [given] if many is None else list(given.values() if isinstance(given, Mapping) else given)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        raise ValueError(f"calibration.{name} is {given!r}; give numbers")
    numbers = tuple(float(one) for one in values)
    if isinstance(given, Mapping):
        return dict(zip(map(str, given), numbers, strict=True))
    return numbers if many is not None else numbers[0]
