"""The libraries for georeferenced files, which are an optional extra, and what the readers need of them."""

from __future__ import annotations

import importlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from remotesam.data.sources.problems import SourceError
from remotesam.data.sources.windows import Window

if TYPE_CHECKING:
    from rasterio import Affine

EXTRA = ("rasterio", "pyogrio", "geopandas", "shapely", "pyproj")


def require_geo() -> None:
    """Checks that the libraries are there.

    Raises:
        SourceError: One is not; it names the extra to install.
    """
    for name in EXTRA:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise SourceError(
                f"reading georeferenced files needs {name}, which is not installed ({error}); "
                "pip install 'remotesam[geo]'"
            ) from error


@dataclass(frozen=True)
class Raster:
    """What is known of a raster from its header.

    Attributes:
        path: The file.
        size: (height, width) in pixels.
        crs: Its coordinate reference system as WKT, None where it has none.
        transform: From pixels (column, row) to coordinates.
        may_lack_data: Whether some pixels may be marked as no data, by a value, a mask or alpha.
    """

    path: Path
    size: tuple[int, int]
    crs: str | None
    transform: Affine
    may_lack_data: bool

    @classmethod
    def open(cls, path: Path) -> Raster:
        """Reads the header.

        Raises:
            OSError: The file is missing or is no raster.
        """
        import rasterio
        from rasterio.enums import MaskFlags

        with _quiet(), rasterio.open(path) as file:
            whole = all(MaskFlags.all_valid in flags for flags in file.mask_flag_enums)
            crs = file.crs.to_wkt() if file.crs else None
            return cls(path, (file.height, file.width), crs, file.transform, not whole)

    def without_data(self, windows: list[Window]) -> set[Window]:
        """Tells which windows hold no data at all.

        Raises:
            OSError: The pixels cannot be decoded.
        """
        if not self.may_lack_data:
            return set()
        import rasterio
        from rasterio.windows import Window as RasterWindow

        with _quiet(), rasterio.open(self.path) as file:
            return {window for window in windows if not file.dataset_mask(window=RasterWindow(*window)).any()}


def _quiet() -> warnings.catch_warnings[None]:
    """Rasters without georeference are told of by the readers."""
    from rasterio.errors import NotGeoreferencedWarning

    return warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning)
