"""Bars: kinds, categories, attribute types, coverage of the vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from remotesam.data.attribute_types import ATTRIBUTE_TYPES
from remotesam.data.statistics.figures import SetStatistics
from remotesam.data.statistics.plotting import ROW, WIDTH, bars, new_figure, note, plain, stacked
from remotesam.data.statistics.themes import Theme
from remotesam.data.vocabulary import Coverage, Share, rsvocab
from remotesam.data.vocabulary.entry import Level

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SOURCES, _CATEGORIES = 12, 30


def kinds_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """Kinds of each source, stacked."""
    sources = list(figures.by("source"))
    shown = {name: Counter[str]() for name in sources[:_SOURCES]}
    rest = f"{len(sources) - _SOURCES} more"
    for cell in figures.cells:
        shown.setdefault(cell.source if cell.source in shown else rest, Counter())[cell.kind] += cell.rows
    figure, (axes,) = new_figure(WIDTH, 1.1 + 0.42 * len(shown))
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
    figure, (axes,) = new_figure(WIDTH, 1.1 + ROW * max(3, len(shown)))
    stacked(axes, shown, theme)
    named = len([name for name in totals if name])
    which = f"{len(names)} commonest of {named} categories" if named > len(names) else f"{named} categories"
    axes.set(title=f"The {which}", xlabel="samples")
    return figure


def counts_chart(counts: Mapping[str, int], theme: Theme, *, title: str, unit: str) -> Figure:
    """The commonest of something."""
    ordered = dict(sorted(counts.items(), key=lambda item: -item[1])[:_CATEGORIES])
    figure, (axes,) = new_figure(WIDTH, 1.1 + ROW * max(3, len(ordered)))
    notes = [f"{number:,}" if number else "none" for number in ordered.values()]
    bars(axes, ordered, notes, theme)
    which = f", the {len(ordered)} commonest of {len(counts)}" if len(counts) > len(ordered) else ""
    axes.set(title=title + which, xlabel=unit)
    return figure


def attributes_chart(figures: SetStatistics, theme: Theme) -> Figure:
    """How many samples say something of each type."""
    types = {name: figures.attribute_types[name] for name in (*ATTRIBUTE_TYPES, *figures.unknown_types)}
    types = dict(sorted(types.items(), key=lambda item: -item[1]))
    shares = {name: 100 * rows / figures.rows for name, rows in types.items()}
    figure, (axes,) = new_figure(WIDTH, 1.0 + ROW * len(types))
    notes = [f"{shares[name]:.1f}%  ({rows:,})" if rows else "none" for name, rows in types.items()]
    bars(axes, shares, notes, theme)
    axes.set(title="Attribute types", xlabel="% of samples whose sentence gives one")
    return figure


def coverage_chart(covered: Coverage, theme: Theme) -> Figure:
    """How many groups and leaves of each domain of RSVocab-1K are covered."""
    domains = covered_domains(covered)
    order = sorted(domains, key=lambda name: tuple(-domains[name][level].share for level in (2, 3)))
    figure, (axes,) = new_figure(WIDTH, 1.0 + 0.4 * len(order))
    levels: tuple[tuple[Level, str, str, float], ...] = (
        (2, "groups", theme.accent, -0.2),
        (3, "leaves", theme.kinds["one-to-many"], 0.2),
    )
    for level, label, colour, shift in levels:
        shares = [domains[name][level] for name in order]
        places = np.arange(len(order)) + shift
        axes.barh(places, [100 * share.share for share in shares], 0.36, color=colour, label=label)
        for place, share in zip(places, shares, strict=True):
            note(axes, f"{share.covered} of {share.total}", 100 * share.share, place, theme.muted)
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set(title="Domains of RSVocab-1K", xlabel="% covered")
    axes.set_xlim(0, max(10.0, 1.12 * axes.dataLim.x1))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    plain(axes, "x")
    return figure


def covered_domains(covered: Coverage) -> dict[str, dict[Level, Share]]:
    """Share of the groups (2) and leaves (3) of each domain that are covered.

    Example:
        >>> from remotesam.data.vocabulary import coverage
        >>> covered_domains(coverage(["freeway"]))["transport"][3].covered
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
