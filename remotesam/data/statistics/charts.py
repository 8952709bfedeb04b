"""Plots of the figures of a set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from remotesam.data.attributes import ATTRIBUTE_TYPES
from remotesam.data.statistics.figures import Sentence, SetStatistics
from remotesam.data.statistics.themes import Theme
from remotesam.data.triplet_set import KINDS
from remotesam.data.vocabulary import Coverage, Share, rsvocab
from remotesam.data.vocabulary.entry import Level

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Chart = Callable[[Theme], "Figure"]

_SOURCES, _CATEGORIES = 12, 30
_ROW = 0.26


def new_figure(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure outside of any window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def bars(
    axes: Axes, values: Mapping[str, float], *, colour: str, notes: Sequence[str] | None = None, muted: str = "gray"
) -> None:
    """Horizontal bars from top to bottom, each with a note behind it."""
    names = list(values)
    axes.barh(range(len(names)), list(values.values()), color=colour, height=0.72)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    if notes is not None:
        for place, (value, note) in enumerate(zip(values.values(), notes, strict=True)):
            _note(axes, note, value, place, muted)
        axes.margins(x=0.16)
    _plain(axes, "x")


def kinds_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Kinds of each source, stacked."""
    sources = list(figures.by("source"))
    shown = {name: Counter[str]() for name in sources[:_SOURCES]}
    rest = f"{len(sources) - _SOURCES} more"
    for cell in figures.cells:
        shown.setdefault(cell.source if cell.source in shown else rest, Counter())[cell.kind] += cell.rows
    figure, (axes,) = new_figure(9.6, 1.1 + 0.42 * len(shown))
    stacked(axes, shown, theme)
    axes.set(title="Samples by source and kind", xlabel="samples")
    return figure


def categories_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """The commonest categories, by kind."""
    totals = figures.by("category")
    names = [name for name in totals if name][:_CATEGORIES]
    shown = {name: Counter[str]() for name in names}
    for cell in figures.cells:
        if cell.category in shown:
            shown[cell.category][cell.kind] += cell.rows
    figure, (axes,) = new_figure(9.6, 1.1 + _ROW * max(3, len(shown)))
    stacked(axes, shown, theme)
    named = len([name for name in totals if name])
    which = f"{len(names)} commonest of {named} categories" if named > len(names) else f"{named} categories"
    axes.set(title=f"The {which}", xlabel="samples")
    return figure


def stacked(axes: Axes, shown: Mapping[str, Mapping[str, int]], theme: Theme) -> None:
    """Horizontal bars of kinds."""
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
        _note(axes, f"{total:,.0f}", total, place, theme.muted)
    axes.margins(x=0.1)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.1)
    _plain(axes, "x")


def counts_chart(counts: Mapping[str, int], theme: Theme, *, title: str, unit: str) -> Figure:
    """The commonest of something."""
    ordered = dict(sorted(counts.items(), key=lambda item: -item[1])[:_CATEGORIES])
    figure, (axes,) = new_figure(9.6, 1.1 + _ROW * max(3, len(ordered)))
    notes = [f"{number:,}" if number else "none" for number in ordered.values()]
    bars(axes, ordered, colour=theme.accent, notes=notes, muted=theme.muted)
    which = f", the {len(ordered)} commonest of {len(counts)}" if len(counts) > len(ordered) else ""
    axes.set(title=title + which, xlabel=unit)
    return figure


def attributes_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """How many samples say something of each type."""
    types = {name: figures.attribute_types[name] for name in (*ATTRIBUTE_TYPES, *figures.unknown_types)}
    types = dict(sorted(types.items(), key=lambda item: -item[1]))
    shares = {name: 100 * rows / figures.rows for name, rows in types.items()}
    figure, (axes,) = new_figure(9.6, 1.0 + _ROW * len(types))
    notes = [f"{shares[name]:.1f}%  ({rows:,})" if rows else "none" for name, rows in types.items()]
    bars(axes, shares, colour=theme.accent, notes=notes, muted=theme.muted)
    axes.set(title="Attribute types", xlabel="% of samples whose sentence gives one")
    return figure


