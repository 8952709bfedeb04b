"""Sentences as points of a plane: those that say alike lie close together."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

import numpy as np

Encoder = Callable[[Sequence[str]], np.ndarray]
"""(n) sentences -> (n, C) features."""

LEAST = 5
"""Sentences that a map takes at least."""
_COMPONENTS = 50


def can_project() -> bool:
    """Whether scikit-learn is installed, which comes with ``remotesam[stats]``."""
    return importlib.util.find_spec("sklearn") is not None


def project(sentences: Sequence[str], *, encode: Encoder | None = None, seed: int = 0) -> np.ndarray:
    """Lay sentences out by t-SNE; the same for the same sentences and seed on the same machine.

    Args:
        sentences: At least five.
        encode: Gives their features; without it they are TF-IDF weights of words and pairs of words.
        seed: Another layout for another number.

    Returns:
        (n, 2) float32 points without a unit.

    Raises:
        ValueError: There are fewer than five sentences, or the encoder gives none, or others, than one vector each.

    Reference:
        van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 2008.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if len(sentences) < LEAST:
        raise ValueError(f"a map of sentences takes at least {LEAST} of them, there are {len(sentences)}")
    # With more threads, sums are added in another order, and the layout differs from machine to machine.
    with threadpool_limits(1):
        features = tfidf_features(sentences) if encode is None else np.asarray(encode(sentences), np.float32)
        if features.ndim != 2 or len(features) != len(sentences) or not np.isfinite(features).all():
            raise ValueError(
                f"the encoder gives {features.shape} for {len(sentences)} sentences; one finite vector each"
            )
        features = _reduced(features, seed)
        perplexity = min(30.0, (len(sentences) - 1) / 3)
        layout = TSNE(perplexity=perplexity, metric="cosine", init=_start(features, seed), random_state=seed, n_jobs=1)
        return np.asarray(layout.fit_transform(features), np.float32)


def tfidf_features(sentences: Sequence[str]) -> np.ndarray:
    """TF-IDF weights of the words and pairs of words of sentences, brought down to 50 numbers.

    Returns:
        (n, C) float32, C at most 50.
    """
    from scipy.sparse import hstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    # The empty sentence has a feature, too: none is left without any.
    pattern = r"(?u)\b\w+\b"
    weights = TfidfVectorizer(token_pattern=pattern, ngram_range=(1, 2), sublinear_tf=True)
    try:
        table = weights.fit_transform(sentences)
    except ValueError:  # no word in any of them
        return np.ones((len(sentences), 1), np.float32)
    table = hstack([table, np.full((len(sentences), 1), 1e-3)]).tocsr()
    if table.shape[1] <= _COMPONENTS:
        return table.toarray().astype(np.float32)
    return TruncatedSVD(_COMPONENTS, random_state=0).fit_transform(table).astype(np.float32)


def _reduced(features: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.decomposition import PCA

    if features.shape[1] <= _COMPONENTS:
        return features
    return PCA(min(_COMPONENTS, len(features)), random_state=seed).fit_transform(features)


def _start(features: np.ndarray, seed: int) -> np.ndarray:
    """The two main directions of the features, small, and no two points in one place.

    Those of scikit-learn are not numbers where all features are alike, and its tree of points crashes on them.
    """
    start = np.random.default_rng(seed).normal(0, 1e-6, (len(features), 2))
    _, _, directions = np.linalg.svd(features - features.mean(0), full_matrices=False)
    main = features @ directions[:2].T
    spread = main[:, 0].std()
    if spread > 1e-6:
        start[:, : main.shape[1]] += 1e-4 * main / spread
    return start.astype(np.float32)
