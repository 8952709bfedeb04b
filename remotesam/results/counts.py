"""How many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotesam.results.instances import Instances

if TYPE_CHECKING:
    import supervision as sv


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

    def to_coco(
        self, *, image_id: int | str = 1, category_ids: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        """The counted objects as records of a COCO results file; see ``Instances.to_coco``."""
        return self.instances.to_coco(image_id=image_id, category_ids=category_ids)

    def to_supervision(self) -> sv.Detections:
        """The counted objects as ``supervision.Detections``; see ``Instances.to_supervision``."""
        return self.instances.to_supervision()

    def __repr__(self) -> str:
        return f"Counts({self.numbers})"
