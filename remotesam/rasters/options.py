"""Everything that a run over rasters can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from remotesam.asking import CONTOUR_CHOICES
from remotesam.rasters.ask import OnError
from remotesam.rasters.errors import RasterError
from remotesam.rasters.measure import Measure
from remotesam.rasters.outlines import OutlineOptions
from remotesam.rasters.source import SourceOptions
from remotesam.tasks.objects import ObjectRules

if TYPE_CHECKING:
    from remotesam.asking import ContourChoice
    from remotesam.tasks.contours import ContourSource

EngineName = Literal["local", "ray"]


@dataclass(frozen=True, kw_only=True)
class RasterOptions:
    """How rasters are asked about.

    Attributes:
        gates: The presence threshold of each sentence, in [0, 1].
        source: What of a raster is read, and how.
        rules: What counts as one object, but for its presence threshold, which ``gates`` takes the place of.
        outlines: How outlines are drawn.
        contours: What parts touching objects, see ``remotesam.asking.contour_map``.
        measure: How areas and perimeters are measured.
        tile_size: Side of a tile in pixels; None takes the segmenter's input size, or 512.
        overlap: How many pixels neighbouring tiles share at least; None is an eighth of a tile.
        batch: How many tiles make a unit, which is asked and stored as one.
        attempts: How often a tile is tried before it counts as failed.
        on_error: "skip" goes on past failed tiles and rasters and lists them, "fail" stops at the first.
        engine: "local" runs on this machine, "ray" on a Ray cluster.
        workers: How many processes (or actors) ask; 1 with "local" stays in this one.
        devices: A device for each worker, as "cuda:0"; none leaves the segmenter where it is.
        work: The folder for what is kept between runs; None puts it beside the output.
        keep_work: Whether to keep it after a run without failures, so that another threshold, another simplification or
            another format needs no network.
    """

    gates: Sequence[float]
    source: SourceOptions = field(default_factory=SourceOptions)
    rules: ObjectRules = field(default_factory=ObjectRules)
    outlines: OutlineOptions = field(default_factory=OutlineOptions)
    contours: ContourChoice | ContourSource = "auto"
    measure: Measure = "geodesic"
    tile_size: int | None = None
    overlap: int | None = None
    batch: int = 4
    attempts: int = 3
    on_error: OnError = "skip"
    engine: EngineName = "local"
    workers: int = 1
    devices: Sequence[str] = ()
    work: str | None = None
    keep_work: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("on_error", self.on_error, ("skip", "fail")),
            ("engine", self.engine, ("local", "ray")),
            ("measure", self.measure, ("geodesic", "projected")),
            ("contours", self.contours, CONTOUR_CHOICES),
        ):
            if not callable(value) and value not in known:
                raise RasterError(f"{name} is {value!r}; use one of {', '.join(known)}")
        for name in ("batch", "attempts", "workers"):
            if getattr(self, name) < 1:
                raise RasterError(f"{name} is {getattr(self, name)}; give at least 1")
        if self.devices and len(self.devices) != self.workers:
            raise RasterError(f"there are {len(self.devices)} devices for {self.workers} workers; give one each")
