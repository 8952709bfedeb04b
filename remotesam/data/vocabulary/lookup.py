"""Finding the entry that a name means, however it is written."""

import difflib
from collections.abc import Iterable, Mapping

from remotesam.data.vocabulary.categories import normalise
from remotesam.data.vocabulary.entry import AmbiguousNameError, Entry, UnknownNameError

_SPELLING = {
    "centres": "centers",
    "theatre": "theater",
    "theatres": "theaters",
    "neighbourhood": "neighborhood",
    "neighbourhoods": "neighborhoods",
    "ploughed": "plowed",
    "armoured": "armored",
}


def key_of(name: str) -> str:
    """Return what all spellings of a name have in common: lower case, American, nothing between the words.

    Example:
        >>> key_of("Storage_Tank"), key_of("storagetank"), key_of("Drive-in Theatre")
        ('storagetank', 'storagetank', 'driveintheater')
    """
    return "".join(_SPELLING.get(word, word) for word in normalise(name).split(" "))


def index_terms(entries: Iterable[Entry]) -> tuple[dict[str, str], list[str]]:
    """Return key -> canonical name for every name, plural and synonym, and what is wrong with them.

    Returns:
        The index, and a sentence for every term that names two entries; the index keeps the first.
    """
    index: dict[str, str] = {}
    clashes: list[str] = []
    for entry in entries:
        for term in (term for pair in entry.terms for term in pair):
            first = index.setdefault(key_of(term), entry.name)
            if first != entry.name:
                clashes.append(f"{term!r} names both {first!r} and {entry.name!r}")
    return index, clashes


class Names:
    """The words for the entries of a vocabulary: its own, and those of data sets.

    Args:
        entries: All entries by canonical name.
        class_names: Data set -> its class names -> canonical name.
        no_category: Data set -> its names for what belongs to no category (background).

    Raises:
        ValueError: A word names two entries.
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        class_names: Mapping[str, Mapping[str, str]],
        no_category: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.index, clashes = index_terms(entries.values())
        if clashes:
            raise ValueError(f"words of the vocabulary must be unique: {'; '.join(clashes)}")
        self._no_category = no_category
        self._of_dataset = {
            dataset: {key_of(name): canonical for name, canonical in names.items()}
            for dataset, names in class_names.items()
        }
        self._spelled: dict[str, dict[str, list[str]]] = {}
        for dataset, keys in self._of_dataset.items():
            for key, canonical in keys.items():
                self._spelled.setdefault(key, {}).setdefault(canonical, []).append(dataset)

    def find(self, name: str, dataset: str | None = None) -> str | None:
        """Return the canonical name that a name means; None if it means none, or not the same in all data sets."""
        key = key_of(name)
        found = self._of_dataset[dataset].get(key) if dataset is not None else None
        if found is None and not self._is_background(name, dataset):
            found = self.index.get(key)
            if found is None and len(meanings := self._spelled.get(key, {})) == 1:
                found = next(iter(meanings))
        return found

    def explain(self, name: str, dataset: str | None = None) -> ValueError:
        """Return the error for a name that :meth:`find` does not know."""
        if self._is_background(name, dataset):
            return UnknownNameError(f"{name!r} is what {dataset} calls pixels of no category; leave them out")
        if len(meanings := self._spelled.get(key_of(name), {})) > 1:
            said = "; ".join(f"{canonical!r} in {', '.join(sets)}" for canonical, sets in meanings.items())
            return AmbiguousNameError(
                f"{name!r} means {said}; say which data set uses it (dataset=...) or use another word"
            )
        # Canonical names apart from one another say more than three spellings of one.
        close = difflib.get_close_matches(key_of(name), self.index, n=9)
        nearest = list(dict.fromkeys(self.index[key] for key in close))[:3]
        if not nearest:
            return UnknownNameError(f"RSVocab-1K has no name {name!r}, nor one like it")
        return UnknownNameError(f"RSVocab-1K has no name {name!r}; the nearest are {', '.join(map(repr, nearest))}")

    def _is_background(self, name: str, dataset: str | None) -> bool:
        return dataset is not None and key_of(name) in {key_of(other) for other in self._no_category.get(dataset, ())}
