import pytest
import torch
from torch import nn

from remotesam.training.ema import ExponentialMovingAverage


def test_the_decay_warms_up_and_buffers_are_copied():
    network = nn.BatchNorm1d(1)
    average = ExponentialMovingAverage(network, decay=0.15)
    assert average.shadow["weight"].item() == 1
    with torch.no_grad():
        network.weight.fill_(11)
        network.running_mean.fill_(7)
        network.num_batches_tracked.fill_(5)
    average.update(network)  # decay 1/10
    assert average.shadow["weight"].item() == pytest.approx(0.1 * 1 + 0.9 * 11)
    average.update(network)  # decay 0.15, less than 2/11
    assert average.shadow["weight"].item() == pytest.approx(0.15 * 10 + 0.85 * 11)
    assert average.shadow["running_mean"].item() == 7
    assert average.shadow["num_batches_tracked"].item() == 5


def test_applied_weights_go_away_again_even_after_an_error():
    network = nn.Linear(1, 1)
    average = ExponentialMovingAverage(network, decay=0.9)
    before = network.weight.item()
    with torch.no_grad():
        network.weight.fill_(5)
    with pytest.raises(RuntimeError), average.applied(network):
        assert network.weight.item() == before
        raise RuntimeError
    assert network.weight.item() == 5
