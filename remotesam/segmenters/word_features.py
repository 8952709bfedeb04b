"""Word vectors of sentences, kept between calls: categories are asked of image after image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch.nn.utils.rnn import pad_sequence

from remotesam.data.tokenizer import tokenize

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from remotesam.networks.text import TextEncoder
    from remotesam.segmenters.mapped_weights import MappedWeights

_KEPT = 1024
_BATCH = 64


class WordFeatures:
    """Sentences to word vectors, each sentence encoded once while it is among the last that were asked.

    Args:
        encoder: The network's text encoder.
        tokenizer: The one that it was trained with.
        kept: How many sentences are kept.
        weights: Where the encoder's weights are mapped from a file: they are given back after use.

    Attributes:
        encoded: How many sentences were encoded so far.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        tokenizer: PreTrainedTokenizerFast,
        *,
        kept: int = _KEPT,
        weights: MappedWeights | None = None,
    ) -> None:
        self._encoder = encoder
        self._tokenizer = tokenizer
        self._kept = kept
        self._weights = weights
        self._features: OrderedDict[str, torch.Tensor] = OrderedDict()
        self.encoded = 0

    def __call__(self, sentences: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors of sentences.

        Args:
            sentences: K of them, K >= 1; what is longer than the encoder takes is cut off.

        Returns:
            (K, T, C) word vectors, zeros behind the end of a sentence, and the mask (K, T) int64 that tells where that
            is; T is the length of the longest.
        """
        found = {sentence: self._features[sentence] for sentence in sentences if sentence in self._features}
        unknown = [sentence for sentence in dict.fromkeys(sentences) if sentence not in found]
        for start in range(0, len(unknown), _BATCH):
            found |= self._encode(unknown[start : start + _BATCH])
        if unknown and self._weights is not None:
            self._weights.release()
        for sentence in dict.fromkeys(sentences):
            self._features[sentence] = found[sentence]
            self._features.move_to_end(sentence)
        while len(self._features) > self._kept:
            self._features.popitem(last=False)
        rows = [found[sentence] for sentence in sentences]
        lengths = torch.tensor([len(row) for row in rows])
        mask = (torch.arange(int(lengths.max()))[None] < lengths[:, None]).long()
        return pad_sequence(rows, batch_first=True), mask.to(rows[0].device)

    def _encode(self, sentences: list[str]) -> dict[str, torch.Tensor]:
        device = next(self._encoder.parameters()).device
        ids, mask = tokenize(self._tokenizer, sentences, self._encoder.max_tokens)
        vectors = self._encoder(ids.to(device), mask.to(device))
        self.encoded += len(sentences)
        lengths = mask.sum(dim=1).tolist()
        return {s: v[:length].clone() for s, v, length in zip(sentences, vectors, lengths, strict=True)}
