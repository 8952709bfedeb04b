"""Splitting sentences into words."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.data.statistics.sentences import words_of


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("", []),
        (" \t\n", []),
        ("?! -- '", []),
        ("ship", ["ship"]),
        ("The  White ship,on the left.", ["the", "white", "ship", "on", "the", "left"]),
        ("ground-track field", ["ground-track", "field"]),
        ("the ship's bow and 'quoted' words", ["the", "ship's", "bow", "and", "quoted", "words"]),
        ("2 ships / 10 m", ["2", "ships", "10", "m"]),
        ("Öltank, 船", ["öltank", "船"]),
    ],
)
def test_words_are_letters_and_digits_in_lower_case(sentence: str, words: list[str]) -> None:
    assert words_of(pa.array([sentence])).to_pylist() == [words]


def test_no_sentences_have_no_words() -> None:
    assert words_of(pa.array([], pa.string())).to_pylist() == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(alphabet="aZ9é-'’ .,!\n", max_size=12), max_size=8))
def test_sentences_do_not_mix(sentences: list[str]) -> None:
    together = words_of(pa.array(sentences, pa.string())).to_pylist()
    assert together == [words_of(pa.array([sentence])).to_pylist()[0] for sentence in sentences]
    for sentence, words in zip(sentences, together, strict=True):
        letters = [letter for letter in sentence.lower() if letter.isalnum()]
        assert [letter for word in words for letter in word if letter.isalnum()] == letters
        assert all(word[0].isalnum() and word[-1].isalnum() for word in words)
