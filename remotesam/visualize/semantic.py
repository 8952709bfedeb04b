"""Class maps: blended over the image, and as indexed PNG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from remotesam.files import atomic_path
from remotesam.results import SemanticMap
from remotesam.visualize.canvas import Scale, above, check_image, check_size, enlarged, line_within, scale_of
from remotesam.visualize.colours import listed_colours, rgb
from remotesam.visualize.legend import Entry, legend_strip, short_list

_OPACITY = 0.5
_BAND = 4_000_000  # pixels that are blended at once


def draw_semantic(
    image: np.ndarray,
    result: SemanticMap,
    *,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
    text_scale: float = 1.0,
) -> np.ndarray:
    """Blends the colour of each pixel's category over the image, with a line along each region's inner border.

    Args:
        image: (H, W, 3) uint8 RGB.
        result: Of this image.
        legend: Whether to add a strip below with each category's share of the image's area. A small image is then
            enlarged by a whole factor, so that its longer side has at least 480 pixels.
        colours: Category -> ``"#rrggbb"``; by place in the list of categories where left out.
        text_scale: Letters are so many times as large, for pictures that will be shown smaller; from 0.5 to 4.

    Returns:
        uint8 RGB, (H, W, 3) without the legend; with it higher, and at least 320 pixels wide. Background is left as it
        was.

    Raises:
        ValueError: The map is of an image of another size, or the image is not (H, W, 3) uint8.

    Example:
        >>> classes = np.eye(64, dtype=np.uint8)
        >>> maps = classes[None].astype(np.float32)
        >>> result = SemanticMap(classes, maps, ("ship",), np.ones(1), np.ones(1, dtype=bool))
        >>> draw_semantic(np.zeros((64, 64, 3), dtype=np.uint8), result).shape
        (538, 512, 3)
    """
    check_image(image)
    check_size(image, result.classes.shape, "the class map")
    shown = listed_colours(result.categories, colours)
    scale = scale_of(image, enlarge=legend, text_scale=text_scale)
    drawn = _blended(image, result.classes, shown, scale)
    if not legend:
        return drawn
    return above(drawn, legend_strip(_entries(result, shown), width=scale.strip, size=scale.text))


def semantic_legend(result: SemanticMap, *, width: int = 512, colours: Mapping[str, str] | None = None) -> np.ndarray:
    """The legend alone, to stand beside a palette PNG.

    Args:
        result: The class map.
        width: Of the picture, in pixels.
        colours: Category -> ``"#rrggbb"``; by place where left out.

    Returns:
        (H, width, 3) uint8 RGB: each category with its share of the area, largest first, then the background.

    Raises:
        ValueError: ``width`` is less than 64.
    """
    if width < 64:
        raise ValueError(f"width is {width}; a legend needs at least 64 pixels")
    entries = _entries(result, listed_colours(result.categories, colours))
    return legend_strip(entries, width=width, size=int(np.clip(width / 48, 12, 140)))


def _entries(result: SemanticMap, colours: Sequence[str]) -> list[Entry]:
    total = max(1, result.classes.size)
    areas = list(result.areas.values())
    there = [place for place in range(len(areas)) if areas[place]]
    there.sort(key=lambda place: -areas[place])
    entries = [
        Entry(f"{result.categories[place]} · {_percent(areas[place] / total)}", colours[place]) for place in there
    ]
    entries += [
        Entry(f"{category} · {_percent(0) if present else 'absent'}", colours[place], bright=False)
        for place, (category, present) in enumerate(zip(result.categories, result.present, strict=True))
        if not areas[place]
    ]
    background = (total - sum(areas)) / total
    return [*short_list(entries), Entry(f"background · {_percent(background)}")]


def write_palette_png(path: str | Path, result: SemanticMap, *, colours: Mapping[str, str] | None = None) -> None:
    """Writes a class map as a PNG whose pixel values are the class numbers: 0 background, i = ``categories[i - 1]``.

    Up to 255 categories the file is indexed, with the palette of ``draw_semantic`` inside (background black), so that
    image viewers show the colours and readers of indexed images get the numbers. From 256 categories on it is a plain
    16-bit grey PNG.

    Args:
        path: The file; it is written whole or not at all.
        result: The class map.
        colours: Category -> ``"#rrggbb"``; by place where left out.

    Raises:
        ValueError: The name does not end in ``.png``.
        OSError: The file cannot be written; ``filename`` names it.

    Example:
        >>> classes = np.array([[0, 1], [1, 1]], dtype=np.uint8)
        >>> maps = classes[None].astype(np.float32)
        >>> result = SemanticMap(classes, maps, ("ship",), np.ones(1), np.ones(1, dtype=bool))
        >>> write_palette_png("classes.png", result)
        >>> np.asarray(Image.open("classes.png")).tolist()
        [[0, 1], [1, 1]]
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"{path}: class numbers are written as PNG; use a name that ends in .png")
    if result.classes.dtype == np.uint8:
        picture = Image.fromarray(result.classes, "P")
        table = np.zeros((len(result.categories) + 1, 3), dtype=np.uint8)
        for number, colour in enumerate(listed_colours(result.categories, colours), start=1):
            table[number] = rgb(colour)
        picture.putpalette(table.tobytes())
    else:
        picture = Image.fromarray(result.classes.astype(np.uint16, copy=False))
    with atomic_path(path) as temporary:
        picture.save(temporary)


def _blended(image: np.ndarray, classes: np.ndarray, colours: Sequence[str], scale: Scale) -> np.ndarray:
    import cv2

    table = np.stack([np.zeros(3, dtype=np.uint8), *(rgb(colour) for colour in colours)])
    drawn = enlarged(image, scale.factor)
    drawn = drawn.copy() if drawn is image else drawn
    reach = line_within(classes, scale)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), dtype=np.uint8)
    rows = max(1, _BAND // scale.width)
    for top in range(0, scale.height, rows):
        bottom = min(top + rows, scale.height)
        # With enough rows around the band to see where its regions end.
        first, last = max(0, top - reach), min(bottom + reach, scale.height)
        numbers = enlarged(classes[first // scale.factor : -(-last // scale.factor)], scale.factor)
        start = first % scale.factor
        numbers = np.ascontiguousarray(numbers[start : start + last - first])
        border = (cv2.dilate(numbers, kernel) != cv2.erode(numbers, kernel))[top - first : bottom - first]
        numbers = numbers[top - first : bottom - first]
        inside = numbers > 0
        flat, band = _looked_up(table, numbers), drawn[top:bottom]
        # OpenCV copies ten times as fast as numpy where a mask says so.
        mixed = cv2.copyTo(flat, border.view(np.uint8), cv2.addWeighted(flat, _OPACITY, band, 1 - _OPACITY, 0))
        drawn[top:bottom] = cv2.copyTo(mixed, inside.view(np.uint8), band)
    return drawn


def _looked_up(table: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """``table[numbers]``, ten times as fast where there are at most 256 colours."""
    import cv2

    if numbers.dtype != np.uint8:
        return np.take(table, numbers, axis=0)
    full = np.zeros((256, 3), dtype=np.uint8)
    full[: len(table)] = table
    return np.asarray(cv2.merge([cv2.LUT(numbers, full[:, band].copy()) for band in range(3)]))


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{100 * share:.1f} %"
