"""Fingerprints of pictures, by which copies are known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image

HASH_SIDE = 16
HASH_BITS = HASH_SIDE**2
_THUMB = 4 * HASH_SIDE
_FLAT = 1.5


@dataclass(frozen=True)
class Fingerprint:
    """What a picture looks like, in a few bytes.

    Attributes:
        content: Hexadecimal checksum of its size and pixels, whatever the file format.
        hashes: (n, 32) uint8: 256 bits of perceptual hash, of the picture as it is and, where asked for, turned and
            mirrored in the seven other ways; (0, 32) where the picture is all of one tone and looks like any other
            such.
    """

    content: str
    hashes: np.ndarray


def fingerprint(image: np.ndarray, *, turned: bool = False) -> Fingerprint:
    """Take the fingerprint of a picture.

    The perceptual hash is pHash on 64 x 64 grey pixels with 16 x 16 frequencies (imagehash): resizing, compression and
    changes of brightness or contrast alter up to about 40 of its 256 bits, two different pictures differ in some 128.

    Args:
        image: (H, W, 3) uint8 RGB.
        turned: Also hash it turned by quarters and mirrored.

    Example:
        >>> picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
        >>> a, b = fingerprint(picture), fingerprint(np.rot90(picture), turned=True)
        >>> int(np.bitwise_count(a.hashes ^ b.hashes).sum(1).min())
        0
    """
    digest = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).data)
    thumb = Image.fromarray(image).convert("L").resize((_THUMB, _THUMB), Image.Resampling.LANCZOS)
    grey = np.asarray(thumb)
    if grey.std() < _FLAT:
        return Fingerprint(digest.hexdigest(), np.zeros((0, HASH_BITS // 8), np.uint8))
    ways = [grey]
    if turned:
        ways = [np.rot90(way, turns) for way in (grey, grey[:, ::-1]) for turns in range(4)]
    return Fingerprint(digest.hexdigest(), np.stack([_hash(way) for way in ways]))


def _hash(grey: np.ndarray) -> np.ndarray:
    bits = imagehash.phash(Image.fromarray(np.ascontiguousarray(grey)), hash_size=HASH_SIDE).hash
    return np.packbits(np.asarray(bits, bool).ravel())
