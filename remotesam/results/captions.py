"""What an image shows, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Caption:
    """A description and the facts behind it.

    Attributes:
        text: The sentences.
        facts: What ``json.dumps`` takes; ``facts["sentences"]`` has for each sentence what it rests on.
    """

    text: str
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """A form that ``json.dumps`` takes."""
        return {"text": self.text, "facts": dict(self.facts)}

    def __str__(self) -> str:
        return self.text
