import pytest
import torch
from torch import nn

from remotesam.training.sync_batch_norm import CpuSyncBatchNorm, convert_sync_batch_norm

CPU = torch.device("cpu")


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Sequential(nn.BatchNorm2d(4, affine=False)))


def test_names_parameters_and_mode_stay():
    plain = network().eval()
    converted = convert_sync_batch_norm(network().eval(), device=CPU)
    assert isinstance(converted[1], CpuSyncBatchNorm) and isinstance(converted[2][0], CpuSyncBatchNorm)
    assert not converted[1].training
    assert converted.state_dict().keys() == plain.state_dict().keys()
    images = torch.randn(2, 3, 4, 4)
    assert torch.equal(converted(images), plain(images))


def test_one_process_normalises_as_usual():
    plain, converted = network(), convert_sync_batch_norm(network(), device=CPU)
    images = torch.randn(2, 3, 4, 4)
    assert torch.equal(converted(images), plain(images))
    assert torch.equal(converted[1].running_var, plain[1].running_var)


def test_the_statistics_of_all_processes_are_those_of_one_batch(monkeypatch):
    """With the other process's sums equal to ours, two halves are one batch repeated."""
    monkeypatch.setattr("remotesam.training.sync_batch_norm.world_size", lambda: 2)
    monkeypatch.setattr("remotesam.training.sync_batch_norm.global_sum", lambda tensor: tensor * 2)
    images = torch.randn(3, 4, 5, 5)
    plain, synced = nn.BatchNorm2d(4), CpuSyncBatchNorm(4)
    expected = plain(torch.cat([images, images]))[:3]
    torch.testing.assert_close(synced(images), expected)
    torch.testing.assert_close(synced.running_mean, plain.running_mean)
    torch.testing.assert_close(synced.running_var, plain.running_var)
    assert synced.num_batches_tracked == 1


def test_another_class_of_normalisation_is_refused():
    class Fused(nn.BatchNorm2d):
        pass

    with pytest.raises(ValueError, match=r"cannot convert Fused; set sync_batch_norm=False"):
        convert_sync_batch_norm(nn.Sequential(Fused(2)), device=CPU)
