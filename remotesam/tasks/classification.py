"""Classification of whole images: scores pooled from the probability maps, the paper's eq. 3 to 5."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from remotesam.options import fraction, fractions
from remotesam.presence import presence_score
from remotesam.results import Classification
from remotesam.tasks.maps import check_categories, check_map, each_map

MULTI_LABEL_BALANCE = 0.5
SCENE_BALANCE = 1.0


def category_score(probability: np.ndarray, balance: float) -> float:
    """The score of a category, eq. 3 of the paper: ``S_c = lambda * mean(P_c) + (1 - lambda) * max(P_c)``.

    Args:
        probability: (H, W) floating, in [0, 1].
        balance: lambda, in [0, 1]: 1 looks at how much of the image the category fills, 0 at its surest pixel.

    Returns:
        The score in [0, 1].

    Raises:
        ValueError: The map has another shape, type or range, or holds NaN, or the balance is not in [0, 1].

    Example:
        >>> category_score(np.array([[1.0, 0.0], [0.5, 0.5]]), 0.5)
        0.75
    """
    return _score(check_map(probability, "probability"), fraction(balance, "balance"))


def classify_maps(
    maps: Iterable[np.ndarray],
    categories: Sequence[str],
    *,
    multi_label: bool = True,
    balance: float | None = None,
    score_threshold: float = 0.5,
    threshold: float = 0.5,
    presence_threshold: float | Sequence[float] = 0.0,
) -> Classification:
    """Tells which categories an image shows.

    The paper pools the scores (eq. 3) from the outputs of semantic segmentation, thus after the gate of its eq. 1: a
    category that ``segment`` calls absent, because its presence score is not above ``presence_threshold`` or no pixel
    is above ``threshold``, counts as a map of zeros. Its score is 0, and it is never a label nor the scene. With
    ``threshold`` and ``presence_threshold`` 0 every map with anything in it counts as it is.

    The labels are ``S_c >= tau_cls`` (eq. 4) for several labels, and the scene is ``argmax S_c`` (eq. 5), of equal
    scores the one whose name comes first. Note what eq. 3 and 4 say with their defaults: a category holds where
    ``mean + max >= 1``. One that fills a thousandth of the image needs a pixel above 0.999; for small objects lower
    ``balance`` or ``score_threshold``.

    Args:
        maps: An array (N, H, W) or anything that gives N maps (H, W) one after the other, floating, in [0, 1]. They are
            gone through once, one at a time.
        categories: N names, each once.
        multi_label: Whether any number of labels may hold. Otherwise the only label is the scene, whatever its score.
        balance: lambda of eq. 3, in [0, 1]; None is 0.5 for several labels and 1 for scenes, as in the paper.
        score_threshold: tau_cls of eq. 4, in [0, 1].
        threshold: A pixel belongs where its probability is above this, in [0, 1].
        presence_threshold: tau_seg of eq. 1, in [0, 1], for all categories or one for each.

    Returns:
        Labels, best first, scores in the order of the categories, and the scene, which is None where nothing is
        present.

    Raises:
        ValueError: A map, a category or a number cannot be used.

    Example:
        >>> maps = np.array([[[1.0, 0.25]], [[0.75, 0.125]], [[0.25, 0.25]]])
        >>> found = classify_maps(maps, ["ship", "harbor", "bridge"])
        >>> found.labels, found.scene, found.scores
        (('ship', 'harbor'), 'ship', {'ship': 0.8125, 'harbor': 0.59375, 'bridge': 0.0})
    """
    names = check_categories(categories)
    if balance is None:
        balance = MULTI_LABEL_BALANCE if multi_label else SCENE_BALANCE
    balance = fraction(balance, "balance")
    score_threshold = fraction(score_threshold, "score_threshold")
    threshold = fraction(threshold, "threshold")
    gates = fractions(presence_threshold, len(names), "presence_threshold")
    scores = dict.fromkeys(names, 0.0)
    present = []
    for gate, (name, probability) in zip(gates, each_map(maps, names), strict=True):
        if presence_score(probability) > gate and bool((probability > threshold).any()):
            scores[name] = _score(probability, balance)
            present.append(name)
    best_first = sorted(present, key=lambda name: (-scores[name], name))
    scene = best_first[0] if best_first else None
    if multi_label:
        labels = tuple(name for name in best_first if scores[name] >= score_threshold)
    else:
        labels = tuple(best_first[:1])
    return Classification(labels=labels, scores=scores, scene=scene, multi_label=multi_label)


def _score(probability: np.ndarray, balance: float) -> float:
    mean = float(probability.mean(dtype=np.float64))
    return balance * mean + (1 - balance) * float(probability.max())
