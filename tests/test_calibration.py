"""Presence scores become probabilities: the map, its inverse, its form in a configuration, and fitting it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from remotesam import RemoteSAM
from remotesam.calibration import Calibration
from remotesam.evaluation.calibration import reliability
from remotesam.evaluation.presence_fit import fit_calibration, operating_point

ISOTONIC = Calibration(kind="isotonic", scores=(0.0, 0.8, 1.0), shares=(0.0, 0.5, 1.0))
COLD = Calibration(kind="temperature", temperature=0.25)
WARM = Calibration(kind="temperature", temperature=3.0)

SHIFTED = Calibration(kind="logistic", slope=1.5, intercept=-0.5, offsets={"ship": -1.0, "harbor": 2.0}, details=0.25)


@pytest.mark.parametrize("calibration", [ISOTONIC, COLD, WARM, SHIFTED], ids=["isotonic", "cold", "warm", "shifted"])
def test_it_rises_from_nought_to_one_and_can_be_undone(calibration: Calibration) -> None:
    scores = np.linspace(0, 1, 101)
    found = np.array([calibration.probability(score) for score in scores])
    assert (found[0], found[-1]) == (0, 1)
    assert (np.diff(found) > 0).all()
    np.testing.assert_allclose([calibration.score(p) for p in found[5:96]], scores[5:96], atol=1e-6)
    assert Calibration.from_dict(calibration.to_dict()) == calibration


def test_values_computed_by_hand() -> None:
    assert ISOTONIC.probability(0.9) == pytest.approx(0.75)
    assert WARM.probability(0.5) == 0.5
    assert Calibration(kind="temperature", temperature=0.5).probability(0.75) == pytest.approx(0.9)  # odds 3 -> 9
    twice = Calibration(kind="logistic", slope=2.0, intercept=float(np.log(3)))
    assert twice.probability(0.75) == pytest.approx(27 / 28)  # odds 3 -> 3 * 9


@pytest.mark.parametrize(
    ("text", "intercept"),
    [
        ("ship", -1.5),
        ("all boats", -1.5),
        ("all boats near the harbor", -1.25),
        ("the largest pier", 1.75),
        ("the pier", 1.5),
        ("all bridges", -0.5),
        ("x", -0.5),
    ],
)
def test_a_sentence_is_calibrated_by_the_first_category_it_names_and_its_details(text: str, intercept: float) -> None:
    about = SHIFTED.about(text)
    assert (about.slope, about.intercept, about.offsets, about.details) == (1.5, intercept, {}, 0)
    assert ISOTONIC.about(text) is ISOTONIC


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (None, "give its kind"),
        ({}, "give its kind"),
        ({"kind": "beta"}, "calibration.kind is 'beta'"),
        ({"kind": "temperature", "temperature": 0}, "temperature is 0.0; use a number above 0"),
        ({"kind": "temperature", "temperature": "warm"}, "temperature is 'warm'; give numbers"),
        ({"kind": "temperature", "scores": [0, 1]}, "unknown fields"),
        ({"kind": "logistic", "slope": -1}, "slope is -1.0; use a number above 0"),
        ({"kind": "logistic", "offsets": [1]}, "offsets is .* give numbers"),
        ({"kind": "logistic", "offsets": {"ship": "no"}}, "offsets is .* give numbers"),
        ({"kind": "logistic", "offsets": {"ship": float("inf")}}, "ship is inf; use a finite number"),
        ({"kind": "isotonic"}, "calibration.scores must rise from 0 to 1"),
        ({"kind": "isotonic", "scores": [0, 0.5, 1], "shares": [0, 0, 1]}, "calibration.shares must rise"),
        ({"kind": "isotonic", "scores": [0, 0.5, 1], "shares": [0, 1]}, "3 scores for 2 shares"),
        ({"kind": "isotonic", "scores": [0, True, 1], "shares": [0, 0.5, 1]}, "scores is .* give numbers"),
    ],
)
def test_wrong_values_name_the_field(values: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Calibration.from_dict(values)


def overconfident(count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true odds are those of half their logit: over-confident on both sides."""
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.001, 0.999, count)
    present = rng.random(count) < 1 / (1 + np.exp(-0.5 * np.log(scores / (1 - scores))))
    return scores, present


@pytest.mark.parametrize("kind", ["temperature", "isotonic", "logistic"])
def test_fitting_makes_scores_reliable(kind: Any) -> None:
    if kind == "isotonic":
        pytest.importorskip("sklearn")
    scores, present = overconfident()
    calibration = fit_calibration(scores[::2], present[::2], kind=kind)
    after = np.array([calibration.probability(score) for score in scores[1::2]])
    assert reliability(after, present[1::2]).error < 0.5 * reliability(scores[1::2], present[1::2]).error
    if kind == "temperature":
        assert calibration.temperature == pytest.approx(2, rel=0.15)


