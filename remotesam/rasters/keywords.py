"""The options of ``RemoteSAM.raster`` in one flat list, and how they become those of the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remotesam.options import ObjectOptions
from remotesam.rasters.options import RasterOptions
from remotesam.rasters.outlines import OutlineOptions
from remotesam.rasters.source import SourceOptions
from remotesam.tasks.objects import ObjectRules

if TYPE_CHECKING:
    from remotesam.rasters.ask import OnError
    from remotesam.rasters.measure import Measure
    from remotesam.rasters.options import EngineName
    from remotesam.rasters.outlines import Regularize


class RasterKeywords(ObjectOptions, total=False):
    """Options of ``RemoteSAM.raster``; None everywhere means the default.

    Attributes:
        source: Bands, stretch, ground sampling distance and area; see ``remotesam.rasters.source.SourceOptions``.
        tile_size: Side of a tile in pixels; the model's input size, or 512.
        overlap: Pixels that neighbouring tiles share, at most half a tile; an eighth of a tile.
        batch: Tiles that are asked and stored as one unit; 4.
        simplify: Tolerance of outlines in map units; 0 keeps the edges of pixels.
        regularize: "none", "rectangle" or "orthogonal".
        to_crs: Bring the answer to this CRS.
        measure: "geodesic" or "projected".
        engine: "local" or "ray".
        workers: Processes or actors; 1.
        devices: A device for each worker.
        on_error: "skip" or "fail".
        attempts: How often a tile is tried; 3.
        work: The folder for what is kept between runs; beside the output.
        keep_work: Whether to keep it after a run without failures.
    """

    source: SourceOptions | None
    tile_size: int | None
    overlap: int | None
    batch: int | None
    simplify: float | None
    regularize: Regularize | None
    to_crs: str | None
    measure: Measure | None
    engine: EngineName | None
    workers: int | None
    devices: Sequence[str] | None
    on_error: OnError | None
    attempts: int | None
    work: str | None
    keep_work: bool | None


_RULES = ("contour_mode", "contour_threshold", "min_share", "min_area")
_OUTLINES = ("simplify", "regularize", "to_crs")


def raster_options(given: Mapping[str, Any], *, threshold: float, presence_threshold: Sequence[float]) -> RasterOptions:
    """Puts flat options together.

    Args:
        given: Some of ``RasterKeywords``.
        threshold: That of pixels, in [0, 1].
        presence_threshold: That of each sentence, in [0, 1].

    Raises:
        TypeError: There is no such option.
        ValueError: An option cannot be used.
    """
    known = RasterKeywords.__optional_keys__
    if unknown := sorted(given.keys() - known):
        raise TypeError(f"unknown options {unknown}; there are {sorted(known)}")
    values = {name: value for name, value in given.items() if value is not None}
    values.pop("threshold", None)
    values.pop("presence_threshold", None)
    rules = {name: values.pop(name) for name in _RULES if name in values}
    outlines = {name: values.pop(name) for name in _OUTLINES if name in values}
    return RasterOptions(
        rules=ObjectRules(threshold=threshold, **rules),
        gates=tuple(presence_threshold),
        outlines=OutlineOptions(**outlines),
        **values,
    )
