"""Sentences are encoded once while they are among the last that were asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from remotesam import checkpoints
from remotesam.segmenters.word_features import WordFeatures


@pytest.fixture
def features(tiny_checkpoint: Path) -> WordFeatures:
    _, network, tokenizer = checkpoints.load(tiny_checkpoint)
    return WordFeatures(network.text_encoder, tokenizer, kept=3)


@torch.inference_mode()
def test_a_known_sentence_is_not_encoded_again(features: WordFeatures) -> None:
    first, mask = features(["all airplanes", "the ship on the left", "all airplanes"])
    assert features.encoded == 2
    assert torch.equal(first[0], first[2])
    assert mask.sum(dim=1).tolist()[0] < mask.sum(dim=1).tolist()[1] == first.shape[1]
    assert not first[mask == 0].any()
    again, _ = features(["all airplanes"])
    assert features.encoded == 2
    assert torch.equal(again[0], first[0, : again.shape[1]])


@torch.inference_mode()
def test_the_longest_unasked_sentence_is_forgotten(features: WordFeatures) -> None:
    features(["a ship", "a road", "a tree"])
    features(["a ship"])
    features(["an airplane"])  # drops "a road"
    features(["a ship", "a tree"])
    assert features.encoded == 4
    features(["a road"])
    assert features.encoded == 5


@torch.inference_mode()
def test_more_sentences_than_are_kept_are_all_answered(features: WordFeatures) -> None:
    sentences = [f"ship {'of the left ' * (i % 3)}{i}" for i in range(150)]
    words, mask = features(sentences)
    assert words.shape[:2] == mask.shape
    assert len(words) == 150
    alone, _ = features(sentences[70:71])
    assert (words[70, : alone.shape[1]] - alone[0]).abs().max() <= 1e-5
