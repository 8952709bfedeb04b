"""Builds what makes masks of boxes, by its configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from remotesam.data.sources.maskers import BoxMasker, PolygonFill, SamMasker, SegmenterMasker


def build_masker(config: Mapping[str, Any]) -> BoxMasker:
    """Build a masker; a process builds each only once.

    Args:
        config: ``type`` "fill", "sam" or "segmenter", and the arguments of the class: ``checkpoint`` for the last two.

    Raises:
        ValueError: ``type`` is none of them, or an argument is wrong.
    """
    return _built(json.dumps(dict(config), sort_keys=True))


@lru_cache(maxsize=2)
def _built(config: str) -> BoxMasker:
    options = json.loads(config)
    kind = options.pop("type")
    if kind == "fill":
        return PolygonFill(**options)
    if kind == "sam":
        return SamMasker.from_pretrained(options.pop("checkpoint"), **options)
    if kind == "segmenter":
        from remotesam import RemoteSAM

        checkpoint = options.pop("checkpoint")
        options.setdefault("name", checkpoint)
        return SegmenterMasker(RemoteSAM.from_pretrained(checkpoint).segmenter, **options)
    raise ValueError(f"masker type is {kind!r}; it takes 'fill', 'sam' or 'segmenter'")
