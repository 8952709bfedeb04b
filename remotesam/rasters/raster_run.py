"""One raster from its pixels to its objects: asked, blended, labelled, merged; every step resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from remotesam.rasters import blocks
from remotesam.rasters.ask import Question
from remotesam.rasters.block_files import BlockFile, read_objects, write_block, write_objects
from remotesam.rasters.blocks import Blocks, label_block
from remotesam.rasters.engines import Engine
from remotesam.rasters.errors import RasterError
from remotesam.rasters.merge import Merged
from remotesam.rasters.options import RasterOptions
from remotesam.rasters.pipeline import Clock, UnitJob
from remotesam.rasters.source import Source
from remotesam.rasters.tile_store import TileStore
from remotesam.rasters.tiles import Tiling
from remotesam.rasters.work import WorkFolder
from remotesam.tasks.objects import ObjectRules


class Progress(Protocol):
    """Is told how far a run is."""

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Reports a stage ("asking", "labelling", "writing"), with what is done and what there is, in megapixels."""
        ...


def no_progress(stage: str, done: float, total: float) -> None:
    """Reports nothing."""


class RasterRun:
    """One raster.

    Args:
        source: What is read.
        question: What is asked about its tiles.
        tiling: Its tiles.
        options: Everything else.
        identity: What tells the segmenter from another one.
        work: The folder for what is kept.

    Attributes:
        store: The answers of the tiles.
        blocks: The blocks of the blended map.
        work: The working folder.
        notices: What is worth knowing.
        failures: A sentence for each tile that failed.
        count: How many objects there are, after ``find``.
    """

    def __init__(
        self,
        source: Source,
        question: Question,
        tiling: Tiling,
        options: RasterOptions,
        *,
        identity: str,
        work: Path,
    ) -> None:
        self.source, self.question, self._options = source, question, options
        self._gates = tuple(options.gates)
        self._job = UnitJob(source, tiling, question)
        asked = {
            "source": asdict(source) | {"notices": ()},
            "tiling": [tiling.width, tiling.height, tiling.size, tiling.overlap, tiling.batch],
            "sentences": question.sentences,
            "contours": contour_name(question.contours),
            "segmenter": identity,
        }
        self.work = WorkFolder(work, asked=asked, found={"rules": asdict(options.rules), "gates": self._gates})
        self.store = TileStore(self.work.tiles, tiling)
        self.blocks = Blocks(tiling.width, tiling.height, blocks.BLOCK)
        self.notices = list(source.notices)
        self.failures: list[str] = []
        self.count = 0

    @property
    def has_contour(self) -> bool:
        """Whether answers have a contour layer."""
        return self.question.contours != "none"

    @property
    def megapixels(self) -> float:
        """The size of the grid."""
        return self.store.tiling.width * self.store.tiling.height / 1e6

    def ask(self, engine: Engine, clock: Clock, progress: Progress = no_progress) -> None:
        """Answers every tile that is not answered yet, and those that failed in an earlier run again.

        Raises:
            TileError: A tile failed, and the run was told to stop at the first.
            RasterError: All tiles failed.
            OSError: The disk is full, or the place cannot be written to.
        """
        if self.work.finished:
            progress("asking", self.megapixels, self.megapixels)
            return
        if self.store.drop_failed():
            self.work.drop_blocks()
        tiling = self.store.tiling
        finished = self.store.done()
        if finished:
            self.notices.append(f"{self.source.path}: {len(finished)} of {tiling.units} units were there from before")
        todo = [unit for unit in range(tiling.units) if unit not in finished]
        done = sum(self._job.pixels(unit) for unit in finished) / 1e6

        def report(unit: int) -> None:
            nonlocal done
            done += self._job.pixels(unit) / 1e6
            progress("asking", done, self.megapixels)

        progress("asking", done, self.megapixels)
        engine.answer(self._job, todo, self.store.write, clock=clock, done=report)
        failed = self.store.failures()
        if len(failed) == len(tiling.tiles):
            raise RasterError(f"{self._job.name(0)}: {failed[0][1]} (and so did all other tiles)")
        self.failures = [f"{self._job.name(tile)}: {problem}" for tile, problem in failed]

    def find(self, engine: Engine, clock: Clock, progress: Progress = no_progress) -> None:
        """Labels the blocks and merges them to ``objects``.

        Raises:
            OSError: The disk is full, or the place cannot be written to.
        """
        start = time.perf_counter()
        if not self.work.objects.exists():
            todo = [number for number in range(self.blocks.count) if not self.work.block(number).exists()]
            share = self.megapixels / self.blocks.count
            before = self.blocks.count - len(todo)
            arguments = [
                (self.work.tiles, self.store.tiling, self.blocks, number, self._gates,
                 self.has_contour, self._options.rules, self.work.block(number))
                for number in todo
            ]  # fmt: skip
            done = before

            def report(_: int) -> None:
                nonlocal done
                done += 1
                progress("labelling", done * share, self.megapixels)

            progress("labelling", before * share, self.megapixels)
            engine.each(label_to_file, arguments, report)
            merged = Merged(
                self.store,
                self.blocks,
                lambda number: BlockFile(self.work.block(number)),
                self._gates,
                self.has_contour,
                self._options.rules,
            )
            write_objects(self.work.objects, merged)
            if merged.unparted:
                self.notices.append(
                    f"{self.source.path}: {merged.unparted} connected areas were too large to be parted along contours"
                )
        self.count = sum(len(batch) for batch in self.batches())
        clock.add("label", time.perf_counter() - start)

    @property
    def batches(self) -> Callable[[], Iterator[Any]]:
        """Gives the record batches of all objects, in order, as often as called."""
        return partial(read_objects, self.work.objects)


def contour_name(contours: Any) -> str:
    """What tells one choice of contours from another."""
    return (
        contours
        if isinstance(contours, str)
        else f"{contours.__module__}.{getattr(contours, '__qualname__', contours)}"
    )


def label_to_file(
    tiles: Path,
    tiling: Tiling,
    blocks: Blocks,
    number: int,
    gates: tuple[float, ...],
    has_contour: bool,
    rules: ObjectRules,
    path: Path,
) -> None:
    """Labels one block and writes its file."""
    store = TileStore(tiles, tiling)
    write_block(path, label_block(store, blocks, number, gates=gates, has_contour=has_contour, rules=rules))
