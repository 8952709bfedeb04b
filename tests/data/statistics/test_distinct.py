"""Counting different texts, and drawing a fair sample of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.data.statistics.distinct import Distinct, Sample, hashes

_TEXTS = st.lists(st.text(max_size=3), max_size=60)


@settings(deadline=None)
@given(_TEXTS, st.integers(1, 7))
def test_different_texts_are_counted_however_the_stream_is_cut(texts: list[str], step: int) -> None:
    counted = Distinct()
    for start in range(0, len(texts), step):
        counted.add(texts[start : start + step])
        assert len(counted) == len(set(texts[: start + step]))
    assert Distinct.together([counted, counted]) == len(set(texts))


def test_nothing_is_no_text() -> None:
    empty = Distinct()
    empty.add([])
    assert len(empty) == Distinct.together([empty]) == Distinct.together([]) == 0


def test_groups_share_texts() -> None:
    first, second = Distinct(), Distinct()
    first.add(["a", "b"])
    second.add(["b", "c"])
    assert (len(first), len(second), Distinct.together([first, second])) == (2, 2, 3)


def test_hashes_are_the_same_everywhere() -> None:
    """A sample that was published can be drawn again."""
    assert hashes(["", "ship"]).tolist() == [4331143152044847043, 6235037274562398441]
    assert hashes(["ship"], seed=1).tolist() != hashes(["ship"]).tolist()


@settings(deadline=None)
@given(_TEXTS, st.integers(1, 7), st.integers(0, 9), st.integers(0, 3), st.randoms())
def test_a_sample_depends_on_the_keys_alone(texts: list[str], step: int, size: int, seed: int, random: object) -> None:
    whole, parts = Sample(size, seed=seed), Sample(size, seed=seed)
    whole.add(texts, texts)
    shuffled = list(texts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for start in range(0, len(shuffled), step):
        parts.add(shuffled[start : start + step], shuffled[start : start + step])
    assert whole.items == parts.items
    assert len(whole.items) == min(size, len(set(texts))) == len(set(whole.items))
    assert set(whole.items) <= set(texts)


def test_the_first_item_of_a_key_is_kept() -> None:
    sample = Sample(5, seed=0)
    sample.add(["a", "a"], [1, 2])
    sample.add(["a"], [3])
    assert sample.items == [1]


def test_every_key_is_as_likely_as_any_other() -> None:
    often = ["common"] * 500 + [str(number) for number in range(9)]
    kept = []
    for seed in range(400):
        sample = Sample(1, seed=seed)
        sample.add(often, often)
        kept += sample.items
    assert 20 <= kept.count("common") <= 65  # one of ten keys: 40 of 400, give or take four deviations


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="size is -1"):
        Sample(-1, seed=0)
