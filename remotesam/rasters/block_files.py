"""Blocks and objects on disk."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from remotesam.files import atomic_path
from remotesam.rasters.blocks import BlockResult, Piece
from remotesam.rasters.objects import RasterObject


def object_schema() -> Any:
    """The Arrow schema of stored objects."""
    import pyarrow as pa

    return pa.schema(
        [
            ("sentence", pa.int32()),
            ("row", pa.int32()),
            ("column", pa.int32()),
            ("pixels", pa.int64()),
            ("score", pa.float64()),
            ("tiles", pa.int32()),
            ("wkb", pa.large_binary()),
        ]
    )


def to_batch(objects: Sequence[RasterObject]) -> Any:
    """Objects as an Arrow record batch of ``object_schema``."""
    import pyarrow as pa
    import shapely

    columns: dict[str, Any] = {
        name: [getattr(one, name) for one in objects]
        for name in ("sentence", "row", "column", "pixels", "score", "tiles")
    }
    columns["wkb"] = [shapely.to_wkb(one.polygon) for one in objects]
    return pa.RecordBatch.from_pydict(columns, schema=object_schema())


def from_batch(batch: Any) -> list[RasterObject]:
    """Objects out of an Arrow record batch or table."""
    import shapely

    return [RasterObject(polygon=shapely.from_wkb(row.pop("wkb")), **row) for row in batch.to_pylist()]


def write_block(path: Path, result: BlockResult) -> None:
    """Writes what a block holds, whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    import pyarrow as pa

    pieces = [asdict(piece) for piece in result.pieces]
    arrays = {
        f"edge_{sentence}_{side}": line
        for sentence, edges in enumerate(result.edges)
        for side, line in enumerate(edges)
    }
    arrays["objects"] = _packed(pa.Table.from_batches([to_batch(result.objects)]))
    arrays["pieces"] = _packed(pa.Table.from_pylist(pieces, schema=_piece_schema()))
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its stubs take the names for other arguments


class BlockFile:
    """What a block holds, read as it is needed.

    Args:
        path: The file that ``write_block`` wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def objects(self) -> list[RasterObject]:
        """The objects that lie in the block whole."""
        return from_batch(self._table("objects"))

    def pieces(self, *, outlines: bool = False) -> list[Piece]:
        """The pieces at its edges.

        Args:
            outlines: Whether to read their outlines; else ``wkb`` is empty.
        """
        table = self._table("pieces")
        rows = table.to_pylist() if outlines else table.drop_columns(["wkb"]).to_pylist()
        nested = ("box", "first", "tiles")
        return [Piece(**{"wkb": b"", **row, **{name: tuple(row[name]) for name in nested}}) for row in rows]

    def edges(self, sentences: int) -> list[list[np.ndarray]]:
        """For each sentence the labels along the upper, lower, left and right edge."""
        with np.load(self._path, allow_pickle=False) as file:
            return [[file[f"edge_{sentence}_{side}"] for side in range(4)] for sentence in range(sentences)]

    def _table(self, name: str) -> Any:
        import pyarrow as pa

        with np.load(self._path, allow_pickle=False) as file:
            return pa.ipc.open_stream(pa.py_buffer(file[name].tobytes())).read_all()


def write_objects(path: Path, batches: Iterable[Sequence[RasterObject]]) -> int:
    """Writes all objects of a raster in the order of their identifiers, a record batch at a time.

    Returns:
        How many there are.

    Raises:
        OSError: The file cannot be written.
    """
    import pyarrow as pa

    count = 0
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as file,
        pa.ipc.new_file(file, object_schema()) as writer,
    ):
        for objects in batches:
            if objects:
                writer.write_batch(to_batch(objects))
                count += len(objects)
    return count


def read_objects(path: Path) -> Iterator[Any]:
    """The record batches of ``write_objects``, one after the other."""
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        reader = pa.ipc.open_file(file)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _piece_schema() -> Any:
    import pyarrow as pa

    integers = pa.list_(pa.int32())
    return pa.schema(
        [
            ("label", pa.int64()),
            ("sentence", pa.int32()),
            ("pixels", pa.int64()),
            ("total", pa.int64()),
            ("highest", pa.int32()),
            ("box", integers),
            ("first", integers),
            ("tiles", integers),
            ("wkb", pa.large_binary()),
        ]
    )


def _packed(table: Any) -> np.ndarray:
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), dtype=np.uint8)
