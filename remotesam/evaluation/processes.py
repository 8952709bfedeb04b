"""The processes that torchrun started, or just this one."""

from __future__ import annotations

import os
from datetime import timedelta

_PATIENCE = timedelta(days=7)  # the first process waits while others may have much left to do


class Processes:
    """Says which process this is, and waits for the others. They share nothing but the folder of the results.

    Raises:
        ValueError: torchrun's variables are incomplete.
    """

    def __init__(self) -> None:
        self.rank, self.count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        self._joined = False
        if self.count > 1:
            import torch.distributed as dist

            if not dist.is_initialized():
                dist.init_process_group("gloo", timeout=_PATIENCE)
                self._joined = True

    @property
    def is_first(self) -> bool:
        """Whether this process gathers and tells the results."""
        return self.rank == 0

    def device(self, wanted: str | None) -> str | None:
        """The device of this process: the GPUs of a machine are shared out where any GPU would do."""
        if self.count > 1 and wanted in (None, "cuda"):
            import torch

            if torch.cuda.is_available():
                return f"cuda:{self.local_rank % torch.cuda.device_count()}"
        return wanted

    def wait(self) -> None:
        """Returns when all processes have come here."""
        if self.count > 1:
            import torch.distributed as dist

            dist.barrier()

    def close(self) -> None:
        """Ends what the constructor began."""
        if self._joined:
            import torch.distributed as dist

            dist.destroy_process_group()
