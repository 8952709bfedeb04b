"""Where to compute and in which precision, chosen automatically unless told."""

from __future__ import annotations

import textwrap
import time
from functools import cache
from typing import Literal, get_args

import torch

Precision = Literal["float32", "bf16", "fp16"]

_DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_PROBE_GAIN = 1.2  # bf16 costs accuracy, so a few per cent are not worth it


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


@cache
def cpu_prefers_bf16() -> bool:
    """Whether bf16 is supported and clearly faster than float32 on this CPU, measured once on a small convolution."""
    if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    seconds = {dtype: _seconds_of_convolution(dtype) for dtype in (torch.float32, torch.bfloat16)}
    return seconds[torch.float32] > _PROBE_GAIN * seconds[torch.bfloat16]


def _seconds_of_convolution(dtype: torch.dtype) -> float:
    layer = torch.nn.Conv2d(96, 96, 3, padding=1).to(dtype)
    images = torch.zeros(1, 96, 56, 56, dtype=dtype)
    best = float("inf")
    with torch.inference_mode():
        layer(images)  # the first call chooses and builds the kernel
        for _ in range(3):
            start = time.perf_counter()
            layer(images)
            best = min(best, time.perf_counter() - start)
    return best
