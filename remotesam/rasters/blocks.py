"""Connected components of one block of the blended map: whole objects, and pieces that reach into other blocks.

Blocks are squares of a fixed side. They share no pixels and know nothing of each other, so that memory depends on a
block alone and they can be done in any order; ``merge`` joins the pieces along the blocks' edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from scipy import ndimage

from remotesam.data.sources.windows import Window
from remotesam.rasters.blend import blended
from remotesam.rasters.objects import Gate, RasterObject, drawn, objects_of
from remotesam.rasters.polygons import pixel_polygons
from remotesam.rasters.tile_store import NO_DATA, TileStore, above
from remotesam.tasks.objects import ObjectRules

BLOCK = 2048


@dataclass(frozen=True)
class Blocks:
    """The blocks of a grid, row by row.

    Attributes:
        width: Of the grid, in pixels.
        height: Of the grid, in pixels.
        side: Of a block, in pixels.
    """

    width: int
    height: int
    side: int

    @property
    def columns(self) -> int:
        """How many blocks lie side by side."""
        return -(-self.width // self.side)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.columns * -(-self.height // self.side)

    def window(self, number: int) -> Window:
        """(left, top, width, height) of a block."""
        row, column = divmod(number, self.columns)
        left, top = column * self.side, row * self.side
        return left, top, min(self.side, self.width - left), min(self.side, self.height - top)


@dataclass(frozen=True)
class Piece:
    """The part of a component in one block, where the component may go on in another.

    Attributes:
        label: Its number among the pieces of its block and sentence, from 1.
        sentence: The number of the sentence.
        pixels: How many it has.
        total: The sum of their probabilities, in 254ths.
        highest: Their highest probability, in 254ths.
        box: (left, top, right, bottom) in grid pixels, right and bottom exclusive.
        first: (row, column) of its first pixel.
        tiles: The tiles that hold some of it.
        wkb: Its outline along pixel edges, in grid pixels.
    """

    label: int
    sentence: int
    pixels: int
    total: int
    highest: int
    box: tuple[int, int, int, int]
    first: tuple[int, int]
    tiles: tuple[int, ...]
    wkb: bytes = b""


@dataclass
class BlockResult:
    """What a block holds.

    Attributes:
        objects: Those that lie in it whole.
        pieces: Those that touch an edge to another block.
        edges: For each sentence the labels of pieces along the block's upper, lower, left and right edge, uint32.
    """

    objects: list[RasterObject] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    edges: list[list[np.ndarray]] = field(default_factory=list)


def label_block(
    store: TileStore, blocks: Blocks, number: int, *, gates: Sequence[float], has_contour: bool, rules: ObjectRules
) -> BlockResult:
    """Finds the objects and pieces of one block.

    Args:
        store: The answers of the tiles.
        blocks: The blocks of the grid.
        number: Which of them.
        gates: The presence threshold of each sentence, in [0, 1].
        has_contour: Whether the layer after the sentences is a contour map to part objects by.
        rules: What else counts as one object.

    Returns:
        What the block holds.
    """
    gate, sentences = Gate(store, gates), len(gates)
    left, top, width, height = blocks.window(number)
    inner = (top > 0, top + height < blocks.height, left > 0, left + width < blocks.width)
    result = BlockResult()
    contour: np.ndarray | None = None
    for sentence in range(sentences):
        values = blended(store, sentence, left, top, width, height)
        labels, count = _labelled(values, rules)
        if count and has_contour and contour is None:
            contour = blended(store, sentences, left, top, width, height)
        on_edge = np.zeros(count + 1, dtype=bool)
        for is_inner, line in zip(inner, _lines(labels), strict=True):
            if is_inner:
                on_edge[line] = True
        on_edge[0] = False
        numbers = np.where(on_edge, np.cumsum(on_edge), 0).astype(np.uint32)
        result.edges.append([numbers[line] for line in _lines(labels)])
        areas = np.bincount(labels.reshape(-1), minlength=count + 1)
        found: list[tuple[RasterObject, np.ndarray, int, int]] = []
        pieces: list[Piece] = []
        masks: list[np.ndarray] = []
        for label, box in enumerate(ndimage.find_objects(labels), start=1):
            if areas[label] < rules.min_area and not on_edge[label]:
                continue
            component = labels[box] == label
            x, y = left + box[1].start, top + box[0].start
            if on_edge[label]:
                pieces.append(_piece(component, values[box], int(numbers[label]), sentence, x, y, gate))
                masks.append(component)
            else:
                near = None if contour is None else contour[box]
                found += objects_of(
                    component, values[box], near, sentence=sentence, left=x, top=y, rules=rules, gate=gate
                )
        result.objects += drawn(found)
        outlines = pixel_polygons(masks, [piece.box[:2] for piece in pieces])
        result.pieces += [
            replace(piece, wkb=shapely.to_wkb(outline)) for piece, outline in zip(pieces, outlines, strict=True)
        ]
    return result


def component_at(
    store: TileStore, sentence: int, box: tuple[int, int, int, int], first: tuple[int, int], rules: ObjectRules
) -> tuple[np.ndarray, np.ndarray]:
    """The component of a known box and first pixel, wherever its blocks are.

    Returns:
        Its mask (h, w) bool and the blended map (h, w) uint8 in the box.
    """
    left, top, right, bottom = box
    values = blended(store, sentence, left, top, right - left, bottom - top)
    labels, _ = _labelled(values, rules)
    return labels == labels[first[0] - top, first[1] - left], values


def _labelled(values: np.ndarray, rules: ObjectRules) -> tuple[np.ndarray, int]:
    labels, count = ndimage.label((values > above(rules.threshold)) & (values != NO_DATA))
    return labels, int(count)


def _lines(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return labels[0], labels[-1], labels[:, 0], labels[:, -1]


def _piece(component: np.ndarray, values: np.ndarray, label: int, sentence: int, x: int, y: int, gate: Gate) -> Piece:
    inside = values[component]
    height, width = component.shape
    return Piece(
        label,
        sentence,
        inside.size,
        int(inside.sum(dtype=np.int64)),
        int(inside.max()),
        (x, y, x + width, y + height),
        (y, x + int(np.argmax(component[0]))),
        tuple(gate.tiles_of(component, x, y)),
    )
