"""Train the tokenizer of our own models and save it.

    python tools/make_tokenizer.py checkpoints/tokenizer
    python tools/make_tokenizer.py checkpoints/tokenizer --vocab-size 1500 --seed 0

The same arguments write the same files.
"""

from pathlib import Path
from typing import Annotated

import typer

from remotesam.data.tokenizer import expression_corpus, train_tokenizer


def main(
    folder: Annotated[Path, typer.Argument(help="Where to write the tokenizer's files.")],
    vocab_size: Annotated[int, typer.Option(help="Upper limit of the number of tokens.")] = 1500,
    seed: Annotated[int, typer.Option(help="Seed of the sentences it is trained on.")] = 0,
) -> None:
    """Train a WordPiece tokenizer on our expressions and write it to FOLDER."""
    tokenizer = train_tokenizer(expression_corpus(seed), vocab_size=vocab_size)
    tokenizer.save_pretrained(folder)
    typer.echo(f"{len(tokenizer)} tokens written to {folder}")


if __name__ == "__main__":
    typer.run(main)
