"""Reads windows of a raster as pictures: bands chosen, stretched once for all, and what holds no data marked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from remotesam.images import FILL_MAGNITUDE
from remotesam.rasters.area import Area, find_area
from remotesam.rasters.bands import choose_bands
from remotesam.rasters.errors import RasterError, quiet_gdal
from remotesam.rasters.grid import Grid, ground_sampling_distance, make_grid
from remotesam.rasters.stretch import Stretch, estimate_stretch, real_values

if TYPE_CHECKING:
    from rasterio.io import DatasetReader


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """What of a raster is read, and how.

    Attributes:
        bands: See ``choose_bands``.
        percentiles: Those that become black and white; see ``estimate_stretch``.
        value_range: The values that become black and white, in place of percentiles.
        gsd: Resample to this ground sampling distance, in metres.
        bbox: (left, bottom, right, top): only this part, in ``bbox_crs``.
        bbox_crs: The CRS of ``bbox``, the raster's if None.
        aoi: A vector file: only what its polygons cover.
    """

    bands: Sequence[int | str] | None = None
    percentiles: tuple[float, float] | None = None
    value_range: tuple[float, float] | None = None
    gsd: float | None = None
    bbox: tuple[float, float, float, float] | None = None
    bbox_crs: str | None = None
    aoi: str | None = None


@dataclass(frozen=True)
class Source:
    """All that is needed to read windows of a raster, anywhere; opened by ``open_source``.

    Attributes:
        path: A file or anything else that GDAL opens.
        grid: The pixels that are worked on.
        bands: One or three numbers from 1.
        stretch: How values become 8 bits.
        area: The part that is asked about, in grid pixels; None for all of the grid.
        identity: What tells this raster from a changed one: the path, and size and time of a file.
        notices: What is worth knowing about it, in sentences.
    """

    path: str
    grid: Grid
    bands: tuple[int, ...]
    stretch: Stretch
    area: Area | None
    identity: tuple[str, int, int]
    notices: tuple[str, ...]


def open_source(path: str, options: SourceOptions | None = None) -> Source:
    """Settles how a raster is read.

    Args:
        path: A file, a VRT, or a URL that GDAL opens.
        options: What of it is read.

    Returns:
        The source.

    Raises:
        RasterError: It cannot be opened, or an option does not fit it.
    """
    import rasterio

    options = options or SourceOptions()
    if options.percentiles is not None and options.value_range is not None:
        raise RasterError("both percentiles and a range of values are given; give one of them")
    with quiet_gdal():
        try:
            with rasterio.open(path) as dataset:
                return _describe(path, dataset, options)
        except OSError as error:
            raise RasterError(f"{path}: cannot be read as a raster ({error}); give a file that GDAL opens") from error


def _describe(path: str, dataset: DatasetReader, options: SourceOptions) -> Source:
    if dataset.count == 0:
        inside = ", ".join(dataset.subdatasets[:4])
        raise RasterError(f"{path}: has no bands of its own{'; give one of ' + inside if inside else ''}")
    bands = choose_bands(dataset, options.bands)
    notices = []
    if not dataset.crs:
        gcps = "; its ground control points are not used, warp it first to have coordinates" if dataset.gcps[0] else ""
        notices.append(f"{path}: has no CRS, so outlines are in its pixels or own units, without areas in m²{gcps}")
    found = find_area(dataset, bbox=options.bbox, bbox_crs=options.bbox_crs, aoi=options.aoi)
    gsd = options.gsd
    grid = make_grid(dataset, window=found.window if found else None, gsd=gsd)
    if grid.resampled:
        own = ground_sampling_distance(dataset)
        assert own is not None
        notices.append(f"{path}: resampled from {own[0]:.3g} m to {gsd:g} m a pixel")
    if options.value_range is not None:
        stretch = Stretch(*options.value_range)
    else:
        stretch = estimate_stretch(dataset, bands, percentiles=options.percentiles)
    area = found.on_grid(grid) if found else None
    return Source(path, grid, bands, stretch, area, identity_of(path), tuple(notices))


def identity_of(path: str) -> tuple[str, int, int]:
    """The path with size in bytes and time of change in nanoseconds; zeros for what is no file."""
    try:
        status = Path(path).stat()
    except OSError:
        return path, 0, 0
    return path, status.st_size, status.st_mtime_ns


class WindowReader:
    """Reads windows of a source. Each thread needs its own.

    Args:
        source: What to read.

    Example:
        >>> with WindowReader(source) as reader:
        ...     image, valid = reader.read(0, 0, 512, 512)
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stack = ExitStack()
        self._dataset: DatasetReader | None = None

    def __enter__(self) -> WindowReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; the next ``read`` opens it again."""
        self._stack.close()
        self._dataset = None

    def read(
        self, left: int, top: int, width: int, height: int, *, shape: tuple[int, int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Reads one window of the grid.

        Args:
            left: Column of the grid.
            top: Row of the grid.
            width: In grid pixels.
            height: In grid pixels.
            shape: (rows, columns) to bring it to, no more than it has; then by nearest neighbour, from overviews where
                there are some. The window's own if None.

        Returns:
            (height, width, 3) uint8 RGB, 0 where there is no data; and (height, width) bool, where there is some: what
            is no nodata, not transparent, finite and inside the area.

        Raises:
            OSError: The pixels cannot be read.
        """
        import rasterio
        from rasterio.enums import Resampling

        with quiet_gdal():
            if self._dataset is None:
                self._dataset = self._stack.enter_context(rasterio.open(self._source.path))
            dataset, grid = self._dataset, self._source.grid
            window = grid.source_window(left, top, width, height)
            how: dict[str, Any] = {"out_shape": (len(self._source.bands), *(shape or (height, width)))}
            if grid.resampled and shape is None:
                finer = max(grid.step_x, grid.step_y) < 1
                how["resampling"] = Resampling.bilinear if finer else Resampling.average
            pixels = real_values(dataset.read(self._source.bands, window=window, **how))
            valid = dataset.dataset_mask(window=window, out_shape=shape or (height, width)) > 0
        if pixels.dtype.kind == "f":
            valid &= (np.abs(pixels) < FILL_MAGNITUDE).all(axis=0)  # False for NaN
        if self._source.area is not None and shape is None:
            valid &= self._source.area.mask(left, top, width, height)
        image = self._coloured(pixels, dataset)
        if not valid.all():
            image[~valid] = 0
        return image, valid

    def _coloured(self, pixels: np.ndarray, dataset: DatasetReader) -> np.ndarray:
        """(bands, h, w) -> (h, w, 3) uint8, a new array."""
        from rasterio.enums import ColorInterp

        if len(pixels) == 1 and dataset.colorinterp[self._source.bands[0] - 1] == ColorInterp.palette:
            table = np.zeros((256, 3), dtype=np.uint8)
            for index, colour in dataset.colormap(self._source.bands[0]).items():
                if index < 256:
                    table[index] = colour[:3]
            return table[pixels[0].clip(0, 255).astype(np.uint8)]
        stretched = self._source.stretch.apply(pixels)
        return np.array(np.broadcast_to(np.moveaxis(stretched, 0, 2), (*stretched.shape[1:], 3)), order="C")
