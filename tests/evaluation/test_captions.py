import json
import math

import numpy as np
import pytest

from remotesam.evaluation.caption_words import caption_words, longest_common
from remotesam.evaluation.captions import CaptionMetric
from remotesam.evaluation.samples import CaptionAnswer, CaptionTruth
from tests.evaluation.tables import table_of


def rows_of(*images: tuple[str, list[str]]):
    metric = CaptionMetric()
    rows = [metric.row(CaptionTruth(references=texts), CaptionAnswer(text=text)) for text, texts in images]
    return table_of(metric, rows)


def figures_of(*images: tuple[str, list[str]], weights=None):
    return CaptionMetric().summarise(rows_of(*images), weights)


def test_nothing_gives_nothing_to_report():
    assert set(figures_of().values()) == {None}


@pytest.mark.parametrize("text", ["", "...", "Farm land"])
def test_no_common_word_scores_nothing(text):
    figures = figures_of((text, ["a ship"]), ("", ["two planes"]))
    assert set(figures.values()) == {0.0}
    json.dumps(figures, allow_nan=False)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        # 4 of 5 words, 3 of 4 pairs, 2 of 3 and 1 of 2 are right.
        ([("a b c d e", ["a b c d f"])], {"BLEU-1": 0.8, "BLEU-2": 0.6**0.5, "BLEU-4": 0.2**0.25, "ROUGE-L": 0.8}),
        # Too short: exp(1 - 4 / 2).
        ([("a b", ["a b c d"])], {"BLEU-1": math.exp(-1), "BLEU-3": 0.0, "ROUGE-L": 2.44 * 0.5 / (0.5 + 1.44)}),
        # A word counts no more often than in the reference that has it most.
        ([("the the the", ["the cat", "the the end"])], {"BLEU-1": 2 / 3}),
        # The closest reference tells the length, the shorter of two as close.
        ([("a b c", ["a b", "a b c d"])], {"BLEU-1": 1.0}),
        # BLEU is of the set: 1 + 4 of 2 + 4 words, and as long as the references.
        ([("a x", ["a b"]), ("p q r s", ["p q r s"])], {"BLEU-1": 5 / 6}),
        # Two words and one pair agree, of four lengths; c alone of two words: 10 (1/2) and 10 (1/2) / 4.
        ([("a b", ["a b"]), ("c x", ["c d"])], {"CIDEr-D": (5 + 1.25) / 2}),
        # Words that every image has weigh nothing.
        ([("a", ["a b"]), ("a", ["a c"])], {"CIDEr-D": 0.0}),
        # One pair more than the reference has; "x" weighs as much as "a" and "b".
        ([("a b x", ["a b"]), ("z", ["c d"])], {"CIDEr-D": 5 * (2 / 6**0.5 + 1 / 2**0.5) / 2 * math.exp(-1 / 72) / 2}),
    ],
)
def test_figures_by_hand(images, expected):
    figures = figures_of(*images)
    assert {name: figures[name] for name in expected} == pytest.approx(expected)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    words = np.array(["a", "the", "many", "green", "planes", "ships", "trees", "are", "near", "river", "with", "two"])
    weight = 1 / np.arange(1, len(words) + 1)

    def sentence() -> str:
        return " ".join(rng.choice(words, rng.integers(3, 12), p=weight / weight.sum()))

    found = []
    for _ in range(40):
        references = [sentence() for _ in range(rng.integers(1, 6))]
        found.append((references[0] if rng.random() < 0.2 else sentence(), references))
    return [*found, ("", ["a ship"])]


def test_figures_equal_those_of_coco_captions(images):
    cider = pytest.importorskip("pycocoevalcap.cider.cider")
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu")
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge")
    truth = {number: references for number, (_, references) in enumerate(images)}
    found = {number: [text] for number, (text, _) in enumerate(images)}
    figures = figures_of(*images)
    assert figures["CIDEr-D"] == pytest.approx(cider.Cider().compute_score(truth, found)[0], abs=1e-9)
    assert [figures[f"BLEU-{n}"] for n in range(1, 5)] == pytest.approx(
        bleu.Bleu(4).compute_score(truth, found, verbose=0)[0], abs=1e-6
    )
    assert figures["ROUGE-L"] == pytest.approx(rouge.Rouge().compute_score(truth, found)[0], abs=1e-9)


def test_weights_say_how_often_an_image_counts(images):
    times = np.random.default_rng(1).integers(0, 4, len(images))
    again = [image for image, count in zip(images, times, strict=True) for _ in range(count)]
    weighted, repeated = figures_of(*images, weights=times), figures_of(*again)
    # How rare a word is follows from the set, not from the weights.
    assert weighted.pop("CIDEr-D") != repeated.pop("CIDEr-D")
    assert weighted == pytest.approx(repeated)
    single = figures_of(*images, weights=np.ones(len(images)))
    assert single == figures_of(*images)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("", ""),
        (" - !? \n", ""),
        ("Two planes, parked.", "two planes parked"),
        ("It’s the farm’s barn; isn't it?", "it 's the farm 's barn is n't it"),
        ("About 1,200.5 two-storey houses (white)", "about 1,200.5 two-storey houses white"),
        ("Gebäude_am Fluß", "gebäude am fluß"),
    ],
)
def test_words(sentence, words):
    assert caption_words(sentence) == words.split()
    assert caption_words(words) == words.split()  # rows hold words that are split already


@pytest.mark.parametrize(("first", "second", "length"), [("", "ab", 0), ("abcbdab", "bdcaba", 4), ("ab", "ba", 1)])
def test_longest_common_words(first, second, length):
    assert longest_common(list(first), list(second)) == longest_common(list(second), list(first)) == length


@pytest.mark.parametrize("references", [[], [""], ["."]])
def test_an_image_without_a_reference_is_refused(references):
    with pytest.raises(ValueError, match="at least one with a word"):
        figures_of(("a ship", references))
