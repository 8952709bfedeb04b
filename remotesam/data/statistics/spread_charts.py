"""Distributions: numbers of attributes and words, sizes and places of masks, sentences on a plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from remotesam.data.statistics.figures import Sentence, SetStatistics
from remotesam.data.statistics.plotting import WIDTH, new_figure, percent, plain
from remotesam.data.statistics.themes import Theme
from remotesam.data.triplet_set import KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def numbers_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Attributes of a sample and words of a sentence."""
    from matplotlib.ticker import MaxNLocator

    figure, (left, right) = new_figure(WIDTH, 3.1, columns=2)
    for axes, counts, mean, title, unit in (
        (left, figures.attributes_per_row, figures.attributes_per_sample, "Attributes of a sample", "attributes"),
        (right, figures.lengths, figures.words_per_sentence, "Length of sentences", "words"),
    ):
        most = max(counts, default=0)
        shares = 100 * np.array([counts[number] for number in range(most + 1)]) / figures.rows
        axes.bar(range(most + 1), shares, color=theme.accent, width=0.8)
        axes.axvline(mean, color=theme.ink, linewidth=1, linestyle="--")
        axes.set(title=f"{title}, {mean:.2f} in the mean", xlabel=unit, ylabel="% of samples")
        axes.set_xlim(-0.7, max(most, 4) + 0.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain(axes, "y")
    return figure


def areas_chart(shares: np.ndarray, theme: Theme, *, what: str = "masks") -> Figure:
    """Share of the picture that each mask covers, on a logarithmic scale."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    figure, (axes,) = new_figure(WIDTH, 3.1)
    low = min(-3.0, np.floor(np.log10(max(shares.min(), 1e-9))))
    edges = np.logspace(low, 0, int(-low * 8) + 1)
    rows, _ = np.histogram(np.clip(shares, edges[0], 1), edges)
    axes.bar(
        edges[:-1], 100 * rows / len(shares), np.diff(edges), align="edge", color=theme.accent,
        edgecolor=theme.paper, linewidth=0.6,
    )  # fmt: skip
    median = float(np.median(shares))
    axes.axvline(median, color=theme.ink, linewidth=1, linestyle="--")
    axes.set_xscale("log")
    axes.set_xlim(edges[0], 1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
    axes.xaxis.set_minor_locator(NullLocator())  # they take as long to draw as all the rest
    title = f"Size of {len(shares):,} {what}, half of them below {percent(median)} of the picture"
    axes.set(title=title, xlabel="share of the picture", ylabel=f"% of {what}")
    plain(axes, "y")
    return figure


def positions_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Where the middles of masks lie on the picture, for each kind."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm

    kinds = [kind for kind in KINDS if kind in figures.centres]
    figure, panels = new_figure(WIDTH, 4.1, columns=max(2, len(kinds)))
    colours = LinearSegmentedColormap.from_list("density", [theme.paper, theme.accent])
    for axes in panels[len(kinds) :]:
        axes.set_axis_off()
    for axes, kind in zip(panels, kinds, strict=False):
        grid = coarser(figures.centres[kind])
        density = grid / grid.sum() * grid.size
        scale = PowerNorm(0.6, 0, max(2.0, density.max()))  # so that what is rare can be seen beside a peak
        shown = axes.imshow(density, cmap=colours, norm=scale, extent=(0, 100, 100, 0))
        axes.set(title=f"Middles of {grid.sum():,} {kind} masks", xlabel="% of the width", ylabel="% of the height")
        for spine in axes.spines.values():
            spine.set_visible(True)
        figure.colorbar(shown, ax=axes, shrink=0.85, label="density, 1 = even").outline.set_visible(False)
    return figure


def coarser(grid: np.ndarray, *, least: float = 4.0) -> np.ndarray:
    """Joins cells of a square grid in threes until one holds enough to show more than chance.

    Args:
        grid: (G, G) counts.
        least: Counts a cell in the mean.

    Returns:
        (G', G') counts of the same sum, G' at least 5 where G is.

    Example:
        >>> coarser(np.eye(15, dtype=int)).diagonal().tolist()
        [3, 3, 3, 3, 3]
    """
    while grid.mean() < least and len(grid) >= 15 and len(grid) % 3 == 0:
        third = len(grid) // 3
        grid = grid.reshape(third, 3, third, 3).sum((1, 3))
    return grid


def sentences_chart(sample: Sequence[Sentence], points: np.ndarray, theme: Theme) -> Figure:
    """Sentences on a plane, coloured by source (or kind, where there is one source) and by category.

    Args:
        sample: The sentences.
        points: (n, 2) where they lie.
        theme: Colours.
    """
    figure, panels = new_figure(WIDTH, 6.1, columns=2)
    sources = {sentence.source for sentence in sample}
    column = "source" if len(sources) > 1 else "kind"
    groups = {"by " + column: [getattr(one, column) for one in sample], "by category": [one.category for one in sample]}
    size = float(np.clip(9000 / len(sample), 3, 30))
    low, high = np.percentile(points, (0.5, 99.5), axis=0)  # a few far ones shall not make all others small
    margin = 0.06 * (high - low) + 1e-6
    limits = np.column_stack([low - margin, high + margin])
    for axes, (name, values) in zip(panels, groups.items(), strict=True):
        common = [value for value, _ in Counter(values).most_common() if value][: len(theme.series)]
        rest = np.array([value not in common for value in values])
        if rest.any():
            axes.scatter(
                points[rest, 0], points[rest, 1], s=size, color=theme.other, alpha=0.6, linewidths=0, label="others"
            )
        for value, colour in zip(common, theme.series, strict=False):
            chosen = np.array([other == value for other in values])
            colour = theme.kinds.get(value, colour) if column == "kind" else colour
            axes.scatter(
                points[chosen, 0], points[chosen, 1], s=size, color=colour, alpha=0.75, linewidths=0, label=value
            )
        axes.set(
            title=f"{len(sample):,} sentences {name}",
            xticks=[],
            yticks=[],
            xlim=limits[0],
            ylim=limits[1],
            box_aspect=1,
        )
        for spine in axes.spines.values():
            spine.set_visible(True)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, markerscale=2.5, columnspacing=1.0)
    return figure
