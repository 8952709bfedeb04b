"""Labels beside objects, never over them: in full where there is room, else numbers, else none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageFont

from remotesam.visualize.canvas import Scale, enlarged
from remotesam.visualize.colours import ink_on, palette
from remotesam.visualize.masks import Patch
from remotesam.visualize.text import font_of, shortened

_MOST_LABELS = 500
_MANY = 20  # labels have the smallest letters
_LONGEST = 32
_LARGE = 300  # times the square of the letters' height: an object that may carry labels, its own and those of others
_GRID = 1024


@dataclass(frozen=True)
class Label:
    """A text at its place.

    Attributes:
        text: What it says.
        box: (x1, y1, x2, y2) of its background, in pixels of the picture.
        size: Height of its letters in pixels.
        colour: Index of its colour.
    """

    text: str
    box: tuple[int, int, int, int]
    size: int
    colour: int


@dataclass(frozen=True)
class Wording:
    """One way to label all objects.

    Attributes:
        texts: A text for each object.
        least: The share of the objects that must find a place for this wording to be used.
    """

    texts: Sequence[str]
    least: float


def choose_labels(
    wordings: Sequence[Wording], patches: Sequence[Patch], corners: Sequence[np.ndarray], scale: Scale
) -> list[Label]:
    """Finds places for labels.

    Args:
        wordings: From the longest to the shortest; the first that fits is used, with large letters where they fit too.
        patches: The masks of the objects, which no label may cover; save those many times larger than a label.
        corners: (4, 2) x, y of the box of each object, in pixels of the picture.
        scale: Of the picture.

    Returns:
        The labels; none where even the shortest wording does not fit, or beyond 500 objects.
    """
    if not patches or len(patches) > _MOST_LABELS:
        return []
    cell = -(-max(scale.height, scale.width) // _GRID)
    large = {index for index, patch in enumerate(patches) if _area(patch, scale) >= _LARGE * scale.text**2}
    occupied = _occupied([patch for index, patch in enumerate(patches) if index not in large], scale, cell)
    side = float(np.median([min(patch.crop.shape) for patch in patches])) * scale.factor
    # Letters larger than the objects, or many large ones, would draw the eye from the objects.
    most = scale.text - (scale.text - scale.least) * min(1.0, (len(patches) - 1) / _MANY)
    first = int(np.clip(side, scale.least, most))
    for wording in wordings:
        for size in dict.fromkeys((first, (first + scale.least) // 2, scale.least)):
            labels = _placed(wording.texts, patches, corners, large, occupied.copy(), scale, cell, size)
            if len(labels) >= wording.least * len(patches):
                return labels
    return []


def draw_labels(scene: np.ndarray, labels: Sequence[Label], colours: Sequence[str]) -> None:
    """Writes labels in place, each on the colour of its object.

    Args:
        scene: (H, W, 3) uint8, blue first.
        labels: From ``choose_labels``.
        colours: ``"#rrggbb"`` each.
    """
    import supervision as sv

    backgrounds, inks = palette(colours), palette([ink_on(colour) for colour in colours])
    annotators: dict[tuple[str | None, int], sv.RichLabelAnnotator] = {}
    for label in labels:
        font = font_of(label.text, label.size)
        path = font.path if isinstance(font, ImageFont.FreeTypeFont) and isinstance(font.path, str) else None
        if (path, label.size) not in annotators:
            annotators[path, label.size] = sv.RichLabelAnnotator(
                backgrounds,
                text_color=inks,
                color_lookup=sv.ColorLookup.CLASS,
                font_path=path,
                font_size=label.size,
                text_padding=_padding(label.size),
                text_position=sv.Position.CENTER,
            )
        x1, y1, x2, y2 = label.box
        box = np.array([[0, 0, x2 - x1, y2 - y1]], dtype=np.float32)
        detections = sv.Detections(xyxy=box, class_id=np.array([label.colour]))
        window = scene[y1:y2, x1:x2].copy()
        scene[y1:y2, x1:x2] = annotators[path, label.size].annotate(window, detections, labels=[label.text])


def _occupied(patches: Sequence[Patch], scale: Scale, cell: int) -> np.ndarray:
    """Where objects are, a bool for each ``cell`` x ``cell`` pixels of the picture."""
    grid = np.zeros((-(-scale.height // cell), -(-scale.width // cell)), dtype=bool)
    for patch in patches:
        crop = enlarged(patch.crop, scale.factor)
        left, top = patch.left * scale.factor, patch.top * scale.factor
        above, before = top % cell, left % cell
        below, after = -(above + crop.shape[0]) % cell, -(before + crop.shape[1]) % cell
        whole = np.pad(crop, ((above, below), (before, after)))
        cells = whole.reshape(whole.shape[0] // cell, cell, whole.shape[1] // cell, cell).any(axis=(1, 3))
        y, x = top // cell, left // cell
        grid[y : y + cells.shape[0], x : x + cells.shape[1]] |= cells
    return grid


def _placed(
    texts: Sequence[str],
    patches: Sequence[Patch],
    corners: Sequence[np.ndarray],
    large: set[int],
    occupied: np.ndarray,
    scale: Scale,
    cell: int,
    size: int,
) -> list[Label]:
    labels = []
    # Small objects first: large ones have more room around them.
    for index in sorted(range(len(patches)), key=lambda index: patches[index].crop.size):
        text = shortened(texts[index], _LONGEST)
        x1, y1, x2, y2 = font_of(text, size).getbbox(text)
        width, height = int(x2 - x1 + 2 * _padding(size)), int(y2 - y1 + 2 * _padding(size))
        for x, y in _candidates(corners[index], width, height, inside=index in large):
            if width > scale.width or height > scale.height:
                break
            # An object at the border has room beside it along the border.
            x, y = min(max(x, 0), scale.width - width), min(max(y, 0), scale.height - height)
            cells = occupied[y // cell : -(-(y + height) // cell), x // cell : -(-(x + width) // cell)]
            if not cells.any():
                labels.append(Label(text, (x, y, x + width, y + height), size, patches[index].colour))
                cells[:] = True
                break
    return labels


def _candidates(corners: np.ndarray, width: int, height: int, *, inside: bool) -> list[tuple[int, int]]:
    """Left upper corners for a label of an object, the best first."""
    (left, top), (right, bottom) = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    places = []
    upright = np.abs(corners[1] - corners[0]).min() < 1
    if not upright:
        # At a corner of the box; that of the rectangle around it may be far from the object.
        up, down = corners[corners[:, 1].argmin()], corners[corners[:, 1].argmax()]
        west, east = corners[corners[:, 0].argmin()], corners[corners[:, 0].argmax()]
        places += [(up[0] - width / 2, top - height), (east[0], east[1] - height / 2)]
        places += [(west[0] - width, west[1] - height / 2), (down[0] - width / 2, bottom)]
    places += [(left, top - height), (right - width, top - height), (left, bottom), (right - width, bottom)]
    places += [(right, top), (left - width, top), (right, bottom - height), (left - width, bottom - height)]
    if inside:
        places += [(left, top), (right - width, top), (left, bottom - height), (right - width, bottom - height)]
        places += [((left + right - width) / 2, (top + bottom - height) / 2)]
    return [(int(x), int(y)) for x, y in places]


def _area(patch: Patch, scale: Scale) -> int:
    return int(patch.crop.size * scale.factor**2)


def _padding(size: int) -> int:
    return max(2, size // 5)
