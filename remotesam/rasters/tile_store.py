"""The answers of tiles on disk: one file a unit, whole or not there, every layer of every tile readable by itself.

A probability is stored as a byte, ``round(254 p)``; 255 stands for "no data". Layers are the sentences in order and,
where there is one, the contour map last.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from remotesam.files import atomic_path
from remotesam.rasters.tiles import Tiling

LEVELS = 254
NO_DATA = 255
Status = Literal["whole", "partial", "empty", "failed"]
_CODEC = "zstd"
_LENGTH = struct.Struct("<Q")
_HEADERS_KEPT = 64
_LAYERS_KEPT = 48


@dataclass(frozen=True)
class TileAnswer:
    """What became of one tile.

    Attributes:
        status: "whole" or "partial" (some pixels without data); "empty" (no data at all, nothing was asked); "failed".
        layers: (h, w) uint8 each, none where the status is "empty" or "failed".
        presence: For each sentence the presence score of the tile's map, in [0, 1].
        error: Why it failed.
    """

    status: Status
    layers: tuple[np.ndarray, ...] = ()
    presence: tuple[float, ...] = ()
    error: str = ""


def to_bytes(probability: np.ndarray) -> np.ndarray:
    """(h, w) float32 in [0, 1] -> uint8 in 0 ... 254."""
    return np.rint(probability * np.float32(LEVELS)).astype(np.uint8)


def above(threshold: float) -> int:
    """The largest byte that is not above a threshold in [0, 1]: ``p > threshold`` is ``byte > above(threshold)``."""
    return int(np.floor(threshold * LEVELS + 1e-9))


def encode_unit(answers: list[TileAnswer]) -> bytes:
    """The file of a unit: the length of a JSON header, the header, then the compressed layers."""
    import pyarrow

    codec = pyarrow.Codec(_CODEC, compression_level=1)
    entries: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    offset = 0
    for answer in answers:
        places = []
        for layer in answer.layers:
            blob = codec.compress(np.ascontiguousarray(layer), asbytes=True)
            places.append([offset, len(blob), *layer.shape])
            blobs.append(blob)
            offset += len(blob)
        entries.append(
            {"status": answer.status, "layers": places, "presence": list(answer.presence), "error": answer.error}
        )
    header = json.dumps(entries).encode()
    return b"".join([_LENGTH.pack(len(header)), header, *blobs])


class TileStore:
    """The folder of unit files of one raster.

    Args:
        folder: Where they lie; made when the first is written.
        tiling: Which tiles they hold.
    """

    def __init__(self, folder: Path, tiling: Tiling) -> None:
        self.folder = folder
        self.tiling = tiling
        # Over functions, not methods: those would keep the store, and megabytes of layers, until garbage is collected.
        self._header = lru_cache(_HEADERS_KEPT)(_read_header)
        self._layer = lru_cache(_LAYERS_KEPT)(_read_layer)

    def path(self, unit: int) -> Path:
        """The file of a unit."""
        return self.folder / f"{unit:07d}.tiles"

    def write(self, unit: int, content: bytes) -> None:
        """Writes the file of a unit, as ``encode_unit`` gives it.

        Raises:
            OSError: It cannot be written.
        """
        with atomic_path(self.path(unit)) as temporary:
            temporary.write_bytes(content)

    def done(self) -> set[int]:
        """The units whose files are there."""
        return {int(path.stem) for path in self.folder.glob("[0-9]*.tiles")} if self.folder.is_dir() else set()

    def drop_failed(self) -> int:
        """Removes the units in which a tile failed, so that they are asked again, and tells how many tiles failed."""
        count = 0
        for unit in sorted(self.done()):
            failed = [entry for entry in _read_header(self.path(unit))[1] if entry["status"] == "failed"]
            if failed:
                self.path(unit).unlink()
                count += len(failed)
        return count

    def entry(self, tile: int) -> dict[str, Any]:
        """Status, presence scores and error of a tile."""
        unit, place = divmod(tile, self.tiling.batch)
        entry: dict[str, Any] = self._header(self.path(unit))[1][place]
        return entry

    def layer(self, tile: int, layer: int) -> np.ndarray:
        """One layer of a tile that has some: (h, w) uint8, as stored."""
        unit, place = divmod(tile, self.tiling.batch)
        path = self.path(unit)
        start, entries = self._header(path)
        offset, length, height, width = entries[place]["layers"][layer]
        return self._layer(path, start + offset, length, height, width)

    def failures(self) -> list[tuple[int, str]]:
        """The tiles that failed, and why."""
        return [
            (tile, entry["error"])
            for tile in range(len(self.tiling.tiles))
            if (entry := self.entry(tile))["status"] == "failed"
        ]


def _read_header(path: Path) -> tuple[int, list[dict[str, Any]]]:
    """Where the layers of a unit begin in its file, and what is known of its tiles."""
    with path.open("rb") as file:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        return _LENGTH.size + length, json.loads(file.read(length))


def _read_layer(path: Path, offset: int, length: int, height: int, width: int) -> np.ndarray:
    import pyarrow

    with path.open("rb") as file:
        file.seek(offset)
        blob = file.read(length)
    content = pyarrow.Codec(_CODEC).decompress(blob, height * width, asbytes=True)
    return np.frombuffer(content, dtype=np.uint8).reshape(height, width)
