import numpy as np
import pytest

from remotesam.presence import presence_score


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (np.zeros((0, 5)), 0.0),
        (np.array([[0.7]]), 0.7),
        (np.array([[0.1, 0.9], [0.2, 0.3]]), 0.9),  # 0.2 % of four pixels is less than one: the highest alone
        (np.full((100, 100), 0.25), 0.25),
    ],
)
def test_score(probability, expected):
    assert presence_score(probability.astype(np.float32)) == pytest.approx(expected)


def test_the_mean_of_the_highest_fifth_of_a_per_cent():
    probability = np.zeros((100, 100), dtype=np.float32)
    probability[0, :30] = 0.5
    probability[1, :5] = 1.0
    assert presence_score(probability) == pytest.approx((5 * 1.0 + 15 * 0.5) / 20)


@pytest.mark.parametrize("shape", [(1, 1), (37, 61), (300, 400), (61, 1000)])
@pytest.mark.parametrize("kind", ["even", "peaked", "steps", "constant", "zero", "one column", "one pixel"])
def test_the_score_is_that_of_all_values_sorted(shape, kind):
    rng = np.random.default_rng(0)
    values = rng.random(shape).astype(np.float32)
    probability = {
        "even": values,
        "peaked": values**20,
        "steps": np.round(values, 1),
        "constant": np.full(shape, 0.3, dtype=np.float32),
        "zero": np.zeros(shape, dtype=np.float32),
        "one column": np.where(np.arange(shape[1]) == shape[1] // 2, values, 0).astype(np.float32),
        "one pixel": np.where(np.arange(values.size).reshape(shape) == values.size - 1, 1, 0).astype(np.float32),
    }[kind]
    count = max(1, round(0.002 * probability.size))
    expected = np.sort(probability.ravel().astype(np.float64))[-count:].mean()
    assert presence_score(probability) == pytest.approx(expected, abs=1e-12)
    assert presence_score(np.rot90(probability)) == presence_score(probability)


def test_a_stack_of_maps_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 4, 4\); give one map of shape \(H, W\)"):
        presence_score(np.zeros((2, 4, 4), dtype=np.float32))
