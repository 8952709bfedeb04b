"""Reports as headings, lines, tables and pictures, and how they are written as Markdown and HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PLAIN = ("MAE", "RMSE")
_PARTS_OF_MAIN = ("targeted", "asked")


@dataclass(frozen=True)
class Heading:
    """A title; level 1 is the highest."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Lines:
    """Lines of text under each other."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Code:
    """A command, as it is."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table; all columns but the first are numbers and go to the right.

    Attributes:
        header: Names of the columns.
        rows: As many cells each.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class PictureFile:
    """A picture, by its path relative to the report."""

    path: str
    caption: str


Block = Heading | Lines | Code | Table | PictureFile


def to_markdown(blocks: Sequence[Block]) -> str:
    """The report as Markdown, with GitHub's tables.

    Example:
        >>> print(to_markdown([Heading("Figures"), Table(["system", "mIoU"], [["a|b", "51.2"]])]))
        ## Figures
        <BLANKLINE>
        | system | mIoU |
        | --- | ---: |
        | a\\|b | 51.2 |
        <BLANKLINE>
    """
    return "\n".join(_markdown(block) for block in blocks)


def to_html(blocks: Sequence[Block], *, title: str) -> str:
    """The report as one HTML page without scripts."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #ddd}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #888}"
    "pre{background:#f5f5f5;padding:.7rem;white-space:pre-wrap;overflow-wrap:anywhere}"
    "figure{margin:1.5rem 0}img{max-width:100%}figcaption{color:#555}"
)


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}\n"
    if isinstance(block, Lines):
        return "\\\n".join(block.lines) + "\n"
    if isinstance(block, Code):
        return f"```\n{block.text}\n```\n"
    if isinstance(block, PictureFile):
        return f"![{block.caption}]({block.path})\n"
    rows = [block.header, ["---", *["---:"] * (len(block.header) - 1)], *block.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows) + "\n"


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{html.escape(block.text)}</h{block.level}>"
    if isinstance(block, Lines):
        return "<p>" + "<br>\n".join(map(html.escape, block.lines)) + "</p>"
    if isinstance(block, Code):
        return f"<pre>{html.escape(block.text)}</pre>"
    if isinstance(block, PictureFile):
        caption = html.escape(block.caption)
        return f'<figure><img src="{html.escape(block.path)}" alt=""><figcaption>{caption}</figcaption></figure>'
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in block.header)
    rows = ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in block.rows]
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>\n</table>"


def is_main(name: str) -> bool:
    """Whether a figure is of the whole set (or of all its targets), not of a category or size."""
    return "/" not in name or name.split("/", 1)[1] in _PARTS_OF_MAIN


def part_groups(names: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """Sorts figures of categories and sizes into tables: those parts go together that have the same figures.

    Args:
        names: Such as "AP50/ship".

    Returns:
        For each table its figures and its parts.

    Example:
        >>> part_groups(["mIoU/small", "oIoU/small", "mIoU/large", "oIoU/large", "IoU/ship"])
        [(['mIoU', 'oIoU'], ['small', 'large']), (['IoU'], ['ship'])]
    """
    figures: dict[str, list[str]] = {}
    for name in names:
        figure, _, part = name.partition("/")
        figures.setdefault(part, []).append(figure)
    groups: dict[tuple[str, ...], list[str]] = {}
    for part, having in figures.items():
        groups.setdefault(tuple(having), []).append(part)
    return [(list(having), parts) for having, parts in groups.items()]


def is_share(name: str) -> bool:
    """Whether a figure is a share or a mean of shares, which is told in percent."""
    return name.split("/")[0] not in _PLAIN


def figure_text(name: str, value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A figure with its interval, shares in percent.

    Example:
        >>> figure_text("mIoU", 0.51234, 0.4801, 0.5399), figure_text("MAE", 1.25), figure_text("mIoU", None)
        ('51.23 [48.01, 53.99]', '1.250', '–')
    """
    if value is None:
        return "–"
    numbers = [value] if low is None or high is None else [value, low, high]
    texts = [f"{100 * number:.2f}" if is_share(name) else f"{number:.3f}" for number in numbers]
    return texts[0] if len(texts) == 1 else f"{texts[0]} [{texts[1]}, {texts[2]}]"


def about_lines(summary: Mapping[str, Any]) -> list[str]:
    """What the figures of an evaluation are the figures of: metric, split, input size, checkpoint, training data."""
    data, subject = summary["data"], summary["model"] or summary["predictions"]
    count = f"{summary['images']:,} images, {summary['samples']:,} samples"
    lines = [f"{summary['task']} on {data['name']} {data['split']}: {count}; {summary['questions']['note']}"]
    if summary["model"]:
        trained = ", ".join(subject["trained_on"]) or "not told by its card"
        gate = f"threshold {subject['threshold']}, presence threshold {subject['presence_threshold']}"
        lines.append(
            f"{summary['system']} ({subject['sha256'][:12]}), input {summary['input_size']}, {gate}, "
            f"{subject['device']}, {subject['precision']}; trained on {trained}"
        )
    else:
        lines.append(f"predictions {summary['system']} ({subject['file']}, {subject['sha256'][:12]})")
    lines.append(f"metric {summary['metric']['name']}: {summary['metric']['rules']}")
    told = [f"{count:,} {reason}" for reason, count in summary["questions"]["left_out"].items()]
    if data["problems"]:
        told.append(f"{data['problems']:,} faulty items of the data set")
    if told:
        lines.append(f"left out: {'; '.join(told)}")
    if summary.get("limit") is not None:
        lines.append(f"only the first {summary['limit']} images")
    if summary.get("missing"):
        missing = summary["missing"]
        shown = ", ".join(missing["first"]) + (" ..." if missing["count"] > len(missing["first"]) else "")
        lines.append(f"{missing['count']:,} samples without a prediction count as answered with nothing: {shown}")
    return lines
