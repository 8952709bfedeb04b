import numpy as np
import pytest

from remotesam.data.colours import COLOURS, colour_fits, is_greyscale, words_for
from remotesam.data.geometry import PLACES, SceneView, View, fits_place
from remotesam.data.relations import between_fits, distance, near_fits
from remotesam.data.scene import Instance, Scene
from tests.data.scenes import RGB, box, scene_of


def test_a_scene_without_instances_has_everything_absent() -> None:
    view = SceneView(scene_of([], annotated=["ship", "harbor"]))
    assert view.present == [] and view.absent == ["ship", "harbor"] and view.views == []
    assert not view.union([]).any()


def test_what_is_outside_is_not_there() -> None:
    scene = scene_of([("ship", (200, 200, 20, 20), None)], annotated=["ship"])
    assert SceneView(scene).absent == ["ship"]


@pytest.mark.parametrize(
    ("rectangle", "substantial", "clear"),
    [
        ((40, 40, 20, 20), True, True),
        ((-10, 40, 20, 20), True, True),
        ((-14, 40, 20, 20), True, False),
        ((-18, 40, 20, 20), False, False),
        ((40, 40, 4, 4), False, False),
        ((40, 40, 6, 5), True, False),
    ],
)
def test_how_much_has_to_be_seen(rectangle: tuple[float, float, float, float], substantial: bool, clear: bool) -> None:
    view = View(Instance("ship", (box(*rectangle),)), 100, 100)
    assert (view.substantial, view.clear) == (substantial, clear)


@pytest.mark.parametrize(
    ("rectangle", "clear"),
    [
        ((0, 40, 20, 16), True),
        ((0, 40, 20, 14), False),
        ((0, 40, 10, 40), False),
        ((90, 90, 10, 10), False),
        ((88, 50, 10, 10), True),
        ((0, 0, 60, 60), True),
    ],
)
def test_a_sliver_at_the_border_is_not_asked_for(rectangle: tuple[float, float, float, float], clear: bool) -> None:
    scene = SceneView(scene_of([("ship", rectangle, None)]))
    assert scene.clear(scene.views[0]) is clear


@pytest.mark.parametrize(
    ("second", "clear"), [((60, 10, 10, 10), False), ((60, 10, 10, 6), False), ((60, 10, 6, 6), True)]
)
def test_two_pieces_of_about_one_size_are_not_one_object(
    second: tuple[float, float, float, float], clear: bool
) -> None:
    view = View(Instance("tennis court", (box(10, 10, 10, 10), box(*second))), 100, 100)
    assert (view.clear, view.one_piece) == (clear, clear)


def test_holes_count() -> None:
    view = View(Instance("ship", (box(10, 10, 20, 20),), (box(15, 15, 10, 10),)), 50, 50)
    assert view.pixels == view.full_pixels == 300 and view.visible == 1 and not view.mask[20, 20]


@pytest.mark.parametrize(
    ("rectangle", "place", "expected"),
    [
        ((0.0, 0.4, 0.2, 0.6), "left", (True, True)),
        ((0.0, 0.4, 0.2, 0.6), "right", (False, False)),
        ((0.0, 0.4, 0.2, 0.6), "upper left", (False, True)),
        ((0.4, 0.4, 0.6, 0.6), "left", (False, True)),
        ((0.4, 0.4, 0.6, 0.6), "middle", (True, True)),
        ((0.0, 0.4, 1.0, 0.6), "left", (False, True)),
        ((0.0, 0.4, 1.0, 0.6), "right", (False, True)),
        ((0.1, 0.8, 0.9, 0.9), "bottom", (True, True)),
        ((0.1, 0.8, 0.9, 0.9), "top", (False, False)),
        ((0.8, 0.0, 0.9, 0.1), "upper right", (True, True)),
        ((0.8, 0.0, 0.9, 0.1), "middle", (False, False)),
    ],
)
def test_places(rectangle: tuple[float, float, float, float], place: str, expected: tuple[bool, bool]) -> None:
    assert fits_place(rectangle, place) == expected


