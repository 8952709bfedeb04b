"""From a configuration to Accelerate: processes, sharding, precision."""

from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs

from remotesam.training.config import TrainingConfig


def make_accelerator(config: TrainingConfig) -> Accelerator:
    """One process, or the processes that torchrun started; GPUs where there are any, else CPUs with gloo.

    Raises:
        ValueError: fp16 without a GPU, or FSDP without torchrun.
    """
    gpu = torch.cuda.is_available()
    if config.mixed_precision == "fp16" and not gpu:
        raise ValueError("mixed_precision='fp16' needs a GPU; use 'bf16' or 'no' on a CPU")
    options: dict[str, Any] = {}
    if config.fsdp:
        from accelerate import FullyShardedDataParallelPlugin

        options["fsdp_plugin"] = FullyShardedDataParallelPlugin(fsdp_version=2, auto_wrap_policy="no_wrap")
    unused = config.find_unused_parameters or config.data.train.sentences == 0
    ddp = DistributedDataParallelKwargs(find_unused_parameters=unused)
    accelerator = Accelerator(
        cpu=not gpu,
        mixed_precision=config.mixed_precision,
        gradient_accumulation_steps=config.gradient_accumulation,
        kwargs_handlers=[ddp],
        **options,
    )
    if config.fsdp and accelerator.num_processes == 1:
        raise ValueError(
            "fsdp=True shards over several processes; start with torchrun --nproc-per-node N, or fsdp=False"
        )
    return accelerator
