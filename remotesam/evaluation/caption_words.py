"""Sentences as words, and their n-grams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MOST = 4
"""The longest n-grams that captions are compared by."""

_CLITICS = re.compile(r"n't\b|'(?:s|re|ve|ll|d|m)\b")
_WORDS = re.compile(r"n't|'(?:s|re|ve|ll|d|m)\b|\d+(?:[.,]\d+)+|[^\W_]+(?:-[^\W_]+)*")

Ngram = tuple[str, ...]


def caption_words(sentence: str) -> list[str]:
    """The words of a sentence, in lower case and without punctuation.

    Endings such as 's and n't are words of their own, and words with hyphens are one, as in the Penn Treebank's rules
    that COCO's captions are split by; those rules need Java, and know more abbreviations.

    Example:
        >>> caption_words("There's a well-kept harbor; it doesn't hold 1,200 boats.")
        ['there', "'s", 'a', 'well-kept', 'harbor', 'it', 'does', "n't", 'hold', '1,200', 'boats']
    """
    plain = sentence.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return _WORDS.findall(_CLITICS.sub(lambda ending: f" {ending[0]}", plain))


def ngrams(words: Sequence[str]) -> Counter[Ngram]:
    """How often each run of one to four words occurs.

    Example:
        >>> ngrams(["a", "b", "a"])[("a",)]
        2
    """
    return Counter(
        tuple(words[start : start + length])
        for length in range(1, MOST + 1)
        for start in range(len(words) - length + 1)
    )


def longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Words of the longest sequence that both have in this order, with gaps.

    Example:
        >>> longest_common(["a", "b", "c"], ["a", "x", "c"])
        2
    """
    lengths = [0] * (len(second) + 1)
    for word in first:
        before = 0
        for place, other in enumerate(second, start=1):
            here = lengths[place]
            lengths[place] = before + 1 if word == other else max(here, lengths[place - 1])
            before = here
    return lengths[-1]
