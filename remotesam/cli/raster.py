"""``remotesam raster``: rasters of any size to vectors and maps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from remotesam.cli import options
from remotesam.cli.groups import with_groups
from remotesam.cli.output import print_line, print_table
from remotesam.cli.raster_progress import megapixel_progress
from remotesam.hub import DEFAULT_MODEL

if TYPE_CHECKING:
    from remotesam.rasters.run import RasterResult
    from remotesam.rasters.source import SourceOptions

_IMAGERY, _TILES, _OUTLINES, _RUN, _MODEL = "Imagery", "Tiles", "Outlines", "Run", "Model"


class RegularizeChoice(StrEnum):
    """The values of ``--regularize``."""

    none = "none"
    rectangle = "rectangle"
    orthogonal = "orthogonal"


class MeasureChoice(StrEnum):
    """The values of ``--measure``."""

    geodesic = "geodesic"
    projected = "projected"


class OnErrorChoice(StrEnum):
    """The values of ``--on-error``."""

    skip = "skip"
    fail = "fail"


class EngineChoice(StrEnum):
    """The values of ``--engine``."""

    local = "local"
    ray = "ray"


@dataclass(frozen=True, kw_only=True)
class ImageryOptions:
    """What of the rasters is read."""

    bands: Annotated[
        str | None,
        typer.Option(
            metavar="BANDS",
            help="One band or three, by number from 1 or by name, as 4,3,2 or nir,red,green. Those that the file calls "
            "red, green and blue if left out, else the first.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None
    percentiles: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="Percentiles of the whole raster that become black and white. If left out 8-bit values stay, others "
            "are stretched from the 2nd to the 98th.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None
    value_range: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="Values that become black and white, in place of percentiles.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None
    gsd: Annotated[
        float | None,
        typer.Option(
            metavar="METRES",
            help="Resample to pixels of this side on the ground; what the model was trained for, where it says so.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None
    bbox: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option(
            metavar="LEFT BOTTOM RIGHT TOP",
            help="Only this part, in coordinates of the raster's CRS.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None
    bbox_crs: Annotated[
        str | None,
        typer.Option(
            metavar="CRS", help="The CRS of --bbox, as EPSG:4326.", show_default=False, rich_help_panel=_IMAGERY
        ),
    ] = None
    aoi: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Only what the polygons of this vector file cover.",
            show_default=False,
            rich_help_panel=_IMAGERY,
        ),
    ] = None

    def for_source(self) -> SourceOptions:
        """The options as ``remotesam.rasters`` takes them."""
        from remotesam.rasters.source import SourceOptions

        bands = [band.strip() for band in self.bands.split(",")] if self.bands else None
        return SourceOptions(
            bands=bands,
            percentiles=self.percentiles,
            value_range=self.value_range,
            gsd=self.gsd,
            bbox=self.bbox,
            bbox_crs=self.bbox_crs,
            aoi=self.aoi,
        )


@dataclass(frozen=True, kw_only=True)
class TileOptions:
    """How rasters are cut."""

    tile_size: Annotated[
        int | None,
        typer.Option(
            min=32,
            help="Side of a tile in pixels; the model's input size if left out.",
            show_default=False,
            rich_help_panel=_TILES,
        ),
    ] = None
    overlap: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Pixels that neighbouring tiles share, at most half a tile; an eighth if left out.",
            show_default=False,
            rich_help_panel=_TILES,
        ),
    ] = None
    batch: Annotated[
        int, typer.Option(min=1, help="Tiles that are asked and stored together.", rich_help_panel=_TILES)
    ] = 4


@dataclass(frozen=True, kw_only=True)
class OutlineChoices:
    """How outlines are drawn."""

    simplify: Annotated[
        float,
        typer.Option(min=0, help="Tolerance in map units; 0 keeps the edges of pixels.", rich_help_panel=_OUTLINES),
    ] = 0.0
    regularize: Annotated[
        RegularizeChoice,
        typer.Option(
            help="rectangle: the least one around each object. orthogonal: right angles, as of buildings.",
            rich_help_panel=_OUTLINES,
        ),
    ] = RegularizeChoice.none
    measure: Annotated[
        MeasureChoice,
        typer.Option(help="How area_m2 and perimeter_m are measured.", rich_help_panel=_OUTLINES),
    ] = MeasureChoice.geodesic
    to_crs: Annotated[
        str | None,
        typer.Option(
            metavar="CRS",
            help="Bring outlines and maps to this CRS, as EPSG:4326. Nothing is reprojected if left out.",
            show_default=False,
            rich_help_panel=_OUTLINES,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """How the work is done."""

    engine: Annotated[
        EngineChoice, typer.Option(help="This machine, or a Ray cluster (RAY_ADDRESS).", rich_help_panel=_RUN)
    ] = EngineChoice.local
    workers: Annotated[
        int, typer.Option(min=1, help="Processes or actors, each with the model.", rich_help_panel=_RUN)
    ] = 1
    devices: Annotated[
        str | None,
        typer.Option(
            metavar="DEVICES",
            help="A worker for each device, as cuda:0,cuda:1; sets --workers.",
            show_default=False,
            rich_help_panel=_RUN,
        ),
    ] = None
    on_error: Annotated[
        OnErrorChoice,
        typer.Option(
            help="skip: go on past tiles and rasters that fail, list them, and end with exit code 1. fail: stop.",
            rich_help_panel=_RUN,
        ),
    ] = OnErrorChoice.skip
    attempts: Annotated[int, typer.Option(min=1, help="How often a tile is tried.", rich_help_panel=_RUN)] = 3
    work: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Where what is done is kept, so that the same command goes on after an interruption; beside the "
            "output if left out.",
            show_default=False,
            rich_help_panel=_RUN,
        ),
    ] = None
    keep_work: Annotated[
        bool,
        typer.Option(
            "--keep-work",
            help="Keep it, so that other thresholds, outlines or formats need no network again.",
            rich_help_panel=_RUN,
        ),
    ] = False

    @property
    def device_names(self) -> tuple[str, ...]:
        """The values of ``--devices``."""
        return tuple(name.strip() for name in self.devices.split(",")) if self.devices else ()


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Which model answers."""

    threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="A pixel belongs above this probability; the model's if left out.",
            show_default=False,
            rich_help_panel=_MODEL,
        ),
    ] = None
    presence_threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="An object is there above this score; the model's if left out.",
            show_default=False,
            rich_help_panel=_MODEL,
        ),
    ] = None
    template: Annotated[
        str | None,
        typer.Option(
            help="The sentence that asks for TEXT; '{category}' asks it as it is. If left out '{category} in the "
            "image', as of the other commands.",
            show_default=False,
            rich_help_panel=_MODEL,
        ),
    ] = None
    model: options.Model = DEFAULT_MODEL
    device: options.Device = None
    precision: options.PrecisionOption = None


