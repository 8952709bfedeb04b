"""The tokenizer of our own models: a small WordPiece vocabulary trained on the expressions."""

import string
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer

from remotesam.data.expressions import expression_corpus

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

__all__ = ["expression_corpus", "load_tokenizer", "tokenize", "train_tokenizer"]

_SPECIAL = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
_MAX_CHARACTERS = 2000


def train_tokenizer(corpus: Iterable[str], *, vocab_size: int) -> "PreTrainedTokenizerFast":
    """Train a lower-case WordPiece tokenizer with the special tokens of BERT.

    All letters a-z, digits and ASCII punctuation are in the vocabulary, letters and digits also as continuations
    (``##a``), so that a word unseen in training falls into pieces instead of becoming ``[UNK]``. The same corpus gives
    the same vocabulary.

    Args:
        corpus: Sentences.
        vocab_size: Upper limit of the number of tokens, special ones included; at least 200.

    Returns:
        A tokenizer to be saved with ``save_pretrained(folder)`` and loaded by
        ``transformers.PreTrainedTokenizerFast.from_pretrained(folder)``.

    Example:
        >>> tokenizer = train_tokenizer(["all ships", "the ship"], vocab_size=200)
        >>> tokenizer.tokenize("The zeppelin"), tokenizer.convert_ids_to_tokens([0])
        (['the', 'z', '##e', '##p', '##p', '##e', '##l', '##i', '##n'], ['[PAD]'])
    """
    if vocab_size < 200:
        raise ValueError(f"vocab_size must be at least 200 to hold the alphabet, got {vocab_size}")
    alphabet = string.ascii_lowercase + string.digits
    singles = [*alphabet, *(f"##{character}" for character in alphabet), *string.punctuation]
    tokenizer = _bert_tokenizer(WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    trainer = WordPieceTrainer(
        vocab_size=vocab_size,
        # Numbered first, or ties between pieces would be decided by the order of a hash table.
        special_tokens=[*_SPECIAL.values(), *singles],
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    pieces = sorted(set(tokenizer.get_vocab()) - set(_SPECIAL.values()))
    ids = {piece: number for number, piece in enumerate((*_SPECIAL.values(), *pieces))}
    return _wordpiece_tokenizer(ids)


def load_tokenizer(source: str | Path) -> "PreTrainedTokenizerFast":
    """Load a tokenizer from disk or from the hub.

    Args:
        source: A folder with ``tokenizer.json`` (as ``save_pretrained`` writes it), a WordPiece vocabulary
            ``vocab.txt`` of a lower-case BERT or a folder with one, or a hub id such as ``"bert-base-uncased"``.

    Raises:
        ValueError: Nothing of that kind is there, or it cannot be read, or the hub cannot be reached.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    path = Path(source)
    try:
        if (path / "tokenizer.json").is_file():
            return cast("PreTrainedTokenizerFast", PreTrainedTokenizerFast.from_pretrained(path))
        vocabulary = path / "vocab.txt" if path.is_dir() else path
        if vocabulary.is_file():
            return _wordpiece_tokenizer(WordPiece.read_file(str(vocabulary)))
        if path.is_dir():
            raise ValueError(f"tokenizer {path}: the folder has neither tokenizer.json nor vocab.txt")
        return cast("PreTrainedTokenizerFast", AutoTokenizer.from_pretrained(str(source)))
    except OSError as error:
        raise ValueError(
            f"tokenizer {str(source)!r}: neither a folder or vocab.txt here nor to be had from the hub "
            f"({str(error).splitlines()[0]})"
        ) from error


def _wordpiece_tokenizer(ids: dict[str, int]) -> "PreTrainedTokenizerFast":
    """A lower-case BERT tokenizer of the given vocabulary, which adds [CLS] and [SEP]."""
    from transformers import PreTrainedTokenizerFast

    final = _bert_tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    final.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(name, ids[name]) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=final, **_SPECIAL)


def _bert_tokenizer(model: WordPiece) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def tokenize(
    tokenizer: "PreTrainedTokenizerBase",
    expressions: Sequence[str],
    max_tokens: int,
    *,
    pad_to_max: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn sentences into token ids.

    Args:
        tokenizer: A tokenizer of transformers.
        expressions: K sentences of any length; what exceeds ``max_tokens`` is cut off, a last [SEP] included.
        max_tokens: Largest number of tokens, the special ones included.
        pad_to_max: Pad to ``max_tokens`` instead of to the longest sentence.

    Returns:
        ``input_ids`` and ``attention_mask`` (1 on tokens, 0 on padding), both int64 (K, T) with T <= ``max_tokens``.

    Raises:
        ValueError: A sentence is empty, is no string, or there is none.
    """
    if isinstance(expressions, str):
        raise ValueError("expressions must be a sequence of sentences, got one string; put it into a list")
    if not expressions:
        raise ValueError("no expression given; at least one sentence is needed")
    for position, expression in enumerate(expressions):
        if not isinstance(expression, str):
            raise ValueError(f"expression {position} must be a string, got {type(expression).__name__}")
        if not expression.strip():
            raise ValueError(f'expression {position} is empty; write what to look for, such as "the airplane"')
    ids = tokenizer([expression[:_MAX_CHARACTERS] for expression in expressions])["input_ids"]
    # Cut after the special tokens were added, as the published network was trained: a long sentence loses its [SEP].
    encoded = tokenizer.pad(
        {"input_ids": [row[:max_tokens] for row in ids]},
        padding="max_length" if pad_to_max else "longest",
        max_length=max_tokens,
        return_tensors="pt",
    )
    return encoded["input_ids"].long(), encoded["attention_mask"].long()
