"""The strip below a picture: what each colour means, in columns where entries are short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from remotesam.visualize.colours import INK, PALE, PAPER
from remotesam.visualize.text import LONGEST_LABEL, font_of, shortened, text_width, wrapped

_MOST_ENTRIES = 60


@dataclass(frozen=True)
class Entry:
    """One line of a legend.

    Attributes:
        text: What it says.
        colour: Of its box, ``"#rrggbb"``; None for a line without a box.
        bright: Whether it is there: else the box is hollow and the text pale.
    """

    text: str
    colour: str | None = None
    bright: bool = True


def legend_strip(entries: Sequence[Entry], *, width: int, size: int, longest: int = LONGEST_LABEL) -> np.ndarray:
    """Writes entries below each other, in as many columns as fit.

    Args:
        entries: The lines; ``short_list`` keeps them few.
        width: Of the strip, in pixels.
        size: Height of the letters, in pixels.
        longest: How many letters of an entry are written.

    Returns:
        (H, width, 3) uint8 RGB.
    """
    margin = size // 2
    indent = 0 if all(entry.colour is None for entry in entries) else round(1.4 * size)
    texts = [shortened(entry.text, longest) for entry in entries]
    room = width - 2 * margin
    widest = max((text_width(text, size) for text in texts), default=0.0) + indent
    gap = round(1.6 * size)
    columns = int(np.clip((room + gap) // (widest + gap), 1, max(1, len(entries))))
    rows = -(-len(entries) // columns)
    columns = -(-len(entries) // max(1, rows))  # no empty column at the end
    step, column_width = round(1.45 * size), (room + gap) // max(1, columns)
    blocks = [
        wrapped(text, size=size, width=max(size, room - indent)) if columns == 1 else [text or ""] for text in texts
    ]
    lines = max(1, sum(map(len, blocks)) if columns == 1 else rows)
    strip = Image.new("RGB", (width, margin + step * lines + margin // 2), PAPER)
    draw = ImageDraw.Draw(strip)
    line = 0
    for number, (entry, block) in enumerate(zip(entries, blocks, strict=True)):
        if columns > 1:
            line = number % rows
        left = margin + (number // rows * column_width if columns > 1 else 0)
        if entry.colour is not None:
            top = margin + line * step + size // 8
            draw.rectangle(
                (left, top, left + size, top + size),
                fill=entry.colour if entry.bright else None,
                outline=entry.colour,
                width=max(1, size // 8),
            )
        for text in block:
            fill = INK if entry.bright else PALE
            draw.text((left + indent, margin + line * step), text, fill=fill, font=font_of(text, size))
            line += 1
    return np.asarray(strip)


def short_list(entries: Sequence[Entry], *, most: int = _MOST_ENTRIES) -> list[Entry]:
    """At most so many entries: those that are there first, and one at the end that says how many are left out.

    Example:
        >>> [entry.text for entry in short_list([Entry("a", bright=False), Entry("b"), Entry("c")], most=2)]
        ['b', '... and 2 more']
    """
    if len(entries) <= most:
        return list(entries)
    first = [entry for entry in entries if entry.bright][: most - 1]
    rest = [entry for entry in entries if not entry.bright][: most - 1 - len(first)]
    chosen = {id(entry) for entry in (*first, *rest)}
    shown = [entry for entry in entries if id(entry) in chosen]
    left_out = len(entries) - len(shown)
    there = sum(entry.bright for entry in entries) - len(first)
    return [*shown, Entry(f"... and {left_out} more{'' if there else ', absent'}", bright=False)]
