"""Panels: a cell for each picture, a title above it."""

from __future__ import annotations

import numpy as np
import pytest

from remotesam.visualize import panel


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, None, 1), (4, None, 2), (5, None, 2), (5, 5, 1), (3, 1, 3)])
def test_a_panel_has_a_cell_for_each_picture(count: int, columns: int | None, rows: int) -> None:
    pictures = [np.full((20 + 30 * i, 50, 3), 200, dtype=np.uint8) for i in range(count)]
    sheet = panel(pictures, ["a title"] * count, columns=columns, cell=96)
    wide = columns or int(np.ceil(np.sqrt(count)))
    assert 96 * rows < sheet.shape[0] < 96 * rows + 60 * rows
    assert 96 * wide < sheet.shape[1] < 96 * wide + 20 * wide


@pytest.mark.parametrize(("pictures", "titles"), [(0, 0), (1, 0), (1, 2)])
def test_a_panel_without_titles_is_told(pictures: int, titles: int) -> None:
    with pytest.raises(ValueError, match="one title for each"):
        panel([np.zeros((2, 2, 3), dtype=np.uint8)] * pictures, ["a"] * titles)


def test_pictures_of_one_width_keep_their_height() -> None:
    pictures = [np.full((height, 100, 3), 200, dtype=np.uint8) for height in (50, 150, 80)]
    sheet = panel(pictures, ["a", "b", "c"], columns=2, cell=100, fit="width")
    bright = (sheet == 200).all(axis=2)
    assert np.count_nonzero(bright) == 100 * (50 + 150 + 80)  # none was resized
    rows = np.flatnonzero(bright.any(axis=1))
    assert len(rows) == 150 + 80


def test_a_panel_is_told_how_to_fit() -> None:
    with pytest.raises(ValueError, match="fit is 'height'; use 'cell' or 'width'"):
        panel([np.zeros((2, 2, 3), dtype=np.uint8)], ["a"], fit="height")  # type: ignore[arg-type]
