from dataclasses import replace

import numpy as np
import pytest

from remotesam.data.copy_paste import Crop, paste
from tests.data.scenes import scene_of

FRAME = (0.0, 0.0, 96.0, 96.0)
TARGET = Crop(scene_of([("harbor", (4, 4, 30, 20), "blue")], size=96), FRAME)


def donor(*parts: tuple[str, tuple[float, float, float, float], str]) -> Crop:
    return Crop(scene_of(list(parts), size=96), FRAME)


@pytest.mark.parametrize(
    "crop",
    [
        donor(),
        donor(("harbor", (10, 10, 30, 20), "red")),  # over another instance
        donor(("harbor", (35, 4, 20, 20), "red")),  # too near
        donor(("harbor", (80, 60, 30, 20), "red")),  # cut by the border
        donor(("harbor", (60, 60, 3, 20), "red")),  # a sliver
        donor(("windmill", (60, 60, 20, 20), "red")),  # not annotated in the target
    ],
)
def test_what_does_not_fit_is_left_out(crop: Crop) -> None:
    scene = replace(TARGET.scene, annotated=("harbor", "ship"))
    target = replace(TARGET, scene=scene)
    assert paste(target, crop, np.random.default_rng(0)) is target


@pytest.mark.parametrize("seed", range(5))
def test_pixels_and_outlines_come_along(seed: int) -> None:
    scene = replace(TARGET.scene, annotated=("harbor", "ship"))
    before = scene.image.copy()
    source = donor(("ship", (50, 50, 20, 30), "red"), ("ship", (10, 60, 20, 20), "red"))
    result = paste(replace(TARGET, scene=scene), source, np.random.default_rng(seed)).scene
    assert sorted(instance.category for instance in result.instances) == ["harbor", "ship", "ship"]
    ships = np.any([i.mask(96, 96) for i in result.instances if i.category == "ship"], axis=0)
    inner = np.zeros((96, 96), bool)
    inner[52:78, 52:68] = inner[62:78, 12:28] = True
    assert (result.image[inner] == source.scene.image[inner]).all()
    far = ~np.pad(ships, 3)[:96, :96] & ~ships
    far[47:84, 47:74] = far[57:84, 7:34] = False
    assert (result.image[far] == before[far]).all()
    assert (scene.image == before).all(), "the crop itself was changed"


def test_at_most_eight_are_pasted_and_none_touches_another() -> None:
    scene = replace(TARGET.scene, annotated=("harbor", "ship"))
    parts = [("ship", (4 + 9 * (n % 10), 40 + 9 * (n // 10), 8, 8), "red") for n in range(40)]
    result = paste(replace(TARGET, scene=scene), donor(*parts), np.random.default_rng(3)).scene  # type: ignore[arg-type]
    assert 1 < len(result.instances) <= 9
    masks = [np.pad(i.mask(96, 96), 1) for i in result.instances]
    assert np.sum(masks, axis=0).max() == 1
