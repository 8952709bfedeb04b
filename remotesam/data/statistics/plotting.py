"""What all plots share: figures outside of any window system, bars with notes behind them, plain axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from remotesam.data.statistics.themes import Theme
from remotesam.data.triplet_set import KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Chart = Callable[[Theme], "Figure"]

WIDTH, ROW = 9.6, 0.26
"""Width of a figure and height of a bar in inches."""


def new_figure(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure outside of any window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def bars(axes: Axes, values: Mapping[str, float], notes: Sequence[str], theme: Theme) -> None:
    """Horizontal bars from top to bottom, each with a note behind it."""
    axes.barh(range(len(values)), list(values.values()), color=theme.accent, height=0.72)
    axes.set_yticks(range(len(values)), list(values))
    axes.set_ylim(len(values) - 0.4, -0.6)
    for place, (value, text) in enumerate(zip(values.values(), notes, strict=True)):
        note(axes, text, value, place, theme.muted)
    axes.margins(x=0.16)
    plain(axes, "x")


def stacked(axes: Axes, shown: Mapping[str, Mapping[str, int]], theme: Theme) -> None:
    """Horizontal bars from top to bottom, parted by kind, each with its sum behind it."""
    left = np.zeros(len(shown))
    for kind in KINDS:
        rows = np.array([counts[kind] for counts in shown.values()], float)
        if rows.any():
            colour = theme.kinds[kind]
            axes.barh(range(len(shown)), rows, left=left, color=colour, edgecolor=theme.paper, height=0.76, label=kind)
        left += rows
    axes.set_yticks(range(len(shown)), list(shown))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    for place, total in enumerate(left):
        note(axes, f"{total:,.0f}", total, place, theme.muted)
    axes.margins(x=0.1)
    if axes.patches:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.1)
    plain(axes, "x")


def note(axes: Axes, text: str, value: float, place: float, colour: str) -> None:
    """Text behind a bar."""
    offset = "offset points"
    axes.annotate(text, (value, place), (4, 0), textcoords=offset, va="center", fontsize=8, color=colour)


def plain(axes: Axes, along: str) -> None:
    """A grid along an axis, and its numbers as people write them; no ticks."""
    from matplotlib.ticker import FuncFormatter

    axes.grid(axis=along)  # type: ignore[arg-type]
    axes.tick_params(length=0)
    axis = axes.xaxis if along == "x" else axes.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def percent(share: float) -> str:
    """A share as people write it.

    Example:
        >>> percent(0.5), percent(0.0123), percent(0.00004)
        ('50%', '1.2%', '0.004%')
    """
    digits = np.format_float_positional(100 * share, precision=2, fractional=False, trim="-")
    return f"{digits}%"
