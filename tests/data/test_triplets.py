from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from remotesam.data.claims import GROUP, NONE, UNIQUE, Rule, absent, common, group, unique
from remotesam.data.expressions import ALL, CANONICAL
from remotesam.data.geometry import SceneView
from remotesam.data.scene import Scene
from remotesam.data.triplets import KIND_RATIO, Triplet, evaluation_triplets, make_triplets, unique_triplets
from remotesam.data.vocabulary import resolve
from tests.data.checker import check
from tests.data.scenes import box, random_scene, scene_of

Boxes = list[tuple[str, tuple[float, float, float, float], str | None]]


def ask(scene: Scene, count: int, seed: int, **options: Any) -> list[Triplet]:
    return make_triplets(scene, count=count, rng=np.random.default_rng(seed), **options)


def sentences(scene: Scene, rules: Mapping[str, tuple[float, Rule]], **options: Any) -> set[str]:
    """Everything that some rules say of a scene, in their first wording and without synonyms."""
    view = SceneView(scene, **options)
    with ExitStack() as stack:
        stack.enter_context(patch.object(common, "nouns", lambda entry, rng, synonym: (entry.name, entry.plural)))
        for module in (absent, common, group, unique):
            stack.enter_context(patch.object(module, "pick", lambda phrases, rng: phrases[0]))
        made = [
            rule(view, name, np.random.default_rng(seed))
            for name in scene.annotated
            for seed in range(30)
            for _, rule in rules.values()
        ]
    return {claim[0] for claim in made if claim is not None}


def test_a_scene_that_annotates_nothing_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="annotates no category"):
        ask(scene_of([], annotated=[]), 1, 0)


@pytest.mark.parametrize("ratio", [{}, {"one-to-many": 0.0}, {"one-to-one": -1.0, "one-to-many": 2.0}, {"two": 1.0}])
def test_a_kind_ratio_that_is_none_is_refused(ratio: dict[Any, float]) -> None:
    with pytest.raises(ValueError, match="kind_ratio takes"):
        ask(scene_of([], annotated=["ship"]), 1, 0, kind_ratio=ratio)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_an_empty_scene_has_no_targets(count: int) -> None:
    triplets = ask(scene_of([], annotated=["ship", "harbor", "airplane"]), count, 0)
    assert [t.kind for t in triplets] == ["one-to-zero"] * count
    assert not any(t.mask.any() for t in triplets)
    assert len({t.expression for t in triplets}) == count


@pytest.mark.parametrize("seed", range(80))
def test_every_sentence_means_its_mask_and_nothing_else(seed: int) -> None:
    scene = random_scene(seed)
    for triplet in ask(scene, 6, seed):
        check(scene, triplet)
    for triplet in unique_triplets(scene, seed):
        check(scene, triplet)


@pytest.mark.parametrize("seed", range(40))
def test_three_sentences_include_a_target_and_a_none(seed: int) -> None:
    scene = random_scene(seed)
    triplets = ask(scene, 3, seed)
    assert len(triplets) == len({t.expression for t in triplets}) == 3
    assert any(t.kind == "one-to-zero" for t in triplets)
    if any(instance.mask(128, 128).sum() > 100 for instance in scene.instances):
        assert any(t.mask.any() for t in triplets)


def test_the_same_generator_makes_the_same_sentences() -> None:
    scene = random_scene(3)
    assert [t.expression for t in ask(scene, 5, 1)] == [t.expression for t in ask(scene, 5, 1)]
    assert [t.expression for t in ask(scene, 5, 1)] != [t.expression for t in ask(scene, 5, 2)]


def test_kinds_and_the_canonical_form_keep_their_shares() -> None:
    boxes: Boxes = [("ship", (5, 10, 12, 12), "white"), ("ship", (80, 12, 12, 12), "red")]
    boxes += [("harbor", (40, 70, 20, 20), "black"), ("airplane", (8, 75, 10, 10), "white")]
    scene = scene_of(boxes, annotated=["ship", "harbor", "airplane", "bridge", "vehicle", "tennis court", "windmill"])
    triplets = [t for seed in range(150) for t in ask(scene, 3, seed)]
    kinds = Counter(t.kind for t in triplets)
    for kind, share in KIND_RATIO.items():
        assert kinds[kind] / len(triplets) == pytest.approx(share, abs=0.04)
    plain = [t for t in triplets if t.kind != "one-to-one" and t.category in ("ship", "bridge", "windmill")]
    canonical = sum(t.expression == f"{t.category} in the image" for t in plain)
    assert canonical / len(plain) == pytest.approx(0.35, abs=0.08)


