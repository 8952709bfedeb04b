"""Batch statistics over all processes, on GPUs and on CPUs."""

import torch
from torch import Tensor, nn

from remotesam.training.distributed import global_sum, world_size

PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class CpuSyncBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation whose statistics are sums over all processes; torch's own refuses CPU tensors.

    Parameters, buffers and their names are those of ``torch.nn.BatchNorm2d``. Mean and variance take two passes and two
    reductions: exact first, fast second.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(f"input has {input.dim()} dimensions; batch normalisation takes (N, C) or (N, C, ...)")

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (N, C, ...) over everything but C."""
        self._check_input_dim(input)
        if not self.training or world_size() == 1:
            return super().forward(input)
        axes = [axis for axis in range(input.dim()) if axis != 1]
        shape = [1, -1] + [1] * (input.dim() - 2)
        values = input.float()
        local_count = values.new_tensor(values.numel() / values.shape[1])
        sums = global_sum(torch.cat([values.sum(dim=axes), local_count[None]]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean.view(shape)
        variance = global_sum(centred.square().sum(dim=axes)) / count
        self._update_statistics(mean.detach(), variance.detach() * count / (count - 1).clamp(min=1))
        result = centred * torch.rsqrt(variance.view(shape) + self.eps)
        if self.affine:
            result = result * self.weight.view(shape) + self.bias.view(shape)
        return result.to(input.dtype)

    @torch.no_grad()
    def _update_statistics(self, mean: Tensor, variance: Tensor) -> None:
        if not self.track_running_stats or self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        factor = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), factor)
        self.running_var.lerp_(variance.to(self.running_var.dtype), factor)


def convert_sync_batch_norm(module: nn.Module, *, device: torch.device) -> nn.Module:
    """Replace every batch normalisation by one over all processes; parameters and names stay.

    Args:
        module: Changed in place, except where it is a batch normalisation itself.
        device: On "cuda" torch's own SyncBatchNorm is taken, elsewhere :class:`CpuSyncBatchNorm`.

    Returns:
        The module to use.

    Raises:
        ValueError: A batch normalisation of another class, whose forward would be lost.
    """
    if device.type == "cuda":
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
        return converted
    if isinstance(module, nn.modules.batchnorm._BatchNorm) and not isinstance(module, CpuSyncBatchNorm):
        if type(module) not in PLAIN:
            raise ValueError(f"sync_batch_norm: cannot convert {type(module).__name__}; set sync_batch_norm=False")
        new = CpuSyncBatchNorm(
            module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
        )
        new.load_state_dict(module.state_dict())
        return new.train(module.training)
    for name, child in module.named_children():
        module.add_module(name, convert_sync_batch_norm(child, device=device))
    return module
