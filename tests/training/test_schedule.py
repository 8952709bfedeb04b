import pytest

from remotesam.training.schedule import Schedule


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ({}, 0, 1.0),
        ({}, 50, 0.5**0.9),
        ({}, 100, 0.0),
        ({}, 200, 0.0),
        ({"power": 2.0}, 90, 0.01),
        ({"warmup_steps": 4}, 0, 0.2),
        ({"warmup_steps": 4}, 3, 0.8),
        ({"warmup_steps": 4}, 4, 1.0),
        ({"warmup_steps": 4}, 52, 0.5**0.9),
        ({"type": "cosine"}, 50, 0.5),
        ({"type": "cosine"}, 25, 0.853553),
        ({"type": "cosine", "final_factor": 0.1}, 50, 0.55),
        ({"type": "cosine", "final_factor": 0.1}, 100, 0.1),
        ({"type": "constant"}, 99, 1.0),
    ],
)
def test_factor(values, step, expected):
    assert Schedule(max_steps=100, **values)(step) == pytest.approx(expected, abs=1e-6)
