"""Where to compute and in which precision, chosen automatically unless told."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from functools import cache
from typing import Literal, get_args

import torch

Precision = Literal["float32", "bf16", "fp16"]

_DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_KEPT_BLOCK = 31 * 2**20  # bytes; glibc follows up to 32 MiB
_PROBE_GAIN = 1.2  # bf16 costs accuracy, so a few per cent are not worth it
_PROBE_ROUNDS = 6
_PROBES: tuple[tuple[Callable[[], torch.nn.Module], tuple[int, ...]], ...] = (
    (lambda: torch.nn.Conv2d(96, 96, 3, padding=1), (1, 96, 56, 56)),
    (lambda: torch.nn.Linear(512, 1024), (784, 512)),
)


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """Chooses CUDA, else Apple's MPS, else the CPU, unless told.

    Args:
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"`` ... or None to choose.

    Returns:
        The device.

    Raises:
        ValueError: The device is unknown or this machine or installation of torch does not have it.
    """
    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.ones(1, device=chosen).item()  # "meta" has no numbers
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        problem = textwrap.shorten(str(error), 120, placeholder=" ...")
        raise ValueError(
            f"device {str(device)!r} cannot be used here ({problem}); leave it out to choose automatically, or use cpu"
        ) from error
    return chosen


def choose_precision(precision: str | None, device: torch.device) -> Precision:
    """Chooses bf16 on CUDA, and on CPUs where a short measurement finds it faster; else float32; unless told.

    Args:
        precision: ``"float32"``, ``"bf16"``, ``"fp16"``, or None to choose.
        device: Where to compute.

    Returns:
        The precision.

    Raises:
        ValueError: The precision is none of these.
    """
    if precision is not None:
        for known in get_args(Precision):
            if precision == known:
                return known
        raise ValueError(f"precision is {precision!r}; use one of {', '.join(get_args(Precision))}")
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bf16" if device.type == "cpu" and cpu_prefers_bf16() else "float32"


def dtype_of(precision: Precision) -> torch.dtype:
    """The torch type of a precision."""
    return _DTYPES[precision]


def keep_freed_memory() -> None:
    """Make glibc keep the memory of freed maps for the next ones; elsewhere it changes nothing.

    It gives back to the system blocks above a threshold, and the end of its heap above twice that, and the next map is
    then made of new pages, each of which is filled with zeros first. The threshold rises to the largest block that was
    freed (mallopt(3), M_MMAP_THRESHOLD): so one is, which was never written to. Twenty sentences on two cores take up
    to a tenth less time.
    """
    torch.empty(_KEPT_BLOCK, dtype=torch.uint8)


@cache
def cpu_prefers_bf16() -> bool:
    """Whether bf16 is supported and clearly faster than float32 on this CPU, measured once on two layers.

    A 3x3 convolution as in the small networks and a linear layer as in the large ones; both must gain, as a processor
    with bf16 products but without matrix units (AMX) may be slower with them. The precisions take turns, and what
    counts is the processor's time, so that what else runs on the machine decides nothing.
    """
    if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    dtypes = (torch.float32, torch.bfloat16)
    seconds = {dtype: [float("inf")] * len(_PROBES) for dtype in dtypes}
    for _ in range(_PROBE_ROUNDS):
        for dtype in dtypes:
            seconds[dtype] = [min(pair) for pair in zip(seconds[dtype], _seconds_of_layers(dtype), strict=True)]
    pairs = zip(seconds[torch.float32], seconds[torch.bfloat16], strict=True)
    return all(single > _PROBE_GAIN * half for single, half in pairs)


def _seconds_of_layers(dtype: torch.dtype) -> list[float]:
    taken = []
    for make, shape in _PROBES:
        layer = make().to(dtype)
        x = torch.zeros(shape, dtype=dtype)
        if x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
            layer = layer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.inference_mode():
            layer(x)  # the first call chooses and builds the kernel
            start = time.process_time()
            layer(x)
            taken.append(time.process_time() - start)
    return taken
