"""A page of HTML that needs nothing but itself: plain CSS, plots inside the file, readable by day and by night."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remotesam.data.statistics.plotting import Chart
from remotesam.data.statistics.themes import DARK, LIGHT, Theme


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: Its heading, as text; none where it is empty.
        blocks: Its content, as HTML.
    """

    title: str
    blocks: tuple[str, ...]


def render_page(title: str, lead: str, sections: Sequence[Section], *, foot: str = "") -> str:
    """The whole page.

    Args:
        title: Of the page, as text.
        lead: What it is about, as text.
        sections: Its parts; those without blocks are left out.
        foot: How it was made, as text.

    Returns:
        HTML.
    """
    parts = [f"<h1>{escaped(title)}</h1>", f'<p class="lead">{escaped(lead)}</p>']
    for section in sections:
        if section.blocks:
            heading = [f"<h2>{escaped(section.title)}</h2>"] if section.title else []
            parts += ["<section>", *heading, *section.blocks, "</section>"]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + f"\n<footer>{escaped(foot)}</footer>\n</main>\n</body>\n</html>\n"
    )


def escaped(text: object) -> str:
    """Text in which nothing is taken for a tag."""
    return html.escape(str(text))


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escaped(text)}</p>"


def tiles(values: Mapping[str, str]) -> str:
    """Figures to be seen first: label -> figure."""
    cells = (f"<div><b>{escaped(value)}</b><span>{escaped(label)}</span></div>" for label, value in values.items())
    return f'<div class="tiles">{"".join(cells)}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, strong: int | None = None) -> str:
    """A table; numbers stand to the right, None is an empty cell.

    Args:
        head: Titles of the columns.
        rows: Their values.
        strong: Number of a row to stress.
    """
    rows = [list(row) for row in rows]
    right = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(head))]

    def line(values: Iterable[object], tag: str, kind: str = "") -> str:
        cells = zip(values, right, strict=True)
        content = "".join(f"<{tag}{' class=n' if number else ''}>{_cell(value)}</{tag}>" for value, number in cells)
        return f"<tr{kind}>{content}</tr>"

    body = (line(row, "td", " class=strong" if place == strong else "") for place, row in enumerate(rows))
    return f'<div class="wide"><table><thead>{line(head, "th")}</thead><tbody>{"".join(body)}</tbody></table></div>'


def plot(chart: Chart, alternative: str) -> str:
    """A plot in the colours of the day and of the night, whichever the reader has.

    Args:
        chart: Draws it in the colours of a theme.
        alternative: What it shows, for those who do not see it.
    """
    light, dark = (_picture(chart, theme) for theme in (LIGHT, DARK))
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{escaped(alternative)}"></picture>'
    )


def _picture(chart: Chart, theme: Theme) -> str:
    import matplotlib

    content = io.BytesIO()
    with matplotlib.rc_context(theme.settings()):
        # Without the software's name the same figures give the same bytes in every version.
        chart(theme).savefig(content, format="png", metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | None) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.2f}" if isinstance(value, float) else escaped(value)


def _variables(theme: Theme) -> str:
    names = ("paper", "ink", "muted", "line", "accent")
    return "".join(f"--{name}:{getattr(theme, name)};" for name in names)


_STYLE = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media (prefers-color-scheme: dark){{:root{{{_variables(DARK)}}}}}"
    """
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:960px;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.7rem;margin:0}
h2{font-size:1.2rem;margin:2.6rem 0 .8rem;padding-top:1rem;border-top:1px solid var(--line)}
p{max-width:46rem;color:var(--muted)}
.lead{margin-top:.3rem}
.tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0}
.tiles div{flex:1 1 150px;border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem}
.tiles b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:.85rem}
.wide{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--muted);font-weight:600;white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums}
.strong td{font-weight:700}
.words{columns:9rem;font-size:.9rem;list-style:none;padding:0}
.words span{color:var(--muted)}
details{margin:.8rem 0}
summary{cursor:pointer;color:var(--accent)}
img{display:block;width:100%;height:auto;margin:1rem 0}
footer{margin-top:3rem;color:var(--muted);font-size:.85rem}
"""
)
