"""Sentences as points of a plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from remotesam.data.statistics.projection import project, tfidf_features

pytest.importorskip("sklearn")

PLACES = ("on the left", "on the right", "at the top", "in the middle", "at the bottom", "in the corner")
SENTENCES = [
    f"the {colour} {thing} {place}" for thing in ("ship", "car") for colour in ("red", "old") for place in PLACES
]


def test_points_are_the_same_for_the_same_seed() -> None:
    first, second, other = (project(SENTENCES, seed=seed) for seed in (0, 0, 1))
    assert first.shape == (len(SENTENCES), 2)
    assert np.isfinite(first).all()
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_what_an_encoder_takes_for_alike_lies_together() -> None:
    def encode(sentences: Sequence[str]) -> np.ndarray:
        noise = np.random.default_rng(0).normal(0, 0.05, (len(sentences), 80))
        noise[:, 0] += [10 if "ship" in sentence else -10 for sentence in sentences]
        return noise

    points = project(SENTENCES, encode=encode)
    ships = np.array(["ship" in sentence for sentence in SENTENCES])
    centres = points[ships].mean(0), points[~ships].mean(0)
    nearer = np.linalg.norm(points - centres[0], axis=1) < np.linalg.norm(points - centres[1], axis=1)
    assert np.array_equal(nearer, ships)


@pytest.mark.parametrize("sentences", [["?"] * 5, ["ship"] * 5, ["a", "b", "c", "d", "?"]])
def test_sentences_without_words_or_differences_can_be_laid_out(sentences: list[str]) -> None:
    assert np.isfinite(tfidf_features(sentences)).all()
    assert np.isfinite(project(sentences)).all()


def test_too_few_sentences_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5 of them, there are 4"):
        project(SENTENCES[:4])


@pytest.mark.parametrize("features", [np.zeros((3, 2)), np.zeros(24), np.full((24, 2), np.nan)])
def test_an_encoder_gives_one_finite_vector_each(features: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one finite vector each"):
        project(SENTENCES, encode=lambda sentences: features)
