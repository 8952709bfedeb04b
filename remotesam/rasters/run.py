"""Rasters of any size and number to vectors and maps: the whole job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from remotesam.data.sources.geo import require_geo
from remotesam.data.sources.problems import SourceError
from remotesam.rasters.ask import Question
from remotesam.rasters.engines import Engine, make_engine
from remotesam.rasters.errors import RasterError
from remotesam.rasters.maps import MapSource, write_map
from remotesam.rasters.measure import Measurer
from remotesam.rasters.options import RasterOptions
from remotesam.rasters.outlines import Outliner
from remotesam.rasters.pipeline import Clock
from remotesam.rasters.preview import write_preview
from remotesam.rasters.raster_run import Progress, RasterRun, no_progress
from remotesam.rasters.source import Source, SourceOptions, open_source
from remotesam.rasters.targets import Item, Targets
from remotesam.rasters.tiles import Tiling
from remotesam.rasters.vectors import Layer, write_vectors
from remotesam.rasters.work import WorkFolder, digest, segmenter_identity
from remotesam.segmenters.base import Segmenter

DEFAULT_TILE = 512


@dataclass
class RasterResult:
    """What a run did.

    Attributes:
        outputs: The files written.
        counts: How many objects of each text there are.
        rasters: How many rasters were answered.
        failures: A sentence for each raster or tile that failed.
        notices: What is worth knowing, in sentences.
        megapixels: Of all grids together.
        seconds: Of each stage: "read" and "store" (processor time of their threads), "network" (elapsed, added up over
            workers), "label" and "write" (elapsed).
        work: What is kept of the run, for going on or for asking again; None where it was removed.
        objects: A GeoDataFrame of all objects, with the columns of the files, where no output was asked for.
    """

    outputs: list[Path] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    rasters: int = 0
    failures: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    megapixels: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    work: Path | None = None
    objects: Any = None

    def in_memory(self) -> RasterResult:
        """The result with the objects of its one output, a .parquet in a temporary folder, in place of the output."""
        import geopandas

        temporary = self.outputs.pop()
        self.objects = geopandas.read_parquet(temporary)
        if self.work is not None and self.work.parent == temporary.parent:
            self.work = None
        return self

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def run_rasters(
    segmenter: Segmenter,
    targets: Targets,
    texts: Sequence[str],
    sentences: Sequence[str],
    options: RasterOptions,
    *,
    progress: Progress = no_progress,
) -> RasterResult:
    """Answers sentences about rasters and writes the answer.

    A run that was cut off goes on where it was when it is started again, and writes the same bytes as one that was not.

    Args:
        segmenter: Whom to ask.
        targets: What is read and written, of ``settle``.
        texts: What the user named, each once: the column ``class``.
        sentences: How each is asked.
        options: Everything else.
        progress: Is told how far the run is.

    Returns:
        What was done; its ``failures`` are what was gone past.

    Raises:
        RasterError: A raster or option cannot be used, or every raster failed.
        TileError: A tile failed, and ``options.on_error`` is "fail".
        OSError: The disk is full, or a place cannot be written to. What was done before is kept.
    """
    try:
        require_geo()
    except SourceError as error:
        raise RasterError(str(error)) from error
    result = RasterResult(counts=dict.fromkeys(texts, 0), work=Path(options.work) if options.work else targets.work)
    engine = make_engine(segmenter, engine=options.engine, workers=options.workers, devices=options.devices)
    try:
        job = _Job(segmenter, targets, tuple(texts), tuple(sentences), options, engine, result, progress)
        job.run()
    finally:
        engine.close()
    if result.ok and not options.keep_work:
        job.remove_work()
        result.work = None
    return result


class _Job:
    def __init__(
        self,
        segmenter: Segmenter,
        targets: Targets,
        texts: tuple[str, ...],
        sentences: tuple[str, ...],
        options: RasterOptions,
        engine: Engine,
        result: RasterResult,
        progress: Progress,
    ) -> None:
        self._segmenter, self._targets, self._options = segmenter, targets, options
        self._texts, self._sentences = texts, sentences
        self._engine, self._result, self._progress = engine, result, progress
        self._clock = Clock(result.seconds)
        self._identity = segmenter_identity(segmenter)
        self._works: list[WorkFolder] = []

    def run(self) -> None:
        layers: list[Layer] = []
        number = 1
        for item in self._targets.items:
            try:
                source = open_source(item.path, self._source_options(item))
                layer = self._layer(item, source, layers)
                run = self._answer(item, source)
            except (RasterError, SourceError) as error:
                if self._options.on_error == "fail" or len(self._targets.items) == 1:
                    raise
                self._result.failures.append(str(error))
                continue
            layer = replace(layer, batches=run.batches)
            self._write(item, run, layer)
            if len(self._targets.items) > 1 and not run.failures and not self._options.keep_work:
                run.work.finish()
            # In a file about all rasters numbers go on from one to the next.
            layers.append(replace(layer, first_id=number))
            number += run.count
        if not layers:
            raise RasterError(f"none of {len(self._targets.items)} rasters could be used: {self._result.failures[0]}")
        start = time.perf_counter()
        for target in self._targets.gathered:
            write_vectors(target.path, layers, crs=layers[0].outliner.crs)
            self._result.outputs.append(target.path)
        self._clock.add("write", time.perf_counter() - start)

    def remove_work(self) -> None:
        for work in self._works:
            work.remove()
        assert self._result.work is not None
        if len(self._targets.items) > 1 and self._result.work.is_dir() and not any(self._result.work.iterdir()):
            self._result.work.rmdir()

    def _layer(self, item: Item, source: Source, before: Sequence[Layer]) -> Layer:
        """What becomes of a raster's objects, settled before it is asked about.

        Raises:
            RasterError: It cannot be brought to the CRS that is wanted, or not into one file with those before.
        """
        try:
            outliner = Outliner(source.grid, self._options.outlines)
            measurer = Measurer(source.grid.crs, self._options.measure)
        except ValueError as error:
            raise RasterError(f"{item.path}: {error}") from error
        if self._targets.gathered and before and not _same_crs(before[0].outliner.crs, outliner.crs):
            raise RasterError(
                f"{item.path}: has another CRS than {before[0].source}, and {self._targets.gathered[0].path} has one "
                "for all; bring them together with --to-crs, or give a folder"
            )
        return Layer(lambda: (), outliner, measurer, item.name, self._texts, self._sentences)

    def _answer(self, item: Item, source: Source) -> RasterRun:
        options, result = self._options, self._result
        size = options.tile_size
        if size is None:
            size = getattr(self._segmenter, "tile_size", None) or DEFAULT_TILE
        overlap = size // 8 if options.overlap is None else options.overlap
        tiling = Tiling(source.grid.width, source.grid.height, size, overlap, options.batch)
        question = Question(self._sentences, self._contours(), options.attempts, options.on_error)
        assert result.work is not None
        several = len(self._targets.items) > 1
        work = result.work / digest({"name": item.name}) if several else result.work
        run = RasterRun(source, question, tiling, options, identity=self._identity, work=work)
        self._works.append(run.work)
        run.ask(self._engine, self._clock, self._progress)
        run.find(self._engine, self._clock, self._progress)
        result.rasters += 1
        result.megapixels += run.megapixels
        result.failures += run.failures
        result.notices += run.notices
        for batch in run.batches():
            for sentence in batch["sentence"].to_pylist():
                result.counts[self._texts[sentence]] += 1
        return run

    def _source_options(self, item: Item) -> SourceOptions:
        wanted = self._options.source
        trained = getattr(self._segmenter, "gsd", None)
        if wanted.gsd is not None or trained is None:
            return wanted
        try:
            open_source(item.path, replace(wanted, gsd=trained))
        except RasterError as error:
            self._result.notices.append(f"not resampled to the {trained:g} m the model was trained for: {error}")
            return wanted
        return replace(wanted, gsd=trained)

    def _contours(self) -> Any:
        chosen = self._options.contours
        if chosen != "auto":
            return chosen
        own = callable(getattr(self._segmenter, "contour", None)) and getattr(self._segmenter, "has_contour", True)
        return "model" if own else "none"

    def _write(self, item: Item, run: RasterRun, layer: Layer) -> None:
        start = time.perf_counter()
        for target in item.targets:
            if target.kind == "vector":
                write_vectors(target.path, [layer], crs=layer.outliner.crs)
            elif target.kind == "preview":
                write_preview(target.path, run.source, layer)
            else:
                maps = MapSource(run.store, run.blocks, run.source.grid, self._texts, run.batches)
                write_map(target.path, target.kind, maps, to_crs=self._options.outlines.to_crs)  # type: ignore[arg-type]
            self._result.outputs.append(target.path)
        self._clock.add("write", time.perf_counter() - start)


def _same_crs(one: str | None, other: str | None) -> bool:
    import pyproj

    if one is None or other is None:
        return one is other
    return one == other or bool(pyproj.CRS.from_wkt(one) == pyproj.CRS.from_wkt(other))