TWO = [("ship", (5, 40, 14, 14), "white"), ("ship", (80, 42, 14, 14), "red")]
UNIQUE_CASES: list[tuple[str, Boxes, Sequence[str], Sequence[str]]] = [
    ("alone", [("ship", (40, 40, 20, 20), None)], ["the ship", "the ship in the middle"], ["the ship on the left"]),
    ("left and right", TWO, ["the ship on the left", "the ship on the right"], ["the ship", "the ship in the middle"]),
    ("colours", TWO, ["the white ship", "the red ship"], ["the blue ship"]),
    ("same size", TWO, [], ["the largest ship", "the smallest ship"]),
    (
        "sizes",
        [("ship", (10, 10, 30, 30), None), ("ship", (60, 60, 12, 12), None)],
        ["the largest ship", "the smallest ship", "the ship in the upper left"],
        ["the ship"],
    ),
    (
        "side by side",
        [("ship", (38, 40, 10, 10), None), ("ship", (52, 40, 10, 10), None)],
        ["the leftmost ship", "the rightmost ship"],
        ["the ship on the left", "the ship on the right", "the ship in the middle", "the topmost ship"],
    ),
    (
        "next to",
        [("harbor", (5, 5, 30, 30), None), ("ship", (37, 10, 10, 10), None), ("ship", (80, 80, 10, 10), None)],
        ["the ship next to the harbor"],
        ["the ship between the two harbors"],
    ),
    (
        "between",
        [
            ("building", (5, 40, 16, 16), None),
            ("building", (80, 40, 16, 16), None),
            ("vehicle", (45, 44, 10, 8), None),
            ("vehicle", (88, 88, 10, 8), None),
        ],
        ["the vehicle between the two buildings"],
        ["the vehicle next to a building", "the vehicle"],
    ),
    (
        "a sliver of another at the border",
        [("ship", (40, 40, 20, 20), None), ("ship", (-18, 40, 20, 20), None)],
        [],
        ["the ship", "the leftmost ship", "the ship on the left"],
    ),
    (
        "a truck is a vehicle",
        [("truck", (10, 40, 20, 10), None), ("vehicle", (70, 40, 10, 6), None)],
        ["the truck", "the vehicle on the right", "the vehicle on the left"],
        ["the vehicle"],
    ),
]


@pytest.mark.parametrize(("boxes", "said", "unsaid"), [c[1:] for c in UNIQUE_CASES], ids=[c[0] for c in UNIQUE_CASES])
def test_one_to_one_only_without_doubt(boxes: Boxes, said: Sequence[str], unsaid: Sequence[str]) -> None:
    made = sentences(scene_of(boxes), UNIQUE)
    assert set(said) <= made
    assert not set(unsaid) & made


GROUP_CASES: list[tuple[str, Boxes, Sequence[str], Sequence[str]]] = [
    (
        "two on the left, one on the right",
        [*TWO, ("ship", (8, 70, 14, 14), "white")],
        ["the ships on the left", "the white ships"],
        ["the ships on the right", "the red ships"],
    ),
    (
        "one in doubt in the middle",
        [*TWO, ("ship", (8, 70, 14, 14), "white"), ("ship", (41, 10, 14, 14), "white")],
        ["the white ships"],
        ["the ships on the left"],
    ),
    (
        "two sorts of size",
        [
            ("ship", (5, 5, 30, 30), None),
            ("ship", (60, 5, 30, 30), None),
            ("ship", (5, 60, 10, 10), None),
            ("ship", (60, 60, 10, 10), None),
        ],
        ["the large ships", "the small ships"],
        [],
    ),
]


@pytest.mark.parametrize(("boxes", "said", "unsaid"), [c[1:] for c in GROUP_CASES], ids=[c[0] for c in GROUP_CASES])
def test_subsets_only_without_doubt(boxes: Boxes, said: Sequence[str], unsaid: Sequence[str]) -> None:
    made = sentences(scene_of(boxes), GROUP)
    assert set(said) <= made
    assert not set(unsaid) & made


def test_nothing_is_said_of_a_category_of_which_only_a_sliver_shows() -> None:
    scene = scene_of([("ship", (-19, 40, 20, 20), None)], annotated=["ship", "harbor"])
    assert {t.category for seed in range(40) for t in ask(scene, 3, seed)} == {"harbor"}


def test_the_union_includes_slivers_of_a_present_category() -> None:
    scene = scene_of([("ship", (40, 40, 20, 20), None), ("ship", (-18, 40, 20, 20), None)])
    masks = [t.mask for seed in range(20) for t in ask(scene, 1, seed, kind_ratio={"one-to-many": 1.0})]
    assert all(mask.sum() == 400 + 40 for mask in masks)


@pytest.mark.parametrize(
    ("present", "annotated", "never"),
    [
        ("truck", ["truck", "vehicle"], "vehicle"),
        ("vehicle", ["truck", "vehicle"], "truck"),
        ("bridge", ["bridge", "road"], "road"),
        ("ground track field", ["ground track field", "soccer field"], "soccer field"),
    ],
)
def test_what_could_be_called_so_is_not_said_to_be_absent(present: str, annotated: list[str], never: str) -> None:
    scene = scene_of([(present, (40, 40, 20, 20), None)], annotated=annotated)
    assert never not in SceneView(scene).absent
    assert never in SceneView(scene_of([], annotated=annotated)).absent


