"""Scores of a whole image as horizontal bars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from remotesam.results import Classification
from remotesam.visualize.canvas import above, check_image, enlarged, scale_of
from remotesam.visualize.colours import INK, PALE, PAPER, category_colours
from remotesam.visualize.text import font_of, shortened, text_width, wrapped

_MOST_BARS = 20
_TRACK, _BELOW = "#2a2f37", "#6b727c"


def draw_classification(
    image: np.ndarray,
    result: Classification,
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Puts the scores below the image: a bar each, coloured where the label holds and grey where not.

    Args:
        image: (H, W, 3) uint8 RGB.
        result: Of this image; the 20 highest scores are shown.
        legend: Whether to add the strip; without it the image is returned as it is. A small image is enlarged with it.
        colours: Category -> ``"#rrggbb"``; by place in the list of categories where left out.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.

    Returns:
        uint8 RGB, (H, W, 3) without the legend; with it higher, and at least 320 pixels wide.

    Raises:
        ValueError: The image is not (H, W, 3) uint8.

    Example:
        >>> result = Classification(("ship",), {"ship": 0.8, "harbor": 0.1}, scene="ship", multi_label=True)
        >>> draw_classification(np.zeros((64, 64, 3), dtype=np.uint8), result).shape
        (572, 512, 3)
    """
    check_image(image)
    if not legend:
        return image.copy()
    scale = scale_of(image, text_scale=text_scale)
    strip = _bars(result, width=scale.strip, size=scale.text, colours=category_colours(tuple(result.scores), colours))
    return above(enlarged(image, scale.factor), strip)


def _bars(result: Classification, *, width: int, size: int, colours: Mapping[str, str]) -> np.ndarray:
    ranked = sorted(result.scores, key=lambda category: (category not in result.labels, -result.scores[category]))
    shown, left_out = ranked[:_MOST_BARS], ranked[_MOST_BARS:]
    margin, step = size // 2, round(1.45 * size)
    heading = wrapped(_heading(result), size=size, width=width - 2 * margin)
    footer = ""
    if left_out:
        highest = max(result.scores[category] for category in left_out)
        footer = f"... and {len(left_out)} more, none above {highest:.2f}"
    lines = len(heading) + len(shown) + bool(footer)
    strip = Image.new("RGB", (width, margin + step * lines + margin // 2), PAPER)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(heading):
        draw.text((margin, margin + number * step), line, fill=INK, font=font_of(line, size))
    names = [_fitting(category, size, width * 0.45) for category in shown]
    number_width = text_width("0.00", size)
    start = margin + max((text_width(name, size) for name in names), default=0.0) + size
    end = width - margin - number_width - size
    for number, (category, name) in enumerate(zip(shown, names, strict=True), start=len(heading)):
        top = margin + number * step
        holds = category in result.labels
        score = result.scores[category]
        ink = INK if holds else PALE
        draw.text((margin, top), name, fill=ink, font=font_of(name, size))
        bar = (start, top + size // 5, end, top + size)
        draw.rectangle(bar, fill=_TRACK)
        if score > 0:
            filled = start + max(1.0, score * (end - start))
            draw.rectangle((start, bar[1], filled, bar[3]), fill=colours[category] if holds else _BELOW)
        draw.text((width - margin - number_width, top), f"{score:.2f}", fill=ink, font=font_of("0", size))
    if footer:
        draw.text((margin, margin + (lines - 1) * step), footer, fill=PALE, font=font_of(footer, size))
    return np.asarray(strip)


def _heading(result: Classification) -> str:
    if not result.labels:
        return "shown: none of these" if result.multi_label else "scene: none of these"
    return f"shown: {shortened(', '.join(result.labels))}" if result.multi_label else f"scene: {result.labels[0]}"


def _fitting(text: str, size: int, width: float) -> str:
    text = shortened(text)
    while len(text) > 1 and text_width(text, size) > width:
        text = text[: max(1, len(text) - 2)].rstrip() + "…" if len(text) > 2 else text[:1]
    return text
