from collections import Counter

import numpy as np
import pytest

from remotesam.data.generation.composing import compose
from remotesam.data.generation.settings import Numbers
from remotesam.data.scene import Scene
from remotesam.data.sentences import choose_absent
from remotesam.data.synthetic import generate_scene
from remotesam.data.triplets import Triplet
from tests.data.checker import check
from tests.data.scenes import scene_of
from tests.data_factories.generation import scenes

FLEET = [("ship", (5, 5, 20, 20), "red"), ("ship", (70, 8, 12, 12), "white"), ("harbor", (40, 60, 30, 30), "black")]


def write(scene: Scene, seed: int = 0, regions: tuple[str, ...] = (), **numbers: float) -> list[Triplet]:
    counts = Numbers(**numbers)  # type: ignore[arg-type]
    return compose(scene, counts, rng=np.random.default_rng(seed), choose_absent=choose_absent, regions=regions)


def kinds(triplets: list[Triplet]) -> dict[str, int]:
    return dict(Counter(triplet.kind for triplet in triplets))


def test_a_scene_of_which_nothing_is_known_gets_no_sentence() -> None:
    assert write(scene_of(FLEET, annotated=[])) == []


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_empty_picture_gets_as_many_as_asked_for(count: int) -> None:
    triplets = write(scene_of([], annotated=["ship", "harbor", "bridge"]), empty=count)
    assert kinds(triplets) == ({"one-to-zero": count} if count else {})


@pytest.mark.parametrize("seed", range(30))
def test_numbers_are_limits_and_every_sentence_is_true(seed: int) -> None:
    scene = scenes(1, first=seed)[0]
    triplets = write(scene, seed, one_to_one=5, one_to_many=3, one_to_zero=4)
    counts = Counter(triplet.kind for triplet in triplets)
    assert counts["one-to-one"] <= 5 and counts["one-to-many"] <= 3 and counts["one-to-zero"] <= 4
    assert len({triplet.expression for triplet in triplets}) == len(triplets)
    for triplet in triplets:
        check(scene, triplet)


@pytest.mark.parametrize("seed", [14, 194, 262, 405, 432, 521])
def test_every_sentence_about_a_generated_scene_is_true(seed: int) -> None:
    scene = generate_scene(seed, size=512)
    triplets = [triplet for draw in range(3) for triplet in write(scene, draw, one_to_one=8)]
    assert len(triplets) > 20
    for triplet in triplets:
        check(scene, triplet)


def test_a_picture_with_enough_to_say_gets_all_of_them() -> None:
    scene = scene_of(FLEET, annotated=["ship", "harbor", "bridge", "airplane", "vehicle"])
    made = kinds(write(scene, one_to_one=5, one_to_many=3, one_to_zero=4, zero_ratio=0.5))
    assert made == {"one-to-one": 5, "one-to-many": 3, "one-to-zero": 4}


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_the_ratio_of_what_is_not_there(ratio: float) -> None:
    scene = scene_of(FLEET, annotated=["ship", "harbor", "bridge", "airplane", "vehicle"])
    made = Counter(t.kind for seed in range(40) for t in write(scene, seed, zero_ratio=ratio, one_to_zero=20))
    targets = made["one-to-one"] + made["one-to-many"]
    assert made["one-to-zero"] / targets == pytest.approx(ratio, abs=0.06)


def test_categories_take_turns() -> None:
    boxes = [*FLEET, *[("vehicle", (x, 90, 5, 5), None) for x in range(5, 95, 10)]]
    asked = Counter(t.category for t in write(scene_of(boxes), one_to_one=0, one_to_many=6, zero_ratio=0))
    assert asked == {"ship": 2, "harbor": 2, "vehicle": 2}


def test_pieces_of_a_label_map_are_asked_for_as_a_whole() -> None:
    scene = scene_of([*FLEET, ("water", (5, 40, 20, 20), None), ("water", (80, 40, 10, 20), None)])
    triplets = [t for seed in range(30) for t in write(scene, seed, regions=("water", "ship"), subsets=1.0)]
    for name in ("water", "ship"):
        about = [triplet for triplet in triplets if triplet.category == name]
        assert about and {triplet.kind for triplet in about} == {"one-to-many"}
        assert len({triplet.mask.tobytes() for triplet in about}) == 1
        assert {"every water", "any water", "each water in the picture"}.isdisjoint(t.expression for t in about)
    assert "one-to-one" in {triplet.kind for triplet in triplets if triplet.category == "harbor"}


@pytest.mark.parametrize(("canonical", "share"), [(0.0, 0.0), (1.0, 1.0)])
def test_the_form_of_evaluation(canonical: float, share: float) -> None:
    scene = scene_of(FLEET)
    many = [t for s in range(20) for t in write(scene, s, canonical=canonical, subsets=0.0) if t.kind == "one-to-many"]
    plain = sum(triplet.expression == f"{triplet.category} in the image" for triplet in many)
    assert plain / len(many) == share
