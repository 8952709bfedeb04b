from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from remotesam.data.expressions import expression_corpus
from remotesam.data.tokenizer import tokenize, train_tokenizer
from remotesam.data.triplets import make_triplets
from tests.data.scenes import random_scene


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(expression_corpus(0), vocab_size=1500).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        ([], "no expression given"),
        ([""], "expression 0 is empty"),
        (["the ship", " \n\t"], "expression 1 is empty"),
        ("the ship", "got one string"),
        ([None], "must be a string, got NoneType"),
    ],
)
def test_empty_sentences_are_refused(tokenizer: Any, expressions: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tokenize(tokenizer, expressions, 20)


def test_a_vocabulary_without_room_for_the_alphabet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        train_tokenizer(["a"], vocab_size=100)


@pytest.mark.parametrize(
    ("expression", "pieces"),
    [
        ("Airplane in the IMAGE", ["airplane", "in", "the", "image"]),
        ("the left-most ship.", ["the", "left", "-", "most", "ship", "."]),
        ("2 docks", ["2", "docks"]),
    ],
)
def test_known_words_stay_whole(tokenizer: Any, expression: str, pieces: list[str]) -> None:
    pieces = [piece for word in pieces for piece in tokenizer.tokenize(word)]
    assert tokenizer.tokenize(expression) == pieces
    assert "[UNK]" not in pieces


@pytest.mark.parametrize("word", ["zeppelin", "quay", "xylophone", "A320", "sports-ground", "it's (3/4)", "été"])
def test_unknown_words_fall_into_pieces(tokenizer: Any, word: str) -> None:
    ids = tokenizer(word)["input_ids"]
    assert tokenizer.unk_token_id not in ids and len(ids) > 2


@pytest.mark.parametrize("sentence", ["лодка", "船", "🚢", "\x00\x01", "x" * 10_000, "ship " * 2_000, "\u202eship"])
def test_any_other_sentence_is_an_answer(tokenizer: Any, sentence: str) -> None:
    ids, mask = tokenize(tokenizer, [sentence, "ship"], 20)
    assert ids.dtype == mask.dtype == torch.int64 and ids.shape == mask.shape and ids.shape[1] <= 20
    assert mask[0].sum() >= 2


def test_padding() -> None:
    small = train_tokenizer(["the ship", "all ships"], vocab_size=300)
    ids, mask = tokenize(small, ["ship", "the ship ship"], 8)
    assert ids.shape == (2, 5) and mask.tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert ids[0].tolist()[3:] == [small.pad_token_id] * 2
    assert tokenize(small, ["ship"], 8, pad_to_max=True)[0].shape == (1, 8)


def test_no_triplet_needs_pieces(tokenizer: Any) -> None:
    for seed in range(40):
        for triplet in make_triplets(random_scene(seed), count=5, rng=np.random.default_rng(seed)):
            pieces = tokenizer.tokenize(triplet.expression)
            assert "[UNK]" not in pieces and not any(p.startswith("##") for p in pieces), triplet.expression


def test_the_same_corpus_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train_tokenizer(expression_corpus(0, repeats=1), vocab_size=500).save_pretrained(tmp_path / name)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "a" / file).read_text() == (tmp_path / "b" / file).read_text()
    assert list(expression_corpus(1, repeats=1)) == list(expression_corpus(1, repeats=1))
