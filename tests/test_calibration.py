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


@pytest.mark.parametrize("calibration", [ISOTONIC, COLD, WARM], ids=["isotonic", "cold", "warm"])
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


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (None, "give its kind"),
        ({}, "give its kind"),
        ({"kind": "platt"}, "calibration.kind is 'platt'"),
        ({"kind": "temperature", "temperature": 0}, "temperature is 0.0; use a number above 0"),
        ({"kind": "temperature", "temperature": "warm"}, "temperature is 'warm'; give numbers"),
        ({"kind": "temperature", "scores": [0, 1]}, "unknown fields"),
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


@pytest.mark.parametrize("kind", ["temperature", "isotonic"])
def test_fitting_makes_scores_reliable(kind: Any) -> None:
    if kind == "isotonic":
        pytest.importorskip("sklearn")
    scores, present = overconfident()
    calibration = fit_calibration(scores[::2], present[::2], kind=kind)
    after = np.array([calibration.probability(score) for score in scores[1::2]])
    assert reliability(after, present[1::2]).error < 0.5 * reliability(scores[1::2], present[1::2]).error
    if kind == "temperature":
        assert calibration.temperature == pytest.approx(2, rel=0.15)


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


def test_tasks_may_have_thresholds_of_their_own() -> None:
    model = RemoteSAM(Constant(0.9))
    assert model.thresholds("segment") == {"threshold": 0.5, "presence_threshold": 0.4}
    assert model.thresholds("detect") == {"threshold": 0.5, "presence_threshold": 0.9}
    assert model.limits("detect")["presence_threshold"] == pytest.approx(0.96)
    with pytest.raises(ValueError, match="task is 'fly'; use one of segment, semantic"):
        model.thresholds("fly")
