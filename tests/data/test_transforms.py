from typing import Any

import numpy as np
import pytest

from remotesam.data.photometric import Photometric, distort
from remotesam.data.scene import Scene
from remotesam.data.transforms import Augmentation, augment, letterbox
from tests.data.scenes import GROUND, scene_of

PLAIN = Augmentation(photometric=None, boxes=0.0, grey_border=0.0, stretch=0.1, long_side=(40, 300), max_zoom=3.0)
SCENE = scene_of(
    [("ship", (10, 20, 40, 14), "red"), ("harbor", (60, 50, 30, 40), "blue"), ("ship", (-6, 70, 30, 20), "red")],
    size=120,
)


def red(image: np.ndarray) -> np.ndarray:
    return (image[..., 0].astype(int) - image[..., 1] > 95) & (image[..., 2] < 80)


def ships(scene: Scene) -> np.ndarray:
    masks = [i.mask(*scene.image.shape[:2]) for i in scene.instances if i.category == "ship"]
    return np.any(masks, axis=0) if masks else np.zeros(scene.image.shape[:2], bool)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("long_side", (0, 10)),
        ("long_side", (20, 10)),
        ("max_zoom", 0),
        ("stretch", -0.1),
        ("box_size", 0),
        ("focus", 1.5),
        ("boxes", -0.1),
        ("photometric", {"noise": 2.0}),
        ("photometric", {"hue": 270.0}),
    ],
)
def test_values_out_of_range_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"Augmentation|Photometric"):
        Augmentation(**{field: value})


def test_photometric_may_be_a_mapping() -> None:
    augmentation = Augmentation(photometric={"noise": 0.5, "jpeg": 0.0})  # type: ignore[arg-type]
    assert augmentation.photometric == Photometric(noise=0.5, jpeg=0.0)


@pytest.mark.parametrize("seed", range(25))
def test_masks_follow_the_picture(seed: int) -> None:
    crop = augment(SCENE, 96, PLAIN, np.random.default_rng(seed))
    seen, said = red(crop.scene.image), ships(crop.scene)
    assert crop.scene.image.shape == (96, 96, 3) and crop.scene.image.dtype == np.uint8
    difference = seen ^ said
    # Only the pixels along the outlines may differ.
    outline = max(4 * np.sqrt(max(said.sum(), 16)) * 0.6, 12)
    assert difference.sum() <= outline
    y, x = np.nonzero(seen)
    if len(x) > 200:
        assert np.hypot(x.mean() - np.nonzero(said)[1].mean(), y.mean() - np.nonzero(said)[0].mean()) < 0.5


@pytest.mark.parametrize("seed", range(20))
def test_nothing_outside_the_picture_is_labelled(seed: int) -> None:
    crop = augment(SCENE, 96, PLAIN, np.random.default_rng(seed))
    padding = (crop.scene.image == 0).all(-1)
    inner = padding[1:-1, 1:-1] & padding[:-2, 1:-1] & padding[2:, 1:-1] & padding[1:-1, :-2] & padding[1:-1, 2:]
    assert not (inner & ships(crop.scene)[1:-1, 1:-1]).any()
    left, top, right, bottom = crop.frame
    y, x = np.nonzero(~padding)
    assert left - 1 <= x.min() and x.max() <= right + 1 and top - 1 <= y.min() and y.max() <= bottom + 1


@pytest.mark.parametrize(("size", "factor"), [(120, 1), (60, 2), (40, 3), (30, 4), (240, 0.5)])
def test_letterbox_scales_exactly(size: int, factor: float) -> None:
    crop = letterbox(SCENE, size)
    assert crop.frame == (0, 0, size, size)
    assert ships(crop.scene).sum() == pytest.approx(ships(SCENE).sum() / factor**2, rel=0.1)
    if factor == 1:
        assert (crop.scene.image == SCENE.image).all() and (ships(crop.scene) == ships(SCENE)).all()
    if factor == 2:
        area_mean = SCENE.image.reshape(60, 2, 60, 2, 3).mean((1, 3))
        assert np.abs(crop.scene.image - area_mean).max() <= 1


