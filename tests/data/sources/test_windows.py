"""Windows cover an image."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotesam.data.sources.windows import cover


@pytest.mark.parametrize(
    ("height", "width", "size", "overlap"), [(0, 5, 4, 0), (5, 5, 0, 0), (5, 5, 4, 4), (5, 5, 4, -1)]
)
def test_senseless_windows_are_refused(height: int, width: int, size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="windows of"):
        cover(height, width, size=size, overlap=overlap)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.data())
def test_every_pixel_is_in_a_whole_window(height: int, width: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = cover(height, width, size=size, overlap=overlap)
    seen = np.zeros((height, width), int)
    for left, top, wide, high in windows:
        assert (wide, high) == (min(size, width), min(size, height))
        assert 0 <= left <= width - wide
        assert 0 <= top <= height - high
        seen[top : top + high, left : left + wide] += 1
    assert seen.min() >= 1
    assert len(set(windows)) == len(windows)
    lefts = sorted({window[0] for window in windows})
    assert all(second - first <= size - overlap for first, second in itertools.pairwise(lefts))
