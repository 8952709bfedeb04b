"""One stretch for a whole raster, so that every tile is seen in the same light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from remotesam.images import FILL_MAGNITUDE, value_range
from remotesam.rasters.errors import RasterError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

_SAMPLE_SIDE = 1024  # of the picture of the whole that the percentiles are taken from
_SMALL = 4096**2  # what is read whole where there are no overviews
_PATCHES, _PATCH = 12, 256  # else: so many squares a side, of so many pixels


@dataclass(frozen=True)
class Stretch:
    """Values that become 0 and 255; between them it is linear.

    Attributes:
        low: What becomes 0, as well as all below.
        high: What becomes 255, as well as all above.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise RasterError(f"the range of values is {self.low} to {self.high}; give two numbers, the lower first")

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values of any real type -> uint8 of the same shape; NaN and infinity become 0."""
        if values.dtype == np.uint8 and (self.low, self.high) == (0.0, 255.0):
            return values
        values = values.astype(np.float32)
        scaled = (np.clip(values, self.low, self.high) - self.low) * (255.0 / (self.high - self.low))
        return np.rint(np.nan_to_num(scaled, copy=False)).astype(np.uint8)


def real_values(pixels: np.ndarray) -> np.ndarray:
    """The magnitude of complex numbers, as in radar imagery; others as they are."""
    return np.abs(pixels) if pixels.dtype.kind == "c" else pixels


def estimate_stretch(
    dataset: DatasetReader, bands: Sequence[int], *, percentiles: tuple[float, float] | None = None
) -> Stretch:
    """Finds the stretch of a raster from a small picture of the whole.

    The picture comes from the overviews; of a large raster without any, from squares spread evenly over it. What
    holds no data does not count, and the bands are taken together, so that colours keep their hue.

    Args:
        dataset: The raster.
        bands: Numbers of the bands, from 1.
        percentiles: Those that become 0 and 255, each in [0, 100]. If None, 8-bit values stay as they are, as do all
            others within [0, 255]; floats within [0, 1] are multiplied by 255; the rest is stretched from the 2nd to
            the 98th percentile.

    Returns:
        The stretch.

    Raises:
        RasterError: The percentiles make no sense.
        OSError: The pixels cannot be read.
    """
    if percentiles is not None and not 0 <= percentiles[0] < percentiles[1] <= 100:
        raise RasterError(
            f"the percentiles are {percentiles[0]:g} and {percentiles[1]:g}; give two in [0, 100], rising"
        )
    dtype = np.dtype(dataset.dtypes[bands[0] - 1])
    if percentiles is None and dtype == np.uint8:
        return Stretch(0.0, 255.0)
    samples = [sample for sample in _samples(dataset, bands) if sample.size]
    if not samples:
        return Stretch(0.0, 255.0)  # nothing but nodata: whatever is read becomes black
    values = np.concatenate(samples)
    if percentiles is None:
        everything = np.ones(values.shape, dtype=bool)
        return Stretch(*value_range(values, everything, is_float=dtype.kind in "fc"))
    low, high = (float(value) for value in np.percentile(values, percentiles))
    return Stretch(low, high) if high > low else Stretch(low - 0.5, low + 0.5)


def _samples(dataset: DatasetReader, bands: Sequence[int]) -> Iterator[np.ndarray]:
    """Finite values with data, (n,) float32 each."""
    from rasterio.windows import Window

    if dataset.overviews(bands[0]) or dataset.width * dataset.height <= _SMALL:
        scale = min(1.0, _SAMPLE_SIDE / max(dataset.width, dataset.height))
        shape = (max(1, round(dataset.height * scale)), max(1, round(dataset.width * scale)))
        yield _values(dataset.read(bands, out_shape=(len(bands), *shape)), dataset.dataset_mask(out_shape=shape))
        return
    for top in np.linspace(0, max(0, dataset.height - _PATCH), _PATCHES).astype(int).tolist():
        for left in np.linspace(0, max(0, dataset.width - _PATCH), _PATCHES).astype(int).tolist():
            window = Window(left, top, min(_PATCH, dataset.width), min(_PATCH, dataset.height))
            try:
                yield _values(dataset.read(bands, window=window), dataset.dataset_mask(window=window))
            except OSError:
                continue  # a block that cannot be read is told of when its tile is due


def _values(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    values = real_values(pixels)[:, mask > 0].astype(np.float32).reshape(-1)
    return values[np.abs(values) < FILL_MAGNITUDE]  # without NaN, too
