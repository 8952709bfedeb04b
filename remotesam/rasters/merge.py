"""Pieces of components joined along the edges of blocks, and all objects of a raster in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from remotesam.rasters.blend import blended
from remotesam.rasters.block_files import BlockFile
from remotesam.rasters.blocks import Blocks, Piece, component_at
from remotesam.rasters.objects import Gate, RasterObject, drawn, objects_of
from remotesam.rasters.polygons import joined
from remotesam.rasters.tile_store import LEVELS, TileStore
from remotesam.tasks.objects import ObjectRules

WHOLE_PIXELS = 2048**2
"""A component in a larger box is put together from the outlines of its pieces, unless it is to be parted."""
PARTED_PIXELS = 2048**2
"""A component in a larger box than this is not parted along contours."""

_Key = tuple[int, int, int]  # block, sentence, label


class UnionFind:
    """Sets that are joined; each is known by its smallest member."""

    def __init__(self) -> None:
        self._parent: dict[_Key, _Key] = {}

    def find(self, key: _Key) -> _Key:
        """The smallest member of the set of ``key``."""
        root = key
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while key != root:
            self._parent[key], key = root, self._parent.get(key, key)
        return root

    def join(self, one: _Key, other: _Key) -> None:
        """Makes one set of the sets of two members."""
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first


@dataclass
class Merged:
    """All objects of a raster, block by block.

    Args:
        store: The answers of the tiles.
        blocks: The blocks of the grid.
        read: Gives the file of a block.
        gates: The presence threshold of each sentence, in [0, 1].
        has_contour: Whether the layer after the sentences is a contour map to part objects by.
        rules: What else counts as one object.

    Attributes:
        unparted: After iterating: how many components had contours but were too large to be parted.
    """

    store: TileStore
    blocks: Blocks
    read: Callable[[int], BlockFile]
    gates: Sequence[float]
    has_contour: bool
    rules: ObjectRules
    unparted: int = 0

    def __iter__(self) -> Iterator[list[RasterObject]]:
        """Yields the objects of each block, by sentence and first pixel; one in several blocks comes with its first."""
        groups = self._groups()
        starting: dict[int, list[list[tuple[int, Piece]]]] = {}
        for (block, _, _), members in sorted(groups.items()):
            starting.setdefault(block, []).append(members)
        gate = Gate(self.store, self.gates)
        for block in range(self.blocks.count):
            objects = self.read(block).objects()
            for members in starting.pop(block, ()):
                objects += self._component(members, gate)
            yield sorted(objects, key=lambda one: (one.sentence, one.row, one.column))

    def _groups(self) -> dict[_Key, list[tuple[int, Piece]]]:
        """The pieces of each component under its smallest key, with their blocks."""
        joined_keys = UnionFind()
        above: dict[int, list[np.ndarray]] = {}  # the lower edges of the blocks of the row above, by column
        pieces: dict[_Key, Piece] = {}
        before: list[np.ndarray] = []
        for block in range(self.blocks.count):
            file, column = self.read(block), block % self.blocks.columns
            edges = file.edges(len(self.gates))
            for piece in file.pieces():
                pieces[block, piece.sentence, piece.label] = piece
            for sentence, (upper, _, left, _) in enumerate(edges):
                if column in above:
                    _join(joined_keys, sentence, block - self.blocks.columns, above[column][sentence], block, upper)
                if column:
                    _join(joined_keys, sentence, block - 1, before[sentence], block, left)
            above[column] = [edge[1] for edge in edges]
            before = [edge[3] for edge in edges]
        groups: dict[_Key, list[tuple[int, Piece]]] = {}
        for key, piece in pieces.items():
            groups.setdefault(joined_keys.find(key), []).append((key[0], piece))
        return groups

    def _component(self, members: list[tuple[int, Piece]], gate: Gate) -> Iterator[RasterObject]:
        parts = [piece for _, piece in members]
        sentence = parts[0].sentence
        pixels, highest = sum(part.pixels for part in parts), max(part.highest for part in parts)
        tiles = sorted({tile for part in parts for tile in part.tiles})
        if pixels < self.rules.min_area or not gate.passes(sentence, highest, tiles):
            return
        left, top = (min(part.box[side] for part in parts) for side in (0, 1))
        right, bottom = (max(part.box[side] for part in parts) for side in (2, 3))
        first = min(part.first for part in parts)
        area = (right - left) * (bottom - top)
        if area <= (PARTED_PIXELS if self.has_contour else WHOLE_PIXELS):
            component, values = component_at(self.store, sentence, (left, top, right, bottom), first, self.rules)
            contour = None
            if self.has_contour:
                contour = blended(self.store, len(self.gates), left, top, right - left, bottom - top)
            found = objects_of(
                component, values, contour, sentence=sentence, left=left, top=top, rules=self.rules, gate=gate
            )
            yield from drawn(found)
            return
        self.unparted += self.has_contour
        wanted: dict[int, set[int]] = {}
        for block, piece in members:
            wanted.setdefault(block, set()).add(piece.label)
        outlines = [
            shapely.from_wkb(piece.wkb)
            for block, labels in wanted.items()
            for piece in self.read(block).pieces(outlines=True)
            if piece.sentence == sentence and piece.label in labels
        ]
        total = sum(part.total for part in parts)
        yield RasterObject(sentence, *first, pixels, total / (pixels * LEVELS), len(tiles), joined(outlines))


def _join(sets: UnionFind, sentence: int, block: int, edge: np.ndarray, other: int, other_edge: np.ndarray) -> None:
    """Joins the pieces that face each other across an edge."""
    facing = (edge > 0) & (other_edge > 0)
    for label, other_label in np.unique(np.stack([edge[facing], other_edge[facing]]), axis=1).T.tolist():
        sets.join((block, sentence, label), (other, sentence, other_label))
