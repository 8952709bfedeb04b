"""Results drawn on images: tinted masks with outlines, and a legend below that hides nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from remotesam.results import Segmentation

if TYPE_CHECKING:
    import supervision as sv

# Far apart from each other and from what grounds look like: water, soil, grass, asphalt.
COLOURS = ("#ffd400", "#ff2bd6", "#00e5ff", "#ff6a00", "#7dff00", "#8c5bff", "#ff3040", "#2f7bff", "#00ffa6", "#ffffff")

_OPACITY = 0.4
_PAPER, _INK, _PALE = "#14171c", "#f4f4f4", "#9aa0a8"
_LONGEST_LABEL = 160
_NARROWEST, _SMALLEST = 320, 480
# The one that has most letters of a text is used; the last resort comes with Pillow.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf", "msyh.ttc")


def overlay(image: np.ndarray, results: Sequence[Segmentation], *, legend: bool = True) -> np.ndarray:
    """Draws the masks of results on their image, a colour each.

    Args:
        image: (H, W, 3) uint8 RGB.
        results: Results on this image, at its own size.
        legend: Whether to add a strip below with each sentence, its score, and "absent" where nothing was found. A
            small image is then enlarged by a whole factor, so that its longer side has at least 480 pixels.

    Returns:
        uint8 RGB, (H, W, 3) without the legend or without results; with it higher, and at least 320 pixels wide.

    Raises:
        ValueError: A mask has another size than the image.

    Example:
        >>> overlay(np.zeros((64, 64, 3), dtype=np.uint8), []).shape
        (64, 64, 3)
    """
    for result in results:
        if result.mask.shape != image.shape[:2]:
            raise ValueError(
                f"the mask of {result.expression!r} is {result.mask.shape}, the image {image.shape[:2]} (height, "
                "width); draw results on the image they came from"
            )
    if not legend or not results:
        return _draw_masks(image, results)
    factor = -(-_SMALLEST // max(image.shape[:2]))
    if factor > 1:
        image = _enlarged(image, factor)
        results = [replace(result, mask=_enlarged(result.mask, factor)) for result in results]
    drawn = _draw_masks(image, results)
    canvas_width = max(image.shape[1], _NARROWEST)
    strip = _legend([(_label(result), _colour(i), result.present) for i, result in enumerate(results)], canvas_width)
    if drawn.shape[1] < canvas_width:
        left = (canvas_width - drawn.shape[1]) // 2
        background = np.zeros((drawn.shape[0], canvas_width, 3), dtype=np.uint8) + _rgb(_PAPER)
        background[:, left : left + drawn.shape[1]] = drawn
        drawn = background
    return np.vstack([drawn, strip])


def panel(
    images: Sequence[np.ndarray], titles: Sequence[str], *, columns: int | None = None, cell: int = 384
) -> np.ndarray:
    """Puts pictures side by side under their titles.

    Args:
        images: (H, W, 3) uint8 RGB each, of any sizes; each is fitted into its cell, aspect ratio kept.
        titles: As many as images.
        columns: Pictures in a row; None makes the panel about as wide as high.
        cell: Width and height of a cell in pixels.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: There is no image, or not one title for each.
    """
    if not images or len(images) != len(titles):
        raise ValueError(f"a panel needs one title for each image and at least one; got {len(images)}, {len(titles)}")
    columns = min(columns or int(np.ceil(np.sqrt(len(images)))), len(images))
    gap = max(4, cell // 48)
    size = max(11, cell // 26)
    strips = [_legend([(title, None, True)], cell, size=size) for title in titles]
    title_height = max(strip.shape[0] for strip in strips)
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * (cell + title_height + gap) + gap, columns * (cell + gap) + gap, 3), dtype=np.uint8)
    sheet += _rgb(_PAPER)
    for index, (image, strip) in enumerate(zip(images, strips, strict=True)):
        top = gap + (index // columns) * (cell + title_height + gap)
        left = gap + (index % columns) * (cell + gap)
        sheet[top : top + strip.shape[0], left : left + cell] = strip
        fitted = _fitted(image, cell)
        y, x = top + title_height + (cell - fitted.shape[0]) // 2, left + (cell - fitted.shape[1]) // 2
        sheet[y : y + fitted.shape[0], x : x + fitted.shape[1]] = fitted
    return sheet


def _draw_masks(image: np.ndarray, results: Sequence[Segmentation]) -> np.ndarray:
    import supervision as sv

    shown = [i for i, result in enumerate(results) if result.present]
    scene = image.copy()
    if not shown:
        return scene
    masks = np.stack([results[i].mask for i in shown])
    detections = sv.Detections(xyxy=sv.mask_to_xyxy(masks), mask=masks, class_id=np.array(shown))
    thickness = max(1, round(max(image.shape[:2]) / 500))
    lookup = sv.ColorLookup.CLASS
    # supervision draws in the order blue, green, red.
    scene = scene[:, :, ::-1].copy()
    scene = sv.MaskAnnotator(_palette(), opacity=_OPACITY, color_lookup=lookup).annotate(scene, detections)
    if thickness > 1:
        scene = sv.PolygonAnnotator(sv.Color.BLACK, thickness=thickness + 2).annotate(scene, detections)
    scene = sv.PolygonAnnotator(_palette(), thickness=thickness, color_lookup=lookup).annotate(scene, detections)
    return np.ascontiguousarray(scene[:, :, ::-1])


def _palette() -> sv.ColorPalette:
    import supervision as sv

    return sv.ColorPalette.from_hex(list(COLOURS))


def _legend(entries: Sequence[tuple[str, str | None, bool]], width: int, *, size: int | None = None) -> np.ndarray:
    """A strip with one entry (text, colour of its box, whether it is bright) below the other."""
    size = size or int(np.clip(width / 48, 12, 140))
    margin = size // 2
    lines: list[tuple[str, str | None, bool]] = []
    indent = 0 if all(colour is None for _, colour, _ in entries) else round(1.4 * size)
    for text, colour, bright in entries:
        for number, line in enumerate(_wrapped(text, size, width - 2 * margin - indent)):
            lines.append((line, colour if number == 0 else None, bright))
    step = round(1.45 * size)
    strip = Image.new("RGB", (width, margin + step * len(lines) + margin // 2), _PAPER)
    draw = ImageDraw.Draw(strip)
    for number, (line, colour, bright) in enumerate(lines):
        top = margin + number * step
        if colour is not None:
            box = (margin, top + size // 8, margin + size, top + size // 8 + size)
            draw.rectangle(box, fill=colour if bright else None, outline=colour, width=max(1, size // 8))
        draw.text((margin + indent, top), line, fill=_INK if bright else _PALE, font=_font(line, size))
    return np.asarray(strip)


def _wrapped(text: str, size: int, width: int) -> list[str]:
    text = textwrap.shorten(text, _LONGEST_LABEL, placeholder=" ...") if " " in text.strip() else text[:_LONGEST_LABEL]
    font = _font(text, size)
    average = max(1.0, font.getlength(text) / max(1, len(text)))
    return textwrap.wrap(text, max(8, int(width / average * 0.95))) or [""]


def _label(result: Segmentation) -> str:
    sentence = textwrap.shorten(result.expression, _LONGEST_LABEL - 20, placeholder=" ...")
    sentence = sentence if len(sentence) > 4 else result.expression[: _LONGEST_LABEL - 20]
    return f"{sentence} · {f'{result.score:.2f}' if result.present else 'absent'}"


@lru_cache(maxsize=256)
def _font(text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    letters = set(text) - set(" \n\t")
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


def _enlarged(array: np.ndarray, factor: int) -> np.ndarray:
    return array.repeat(factor, axis=0).repeat(factor, axis=1)


def _fitted(image: np.ndarray, cell: int) -> np.ndarray:
    scale = cell / max(image.shape[:2])
    target = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    smooth = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(target, smooth))


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.uint8)
