"""Tables of any number of dumps: figures with intervals, published results beside them, and paired comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from remotesam.evaluation.bootstrap import DRAWS, Interval, confidence_intervals
from remotesam.evaluation.comparison import comparable_settings, compare, comparison_blocks, distinct_names
from remotesam.evaluation.dumps import Dump
from remotesam.evaluation.published import PublishedResult, published_for
from remotesam.evaluation.tables import (
    Block,
    Code,
    Heading,
    Lines,
    PictureFile,
    Table,
    about_lines,
    figure_text,
    is_main,
    part_groups,
)


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """How figures are told.

    Attributes:
        draws: Resamplings for intervals; 0 for none.
        seed: Of them.
        groups: Whether figures by category, size and number of targets are told too.
    """

    draws: int = DRAWS
    seed: int = 0
    groups: bool = True


@dataclass(frozen=True)
class Figures:
    """The figures of some samples of a dump.

    Attributes:
        samples: How many.
        values: Name -> value.
        intervals: Name -> interval, where there is one.
    """

    samples: int
    values: Mapping[str, float | None]
    intervals: Mapping[str, Interval]

    def text(self, name: str) -> str:
        """A figure with its interval."""
        interval = self.intervals.get(name)
        ends = () if interval is None else (interval.low, interval.high)
        return figure_text(name, self.values.get(name), *ends)


def figures_by_kind(dump: Dump, options: ReportOptions) -> dict[str, Figures]:
    """The figures of each kind of question in a dump ("" where there is one kind), recomputed from its rows."""
    kinds = sorted(dump.rows.column("asked").unique().to_pylist())
    tables = {kind: dump.rows.filter(pc.equal(dump.rows.column("asked"), kind)) for kind in kinds}
    if len(kinds) < 2:
        tables = {"": dump.rows}
    return {kind: _figures(dump, rows, options) for kind, rows in tables.items()}


def _figures(dump: Dump, rows: pa.Table, options: ReportOptions) -> Figures:
    intervals: dict[str, Interval] = {}
    if options.draws and rows.num_rows:
        intervals = confidence_intervals(dump.metric, rows, draws=options.draws, seed=options.seed)
    return Figures(rows.num_rows, dump.metric.summarise(rows), intervals)


def build_report(
    dumps: Sequence[Dump], options: ReportOptions, *, plots: Callable[[Dump], list[tuple[str, str]]]
) -> list[Block]:
    """The report of some dumps: a section for each task and data set, comparisons where two dumps share one.

    Args:
        dumps: At least one.
        options: How figures are told.
        plots: Draws a dump; gives paths relative to the report, each with a caption.
    """
    blocks: list[Block] = [Heading("Evaluation", 1)]
    if options.draws:
        told = f"In brackets: 95 % bootstrap intervals over images ({options.draws:,} draws, seed {options.seed})."
        blocks.append(Lines([told, "Shares and IoUs in percent."]))
    sections: dict[tuple[str, ...], list[Dump]] = {}
    for dump in dumps:
        sections.setdefault(_section(dump), []).append(dump)
    for members in sections.values():
        blocks += _section_blocks(members, options)
        for dump in members:
            blocks += [PictureFile(path, f"{dump.name}: {caption}") for path, caption in plots(dump)]
        for place, second in enumerate(members[1:], start=1):
            for first in members[:place]:
                blocks += comparison_blocks(compare(first, second, draws=max(1, options.draws), seed=options.seed))
    return blocks


def _section_blocks(dumps: Sequence[Dump], options: ReportOptions) -> list[Block]:
    summary = dumps[0].summary
    data = summary["data"]
    several = "protocol" in summary["metric"]["settings"]
    title = f"{summary['metric']['name']}: {data['name']} {data['split']}"
    title += f", {summary['protocol']} protocol" if several else ""
    blocks: list[Block] = [Heading(title)]
    names = distinct_names(dumps)
    figures = [figures_by_kind(dump, options) for dump in dumps]
    kinds = list(dict.fromkeys(kind for one in figures for kind in one))
    for kind in kinds:
        if kind:
            blocks.append(Heading(_KINDS.get(kind, kind), 3))
        having = [(name, one[kind]) for name, one in zip(names, figures, strict=True) if kind in one]
        blocks += _figure_tables(having, published_for(summary) if kind in ("", "sentence") else [], summary, options)
    for name, dump in zip(names, dumps, strict=True):
        blocks += [Heading(f"About {name}", 3), Lines(about_lines(dump.summary)), Code(_command(dump))]
    return blocks


_KINDS = {
    "category": '"{category} in the image", for every annotated category, present or not',
    "synonym": "The same for other names of categories",
    "one-to-one": "Generated sentences about one object",
}


def _figure_tables(
    having: Sequence[tuple[str, Figures]],
    published: Sequence[PublishedResult],
    summary: Mapping[str, Any],
    options: ReportOptions,
) -> list[Block]:
    every = list(dict.fromkeys(name for _, one in having for name in one.values))
    main = [name for name in every if is_main(name) and any(one.values.get(name) is not None for _, one in having)]
    rows: list[list[str]] = [[name, f"{one.samples:,}", *(one.text(figure) for figure in main)] for name, one in having]
    header = ["system", "samples", *main]
    blocks: list[Block] = []
    if published:
        header.append("comparable")
        rows = [[*row, ""] for row in rows]
        for result in published:
            reason = result.reason_against(summary)
            of = f", {result.of}" if result.of else ""
            cells = [figure_text(figure, result.figures.get(figure)) for figure in main]
            rows.append([f"{result.system} ({result.where}{of})", "–", *cells, f"no: {reason}" if reason else "yes"])
    blocks.append(_turned(header, rows) if len(rows) < 4 and len(main) > 5 else Table(header, rows))
    groups = [
        name for name in every if not is_main(name) and any(one.values.get(name) is not None for _, one in having)
    ]
    if not options.groups:
        return blocks
    if len(having) > 1 and groups:
        parts = [[name, *(one.text(name) for _, one in having)] for name in groups]
        return [*blocks, Table(["part", *(name for name, _ in having)], parts)]
    for figures, members in part_groups(groups):
        rows = [[part, *(having[0][1].text(f"{figure}/{part}") for figure in figures)] for part in members]
        blocks.append(Table(["part", *figures], rows))
    return blocks


def _turned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Few systems with many figures: a figure a line."""
    turned = list(zip(*rows, strict=True))
    return Table(["figure", *turned[0]], [[name, *cells] for name, cells in zip(header[1:], turned[1:], strict=True)])


def _section(dump: Dump) -> tuple[str, ...]:
    data, metric = dump.summary["data"], dump.summary["metric"]
    return (
        dump.summary["task"],
        metric["name"],
        data["key"],
        data["name"],
        data["split"],
        str(comparable_settings(dump)),
    )


def _command(dump: Dump) -> str:
    code = dump.summary["code"]
    commit = (
        f", commit {code['commit'][:12]}{' with changes' if code.get('changed') else ''}" if "commit" in code else ""
    )
    data = dump.summary["data"]["sha256"][:12]
    return f"{dump.summary['command']}\n# remotesam {code['remotesam']}{commit}; data {data}"


def write_report(blocks: Sequence[Block], path: Path) -> None:
    """Writes a report as Markdown (.md) or HTML (.html).

    Raises:
        ValueError: The extension is neither.
    """
    from remotesam.evaluation.tables import to_html, to_markdown
    from remotesam.files import write_text

    if path.suffix.lower() == ".md":
        write_text(path, to_markdown(blocks))
    elif path.suffix.lower() in (".html", ".htm"):
        write_text(path, to_html(blocks, title="Evaluation"))
    else:
        raise ValueError(f"{path}: a report is written as .md or .html")
