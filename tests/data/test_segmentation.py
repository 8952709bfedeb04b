from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from remotesam.data.scene import Instance
from remotesam.data.segmentation import clip_polygon, crosses_itself, mask_polygons, polygon_area, read_segmentation
from tests.data.scenes import box

RING = np.zeros((9, 12), bool)
RING[1:8, 2:10] = True
RING[3:5, 4:7] = False
DIAGONAL = np.eye(5, 7, dtype=bool)
MASKS = {
    "one pixel": np.pad(np.ones((1, 1), bool), 2),
    "the whole image": np.ones((4, 6), bool),
    "a hole": RING,
    "touching at corners": DIAGONAL,
    "two parts": np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 1]], bool),
    "noise": np.random.default_rng(0).random((20, 24)) < 0.5,
    "an island in a hole": np.pad(np.pad(np.pad(np.ones((1, 1), bool), 1), 1, constant_values=True), 1),
}


def test_an_empty_mask_has_no_outline() -> None:
    assert mask_polygons(np.zeros((4, 4), bool)) == ((), ())


@pytest.mark.parametrize("name", sorted(MASKS))
def test_outlines_of_masks_are_exact(name: str) -> None:
    mask = MASKS[name]
    polygons, holes = mask_polygons(mask)
    assert (Instance("ship", polygons, holes).mask(*mask.shape) == mask).all()


@pytest.mark.parametrize("name", sorted(MASKS))
def test_outlines_keep_the_area(name: str) -> None:
    polygons, holes = mask_polygons(MASKS[name])
    area = sum(abs(polygon_area(p)) for p in polygons) - sum(abs(polygon_area(p)) for p in holes)
    assert area == MASKS[name].sum()


@pytest.mark.parametrize("compressed", [False, True])
def test_run_lengths(compressed: bool) -> None:
    encoded: dict[str, Any] = coco_mask.encode(np.asfortranarray(RING, np.uint8))
    if compressed:
        encoded["counts"] = encoded["counts"].decode()
    else:
        flat = RING.ravel(order="F").astype(int)
        edges = np.flatnonzero(np.diff(flat, prepend=0))
        encoded = {"size": [9, 12], "counts": np.diff([0, *edges, flat.size]).tolist()}
    polygons, holes = read_segmentation(encoded, 9, 12)
    assert (Instance("ship", polygons, holes).mask(9, 12) == RING).all()
    assert len(holes) == 1


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        (None, "no segmentation"),
        ([], "no segmentation"),
        ([[]], "polygon of 0 numbers"),
        ([[1, 1, 5, 5]], "polygon of 4 numbers"),
        ([[1, 1, 5, 5, 3, 8, 2]], "polygon of 7 numbers"),
        ([[1, 1, 5, 5, 3, float("nan")]], "not finite"),
        ([["a", 1, 5, 5, 3, 8]], "no list of numbers"),
        ([{"x": 1}], "no list of numbers"),
        ("polygon", "is neither"),
        ([[1, 1, 5, 5, 9, 9]], "zero area"),
        ([[50, 1, 55, 5, 50, 9]], "outside its image: x 50 to 55, y 1 to 9 in 12 x 10"),
        ([[-5, 1, -1, 5, -5, 9]], "outside its image"),
        ([[1.1, 1.1, 1.2, 1.1, 1.2, 1.2]], "covers no pixel"),
        ({"size": [10, 12]}, "without `size`"),
        ({"size": [5, 5], "counts": [20, 5]}, "for 5 x 5 pixels in an image of 12 x 10"),
        ({"size": [10, 12], "counts": [20, 5]}, "do not add up to 12 x 10"),
        ({"size": [10, 12], "counts": [125, -5]}, "do not add up"),
        ({"size": [10, 12], "counts": [120]}, "zero area"),
        ({"size": [10, 12], "counts": "zzzzzz"}, "compressed run lengths that do not add up"),
    ],
)
def test_faults_are_named(segmentation: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_segmentation(segmentation, 10, 12)


def test_polygons_may_stick_out_and_have_parts() -> None:
    parts = [box(-3, -3, 6, 6).ravel().tolist(), box(8, 8, 2, 2).ravel().tolist()]
    polygons, holes = read_segmentation(parts, 10, 12)
    mask = Instance("ship", polygons, holes).mask(10, 12)
    assert mask.sum() == 9 + 4 and mask[:3, :3].all() and mask[8:, 8:10].all()


@pytest.mark.parametrize(
    ("polygon", "area"),
    [
        (box(1, 1, 3, 3), 9),
        (box(-2, 1, 4, 3), 6),
        (box(-2, -2, 20, 20), 80),
        (box(9, 7, 5, 5), 1),
        (box(20, 20, 2, 2), 0),
        (box(-9, 2, 4, 2), 0),
        (np.array([[-4, 4], [4, -4], [12, 4], [4, 12]], np.float32), 76),
    ],
)
def test_clipping_keeps_what_is_inside(polygon: np.ndarray, area: float) -> None:
    clipped = clip_polygon(polygon, 8, 10)
    if area == 0:
        assert len(clipped) < 3 or polygon_area(clipped) == 0
    else:
        assert clipped.min() >= 0 and (clipped.max(0) <= (10, 8)).all()
        assert abs(polygon_area(clipped)) == pytest.approx(area)


@pytest.mark.parametrize(
    ("points", "crosses"),
    [
        ([[0, 0], [4, 0], [4, 4], [0, 4]], False),
        ([[0, 0], [4, 0], [1, 1], [0, 4]], False),
        ([[0, 0], [4, 4], [4, 0], [0, 4]], True),
        ([[0, 0], [4, 0], [4, 4], [2, -1], [0, 4]], True),
        ([[0, 0], [4, 0], [4, 0], [4, 4], [0, 4]], False),
        ([[0, 0], [4, 0], [6, 0], [4, 0], [4, 4], [0, 4]], False),
    ],
    ids=["square", "concave", "bow tie", "a corner through a side", "a point twice", "a spike"],
)
def test_crossing_outlines_are_found(points: list[list[int]], crosses: bool) -> None:
    assert crosses_itself(np.array(points, np.float32)) == crosses


def test_long_outlines_are_checked_in_parts() -> None:
    angles = np.linspace(0, 2 * np.pi, 700, endpoint=False)
    circle = np.stack([50 + 40 * np.cos(angles), 50 + 40 * np.sin(angles)], axis=1)
    assert not crosses_itself(circle)
    circle[[300, 600]] = circle[[600, 300]]
    assert crosses_itself(circle)


def test_loops_whose_areas_cancel_out_still_cover_something() -> None:
    polygons, _ = read_segmentation([[0, 0, 8, 8, 8, 0, 0, 8]], 10, 12)
    assert Instance("ship", polygons).mask(10, 12).sum() > 20