def test_hard_negatives_come_first() -> None:
    names = ["ship", "harbor", "windmill", "tennis court", "forest", "lake", "stadium", "greenhouse", "runway", "tree"]
    scene = scene_of([("ship", (40, 40, 20, 20), None)], annotated=names)
    asked = Counter(t.category for seed in range(200) for t in ask(scene, 1, seed, kind_ratio={"one-to-zero": 1.0}))
    assert asked["harbor"] > 3 * max(asked[name] for name in names[2:])


def test_absent_and_present_categories_are_asked_in_the_same_words() -> None:
    scene = scene_of([("ship", (40, 40, 20, 20), None)], annotated=["ship", "windmill"])
    words: dict[str, set[str]] = {"ship": set(), "windmill": set()}
    for seed in range(2):
        for triplet in ask(scene, 120, seed, kind_ratio={"one-to-many": 0.5, "one-to-zero": 0.5}):
            words[triplet.category].add(triplet.expression.replace(triplet.category, "x"))
    forms = {form.format(name="x", plural="xs") for form in (*ALL, CANONICAL)}
    assert forms <= words["ship"] and forms <= words["windmill"]


def test_places_refer_to_the_picture_and_not_to_its_padding() -> None:
    scene = scene_of([("ship", (55, 40, 10, 10), None)])
    assert "the ship on the left" in sentences(scene, UNIQUE, frame=(50.0, 0.0, 100.0, 100.0))
    assert "the ship on the left" not in sentences(scene, UNIQUE)


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (None, [("airplane in the image", 0), ("harbor in the image", 0), ("ship in the image", 392)]),
        (["ship"], [("ship in the image", 392)]),
        ([], []),
    ],
)
def test_evaluation_asks_every_category(categories: list[str] | None, expected: list[tuple[str, int]]) -> None:
    scene = scene_of(list(TWO), annotated=["airplane", "harbor", "ship"])
    triplets = evaluation_triplets(scene, categories)
    assert [(t.expression, int(t.mask.sum())) for t in triplets] == expected
    assert all((t.kind == "one-to-many") == t.mask.any() for t in triplets)


def test_evaluation_refuses_categories_whose_absence_is_unknown() -> None:
    with pytest.raises(ValueError, match="not annotated: windmill; annotated are ship"):
        evaluation_triplets(scene_of(list(TWO)), ["windmill"])


def test_unique_triplets_are_the_same_every_time() -> None:
    scene = random_scene(11)
    first = [(t.expression, int(t.mask.sum())) for t in unique_triplets(scene, 0)]
    assert first and first == [(t.expression, int(t.mask.sum())) for t in unique_triplets(scene, 0)]


def test_colours_are_measured_where_nobody_states_them() -> None:
    boxes: Boxes = [("ship", (5, 40, 14, 14), "white"), ("ship", (80, 42, 14, 14), "red")]
    made = sentences(scene_of(boxes, states_colours=False), UNIQUE)
    assert {"the white ship", "the red ship"} <= made
    assert "the blue ship" in sentences(scene_of(boxes, states_colours=False), NONE)


def test_a_rectangle_is_the_mask_it_says() -> None:
    scene = scene_of([("ship", (10, 20, 30, 5), None)])
    assert scene.instances[0].mask(100, 100)[20:25, 10:40].all() and scene.instances[0].mask(100, 100).sum() == 150
    assert (scene.instances[0].polygons[0] == box(10, 20, 30, 5)).all()


@pytest.mark.parametrize(
    ("y", "edge"), [(5, True), (20, True), (26, False), (32, False)], ids=["edge", "quarter", "third", "middle"]
)
def test_at_the_top_is_near_the_edge(y: float, edge: bool) -> None:
    view = SceneView(scene_of([("ship", (40, y - 4, 20, 8), None)]))
    rng = np.random.default_rng(0)
    said = {common.phrase(view, "top", view.views, rng) for _ in range(60)}
    assert ("at the top" in said) is edge
    assert {"in the upper part", "in the upper half", "in the top half"} <= said


@pytest.mark.parametrize(("other", "cars"), [("truck", False), ("vehicle", True), ("ship", True)])
def test_a_truck_is_a_vehicle_but_no_car(other: str, cars: bool) -> None:
    view = SceneView(scene_of([("vehicle", (5, 5, 20, 20), None), (other, (60, 60, 20, 20), None)]))
    rng = np.random.default_rng(0)
    said = {common.nouns_of(view, "vehicle", rng)[0] for _ in range(60)}
    assert ("car" in said) is cars and "vehicle" in said


def test_words_that_are_only_understood_are_not_said() -> None:
    rng = np.random.default_rng(0)
    view = SceneView(scene_of([("airplane", (20, 20, 20, 20), None), ("tennis court", (60, 60, 20, 20), None)]))
    said = {common.nouns_of(view, name, rng)[0] for name in ("airplane", "tennis court") for _ in range(100)}
    assert said == {"airplane", "plane", "aircraft", "aeroplane", "tennis court"}
    assert (resolve("airliner"), resolve("tennis fields")) == ("airplane", "tennis court")
