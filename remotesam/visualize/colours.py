"""A colour for each category: ten chosen by hand, and as many as are needed beyond them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import supervision as sv

# Far apart from each other and from what grounds look like: water, soil, grass, asphalt.
COLOURS = ("#ffd400", "#ff2bd6", "#00e5ff", "#ff6a00", "#7dff00", "#8c5bff", "#ff3040", "#2f7bff", "#00ffa6", "#ffffff")

PAPER, INK, PALE = "#14171c", "#f4f4f4", "#9aa0a8"
_GROUNDS = ("#26384a", "#7b6a4f", "#4d5a33", "#6d6f72", PAPER)


def colour_at(index: int) -> str:
    """The colour of the category at a place of the list, as ``"#rrggbb"``.

    The first ten are ``COLOURS``; each one after them is as far as can be, to the eye, from all before it and from what
    grounds look like. After about a thousand they begin anew.

    Args:
        index: From 0.

    Example:
        >>> colour_at(0), colour_at(10)
        ('#ffd400', '#ff8bb9')
    """
    if index < len(COLOURS):
        return COLOURS[index]
    series = _series()
    return series[index % len(series)]


def category_colours(categories: Sequence[str], colours: Mapping[str, str] | None = None) -> dict[str, str]:
    """A colour for each category, by its place in the list unless told.

    Args:
        categories: Their names, in the order of the question.
        colours: Category -> ``"#rrggbb"``, to keep a colour from picture to picture. Those it does not name get theirs
            by place.

    Returns:
        Category -> ``"#rrggbb"``.

    Raises:
        ValueError: A colour is not of the form ``"#rrggbb"``.

    Example:
        >>> category_colours(["ship", "harbor"], {"harbor": "#0000ff"})
        {'ship': '#ffd400', 'harbor': '#0000ff'}
    """
    return dict(zip(categories, listed_colours(categories, colours), strict=True))


def listed_colours(names: Sequence[str], colours: Mapping[str, str] | None = None) -> list[str]:
    """As ``category_colours``, in the order of the names, which may be there twice."""
    given = dict(colours or {})
    for name, colour in given.items():
        if not isinstance(colour, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise ValueError(f"colours[{name!r}] is {colour!r}; give a colour as '#rrggbb'")
    return [given.get(name, colour_at(index)) for index, name in enumerate(names)]


def rgb(colour: str) -> np.ndarray:
    """(3,) uint8 of ``"#rrggbb"``."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.uint8)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour."""
    # The relative luminance of WCAG 2; at 0.179 both have the same contrast.
    luminance = float((rgb(colour) / 255.0) ** 2.2 @ [0.2126, 0.7152, 0.0722])
    return "#000000" if luminance > 0.179 else "#ffffff"


def palette(colours: Sequence[str]) -> sv.ColorPalette:
    """Colours as supervision's annotators take them."""
    import supervision as sv

    return sv.ColorPalette.from_hex(list(colours))


@cache
def _series() -> tuple[str, ...]:
    """The ten, then by farthest point in CIELAB: each next one has the largest distance to its nearest so far."""
    from skimage.color import rgb2lab

    steps = np.linspace(0, 255, 12).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = rgb2lab(grid[None] / 255.0)[0]
    vivid = (lab[:, 0] >= 35) & (np.ptp(grid.astype(int), axis=1) >= 60)
    grid, lab = grid[vivid], lab[vivid]
    taken = rgb2lab(np.stack([rgb(colour) for colour in (*COLOURS, *_GROUNDS)])[None] / 255.0)[0]
    nearest = np.linalg.norm(lab[:, None] - taken[None], axis=2).min(axis=1)
    series = list(COLOURS)
    for _ in range(1014):
        best = int(nearest.argmax())
        series.append("#{:02x}{:02x}{:02x}".format(*grid[best]))
        nearest = np.minimum(nearest, np.linalg.norm(lab - lab[best], axis=1))
    return tuple(series)
