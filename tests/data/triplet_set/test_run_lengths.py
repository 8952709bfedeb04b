import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from remotesam.data.faults import Fault
from remotesam.data.triplet_set.run_lengths import check_counts, decode_mask, encode_mask, run_lengths


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ("é2", "characters that COCO does not use"),
        ("2 1", "damaged run lengths"),
        ("23P", "damaged run lengths"),
        ("PPPPPPPP1", "more than 32 bits"),
        ("N", "negative run lengths"),
        ("24", "run lengths of 6 pixels, an image of 3 x 3 has 9"),
    ],
)
def test_damaged_counts_are_refused(counts, message):
    with pytest.raises(Fault, match=message):
        check_counts(counts, 3, 3)


@pytest.mark.parametrize("mask", [np.zeros((3, 2), bool), np.ones((3, 2), bool), np.eye(4, dtype=bool)])
def test_masks_come_back_with_area_and_box(mask):
    counts, area, box = encode_mask(mask)
    assert np.array_equal(decode_mask(counts, *mask.shape), mask)
    assert area == mask.sum()
    if area:
        assert box == (0, 0, mask.shape[1], mask.shape[0])
        assert check_counts(counts, *mask.shape) == area
    else:
        assert (counts, box) == ("", None)


@given(st.integers(0, 2**32 - 1))
def test_run_lengths_are_those_of_the_mask(seed):
    rng = np.random.default_rng(seed)
    small = rng.random(rng.integers(1, 30, 2)) < rng.random()
    mask = np.kron(small, np.ones(rng.integers(1, 40, 2), bool))
    pixels = mask.T.ravel()
    changes = np.flatnonzero(np.diff(np.concatenate([[False], pixels]))) if pixels.size else []
    expected = np.diff([0, *changes, pixels.size])
    counts = coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
    assert run_lengths(counts).tolist() == expected.tolist()
    decoded = decode_mask(counts, *mask.shape)
    assert np.array_equal(decoded, mask) and decoded.dtype == bool and decoded.flags.c_contiguous