def of_categories(count: int = 6000) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Answers about three categories, of which the network sees one too seldom and one too often."""
    rng = np.random.default_rng(1)
    shifts = {"ship": 2.0, "harbor": 0.0, "bridge": -2.0}
    names = rng.choice(list(shifts), count)
    logits = rng.normal(0, 2, count)
    odds = 1.3 * logits - 0.5 + np.array([shifts[name] for name in names])
    return 1 / (1 + np.exp(-logits)), rng.random(count) < 1 / (1 + np.exp(-odds)), names.tolist()


def test_offsets_of_categories_are_found() -> None:
    scores, present, names = of_categories()
    found = fit_calibration(scores, present, kind="logistic", categories=names)
    assert found.slope == pytest.approx(1.3, rel=0.1)
    assert found.offsets["ship"] - found.offsets["harbor"] == pytest.approx(2, abs=0.3)
    assert found.offsets["harbor"] - found.offsets["bridge"] == pytest.approx(2, abs=0.3)
    plain = fit_calibration(scores, present, kind="logistic")
    ship = np.array(names) == "ship"
    errors = [
        reliability(np.array([one.probability(score) for score in scores[ship]]), present[ship]).error
        for one in (found.about("ship"), plain)
    ]
    assert errors[0] < 0.3 * errors[1]


def test_the_offset_of_details_is_found() -> None:
    scores, present, names = of_categories()
    details = np.arange(len(names)) % 3 == 0
    rng = np.random.default_rng(2)
    shifted = details & ~present & (rng.random(len(names)) < 0.5)  # half of the absent ones are there after all
    found = fit_calibration(scores, present | shifted, kind="logistic", categories=names, details=details)
    assert found.details > 0.5
    without = fit_calibration(scores, present, kind="logistic", categories=names, details=details)
    assert abs(without.details) < 0.2


def test_offsets_of_few_answers_stay_near_the_others() -> None:
    scores, present, names = of_categories()
    scores, present = np.append(scores, 0.2), np.append(present, True)
    offsets = [
        fit_calibration(scores, present, kind="logistic", categories=[*names, "windmill"], spread=spread).offsets
        for spread in (0.1, 1.5)
    ]
    assert 0 < offsets[0]["windmill"] < 0.05 < offsets[1]["windmill"] < 2
    with pytest.raises(ValueError, match="spread is 0; use a number above 0"):
        fit_calibration(scores, present, kind="logistic", spread=0)
    with pytest.raises(ValueError, match="there are 6000 categories for 6001 scores"):
        fit_calibration(scores, present, kind="logistic", categories=names)


@pytest.mark.parametrize("present", [[], [True, True], [False, False]])
def test_fitting_needs_both_sorts(present: list[bool]) -> None:
    with pytest.raises(ValueError, match="some of either sort"):
        fit_calibration(np.linspace(0.1, 0.9, len(present)), np.array(present, bool), kind="temperature")


@pytest.mark.parametrize("n_acc", [0.0, 0.5, 0.97, 1.0])
def test_the_operating_point_is_the_smallest_gate_that_suffices(n_acc: float) -> None:
    scores, present = overconfident()
    point = operating_point(scores, present, n_acc=n_acc)
    assert point.n_acc >= n_acc
    assert point.n_acc == (scores[~present] <= point.gate).mean()
    assert point.t_acc == (scores[present] > point.gate).mean()
    lower = np.sort(scores[~present & (scores <= point.gate)])[:-1]
    if n_acc:  # one absent target less would not have been enough
        assert len(lower) / (~present).sum() < n_acc


class Constant:
    """Answers every sentence with one score everywhere."""

    threshold, presence_threshold = 0.5, 0.4
    calibration = ISOTONIC
    task_thresholds: dict[str, dict[str, float]] = {"detect": {"presence_threshold": 0.9}}  # noqa: RUF012

    def __init__(self, score: float) -> None:
        self.score = score

    def segment(self, image: np.ndarray, expressions: list[str]) -> np.ndarray:
        return np.full((len(expressions), *image.shape[:2]), self.score, np.float32)


@pytest.mark.parametrize(("score", "present"), [(0.6, False), (0.63, False), (0.65, True), (0.95, True)])
def test_gates_are_probabilities_for_every_task(score: float, present: bool) -> None:
    model = RemoteSAM(Constant(score))  # 0.4 is what the calibration makes of 0.64
    image = np.zeros((20, 20, 3), np.uint8)
    result = model.segment(image, "all ships")
    assert result.score == pytest.approx(ISOTONIC.probability(score), abs=1e-6)
    assert result.present is present
    assert bool(model.semantic(image, ["ship"]).classes.any()) is present
    assert ("ship" in model.classify(image, ["ship"]).labels) is present
    # 0.9 is what it makes of 0.96, unless all tasks were told otherwise.
    assert not len(model.detect(image, ["ship"]))
    assert bool(len(RemoteSAM(Constant(score), presence_threshold=0.4).detect(image, ["ship"]))) is present
    assert bool(len(model.detect(image, ["ship"], presence_threshold=0.4))) is present


def test_categories_may_have_gates_of_their_own() -> None:
    segmenter = Constant(0.6)
    segmenter.calibration, segmenter.task_thresholds = SHIFTED, {}  # type: ignore[assignment]
    model = RemoteSAM(segmenter)
    image, names = np.zeros((20, 20, 3), np.uint8), ["ship", "harbor", "bridge"]
    ship, harbor, bridge = model.limits("classify", names)["presence_threshold"]
    assert harbor < bridge < 0.6 < ship
    expected = {"ship": False, "harbor": True, "bridge": True}
    assert {name: model.segment(image, f"all {name}s").present for name in names} == expected
    assert model.semantic(image, names).present.tolist() == list(expected.values())
    assert {name for name in names if model.classify(image, names).scores[name]} == {"harbor", "bridge"}
    assert {one.category for one in model.detect(image, names, max_overlap=1)} == {"harbor", "bridge"}
    assert model.ground(image, "the ship") is None and model.ground(image, "the pier") is not None


def test_tasks_may_have_thresholds_of_their_own() -> None:
    model = RemoteSAM(Constant(0.9))
    assert model.thresholds("segment") == {"threshold": 0.5, "presence_threshold": 0.4}
    assert model.thresholds("detect") == {"threshold": 0.5, "presence_threshold": 0.9}
    assert model.limits("detect", ["ship", "bridge"])["presence_threshold"] == pytest.approx([0.96, 0.96])
    with pytest.raises(ValueError, match="task is 'fly'; use one of segment, semantic"):
        model.thresholds("fly")