@with_groups
def raster(
    scene: Annotated[
        str, typer.Argument(help="A raster, a folder of rasters, or a URL that GDAL opens.", metavar="SCENE")
    ],
    texts: Annotated[list[str], typer.Argument(help='What to find, such as "storage tank".', metavar="TEXT")],
    *,
    output: Annotated[
        list[str],
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="What to write, by extension: .gpkg .geojson .parquet .fgb .shp the objects; .tif the class map, and "
            "beside it .probability.tif and .instances.tif (which may also be named alone). A folder gets a .gpkg for "
            "each raster. May be given several times.",
        ),
    ],
    preview: Annotated[
        str | None,
        typer.Option(metavar="PAGE.html", help="A page to look at the answer over the image.", show_default=False),
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into the folder's folders too.")] = False,
    imagery: ImageryOptions,
    tiles: TileOptions,
    objects: options.ObjectOptions,
    outlines: OutlineChoices,
    job: JobOptions,
    model: ModelOptions,
) -> None:
    """Find things in rasters of any size: outlines with attributes, and maps.

    [bold]remotesam raster scene.tif "storage tank" ship -o out.gpkg --preview out.html[/bold]

    Started again after an interruption, the same command goes on where it was.
    """
    options.check_sentences(texts)
    from remotesam.rasters.targets import settle

    targets = settle([scene], output, preview=preview, recursive=recursive)
    from remotesam.cli.outputs import check_writable

    for target in targets.all:
        check_writable(target.path)
    from remotesam.api import RemoteSAM

    loaded = RemoteSAM.from_pretrained(
        model.model,
        device=model.device,
        precision=model.precision.value if model.precision else None,
        threshold=model.threshold,
        presence_threshold=model.presence_threshold,
    )
    devices = job.device_names
    with megapixel_progress() as progress:
        result = loaded.raster(
            scene,
            texts,
            output=output,
            preview=preview,
            recursive=recursive,
            template=model.template,
            source=imagery.for_source(),
            simplify=outlines.simplify,
            regularize=outlines.regularize.value,
            measure=outlines.measure.value,
            to_crs=outlines.to_crs,
            tile_size=tiles.tile_size,
            overlap=tiles.overlap,
            batch=tiles.batch,
            engine=job.engine.value,
            workers=len(devices) or job.workers,
            devices=devices,
            on_error=job.on_error.value,
            attempts=job.attempts,
            work=job.work,
            keep_work=job.keep_work,
            progress=progress,
            **objects.for_model(),
        )
    _show(result)


def _show(result: RasterResult) -> None:
    print_table(("class", "objects"), ({"class": text, "objects": count} for text, count in result.counts.items()))
    for notice in result.notices:
        print_line(f"note: {notice}", stderr=True)
    seconds = sum(result.seconds.get(stage, 0.0) for stage in ("network", "label", "write"))
    print_line(f"{result.megapixels:.1f} megapixels in {result.rasters} rasters, {seconds:.1f} s", stderr=True)
    for path in result.outputs:
        print_line(f"wrote {path}")
    if result.failures:
        print_line(f"{len(result.failures)} failed:", stderr=True, style="red")
        for failure in result.failures:
            print_line(f"  {failure}", stderr=True)
        if result.work is not None:
            print_line(f"  the same command asks these again; the rest is kept in {result.work}", stderr=True)
        raise typer.Exit(1)
