from collections import Counter

import numpy as np
import pytest

from remotesam.data.generation.negatives import HardNegatives

PICTURES = [{"ship", "crane"}] * 8 + [{"ship"}] * 2 + [{"windmill"}] * 5 + [set()] * 3
EASY = ["windmill", "stadium", "forest", "greenhouse"]


def draws(absent: list[str], present: list[str], *, hard: float, count: int = 400) -> Counter[str]:
    choose = HardNegatives(PICTURES, hard=hard)
    return Counter(choose(absent, present, np.random.default_rng(seed)) for seed in range(count))


@pytest.mark.parametrize("hard", [-0.1, 1.1])
def test_a_share_is_a_share(hard: float) -> None:
    with pytest.raises(ValueError, match="hard is a share"):
        HardNegatives([], hard=hard)


def test_weights() -> None:
    choose = HardNegatives(PICTURES, hard=1.0)
    assert choose.weight("crane", ["ship"]) == pytest.approx(0.8)  # eight of ten pictures with ships
    assert choose.weight("harbor", ["ship"]) == 1.0  # easily taken for one
    assert choose.weight("windmill", ["ship"]) == 0.0
    assert choose.weight("basketball court", ["tennis court"]) == 1.0
    assert choose.weight("tennis court", ["basketball court"]) == 1.0
    assert choose.weight("crane", []) == 0.0


def test_hard_ones_come_first() -> None:
    drawn = draws(["harbor", "crane", *EASY], ["ship"], hard=1.0)
    assert set(drawn) == {"harbor", "crane"}
    assert drawn["harbor"] / drawn["crane"] == pytest.approx(1 / 0.8, rel=0.3)


def test_the_share_of_hard_ones_is_kept() -> None:
    drawn = draws(["harbor", *EASY], ["ship"], hard=0.5)
    assert drawn["harbor"] / 400 == pytest.approx(0.5 + 0.5 / 5, abs=0.07)
    assert draws(["harbor", *EASY], ["ship"], hard=0.0)["harbor"] / 400 == pytest.approx(0.2, abs=0.07)


@pytest.mark.parametrize("present", [[], ["lake"]])
def test_without_hard_ones_all_are_drawn(present: list[str]) -> None:
    assert set(draws(["windmill", "stadium", "crane"], present, hard=1.0)) == {"windmill", "stadium", "crane"}


def test_words_of_the_large_vocabulary_are_confused_too() -> None:
    assert HardNegatives([], hard=1.0).weight("barley field", ["wheat field"]) == 1.0