@pytest.mark.parametrize("place", sorted(PLACES))
def test_sure_implies_possible_and_opposites_exclude_each_other(place: str) -> None:
    rng = np.random.default_rng(0)
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "upper": "lower", "lower": "upper"}
    other = " ".join(opposite.get(word, word) for word in place.split())
    for x, y, width, height in rng.random((300, 4)):
        rectangle = (x * 0.9, y * 0.9, min(x + width, 1.0), min(y + height, 1.0))
        surely, possibly = fits_place(rectangle, place)
        assert possibly or not surely
        assert other == place or not (surely and fits_place(rectangle, other)[0])


@pytest.mark.parametrize(
    ("second", "expected"),
    [((30, 10, 10, 10), 10.0), ((10, 10, 10, 10), 0.0), ((12, 12, 2, 2), 0.0), ((23, 24, 10, 10), 5.0)],
)
def test_distance(second: tuple[float, float, float, float], expected: float) -> None:
    views = [View(Instance("ship", (box(*rectangle),)), 100, 100) for rectangle in ((10, 10, 10, 10), second)]
    assert distance(views[0], views[1], limit=50) == pytest.approx(expected, abs=0.8)
    assert distance(views[1], views[0], limit=50) == pytest.approx(expected, abs=0.8)


def test_near_and_between() -> None:
    boxes = [("building", (5, 40, 16, 16), None), ("building", (80, 40, 16, 16), None)]
    boxes += [("vehicle", (45, 44, 10, 8), None), ("vehicle", (23, 44, 10, 8), None), ("vehicle", (45, 3, 10, 8), None)]
    scene = SceneView(scene_of(boxes))
    vehicles, buildings = scene.members("vehicle"), scene.members("building")
    assert near_fits(scene, vehicles, buildings) == [(False, True), (True, True), (False, False)]
    assert between_fits(vehicles, *buildings) == [(True, True), (False, True), (False, True)]


@pytest.mark.parametrize("colour", sorted(RGB))
@pytest.mark.parametrize("stated", [False, True])
def test_colours_of_painted_objects(colour: str, stated: bool) -> None:
    scene = SceneView(scene_of([("vehicle", (20, 20, 30, 30), colour)], states_colours=stated))
    fits = {word: colour_fits(scene, scene.views, word)[0] for word in COLOURS}
    assert fits[colour] == (True, True)
    assert not any(surely for word, (surely, _) in fits.items() if word != colour)
    if stated:
        assert not any(possibly for word, (_, possibly) in fits.items() if word != colour)


@pytest.mark.parametrize("seed", range(5))
def test_mixed_colours_are_nothing_for_sure(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scene = SceneView(scene_of([("vehicle", (20, 20, 30, 30), None)]))
    image = rng.choice(np.array(list(RGB.values()), np.uint8), (100, 100))
    mixed = SceneView(Scene(image, scene.scene.instances, ("vehicle",), "mixed"))
    assert not any(colour_fits(mixed, mixed.views, word)[0][0] for word in COLOURS)


def test_colours_are_not_measured_where_nobody_would_name_them() -> None:
    scene = SceneView(scene_of([("ground track field", (20, 20, 30, 30), "red")], states_colours=False))
    assert words_for(scene, scene.views) == ()
    assert colour_fits(scene, scene.views, "red") == [(False, True)]


def test_a_greyscale_picture_has_black_and_white_only() -> None:
    scene = scene_of([("vehicle", (20, 20, 30, 30), None)])
    grey = np.repeat(scene.image.mean(-1, keepdims=True), 3, -1).astype(np.uint8)
    view = SceneView(Scene(grey, scene.instances, scene.annotated, "grey"))
    assert is_greyscale(grey) and words_for(view, view.views) == ("white", "black")
    assert not is_greyscale(np.full((5, 5, 3), (200, 30, 30), np.uint8))
