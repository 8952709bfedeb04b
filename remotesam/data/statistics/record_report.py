"""The report about the records of a data set."""

from __future__ import annotations

from functools import partial

import numpy as np

import remotesam
from remotesam.data.statistics import bar_charts, spread_charts
from remotesam.data.statistics.page import Section, paragraph, plot, render_page, table, tiles
from remotesam.data.statistics.records import RecordStatistics
from remotesam.data.statistics.report import coverage_blocks

_PROBLEMS, _SIZES = 200, 12


def render_record_report(figures: RecordStatistics) -> str:
    """A page about the records of a data set, with plots.

    Args:
        figures: What was counted.

    Returns:
        HTML that needs no other file.
    """
    sections = [
        Section("", (_tiles(figures), paragraph(f"Licence: {figures.licence or 'not told'}."))),
        Section("Problems", _problems(figures)),
        Section("Categories", _categories(figures)),
        Section("Coverage of RSVocab-1K", coverage_blocks(figures.coverage)),
        Section("Images and objects", _objects(figures)),
    ]
    lead = f"Split {figures.split}, as its reader gives it: what is there before triplets are made."
    return render_page(figures.name, lead, sections, foot=f"Measured by remotesam {remotesam.__version__}.")


def _tiles(figures: RecordStatistics) -> str:
    values = {
        "images": figures.images,
        "annotations": figures.annotations,
        **figures.shapes,
        "label maps": figures.label_maps,
        "sentences about objects": figures.expressions,
        "captions": figures.captions,
        "problems": len(figures.problems),
    }
    return tiles({name: f"{value:,}" for name, value in values.items() if value or name in ("images", "problems")})


def _problems(figures: RecordStatistics) -> tuple[str, ...]:
    if not figures.problems:
        return ()
    listed = [(problem.kind, problem.file, problem.item, problem.message) for problem in figures.problems]
    rest = len(listed) - _PROBLEMS
    return (
        paragraph("What the reader left out, or, of the kind crossing, used with doubt."),
        table(("kind", "problems"), figures.problem_kinds.items()),
        table(("kind", "file", "item", "what"), listed[:_PROBLEMS]),
        *([paragraph(f"and {rest:,} more, all in the JSON document.")] if rest > 0 else []),
    )


def _categories(figures: RecordStatistics) -> tuple[str, ...]:
    blocks: list[str] = []
    for counts, what, unit in (
        (figures.categories, "Annotations by category", "annotations"),
        (figures.labels, "Images by label", "images"),
    ):
        if any(counts.values()):
            chart = partial(bar_charts.counts_chart, counts, title=what, unit=unit)
            blocks += [plot(chart, what), table(("category", unit), counts.most_common())]
    if figures.label_maps and not blocks:
        blocks.append(paragraph(f"In the label maps: {', '.join(figures.categories)}."))
    return tuple(blocks)


def _objects(figures: RecordStatistics) -> tuple[str, ...]:
    sizes = [(f"{width} x {height}", images) for (height, width), images in figures.sizes.most_common(_SIZES)]
    rest = len(figures.sizes) - len(sizes)
    blocks = [
        table(("width x height in pixels", "images"), sizes),
        *([paragraph(f"and {rest:,} more sizes.")] if rest > 0 else []),
    ]
    if figures.annotations:
        numbers = np.repeat(
            *(np.array(list(part)) for part in zip(*figures.annotations_per_image.items(), strict=True))
        )
        quantiles = [
            (f"{q:.0%}", int(np.quantile(numbers, q, method="lower"))) for q in (0.05, 0.25, 0.5, 0.75, 0.95, 1)
        ]
        blocks.append(table(("of the images", "have at most so many annotations"), quantiles))
    if len(figures.shares):
        chart = partial(spread_charts.areas_chart, figures.shares, what="objects")
        blocks.append(plot(chart, "Shares of the image that objects cover"))
    return tuple(blocks)
