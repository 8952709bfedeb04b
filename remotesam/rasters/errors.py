"""What goes wrong with rasters, and quiet opening of those without a georeference."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class RasterError(ValueError):
    """A raster, an area or an output that cannot be used; the message names it, the problem and the fix."""


@contextmanager
def quiet_gdal(cache_mb: int = 128) -> Iterator[None]:
    """A GDAL environment with a bounded block cache; rasters without a georeference are told of by us, not by it."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        rasterio.Env(GDAL_CACHEMAX=cache_mb),
    ):
        yield
