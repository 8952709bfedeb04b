"""An entry of RSVocab-1K, and the errors of a name that is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Level = Literal[1, 2, 3]
LEVEL_NAMES: Mapping[Level, str] = MappingProxyType({1: "domain", 2: "group", 3: "leaf"})
"""Names of the three levels."""

Scheme = Literal["nlcd", "gap", "gbt"]
"""Land cover and land use classifications; ``codes.json`` has their legends and sources."""


class UnknownNameError(ValueError):
    """A name that RSVocab-1K does not have; the message gives the nearest ones."""


class AmbiguousNameError(ValueError):
    """A name that data sets use for different entries; the message says which set means which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A category of RSVocab-1K.

    Attributes:
        name: Canonical singular, lower case with spaces.
        plural: Its plural; equal to the name where the thing is not counted (sea ice).
        level: 1 for a domain (transport), 2 for a group (road), 3 for a leaf (freeway).
        parent: Canonical name of the entry one level up, None for a domain.
        synonyms: ``(singular, plural)`` of other words for the same thing.
        category: Which of the 32 ``CATEGORIES`` of the networks an instance of this is, None if it is none of them: a
            freeway is a road, a pier a harbor.
        codes: Codes that correspond, by scheme: NLCD and GB/T 21010-2017 numbers, names of GAP/LANDFIRE classes.
        datasets: Data set -> its names for this entry, as it spells them.
        overlapping: Canonical names of entries whose members may rightly be called this one too, or the reverse,
            beyond parent and children.
        leaves_overlap: For a group: whether that holds for all its leaves among themselves (a suspension bridge may be
            a road bridge).
    """

    name: str
    plural: str
    level: Level
    parent: str | None
    synonyms: tuple[tuple[str, str], ...] = ()
    category: str | None = None
    codes: Mapping[Scheme, tuple[str, ...]] = field(default_factory=dict, hash=False)
    datasets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    overlapping: tuple[str, ...] = ()
    leaves_overlap: bool = False

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """``(singular, plural)`` of the name and of every synonym."""
        return ((self.name, self.plural), *self.synonyms)
