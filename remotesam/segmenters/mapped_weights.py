"""Weights that are read from their file where they are used, and take no memory in between."""

from __future__ import annotations

import json
import mmap
from pathlib import Path

import torch
from torch import nn

_LEAST_BYTES = 100 * 2**20  # what is smaller is not worth it


class MappedWeights:
    """The float32 parameters of a module on the CPU, as views of a safetensors file.

    A text encoder is busy for a moment, once a sentence, and idle while the image is computed, which needs the memory;
    a trunk is idle while the mask is decoded. The file must not be changed in place meanwhile; to be replaced by
    another one, as all writers here do, is safe.

    Args:
        module: Its parameters are changed in place and can no longer be trained. Those that are not as the file has
            them, folded ones for instance, stay where they are.
        path: The file, whose tensors the module was filled with.
        prefix: What the file puts before the module's names.
    """

    def __init__(self, module: nn.Module, path: Path, *, prefix: str) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        start = 8 + int.from_bytes(self._map[:8], "little")
        header = json.loads(self._map[8:start])
        for name, parameter in module.named_parameters():
            entry = header.get(prefix + name)
            if entry is None or entry["dtype"] != "F32" or parameter.dtype != torch.float32:
                continue
            mapped = torch.frombuffer(
                self._map, dtype=torch.float32, count=parameter.numel(), offset=start + entry["data_offsets"][0]
            )
            if parameter.is_contiguous() and torch.equal(mapped, parameter.detach().flatten()):
                parameter.requires_grad_(False)
                parameter.data = mapped.view(parameter.shape)
        self.release()

    def release(self) -> None:
        """Give the memory back, where the system can; the next use reads the file again, mostly from its cache."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)


def map_large(module: nn.Module, path: Path, *, prefix: str) -> MappedWeights | None:
    """:class:`MappedWeights` of a module on the CPU with at least 100 MiB of parameters; None for any other."""
    parameters = list(module.parameters())
    size = sum(parameter.nbytes for parameter in parameters)
    if size < _LEAST_BYTES or any(parameter.device.type != "cpu" for parameter in parameters):
        return None
    return MappedWeights(module, path, prefix=prefix)
