"""Writing: fonts that have the letters, lines that fit."""

from __future__ import annotations

import textwrap
from functools import lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

LONGEST_LABEL = 160
# The one that has most letters of a text is used; the last resort comes with Pillow.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "msyh.ttc")


def font_of(text: str, size: int) -> Font:
    """The font with most letters of a text.

    Args:
        text: What is to be written.
        size: Height of the letters in pixels.
    """
    return _best_font("" if text.isascii() else "".join(sorted(set(text) - set(" \n\t"))), size)


def shortened(text: str, longest: int = LONGEST_LABEL) -> str:
    """A text on one line, of at most so many letters, cut between words where it can be.

    Example:
        >>> shortened("the  ship on the left", 12)
        'the ship ...'
    """
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(text) <= longest:
        return text
    return textwrap.shorten(text, longest, placeholder=" ...") if " " in text[: longest - 4] else text[:longest]


def wrapped(text: str, *, size: int, width: int) -> list[str]:
    """Lines that are at most so wide; a word that is wider is broken.

    Args:
        text: Any text; every kind of white space separates words.
        size: Height of the letters in pixels.
        width: In pixels.

    Returns:
        At least one line.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if text_width(joined, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while len(word) > 1 and text_width(word, size) > width:
            fits = max(1, int(len(word) * width / text_width(word, size)))
            while fits > 1 and text_width(word[:fits], size) > width:
                fits -= 1
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line or not lines else lines


def text_width(text: str, size: int) -> float:
    """How wide a text is, in pixels."""
    return float(font_of(text, size).getlength(text))


@lru_cache(maxsize=256)
def _best_font(letters: str, size: int) -> Font:
    best: ImageFont.FreeTypeFont | None = None
    most = -1
    for name in _FONTS:
        try:
            font = ImageFont.truetype(name, size)
        except OSError:
            continue  # not installed on this machine
        missing = bytes(font.getmask("\uffff"))
        covered = sum(bytes(font.getmask(letter)) != missing for letter in letters)
        if covered > most:
            best, most = font, covered
        if covered == len(letters):
            break
    return best or ImageFont.load_default(size)
