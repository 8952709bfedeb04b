from itertools import combinations

import cv2
import numpy as np
import pytest

from remotesam.data.generation.copies import Copy, find_duplicates, find_leaks
from remotesam.data.generation.fingerprints import HASH_BITS, Fingerprint, fingerprint


def picture(seed: int) -> np.ndarray:
    """Grey and coloured shapes of all sizes."""
    noise = np.random.default_rng(seed).normal(size=(128, 160, 3))
    layers = [cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (1.5, 5, 15)]
    return np.clip(128 + 60 * sum(layers), 0, 255).astype(np.uint8)


PICTURES = [picture(seed) for seed in range(12)]


def bits(*changed: int) -> np.ndarray:
    """A hash that differs from zero in some bits."""
    flags = np.zeros(HASH_BITS, bool)
    flags[list(changed)] = True
    return np.packbits(flags)


def looks(*hashes: np.ndarray, content: str = "") -> Fingerprint:
    return Fingerprint(content or str(hashes), np.stack(hashes) if hashes else np.zeros((0, 32), np.uint8))


@pytest.mark.parametrize("distance", [-1, 128])
def test_distances_that_make_no_sense(distance: int) -> None:
    with pytest.raises(ValueError, match="distance"):
        find_duplicates([looks(bits())], distance=distance)


def test_nothing_has_no_copies() -> None:
    assert find_duplicates([], distance=40) == [] == find_leaks([], [], distance=40)
    assert find_leaks([looks(bits())], [], distance=40) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("smaller", lambda image: cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)),
        ("compressed", lambda image: cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1)),
        ("brighter", lambda image: np.clip(image.astype(int) + 20, 0, 255).astype(np.uint8)),
        ("flatter", lambda image: (image * 0.7 + 30).astype(np.uint8)),
    ],
)
def test_changed_copies_are_known_again(name: str, change: object) -> None:
    changed = [change(image) for image in PICTURES]  # type: ignore[operator]
    leaks = find_leaks([fingerprint(image) for image in changed], [fingerprint(i) for i in PICTURES], distance=40)
    assert [(leak.index, leak.original, leak.exact) for leak in leaks] == [(n, n, False) for n in range(len(PICTURES))]


def test_different_pictures_are_no_copies() -> None:
    prints = [fingerprint(image) for image in PICTURES]
    assert find_duplicates(prints, distance=40) == []
    for a, b in combinations(prints, 2):
        assert np.bitwise_count(a.hashes ^ b.hashes).sum() > 70


@pytest.mark.parametrize("turned", [False, True])
def test_turned_and_mirrored_copies_are_found_only_where_asked_for(turned: bool) -> None:
    ways = [np.rot90(way, turns) for way in (PICTURES[0], PICTURES[0][:, ::-1]) for turns in range(4)][1:]
    held_out = [fingerprint(PICTURES[0], turned=turned)]
    leaks = find_leaks([fingerprint(np.ascontiguousarray(way)) for way in ways], held_out, distance=40)
    assert len(leaks) == (len(ways) if turned else 0)


def test_pictures_of_one_tone_are_copies_only_by_their_pixels() -> None:
    black, dark = np.zeros((50, 60, 3), np.uint8), np.full((50, 60, 3), 3, np.uint8)
    prints = [fingerprint(image) for image in (black, dark, black, np.zeros((60, 50, 3), np.uint8))]
    assert find_duplicates(prints, distance=40) == [Copy(2, 0, 0, True)]


def test_a_copy_of_a_copy_is_compared_with_what_stays() -> None:
    prints = [looks(bits()), looks(bits(*range(30))), looks(bits(*range(60))), looks(bits(*range(61)), content="x")]
    # The second is a copy of the first. The third is one of the second only, which is gone, so it stays.
    assert find_duplicates(prints, distance=40) == [Copy(1, 0, 30, False), Copy(3, 2, 1, False)]


def test_the_nearest_original_is_told_and_an_exact_one_first() -> None:
    prints = [looks(bits(1, 2, 3), content="a"), looks(bits(1), content="b")]
    leaks = find_leaks([looks(bits(), content="c"), looks(bits(9), content="a")], prints, distance=5)
    assert leaks == [Copy(0, 1, 1, False), Copy(1, 0, 0, True)]


def test_pairs_are_those_of_comparing_all_with_all() -> None:
    rng = np.random.default_rng(0)
    seeds = rng.integers(0, 256, (20, 32), np.uint8)
    hashes = seeds[rng.integers(20, size=2200)]
    for row in hashes:
        flips = rng.permutation(HASH_BITS)[: rng.integers(0, 40)]
        row ^= bits(*flips)
    prints = [looks(row, content=str(number)) for number, row in enumerate(hashes)]
    found = {copy.index: (copy.original, copy.distance) for copy in find_duplicates(prints, distance=40)}
    gone: dict[int, tuple[int, int]] = {}
    for number in range(len(hashes)):
        distances = np.bitwise_count(hashes[:number] ^ hashes[number]).sum(1)
        near = [(int(d), n) for n, d in enumerate(distances) if d <= 40 and n not in gone]
        if near:
            gone[number] = (min(near)[1], min(near)[0])
    assert found == gone and len(gone) > 800
