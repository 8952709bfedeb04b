"""Referring segmentation of remote sensing imagery: an image and a sentence in, a mask out.

Example:
    >>> from remotesam import RemoteSAM
    >>> model = RemoteSAM.from_pretrained("remotesam-mini")
    >>> result = model.segment("photo.jpg", "the airplane on the right")
    >>> result.mask.shape, result.mask.dtype
    ((512, 512), dtype('bool'))

The names below are loaded on first use, so that ``import remotesam`` stays fast and loads no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remotesam.api import RemoteSAM
    from remotesam.images import ImageError
    from remotesam.results import Segmentation

__version__ = "0.1.0"

__all__ = ["ImageError", "RemoteSAM", "Segmentation", "__version__"]

_HOMES = {"ImageError": "remotesam.images", "RemoteSAM": "remotesam.api", "Segmentation": "remotesam.results"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
