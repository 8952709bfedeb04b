"""Semantic segmentation: one class map from the probability maps of all categories, the paper's eq. 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from remotesam.options import fraction, fractions
from remotesam.presence import presence_score
from remotesam.results import SemanticMap
from remotesam.tasks.map_store import MEMORY_LIMIT, MapStore
from remotesam.tasks.maps import check_categories, each_map

_MOST_CATEGORIES = 65_535


def semantic_map(
    maps: Iterable[np.ndarray],
    categories: Sequence[str],
    *,
    threshold: float = 0.5,
    presence_threshold: float | Sequence[float] = 0.0,
    confidences: Sequence[float] | Mapping[str, float] | np.ndarray | None = None,
    memory_limit: int = MEMORY_LIMIT,
) -> SemanticMap:
    """Gives every pixel the most probable of the categories that the image shows.

    By eq. 1 of the paper, ``M_c = Q(F_v(I), F_t(t_c)) * [P(c|I) >= tau_seg]``: a category whose confidence P(c|I) does
    not pass the gate has no pixels at all, however probable single ones are. Of the others each pixel takes the one
    with the highest probability, where that is above ``threshold``; of equal ones the one whose name comes first, so
    that the order of the categories changes nothing. The gate asks for more than tau, not for tau itself, as everywhere
    in this package: with 0 a map of zeros stays out.

    Args:
        maps: An array (N, H, W) or anything that gives N maps (H, W) one after the other, floating, in [0, 1]. They are
            gone through once, one at a time.
        categories: N names, each once; at most 65,535.
        threshold: In [0, 1].
        presence_threshold: tau_seg, in [0, 1], for all categories or one for each.
        confidences: P(c|I) in [0, 1] from elsewhere (an image classifier), in the order of the categories or by name;
            None takes ``remotesam.presence.presence_score`` of each map.
        memory_limit: From more bytes than this on, ``probabilities`` lies in a temporary file (see ``MapStore``);
            512 MiB are 128 categories of 1024 x 1024 pixels.

    Returns:
        The class map with all probabilities, those of categories that did not pass included.

    Raises:
        ValueError: A map, a category or a number cannot be used.
        OSError: The temporary file needs more room than there is.

    Example:
        >>> maps = np.array([[[0.9, 0.6, 0.2]], [[0.1, 0.8, 0.3]], [[0.0, 0.7, 0.7]]], dtype=np.float32)
        >>> found = semantic_map(maps, ["ship", "harbor", "bridge"], presence_threshold=0.75)
        >>> found.classes, found.present
        (array([[1, 2, 0]], dtype=uint8), array([ True,  True, False]))
    """
    names = check_categories(categories)
    if len(names) > _MOST_CATEGORIES:
        raise ValueError(f"there are {len(names)} categories; a class map holds at most {_MOST_CATEGORIES}")
    threshold = fraction(threshold, "threshold")
    gates = fractions(presence_threshold, len(names), "presence_threshold")
    given = None if confidences is None else _check_confidences(confidences, names)
    certainties = np.zeros(len(names), dtype=np.float64)
    present = np.zeros(len(names), dtype=bool)
    ranks = _ranks(names)
    store: MapStore | None = None
    classes = best = np.empty(0)
    try:
        for number, (_, probability) in enumerate(each_map(maps, names), start=1):
            if store is None:
                store = MapStore((len(names), *probability.shape), memory_limit=memory_limit)
                classes = np.zeros(probability.shape, dtype=np.uint8 if len(names) < 256 else np.uint16)
                best = np.full(probability.shape, threshold, dtype=np.float32)
            store.append(probability)
            certainty = presence_score(probability) if given is None else float(given[number - 1])
            certainties[number - 1] = certainty
            if certainty > gates[number - 1] and bool((probability > threshold).any()):
                present[number - 1] = True
                _enter(number, probability, classes=classes, best=best, ranks=ranks)
        assert store is not None, "there is at least one category"
        probabilities = store.array()
    finally:
        if store is not None:
            store.close()
    return SemanticMap(
        classes=classes, probabilities=probabilities, categories=names, confidences=certainties, present=present
    )


def _enter(number: int, probability: np.ndarray, *, classes: np.ndarray, best: np.ndarray, ranks: np.ndarray) -> None:
    """Takes the pixels where a category is more probable than those before it, or equal with a name before theirs."""
    wins = probability > best
    equal = np.flatnonzero(probability == best)
    if equal.size:
        wins.flat[equal] = ranks[classes.flat[equal]] > ranks[number]
    np.copyto(classes, number, where=wins, casting="unsafe")
    np.maximum(best, probability, out=best)


def _ranks(names: Sequence[str]) -> np.ndarray:
    """(N + 1,) int: the place of each class among the sorted names; background, which wins where equal, has -1."""
    ranks = np.full(len(names) + 1, -1, dtype=np.int32)
    for rank, index in enumerate(sorted(range(len(names)), key=names.__getitem__)):
        ranks[index + 1] = rank
    return ranks


def _check_confidences(
    confidences: Sequence[float] | Mapping[str, float] | np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """(N,) float64."""
    if isinstance(confidences, Mapping):
        given = {name.strip(): value for name, value in confidences.items()}
        missing = [name for name in names if name not in given]
        if missing:
            raise ValueError(f"confidences has none for {missing}; give one number for each category")
        values = [given[name] for name in names]
    else:
        values = list(confidences)
        if len(values) != len(names):
            raise ValueError(f"there are {len(values)} confidences for {len(names)} categories; give one for each")
    return np.array([fraction(value, f"the confidence of {n!r}") for n, value in zip(names, values, strict=True)])
