"""How much of RSVocab-1K a list of categories covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from remotesam.data.vocabulary.entry import LEVEL_NAMES, Entry, Level
from remotesam.data.vocabulary.hierarchy import Vocabulary, rsvocab


@dataclass(frozen=True)
class Share:
    """``covered`` of ``total`` entries."""

    covered: int
    total: int

    @property
    def share(self) -> float:
        """In [0, 1]; 0 of nothing is 0."""
        return self.covered / self.total if self.total else 0.0


@dataclass(frozen=True)
class Coverage:
    """What a list of categories covers.

    Attributes:
        entries: Canonical names of the entries that the list names, in the order of the vocabulary.
        levels: Share of each level that is covered.
        domains: Share of the leaves of each domain that is covered.
        unknown: Names without an entry, or with several, each once, in the order of the list.
    """

    entries: tuple[str, ...]
    levels: Mapping[Level, Share]
    domains: Mapping[str, Share]
    unknown: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as JSON takes it; levels by their names."""

        def plain(share: Share) -> dict[str, float]:
            return {"covered": share.covered, "total": share.total, "share": share.share}

        return {
            "entries": list(self.entries),
            "levels": {LEVEL_NAMES[level]: plain(share) for level, share in self.levels.items()},
            "domains": {name: plain(share) for name, share in self.domains.items()},
            "unknown": list(self.unknown),
        }


def coverage(names: Iterable[str], *, dataset: str | None = None, vocabulary: Vocabulary | None = None) -> Coverage:
    """Measure how much of the vocabulary a list of categories covers.

    A name covers its entry and what is above it (a freeway covers road and transport), but nothing below: who knows
    "road" need not know what a freeway is.

    Args:
        names: Names of categories, in any spelling; again and again counts once.
        dataset: The data set that uses the names, as in :meth:`Vocabulary.resolve`.
        vocabulary: Another vocabulary than the one of this package.

    Raises:
        ValueError: ``dataset`` is not a known data set.

    Example:
        >>> covered = coverage(["freeway", "Roads", "zeppelin hangar"])
        >>> covered.entries, covered.unknown, covered.domains["transport"].covered
        (('road', 'freeway'), ('zeppelin hangar',), 1)
        >>> {level: share.covered for level, share in covered.levels.items()}
        {1: 1, 2: 1, 3: 1}
    """
    known = vocabulary if vocabulary is not None else rsvocab()
    found = {name: known.find(name, dataset=dataset) for name in names}
    named = {entry.name for entry in found.values() if entry is not None}
    covered = named.union(*(known.parents(name) for name in named))
    leaves: dict[str, list[Entry]] = {}
    for leaf in known.level(3):
        leaves.setdefault(known.parents(leaf.name)[-1], []).append(leaf)

    def share(entries: Iterable[Entry]) -> Share:
        hits = [entry.name in covered for entry in entries]
        return Share(sum(hits), len(hits))

    return Coverage(
        entries=tuple(entry.name for entry in known if entry.name in named),
        levels={level: share(known.level(level)) for level in LEVEL_NAMES},
        domains={domain.name: share(leaves.get(domain.name, ())) for domain in known.level(1)},
        unknown=tuple(name for name, entry in found.items() if entry is None),
    )
