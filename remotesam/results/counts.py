"""How many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remotesam.results.instances import Instances


@dataclass(frozen=True, eq=False, repr=False)
class Counts(Mapping[str, int]):
    """A mapping category -> number of objects, in the order of the question, zeros included.

    Attributes:
        numbers: The counts.
        instances: The objects that were counted.

    Example:
        >>> Counts({"ship": 0}, Instances(image_size=(8, 8)))
        Counts({'ship': 0})
    """

    numbers: dict[str, int]
    instances: Instances

    def __getitem__(self, category: str) -> int:
        return self.numbers[category]

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes."""
        return {"counts": dict(self.numbers), "instances": [instance.to_dict() for instance in self.instances]}

    def __repr__(self) -> str:
        return f"Counts({self.numbers})"
