"""Names of what can be seen from above: canonical names, plurals, synonyms, and what is easily confused."""

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

__all__ = ["CATEGORIES", "Category", "canonical", "category", "mentioned", "normalise", "pluralise", "resolve"]
