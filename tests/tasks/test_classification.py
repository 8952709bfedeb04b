"""Scores are the paper's eq. 3, labels its eq. 4, the scene its eq. 5; what is absent is none of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.tasks import category_score, classify_maps, segment_referring


def row(*values: float) -> np.ndarray:
    """(1, W) float64."""
    return np.array([values], dtype=np.float64)


@pytest.mark.parametrize(
    ("values", "balance", "score"),
    [
        ((0.0, 0.0), 0.5, 0.0),
        ((1.0, 1.0), 0.5, 1.0),
        ((1.0, 0.0, 0.0, 0.0), 0.5, 0.5 * 0.25 + 0.5 * 1.0),
        ((1.0, 0.0, 0.0, 0.0), 1.0, 0.25),
        ((1.0, 0.0, 0.0, 0.0), 0.0, 1.0),
        ((0.75, 0.25), 0.25, 0.25 * 0.5 + 0.75 * 0.75),
        ((0.5,), 0.3, 0.5),
    ],
)
def test_equation_3_by_hand(values: tuple[float, ...], balance: float, score: float) -> None:
    assert category_score(row(*values), balance) == pytest.approx(score, abs=1e-9)


def test_the_mean_of_many_pixels_is_exact() -> None:
    probability = np.full((3000, 3000), 0.1, dtype=np.float32)
    assert category_score(probability, 1.0) == pytest.approx(float(np.float32(0.1)), abs=1e-12)


@pytest.mark.parametrize(
    ("maps", "options", "labels", "scene"),
    [
        ([row(0, 0), row(0, 0)], {}, (), None),
        # Eq. 4: 0.5 * 0.25 + 0.5 * 0.75 = 0.5 holds, for it takes "from ... on".
        ([row(0.75, 0.0, 0.0, 0.25), row(0.75, 0.0, 0.0, 0.125)], {}, ("ship",), "ship"),
        ([row(0.75, 0.0, 0.0, 0.25), row(1.0, 0.0, 0.0, 0.25)], {}, ("harbor", "ship"), "harbor"),
        ([row(0.75, 0.0, 0.0, 0.25), row(0.9, 0.9, 0.9, 0.9)], {"score_threshold": 0.75}, ("harbor",), "harbor"),
        ([row(0.75, 0.0, 0.0, 0.0)], {}, (), "ship"),  # 0.46875: no label, yet the best there is
        # Eq. 5 with lambda = 1 takes the larger, with lambda = 0 the surer.
        ([row(1.0, 0.0, 0.0, 0.0), row(0.75, 0.75, 0.0, 0.0)], {"multi_label": False}, ("harbor",), "harbor"),
        ([row(1.0, 0.0), row(0.75, 0.75)], {"multi_label": False, "balance": 0.0}, ("ship",), "ship"),
        ([row(0.75, 0.0, 0.0, 0.0), row(0.0, 0.0)[:, :1].repeat(4, 1)], {"multi_label": False}, ("ship",), "ship"),
        ([row(1.0, 0.5), row(1.0, 0.5)], {}, ("harbor", "ship"), "harbor"),  # equal: by name
        ([row(1.0, 0.5), row(1.0, 0.5)], {"multi_label": False}, ("harbor",), "harbor"),
        # Eq. 1's gate: what segment calls absent counts as zeros.
        ([row(0.8, 0.8), row(1.0, 0.75)], {"presence_threshold": 0.9}, ("harbor",), "harbor"),
        ([row(0.5, 0.5)], {}, (), None),  # eq. 3 gives 0.5, but no pixel is above the threshold
        ([row(0.5, 0.5)], {"threshold": 0.0}, ("ship",), "ship"),
        ([row(0.0, 0.0), row(1.0, 0.5)], {"score_threshold": 0.0}, ("harbor",), "harbor"),
        ([row(0.9, 0.9)], {"presence_threshold": 1.0, "multi_label": False}, (), None),
    ],
)
def test_equations_4_and_5_by_hand(
    maps: list[np.ndarray], options: dict[str, object], labels: tuple[str, ...], scene: str | None
) -> None:
    found = classify_maps(maps, ["ship", "harbor"][: len(maps)], **options)  # type: ignore[arg-type]
    assert (found.labels, found.scene) == (labels, scene)


def test_scores_are_in_the_order_of_the_question_and_zero_for_what_is_absent() -> None:
    maps = [row(0.8, 0.8), row(1.0, 0.5), row(0.75, 0.0)]
    found = classify_maps(maps, ["ship", "harbor", "bridge"], presence_threshold=0.78)
    assert list(found.scores.items()) == [("ship", pytest.approx(0.8)), ("harbor", 0.875), ("bridge", 0.0)]
    assert found.labels == ("harbor", "ship")


@pytest.mark.parametrize(("multi_label", "score"), [(True, 0.75), (False, 0.5)])
def test_the_balance_is_the_papers_unless_given(multi_label: bool, score: float) -> None:
    assert classify_maps([row(1.0, 0.0)], ["ship"], multi_label=multi_label).scores == {"ship": score}


@given(
    st.integers(0, 10**6),
    st.permutations(["ship", "harbor", "tennis court", "court"]),
    st.booleans(),
    st.sampled_from([0.0, 0.5, 0.75]),
)
@settings(max_examples=100)
def test_nothing_depends_on_the_order_of_categories(
    seed: int, names: list[str], multi_label: bool, gate: float
) -> None:
    levels = np.array([0, 0.25, 0.5, 0.75, 1], dtype=np.float32)
    given_maps = dict(zip(sorted(names), levels[np.random.default_rng(seed).integers(0, 5, (4, 2, 3))], strict=True))
    first = classify_maps(given_maps.values(), sorted(names), multi_label=multi_label, presence_threshold=gate)
    second = classify_maps(
        (given_maps[name] for name in names), names, multi_label=multi_label, presence_threshold=gate
    )
    assert first.scores == second.scores
    assert (first.labels, first.scene) == (second.labels, second.scene)
    assert list(second.scores) == names
    for name, probability in given_maps.items():
        present = segment_referring(name, probability, presence_threshold=gate).present
        score = category_score(probability, 0.5 if multi_label else 1.0) if present else 0.0
        assert first.scores[name] == score
        assert multi_label is False or (name in first.labels) == (present and score >= 0.5)
    if first.scene is not None:
        assert first.scores[first.scene] == max(first.scores.values())
    if not multi_label:
        assert first.labels == ((first.scene,) if first.scene else ())


def test_a_thousand_categories_from_a_generator() -> None:
    names = [f"class {i}" for i in range(1000)]
    found = classify_maps((np.full((8, 8), i / 1000) for i in range(1000)), names)
    assert len(found.labels) == 499
    assert found.scene == "class 999"


@pytest.mark.parametrize(
    ("maps", "categories", "options", "message"),
    [
        ([], [], {}, "categories is empty"),
        ([row(0.5), row(0.5)], ["ship", "ship"], {}, "the same as"),
        ([row(0.5)], ["ship", "harbor"], {}, "1 maps for 2"),
        ([row(float("nan"))], ["ship"], {}, "the map of 'ship' has values from nan"),
        ([row(7.0)], ["ship"], {}, "finite probabilities"),
        ([np.zeros(3)], ["ship"], {}, r"give \(H, W\)"),
        ([row(0.5)], ["ship"], {"balance": 2}, "balance is 2"),
        ([row(0.5)], ["ship"], {"balance": "half"}, "balance is 'half'"),
        ([row(0.5)], ["ship"], {"score_threshold": -0.1}, "score_threshold is -0.1"),
        ([row(0.5)], ["ship"], {"threshold": 1.1}, "threshold is 1.1"),
        ([row(0.5)], ["ship"], {"presence_threshold": None}, "presence_threshold is None"),
    ],
)
def test_bad_input_is_named(maps: object, categories: list[str], options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        classify_maps(maps, categories, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("probability", "balance"), [(row(0.5), 1.01), (row(2.0), 0.5), (np.zeros(4), 0.5)])
def test_a_score_needs_a_map_and_a_balance(probability: np.ndarray, balance: float) -> None:
    with pytest.raises(ValueError, match=r"balance is|probability has"):
        category_score(probability, balance)
