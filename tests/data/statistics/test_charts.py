"""Plots: what they are computed from, and that every set has some."""

from __future__ import annotations

import io
from collections import Counter
from functools import partial

import matplotlib
import numpy as np
import pytest
from PIL import Image

from remotesam.data.statistics import Sentence, SetStatistics, Tally, bar_charts, spread_charts
from remotesam.data.statistics.bar_charts import covered_domains
from remotesam.data.statistics.plotting import Chart, percent
from remotesam.data.statistics.spread_charts import coarser
from remotesam.data.statistics.themes import DARK, LIGHT, Theme
from remotesam.data.triplet_set import TripletRow
from remotesam.data.triplet_set.schema import rows_to_table
from remotesam.data.vocabulary import coverage, rsvocab
from tests.data_factories.measured import one_row, small_set


def figures_of(rows: list[TripletRow]) -> SetStatistics:
    tally = Tally(points=20)
    tally.add(rows_to_table(rows))
    return tally.result()


def drawn(chart: Chart, theme: Theme = LIGHT) -> np.ndarray:
    content = io.BytesIO()
    with matplotlib.rc_context({**theme.settings(), "figure.dpi": 60}):
        chart(theme).savefig(content, format="png")
    return np.asarray(Image.open(content).convert("RGB"))


SETS = {
    "by hand": small_set(),
    "one row": [one_row("ship", (0, 0, 1, 1))],
    "no mask": [one_row("a harbor", category="harbor")],
    "no words, no category": [one_row("?!", (0, 0, 120, 90), category="")],
    "signs": [one_row("$x^2$ <b>", (3, 3, 9, 9), category="$ship_{1$", source="a_$b$", attributes=("new:<i>",))],
    "many sources": [one_row("ship", (0, 0, 9, 9), source=f"source {n}", category=f"thing {n}") for n in range(40)],
}


@pytest.mark.parametrize("name", SETS)
def test_every_set_can_be_plotted(name: str) -> None:
    theme = DARK if name == "signs" else LIGHT
    figures = figures_of(SETS[name])
    charts: list[Chart] = [
        partial(chart, figures)
        for chart in (
            bar_charts.kinds_chart,
            bar_charts.categories_chart,
            bar_charts.attributes_chart,
            spread_charts.numbers_chart,
        )
    ]
    charts.append(partial(bar_charts.coverage_chart, figures.coverage))
    charts.append(partial(bar_charts.counts_chart, figures.words, title="words", unit="samples"))
    if len(figures.shares):
        charts.append(partial(spread_charts.areas_chart, figures.shares))
        charts.append(partial(spread_charts.positions_chart, figures))
    for chart in charts:
        pixels = drawn(chart, theme)
        paper = [int(theme.paper[place : place + 2], 16) for place in (1, 3, 5)]
        assert pixels[0, 0].tolist() == paper
        assert np.ptp(pixels) > 100


@pytest.mark.parametrize("sources", [1, 2])
def test_a_map_of_sentences_shows_every_point(sources: int) -> None:
    rng = np.random.default_rng(0)
    kinds = ("one-to-one", "one-to-many", "one-to-zero")
    sample = [Sentence(str(n), f"set {n % sources}", kinds[n % 3], f"thing {n % 12}") for n in range(60)]
    pixels = drawn(partial(spread_charts.sentences_chart, sample, rng.normal(size=(60, 2)).astype(np.float32)))
    colours = {tuple(colour) for colour in pixels[::2, ::2].reshape(-1, 3).tolist()}
    assert len(colours) > 20


def test_points_in_one_place_can_be_drawn() -> None:
    sample = [Sentence("ship", "set", "one-to-one", "ship")] * 5
    assert drawn(partial(spread_charts.sentences_chart, sample, np.zeros((5, 2), np.float32))).size


def test_the_commonest_stand_first() -> None:
    counts = Counter({f"thing {n:02}": n for n in range(1, 41)})
    figure = bar_charts.counts_chart(counts, LIGHT, title="Things", unit="images")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"thing {n:02}" for n in range(40, 10, -1)]
    assert [bar.get_width() for bar in axes.patches] == list(range(40, 10, -1))
    assert "30 commonest of 40" in axes.get_title(loc="left") or "30 commonest of 40" in axes.get_title()


def test_stacked_bars_add_up_to_the_samples() -> None:
    figures = figures_of(small_set())
    axes = bar_charts.kinds_chart(figures, DARK).axes[0]
    assert sum(bar.get_width() for bar in axes.patches) == figures.rows
    assert [label.get_text() for label in axes.get_yticklabels()] == ["dota", "rrsis-d"]


def test_what_does_not_fit_is_added_up() -> None:
    figures = figures_of(SETS["many sources"])
    axes = bar_charts.kinds_chart(figures, LIGHT).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[-1] == "28 more"
    assert sum(bar.get_width() for bar in axes.patches) == 40


def test_the_histogram_of_sizes_holds_every_mask() -> None:
    shares = np.array([1e-6, 1e-3, 0.01, 0.5, 1.0], np.float32)
    axes = spread_charts.areas_chart(shares, LIGHT).axes[0]
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(100)


@pytest.mark.parametrize(("masks", "cells"), [(1, 5), (199, 5), (1800, 15), (8101, 45)])
def test_cells_of_the_map_are_as_fine_as_its_masks_allow(masks: int, cells: int) -> None:
    grid = np.bincount(np.random.default_rng(0).integers(0, 45 * 45, masks), minlength=45 * 45).reshape(45, 45)
    joined = coarser(grid)
    assert joined.shape == (cells, cells)
    assert joined.sum() == masks
    part = 45 // cells
    assert joined[0, -1] == grid[:part, -part:].sum()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.5, "50%"), (0.123, "12%"), (0.0123, "1.2%"), (4e-5, "0.004%"), (1e-6, "0.0001%")],
)
def test_shares_are_written_with_two_digits(share: float, text: str) -> None:
    assert percent(share) == text


def test_domains_add_up_to_the_levels() -> None:
    covered = coverage(["freeway", "ship", "wheat field", "no such thing"])
    domains = covered_domains(covered)
    assert set(domains) == {entry.name for entry in rsvocab().level(1)}
    for level in (2, 3):
        shares = [parts[level] for parts in domains.values()]
        assert sum(share.covered for share in shares) == covered.levels[level].covered
        assert sum(share.total for share in shares) == covered.levels[level].total
    assert domains["transport"][3].covered == 1