@pytest.mark.parametrize("shape", [(60, 120), (120, 60), (1, 1), (1, 200), (7, 5)])
def test_letterbox_centres_any_shape(shape: tuple[int, int]) -> None:
    scene = Scene(np.full((*shape, 3), 200, np.uint8), (), ("ship",), "shape")
    crop = letterbox(scene, 64)
    left, top, right, bottom = crop.frame
    assert left == pytest.approx(64 - right) and top == pytest.approx(64 - bottom)
    assert (right - left) / (bottom - top) == pytest.approx(shape[1] / shape[0])
    assert crop.scene.image[32, 32].tolist() == [200] * 3 or min(shape) == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (500, 2)])
def test_any_shape_can_be_augmented(shape: tuple[int, int]) -> None:
    scene = Scene(np.full((*shape, 3), 200, np.uint8), (), ("ship",), "shape")
    for seed in range(5):
        assert augment(scene, 64, Augmentation(), np.random.default_rng(seed)).scene.image.shape == (64, 64, 3)


def test_zoom_stays_in_the_range() -> None:
    for seed in range(30):
        augmentation = Augmentation(photometric=None, boxes=0, long_side=(60, 90), stretch=0.0, free_rotation=0.0)
        left, top, right, bottom = augment(SCENE, 96, augmentation, np.random.default_rng(seed)).frame
        assert 59.9 <= right - left <= 90.1 and 59.9 <= bottom - top <= 90.1


def test_most_crops_contain_an_object() -> None:
    tiny = scene_of([("ship", (500, 20, 20, 20), "red")], size=600)
    augmentation = Augmentation(photometric=None, boxes=0, long_side=(600, 600), focus=1.0)
    assert all(red(augment(tiny, 64, augmentation, np.random.default_rng(s)).scene.image).sum() > 50 for s in range(20))


def test_boxes_leave_half_of_every_instance() -> None:
    augmentation = Augmentation(photometric=None, boxes=1.0, free_rotation=0.0, long_side=(96, 96), box_size=12)
    covered = []
    for seed in range(30):
        crop = augment(SCENE, 96, augmentation, np.random.default_rng(seed))
        black = (crop.scene.image == 0).all(-1)
        covered.append(black.mean())
        for instance in crop.scene.instances:
            mask = instance.mask(96, 96)
            assert (black & mask).sum() <= 0.6 * mask.sum()
    assert 0.02 < np.mean(covered) < 0.27


@pytest.mark.parametrize("effect", ["false_colour", "greyscale"])
def test_colour_words_are_forgotten_where_colours_are(effect: str) -> None:
    quiet = {name: 0.0 for name in ("jitter", "blur", "noise", "jpeg", "false_colour", "greyscale")}
    for strength, colour in ((0.0, "red"), (1.0, None)):
        effects = Photometric(**{**quiet, effect: strength})
        augmentation = Augmentation(photometric=effects, boxes=0, long_side=(96, 96), focus=1.0)
        crop = augment(SCENE, 96, augmentation, np.random.default_rng(0))
        assert {i.colour for i in crop.scene.instances if i.category == "ship"} == {colour}


@pytest.mark.parametrize("effect", ["jitter", "false_colour", "greyscale", "blur", "noise", "jpeg"])
def test_every_effect_changes_the_picture_and_only_by_the_generator(effect: str) -> None:
    names = ("jitter", "false_colour", "greyscale", "blur", "noise", "jpeg")
    effects = Photometric(**{name: float(name == effect) for name in names})
    first, _ = distort(SCENE.image, effects, np.random.default_rng(3))
    again, _ = distort(SCENE.image, effects, np.random.default_rng(3))
    assert first.dtype == np.uint8 and (first == again).all() and (first != SCENE.image).any()
    assert (SCENE.image[0, 0] == GROUND).all()


def test_no_effect_changes_nothing() -> None:
    names = ("jitter", "false_colour", "greyscale", "blur", "noise", "jpeg")
    effects = Photometric(**dict.fromkeys(names, 0.0))
    image, true_colours = distort(SCENE.image, effects, np.random.default_rng(0))
    assert (image == SCENE.image).all() and true_colours
