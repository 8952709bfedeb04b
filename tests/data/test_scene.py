import numpy as np
import pytest

from remotesam.data.scene import Instance, rasterise
from tests.data.scenes import box


def test_nothing_gives_an_empty_mask() -> None:
    assert rasterise((), 4, 5).shape == (4, 5) and not rasterise((), 4, 5).any()
    assert not Instance("ship", ()).mask(4, 5).any()


@pytest.mark.parametrize(
    ("polygons", "area"),
    [
        ((box(1, 1, 3, 2),), 6),
        ((box(1, 1, 3, 2), box(2, 1, 3, 2)), 8),
        ((box(-5, -5, 7, 7),), 4),
        ((box(-50, -50, 200, 200),), 80),
        ((box(50, 50, 5, 5),), 0),
        ((box(-50, 2, 5, 5),), 0),
    ],
)
def test_masks_are_unions_cut_off_at_the_border(polygons: tuple[np.ndarray, ...], area: int) -> None:
    mask = Instance("ship", polygons).mask(8, 10)
    assert mask.shape == (8, 10) and mask.dtype == bool and mask.sum() == area


def test_holes_are_cut_out() -> None:
    mask = Instance("ship", (box(0, 0, 6, 6),), (box(2, 2, 2, 2), box(5, 5, 3, 3))).mask(8, 8)
    assert mask.sum() == 36 - 4 - 1 and not mask[2, 2] and mask[1, 1]
