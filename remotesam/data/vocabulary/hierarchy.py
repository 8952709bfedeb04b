"""RSVocab-1K: some thousand remote sensing categories in three levels, with the words that people and data sets use."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from remotesam.data.vocabulary.categories import CATEGORIES
from remotesam.data.vocabulary.entry import LEVEL_NAMES, Entry, Level, Scheme
from remotesam.data.vocabulary.lookup import Names
from remotesam.data.vocabulary.reading import Node, class_names, make_entries, read_file


class Vocabulary:
    """Entries in three levels; wherever a method takes a name, every spelling, plural and synonym will do.

    The 32 ``CATEGORIES`` that the networks know by number are among the entries, and ``entry.category`` says for each
    entry which of them it belongs to. Both agree: a word that :func:`~remotesam.data.vocabulary.resolve` gives to a
    category means an entry of that category here, only more exactly ("pier" is a harbor there, a pier here).

    Args:
        tree: Content of ``rsvocab.json``.
        datasets: Content of ``datasets.json``.

    Raises:
        ValueError: A word names two entries.

    Example:
        >>> vocabulary = rsvocab()
        >>> vocabulary.resolve("storagetank").name, vocabulary.resolve("Piers").category
        ('storage tank', 'harbor')
        >>> vocabulary.parents("freeway"), vocabulary.children("beach")
        (('road', 'transport'), ('sandy beach', 'pebble beach', 'shore', 'bathing beach'))
    """

    def __init__(self, tree: Node, datasets: Node) -> None:
        names = class_names(datasets)
        lists = datasets["datasets"]
        self._entries = make_entries(tree, names)
        self._datasets = {key: MappingProxyType(value) for key, value in names.items()}
        self._no_category = {
            key: tuple(lists[v.get("same_as", key)].get("no_category", ())) for key, v in lists.items()
        }
        self._names = Names(self._entries, self._datasets, self._no_category)
        self._children: dict[str, list[str]] = {name: [] for name in self._entries}
        for entry in self._entries.values():
            if entry.parent is not None:
                self._children[entry.parent].append(entry.name)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def find(self, name: str, *, dataset: str | None = None) -> Entry | None:
        """Return the entry that a name means, or None; quicker than :meth:`resolve` for many unknown names."""
        found = self._names.find(name, self._known(dataset))
        return None if found is None else self._entries[found]

    def resolve(self, name: str, *, dataset: str | None = None) -> Entry:
        """Return the entry that a name means.

        Args:
            name: A name, plural, synonym or class name of a data set, in any case, with spaces, ``_``, ``-`` or nothing
                between the words.
            dataset: The data set that uses the name, one of :attr:`datasets`: its own meaning then comes first
                (AID calls an athletics ground "Playground").

        Raises:
            UnknownNameError: No entry has this name; the message gives the nearest ones.
            AmbiguousNameError: Data sets use the name for different entries, and ``dataset`` is not given.
            ValueError: ``dataset`` is not a known data set. All three are ValueErrors.

        Example:
            >>> rsvocab().resolve("Playground").name, rsvocab().resolve("Playground", dataset="aid").name
            ('playground', 'ground track field')
            >>> rsvocab().resolve("parkk")
            Traceback (most recent call last):
            ...
            UnknownNameError: RSVocab-1K has no name 'parkk'; the nearest are 'park', 'parkway', 'parking lot'
        """
        entry = self.find(name, dataset=dataset)
        if entry is None:
            raise self._names.explain(name, dataset)
        return entry

    def level(self, level: Level) -> tuple[Entry, ...]:
        """Return the entries of a level: 1 domains, 2 groups, 3 leaves."""
        if level not in LEVEL_NAMES:
            raise ValueError(f"level is 1 (domains), 2 (groups) or 3 (leaves), got {level!r}")
        return tuple(entry for entry in self if entry.level == level)

    def children(self, name: str) -> tuple[str, ...]:
        """Return the canonical names one level down: groups of a domain, leaves of a group, nothing for a leaf."""
        return tuple(self._children[self.resolve(name).name])

    def parents(self, name: str) -> tuple[str, ...]:
        """Return the canonical names above, the nearest first."""
        parent = self.resolve(name).parent
        return () if parent is None else (parent, *self.parents(parent))

    def synonyms(self, name: str) -> tuple[str, ...]:
        """Return other words for the same thing, in the singular, the canonical name left out.

        Example:
            >>> rsvocab().synonyms("ship")
            ('vessel', 'watercraft', 'maritime vessel')
        """
        return tuple(single for single, _ in self.resolve(name).synonyms)

    def plural(self, name: str) -> str:
        """Return the plural of the canonical name."""
        return self.resolve(name).plural

    def confusable(self, name: str) -> tuple[str, ...]:
        """Return canonical names of what is easily taken for this: hard negatives.

        For the 32 categories these are the ones written down there. Others have their siblings, less those that may
        rightly be called the same; where none is left, what the entry above is taken for.

        Example:
            >>> rsvocab().confusable("wheat field"), rsvocab().confusable("suspension bridge")
            (('barley field', 'oat field', 'corn field', 'sorghum field'), ('harbor', 'road', 'runway', 'river'))
        """
        entry = self.resolve(name)
        if entry.name in CATEGORIES:
            return CATEGORIES[entry.name].confusable
        if entry.parent is None:
            return ()
        parent = self._entries[entry.parent]
        siblings = () if parent.leaves_overlap else self._children[parent.name]
        others = (self._entries[other] for other in siblings if other != entry.name)
        return tuple(other.name for other in others if not self._same(entry, other)) or self.confusable(parent.name)

    def with_code(self, scheme: Scheme, code: str) -> tuple[str, ...]:
        """Return the canonical names with a land cover code.

        Example:
            >>> rsvocab().with_code("nlcd", "42"), rsvocab().with_code("gbt", "0101")
            (('evergreen forest',), ('paddy field',))
        """
        return tuple(entry.name for entry in self if code in entry.codes.get(scheme, ()))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets whose class names are known."""
        return tuple(self._datasets)

    def dataset_names(self, dataset: str) -> Mapping[str, str]:
        """Return class name -> canonical name for a data set, without its names for "no category".

        Example:
            >>> rsvocab().dataset_names("loveda")["barren"], rsvocab().no_category_names("loveda")
            ('bare land', ('background',))
        """
        self._known(dataset)
        return self._datasets[dataset]

    def no_category_names(self, dataset: str) -> tuple[str, ...]:
        """Return the class names of a data set that stand for no category: background, clutter, unknown."""
        self._known(dataset)
        return self._no_category[dataset]

    def _known(self, dataset: str | None) -> str | None:
        if dataset is not None and dataset not in self._datasets:
            raise ValueError(f"dataset {dataset!r} is unknown; known are {', '.join(self._datasets)}")
        return dataset

    @staticmethod
    def _same(entry: Entry, other: Entry) -> bool:
        """Whether something may rightly be called both, as far as that is written down."""
        related = entry.name in other.overlapping or other.name in entry.overlapping
        return related or entry.category == other.name or other.category == entry.name


@cache
def rsvocab() -> Vocabulary:
    """Return the vocabulary that comes with this package; its files are read at the first call."""
    return Vocabulary(read_file("rsvocab"), read_file("datasets"))
