"""How many different values a long stream has, and a fair sample of them, in little memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

_PENDING = 1 << 20


def hashes(texts: Iterable[str], *, seed: int = 0) -> np.ndarray:
    """Hash texts, the same on every machine.

    Args:
        texts: Any texts.
        seed: Another order of the hashes for another number, from 0 to 2**64 - 1.

    Returns:
        (n,) uint64.
    """
    key = seed.to_bytes(8, "little")
    digests = (hashlib.blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts)
    return np.frombuffer(b"".join(digests), "<u8")


class Distinct:
    """Counts different texts by their hashes: eight bytes each.

    That two texts of a million share a hash, and one is missed, has a chance of one in thirty million.

    Example:
        >>> images = Distinct()
        >>> images.add(["a.png", "b.png"])
        >>> images.add(["b.png"])
        >>> len(images)
        2
    """

    def __init__(self) -> None:
        self._known = np.empty(0, np.uint64)
        self._new: list[np.ndarray] = []

    def add(self, texts: Iterable[str]) -> None:
        """Add texts, again and again as they come."""
        self._new.append(np.unique(hashes(texts)))
        if sum(map(len, self._new)) > _PENDING:
            self._merge()

    def __len__(self) -> int:
        self._merge()
        return len(self._known)

    @staticmethod
    def together(groups: Iterable[Distinct]) -> int:
        """How many different texts several groups have together."""
        known = [group._known for group in groups if len(group)]
        return len(np.unique(np.concatenate(known))) if known else 0

    def _merge(self) -> None:
        if self._new:
            self._known = np.unique(np.concatenate([self._known, *self._new]))
            self._new = []


class Sample:
    """Keeps a sample of the different keys of a stream: those with the smallest hashes.

    Each different key is as likely to be kept as any other, however often it comes; neither the order of the stream
    nor how it is cut into parts matters, but for the items: the first one of a key is kept.

    Args:
        size: How many keys to keep at most.
        seed: Another sample for another number.

    Example:
        >>> sample = Sample(2, seed=0)
        >>> sample.add(["a", "b", "c", "a"], [1, 2, 3, 4])
        >>> sorted(sample.items)
        [1, 2]
    """

    def __init__(self, size: int, *, seed: int) -> None:
        if size < 0:
            raise ValueError(f"size is {size}; it takes 0 or more")
        self._size, self._seed = size, seed
        self._kept: dict[int, object] = {}
        self._limit = 1 << 64

    def add(self, keys: Sequence[str], items: Sequence[object]) -> None:
        """Offer items, each with its key."""
        if not self._size:
            return
        for value, item in zip(hashes(keys, seed=self._seed).tolist(), items, strict=True):
            if value < self._limit:
                self._kept.setdefault(value, item)
        if len(self._kept) > self._size:
            smallest = sorted(self._kept)[: self._size]
            self._kept = {value: self._kept[value] for value in smallest}
            self._limit = smallest[-1]

    @property
    def items(self) -> list[object]:
        """What was kept, in the order of the hashes."""
        return [self._kept[value] for value in sorted(self._kept)]
