"""Which bands of a raster make the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from remotesam.rasters.errors import RasterError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

_COLOURS = ("red", "green", "blue")


def choose_bands(dataset: DatasetReader, wanted: Sequence[int | str] | None = None) -> tuple[int, ...]:
    """The bands that become red, green and blue, or the one that becomes grey.

    Args:
        dataset: The raster.
        wanted: One or three bands, each by its number from 1 or by its name (its description or colour, whatever the
            case). None takes red, green and blue where the file says which they are, else the first three of at least
            three bands that are not alpha, else the first.

    Returns:
        One or three numbers from 1.

    Raises:
        RasterError: There is no such band, or another number of them than one or three.

    Example:
        ``choose_bands(dataset, ["nir", "red", "green"])`` is the usual false colour.
    """
    colours = [colour.name.lower() for colour in dataset.colorinterp]
    usable = [number for number, colour in enumerate(colours, start=1) if colour != "alpha"]
    if not usable:
        raise RasterError(f"{dataset.name}: has no band but alpha")
    if wanted is None:
        if all(colours.count(colour) == 1 for colour in _COLOURS):
            return tuple(colours.index(colour) + 1 for colour in _COLOURS)
        return tuple(usable[:3]) if len(usable) >= 3 else tuple(usable[:1])
    if len(wanted) not in (1, 3):
        raise RasterError(f"bands are {list(wanted)}; give one (grey) or three (red, green, blue)")
    return tuple(_band_number(dataset, band, colours) for band in wanted)


def _band_number(dataset: DatasetReader, band: int | str, colours: Sequence[str]) -> int:
    text = str(band).strip()
    if text.isdecimal() and 1 <= int(text) <= dataset.count:
        return int(text)
    names = [(name or "").strip().lower() for name in dataset.descriptions]
    for known in (names, colours):
        if text and known.count(text.lower()) == 1:
            return known.index(text.lower()) + 1
    described = ", ".join(
        f"{number} ({name or colour})"
        for number, (name, colour) in enumerate(zip(names, colours, strict=True), start=1)
    )
    raise RasterError(f"{dataset.name}: has no band {text!r}; it has {described}")
