"""Finds copies and near copies among pictures by their fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remotesam.data.generation.fingerprints import HASH_BITS, Fingerprint

_ROWS, _COLUMNS = 128, 4096


@dataclass(frozen=True)
class Copy:
    """A picture that looks like another.

    Attributes:
        index: Which picture.
        original: Which other one.
        distance: How many of the 256 bits of their hashes differ; 0 for exact copies too.
        exact: Whether their pixels are the same.
    """

    index: int
    original: int
    distance: int
    exact: bool


def find_duplicates(prints: Sequence[Fingerprint], *, distance: int) -> list[Copy]:
    """Find the pictures that are copies of an earlier one that is none itself.

    Args:
        prints: Of all pictures, in the order of their priority.
        distance: Hashes that differ in at most so many of 256 bits count as copies.

    Returns:
        Ascending by ``index``; of several originals the nearest, of these the first.
    """
    pairs = _near(prints, prints, distance)
    found: dict[int, list[tuple[bool, int, int]]] = {}
    for i, j, d in pairs:
        found.setdefault(i, []).append((False, d, j))
    first: dict[str, int] = {}
    for i, entry in enumerate(prints):
        original = first.setdefault(entry.content, i)
        if original != i:
            found.setdefault(i, []).append((True, 0, original))
    copies: dict[int, Copy] = {}
    for i in sorted(found):
        originals = [(not exact, d, j) for exact, d, j in found[i] if j not in copies]
        if originals:
            inexact, d, j = min(originals)
            copies[i] = Copy(i, j, d, not inexact)
    return list(copies.values())


def find_leaks(prints: Sequence[Fingerprint], held_out: Sequence[Fingerprint], *, distance: int) -> list[Copy]:
    """Find the pictures that are copies of a picture of an evaluation split.

    Args:
        prints: Of the pictures to train on.
        held_out: Of the pictures to evaluate on; ``original`` counts these.
        distance: As in :func:`find_duplicates`.

    Returns:
        Ascending by ``index``, for each the nearest picture to evaluate on.
    """
    contents: dict[str, int] = {}
    for j, entry in enumerate(held_out):
        contents.setdefault(entry.content, j)
    best = {i: (True, d, j) for i, j, d in sorted(_near(prints, held_out, distance), key=lambda p: (-p[2], -p[1]))}
    for i, entry in enumerate(prints):
        if entry.content in contents:
            best[i] = (False, 0, contents[entry.content])
    return [Copy(i, j, d, not inexact) for i, (inexact, d, j) in sorted(best.items())]


def _near(first: Sequence[Fingerprint], second: Sequence[Fingerprint], distance: int) -> list[tuple[int, int, int]]:
    """(i, j, differing bits) of all pairs that are near in any of their ways; within one list, j < i."""
    if not 0 <= distance < HASH_BITS // 2:
        raise ValueError(f"distance is {distance}; it takes 0 to {HASH_BITS // 2 - 1} of {HASH_BITS} bits")
    owners_a, words_a = _words(first, ways=False)
    owners_b, words_b = _words(second, ways=True)
    nearest: dict[tuple[int, int], int] = {}
    half = _HalfDistances()
    for start in range(0, len(words_a), _ROWS):
        block = words_a[start : start + _ROWS]
        last = owners_a[start + len(block) - 1]
        for other in range(0, len(words_b), _COLUMNS):
            if first is second and owners_b[other] >= last:
                break
            keys = words_b[other : other + _COLUMNS]
            # Half of the bits rule out nearly all pairs.
            rows, columns = np.divmod(np.flatnonzero(half(block, keys) <= distance), len(keys))
            bits = np.bitwise_count(block[rows] ^ keys[columns]).sum(1, dtype=int)
            near = bits <= distance
            for row, column, d in zip(rows[near].tolist(), columns[near].tolist(), bits[near].tolist(), strict=True):
                pair = (owners_a[start + row], owners_b[other + column])
                nearest[pair] = min(d, nearest.get(pair, HASH_BITS))
    return [(i, j, d) for (i, j), d in sorted(nearest.items()) if first is not second or j < i]


class _HalfDistances:
    """Differing bits of the first 128 of all pairs of two blocks, in memory that is used again: four times as fast."""

    def __init__(self) -> None:
        self._words = np.empty(_ROWS * _COLUMNS, np.uint64)
        self._counts = np.empty((2, _ROWS * _COLUMNS), np.uint8)

    def __call__(self, block: np.ndarray, keys: np.ndarray) -> np.ndarray:
        shape = (len(block), len(keys))
        words = self._words[: shape[0] * shape[1]].reshape(shape)
        total, more = (counts[: words.size].reshape(shape) for counts in self._counts)
        columns = np.ascontiguousarray(keys[:, :2].T)
        for number, counts in enumerate((total, more)):
            np.bitwise_xor(block[:, None, number], columns[None, number], out=words)
            np.bitwise_count(words, out=counts)
        total += more
        return total


def _words(prints: Sequence[Fingerprint], *, ways: bool) -> tuple[list[int], np.ndarray]:
    """Owners and 256-bit hashes as (n, 4) uint64, of the pictures as they are or in all their ways."""
    chosen = [entry.hashes if ways else entry.hashes[:1] for entry in prints]
    owners = [index for index, hashes in enumerate(chosen) for _ in hashes]
    stacked = np.concatenate(chosen) if owners else np.zeros((0, HASH_BITS // 8), np.uint8)
    return owners, np.ascontiguousarray(stacked).view(np.uint64)
