"""Text encoders: BERT, or a small transformer of the same form trained from scratch."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel


class TextEncoder(nn.Module):
    """A BERT without pooler: word ids to one vector a word.

    With its defaults it is bert-base (12 layers of 768), as published. Smaller numbers give the transformer that is
    trained from scratch.

    Args:
        vocab_size: number of word pieces.
        hidden_size: channels C of a word vector.
        layers: transformer layers.
        heads: attention heads; `hidden_size` is a multiple of it.
        max_tokens: longest sentence in word pieces, [CLS] and [SEP] included.
        positions: length of the position table (at least `max_tokens`).
        dropout: dropout of hidden states and attention.
        pretrained: a hub id or folder to take the weights from, e.g. ``"bert-base-uncased"``.
    """

    def __init__(
        self,
        *,
        vocab_size: int = 30522,
        hidden_size: int = 768,
        layers: int = 12,
        heads: int = 12,
        max_tokens: int = 20,
        positions: int = 512,
        dropout: float = 0.1,
        pretrained: str | None = None,
    ) -> None:
        super().__init__()
        if positions < max_tokens:
            raise ValueError(f"positions={positions} must be at least max_tokens={max_tokens}")
        config: dict[str, Any] = {
            "vocab_size": vocab_size,
            "hidden_size": hidden_size,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "intermediate_size": 4 * hidden_size,
            "max_position_embeddings": positions,
            "hidden_dropout_prob": dropout,
            "attention_probs_dropout_prob": dropout,
        }
        if pretrained is not None:
            self.model = BertModel.from_pretrained(pretrained, add_pooling_layer=False)
        else:
            self.model = BertModel(BertConfig(**config), add_pooling_layer=False)
        self.hidden_size = int(self.model.config.hidden_size)
        self.max_tokens = max_tokens

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(K, T) int64 ids and 0/1 mask -> (K, T, C) word vectors."""
        # A sentence costs little beside an image, and its rounding would reach every position.
        exact = not torch.is_grad_enabled()
        autocast = torch.autocast(input_ids.device.type, enabled=False) if exact else nullcontext()
        with autocast:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