def numbers_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Attributes of a sample and words of a sentence."""
    from matplotlib.ticker import MaxNLocator

    figure, (left, right) = new_figure(9.6, 3.1, columns=2)
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
        _plain(axes, "y")
    return figure


def areas_chart(shares: np.ndarray, theme: Theme, *, what: str = "masks") -> Figure:
    """Share of the picture that each mask covers, on a logarithmic scale."""
    from matplotlib.ticker import FuncFormatter

    figure, (axes,) = new_figure(9.6, 3.1)
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
    title = f"Size of {len(shares):,} {what}, half of them below {percent(median)} of the picture"
    axes.set(title=title, xlabel="share of the picture", ylabel=f"% of {what}")
    _plain(axes, "y")
    return figure


def positions_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Where the middles of masks lie on the picture, for each kind."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm

    kinds = [kind for kind in KINDS if kind in figures.centres]
    figure, panels = new_figure(9.6, 4.1, columns=max(2, len(kinds)))
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


def coarser(grid: np.ndarray, *, least: float = 8.0) -> np.ndarray:
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
    figure, panels = new_figure(9.6, 6.1, columns=2)
    sources = {sentence.source for sentence in sample}
    column = "source" if len(sources) > 1 else "kind"
    groups = {"by " + column: [getattr(one, column) for one in sample], "by category": [one.category for one in sample]}
    size = float(np.clip(9000 / len(sample), 3, 30))
    low, high = np.percentile(points, (0.5, 99.5), axis=0)  # a few far ones shall not make all others small
    limits = np.column_stack([low, high] + 0.06 * (high - low) * [[-1], [1]])
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


def coverage_chart(covered: Coverage, theme: Theme) -> Figure:
    """How many groups and leaves of each domain of RSVocab-1K are covered."""
    domains = covered_domains(covered)
    order = sorted(domains, key=lambda name: tuple(-domains[name][level].share for level in (2, 3)))
    figure, (axes,) = new_figure(9.6, 1.0 + 0.4 * len(order))
    levels: tuple[tuple[Level, str, str, float], ...] = (
        (2, "groups", theme.accent, -0.2),
        (3, "leaves", theme.kinds["one-to-many"], 0.2),
    )
    for level, label, colour, shift in levels:
        shares = [domains[name][level] for name in order]
        places = np.arange(len(order)) + shift
        axes.barh(places, [100 * share.share for share in shares], 0.36, color=colour, label=label)
        for place, share in zip(places, shares, strict=True):
            _note(axes, f"{share.covered} of {share.total}", 100 * share.share, place, theme.muted)
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set(title="Domains of RSVocab-1K", xlabel="% covered")
    axes.set_xlim(0, max(10.0, 1.12 * axes.dataLim.x1))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    _plain(axes, "x")
    return figure


def covered_domains(covered: Coverage) -> dict[str, dict[Level, Share]]:
    """Share of the groups (2) and leaves (3) of each domain that are covered.

    Example:
        >>> covered_domains(remotesam.data.vocabulary.coverage(["freeway"]))["transport"][3].covered
        1
    """
    vocabulary = rsvocab()
    parents = {entry.name: vocabulary.parents(entry.name) for entry in vocabulary}
    reached = set(covered.entries).union(*(parents[name] for name in covered.entries))
    counts: dict[str, dict[Level, Share]] = {}
    for domain in vocabulary.level(1):
        counts[domain.name] = {}
        for level in (2, 3):
            names = [entry.name for entry in vocabulary.level(level) if domain.name in parents[entry.name]]
            counts[domain.name][level] = Share(len(reached.intersection(names)), len(names))
    return counts


def percent(share: float) -> str:
    """A share as people write it.

    Example:
        >>> percent(0.5), percent(0.0123), percent(0.00004)
        ('50%', '1.2%', '0.004%')
    """
    digits = np.format_float_positional(100 * share, precision=2, fractional=False, trim="-")
    return f"{digits}%"


def _note(axes: Axes, text: str, value: float, place: float, colour: str) -> None:
    """Text behind a bar."""
    offset = "offset points"
    axes.annotate(text, (value, place), (4, 0), textcoords=offset, va="center", fontsize=8, color=colour)


def _plain(axes: Axes, along: str) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.grid(axis=along)  # type: ignore[arg-type]
    axes.tick_params(length=0)
    axis = axes.xaxis if along == "x" else axes.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
