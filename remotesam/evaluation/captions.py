"""Captions: CIDEr-D, BLEU-1 to BLEU-4 and ROUGE-L, computed as COCO's caption evaluation does.

METEOR and SPICE are left out: their programs need Java. pycocoevalcap, which holds the others too, has had no release
since 2020 and carries those programs (100 MB), so its arithmetic is done here; tests compare with it where it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from remotesam.evaluation.caption_words import MOST, Ngram, caption_words, longest_common, ngrams
from remotesam.evaluation.columns import matrix, mean, numbers
from remotesam.evaluation.metric import RecentTables, sample_weights
from remotesam.evaluation.samples import CaptionAnswer, CaptionTruth

_ROUGE_BETA = 1.2
_CIDER_SIGMA = 6.0


class CaptionMetric:
    """Words of a caption and of its references, and what they share; one row an image.

    - ``CIDEr-D``: similarity of n-grams that are rare in the references of the set, times 10 (papers often print it
      times 100 more). How rare they are follows from all rows, whatever the weights. 0 for a set of one image.
    - ``BLEU-1`` ... ``BLEU-4``: geometric means of n-gram precisions over the set, times the brevity penalty, with the
      length of the reference that is closest. 0 where no n-gram of a length is right.
    - ``ROUGE-L``: mean F-score (beta 1.2) of the longest common word sequence.

    Sentences are split by :func:`~remotesam.evaluation.caption_words.caption_words`.

    Example:
        >>> metric = CaptionMetric()
        >>> row = metric.row(CaptionTruth(references=["a red ship"]), CaptionAnswer(text="A ship."))
        >>> row["matches"], row["guesses"], round(row["rouge_l"], 4)
        ([2, 0, 0, 0], [2, 1, 0, 0], 0.7722)
    """

    name: ClassVar[str] = "cap"
    task: ClassVar[str] = "cap"
    truth_type: ClassVar[type] = CaptionTruth
    answer_type: ClassVar[type] = CaptionAnswer
    schema: ClassVar[pa.Schema] = pa.schema(
        [
            pa.field("caption", pa.string(), nullable=False),
            pa.field("references", pa.list_(pa.string()), nullable=False),
            pa.field("matches", pa.list_(pa.int32()), nullable=False),
            pa.field("guesses", pa.list_(pa.int32()), nullable=False),
            pa.field("length", pa.int32(), nullable=False),
            pa.field("reference_length", pa.int32(), nullable=False),
            pa.field("rouge_l", pa.float64(), nullable=False),
        ]
    )

    def __init__(self) -> None:
        self._read = RecentTables(_read)

    @property
    def settings(self) -> dict[str, Any]:
        """None."""
        return {}

    @property
    def rules(self) -> str:
        """How sentences are split and which scale is used, in words."""
        return "words in lower case without punctuation (not the Java tokenizer of COCO); CIDEr-D times 100"

    def row(self, truth: CaptionTruth, answer: CaptionAnswer) -> dict[str, Any]:
        """The words of one image's captions, separated by spaces, and what they share.

        Raises:
            ValueError: There is no reference with a word.
        """
        words = caption_words(answer.text)
        references = [found for reference in truth.references if (found := caption_words(reference))]
        if not references:
            raise ValueError(f"references are {list(truth.references)}; give at least one with a word")
        guessed = ngrams(words)
        most: Counter[Ngram] = Counter()
        for reference in references:
            most |= ngrams(reference)
        return {
            "caption": " ".join(words),
            "references": [" ".join(reference) for reference in references],
            "matches": _by_length(guessed & most),
            "guesses": _by_length(guessed),
            "length": len(words),
            "reference_length": min((abs(len(one) - len(words)), len(one)) for one in references)[1],
            "rouge_l": _rouge_l(words, references),
        }

    def summarise(self, rows: pa.Table, weights: NDArray[Any] | None = None) -> dict[str, float | None]:
        """All figures; see the class."""
        once = sample_weights(rows, weights)
        table = self._read(rows)
        figures = {"CIDEr-D": mean(table.cider, once)}
        matches, guesses = once @ table.matches, once @ table.guesses
        length, wanted = float(once @ table.length), float(once @ table.reference_length)
        brevity = math.exp(min(0.0, 1 - wanted / length)) if length else 0.0
        for most in range(1, MOST + 1):
            product = float(np.prod(matches[:most] / np.maximum(guesses[:most], 1)))
            figures[f"BLEU-{most}"] = brevity * product ** (1 / most) if once.any() else None
        return figures | {"ROUGE-L": mean(table.rouge_l, once)}


@dataclass(frozen=True)
class _Table:
    cider: NDArray[np.float64]
    matches: NDArray[np.int64]
    guesses: NDArray[np.int64]
    length: NDArray[np.int64]
    reference_length: NDArray[np.int64]
    rouge_l: NDArray[np.float64]


def _read(rows: pa.Table) -> _Table:
    captions = [text.split() for text in rows.column("caption").to_pylist()]
    references = [[text.split() for text in texts] for texts in rows.column("references").to_pylist()]
    return _Table(
        cider_d(captions, references),
        matrix(rows, "matches", MOST),
        matrix(rows, "guesses", MOST),
        numbers(rows, "length"),
        numbers(rows, "reference_length"),
        numbers(rows, "rouge_l"),
    )


def cider_d(captions: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> NDArray[np.float64]:
    """(S,) CIDEr-D of each caption, from 0 to 10.

    Each caption is a vector of n-gram counts times ``log(S / images whose references have the n-gram)``, for each
    length of n-gram apart. Its similarity to a reference is the mean over the lengths of the cosine, where counts
    beyond the reference's are cut, times ``exp(-d^2 / 2 sigma^2)`` for a difference of ``d`` words, with sigma 6; the
    score is the mean over the references, times 10 (Vedantam et al., CVPR 2015).

    Args:
        captions: The words of S captions.
        references: The words of the references of each.
    """
    counted = [[ngrams(reference) for reference in several] for several in references]
    images = Counter(ngram for several in counted for ngram in set().union(*several))
    rarity = {ngram: math.log(len(captions) / number) for ngram, number in images.items()}
    unseen = math.log(max(len(captions), 1))
    scores = np.zeros(len(captions))
    for place, (words, several) in enumerate(zip(captions, counted, strict=True)):
        found = _Vector(ngrams(words), rarity, unseen)
        similar = [found.similarity(_Vector(one, rarity, unseen)) for one in several]
        scores[place] = 10 * sum(similar) / len(similar)
    return scores


class _Vector:
    """The n-grams of a sentence weighted by rarity, with their norms by length."""

    def __init__(self, counts: Counter[Ngram], rarity: dict[Ngram, float], unseen: float) -> None:
        self.weights = {ngram: number * rarity.get(ngram, unseen) for ngram, number in counts.items()}
        squares = [0.0] * MOST
        for ngram, weight in self.weights.items():
            squares[len(ngram) - 1] += weight**2
        self.norms = [math.sqrt(square) for square in squares]
        self.pairs = sum(number for ngram, number in counts.items() if len(ngram) == 2)

    def similarity(self, reference: _Vector) -> float:
        shared = [0.0] * MOST
        for ngram, weight in self.weights.items():
            other = reference.weights.get(ngram)
            if other is not None:
                shared[len(ngram) - 1] += min(weight, other) * other
        norms = [one * other for one, other in zip(self.norms, reference.norms, strict=True)]
        cosines = sum(value / norm for value, norm in zip(shared, norms, strict=True) if norm)
        # COCO's code takes the number of word pairs for the length.
        return cosines / MOST * math.exp(-((self.pairs - reference.pairs) ** 2) / (2 * _CIDER_SIGMA**2))


def _by_length(counts: Counter[Ngram]) -> list[int]:
    totals = [0] * MOST
    for ngram, number in counts.items():
        totals[len(ngram) - 1] += number
    return totals


def _rouge_l(words: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    common = [longest_common(words, reference) for reference in references]
    if not any(common):
        return 0.0
    precision = max(common) / len(words)
    recall = max(shared / len(reference) for shared, reference in zip(common, references, strict=True))
    return (1 + _ROUGE_BETA**2) * precision * recall / (recall + _ROUGE_BETA**2 * precision)
