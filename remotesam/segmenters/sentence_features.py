"""What the text encoder of a checkpoint makes of sentences, to compare them with each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from remotesam import checkpoints
from remotesam.data.tokenizer import tokenize
from remotesam.segmenters.devices import choose_device

_BATCH = 64


class SentenceEncoder:
    """The text encoder of a referring network.

    Args:
        folder: A checkpoint folder.
        device: Where to compute; None chooses CUDA, MPS or the CPU.

    Raises:
        CheckpointError: A file of it is missing, damaged or of another network.

    Example:
        >>> SentenceEncoder("checkpoints/remotesam-mini")(["all ships", "the ship"]).shape          # doctest: +SKIP
        (2, 192)
    """

    def __init__(self, folder: str | Path, *, device: str | None = None) -> None:
        _, network, self._tokenizer = checkpoints.load(folder)
        self._device = choose_device(device)
        self._max_tokens = network.max_tokens
        self._encoder = network.text_encoder.to(self._device)

    @torch.inference_mode()
    def __call__(self, sentences: Sequence[str]) -> np.ndarray:
        """Encode sentences; what is longer than the network takes is cut off.

        Returns:
            (n, C) float32, the mean of the vectors of each sentence's word pieces.
        """
        features = []
        for start in range(0, len(sentences), _BATCH):
            part = list(sentences[start : start + _BATCH])
            ids, mask = (t.to(self._device) for t in tokenize(self._tokenizer, part, self._max_tokens))
            weights = mask[..., None].float()
            mean = (self._encoder(ids, mask).float() * weights).sum(1) / weights.sum(1)
            features.append(mean.cpu().numpy())
        return np.concatenate(features) if features else np.empty((0, self._encoder.hidden_size), np.float32)
