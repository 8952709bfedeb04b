"""Names of what can be seen from above: canonical names, plurals, synonyms, and what is easily confused.

Two vocabularies that agree: the 32 ``CATEGORIES`` that the networks know by number, and around them RSVocab-1K, a
thousand categories in three levels with the class names of public data sets, to read, generate and measure data with.

Example:
    >>> resolve("pier")
    'harbor'
    >>> vocabulary = rsvocab()
    >>> vocabulary.resolve("pier").name, vocabulary.resolve("pier").category
    ('pier', 'harbor')
    >>> vocabulary.dataset_names("dota")["plane"], vocabulary.resolve("airplane").datasets["dota"]
    ('airplane', ('plane',))
"""

from remotesam.data.vocabulary.categories import (
    CATEGORIES,
    Category,
    canonical,
    category,
    mentioned,
    normalise,
    pluralise,
    resolve,
)
from remotesam.data.vocabulary.entry import AmbiguousNameError, Entry, UnknownNameError
from remotesam.data.vocabulary.hierarchy import Vocabulary, rsvocab
from remotesam.data.vocabulary.shares import Coverage, Share, coverage

__all__ = [
    "CATEGORIES",
    "AmbiguousNameError",
    "Category",
    "Coverage",
    "Entry",
    "Share",
    "UnknownNameError",
    "Vocabulary",
    "canonical",
    "category",
    "coverage",
    "mentioned",
    "normalise",
    "pluralise",
    "resolve",
    "rsvocab",
]
