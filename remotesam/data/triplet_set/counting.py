"""How many rows of which sort a set has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from remotesam.data.triplet_set.manifest import Shard
from remotesam.data.triplet_set.schema import WORDS

_PROVENANCE = ("source", "split", "licence")


def count_rows(folder: Path, shards: Sequence[Shard]) -> dict[str, Any]:
    """Count the rows of shards by their word columns.

    Args:
        folder: Folder of the set.
        shards: Its parquet files.

    Returns:
        ``rows``, ``images`` (different pictures or windows), for each word column a mapping of value to rows, the
        commonest first, and ``sources``: for each source, split and licence its ``triplets`` and ``images``.
    """
    words: dict[str, Counter[str]] = {name: Counter() for name in WORDS}
    triplets: Counter[tuple[str, ...]] = Counter()
    pictures: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for shard in shards:
        table = pq.read_table(folder / shard.file, columns=[*WORDS, "image", "window"])
        for name in WORDS:
            for entry in table.column(name).value_counts().to_pylist():
                words[name][entry["values"]] += entry["counts"]
        columns = [table.column(name).to_pylist() for name in (*_PROVENANCE, "image", "window")]
        for *origin, image, window in zip(*columns, strict=True):
            key = tuple(origin)
            triplets[key] += 1
            pictures.setdefault(key, set()).add((image, str(window)))
    return {
        "rows": sum(triplets.values()),
        "images": len(set().union(*pictures.values())),
        **{name: dict(sorted(words[name].items(), key=lambda item: (-item[1], item[0]))) for name in WORDS},
        "sources": [
            {**dict(zip(_PROVENANCE, key, strict=True)), "triplets": triplets[key], "images": len(pictures[key])}
            for key in sorted(triplets)
        ],
    }
