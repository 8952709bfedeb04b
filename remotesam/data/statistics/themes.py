"""Colours of plots and of the page around them, by day and by night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Theme:
    """Colours, ``"#rrggbb"`` each.

    Attributes:
        name: "light" or "dark".
        paper: Of the page.
        ink: Of what is read first.
        muted: Of what is read second.
        line: Of grids and borders.
        accent: Of bars.
        kinds: Kind of triplet -> its colour.
        series: Of sources and categories; colours that also colour-blind people tell apart (Okabe and Ito).
        other: Of what has none of them.
    """

    name: str
    paper: str
    ink: str
    muted: str
    line: str
    accent: str
    kinds: dict[str, str]
    series: tuple[str, ...]
    other: str

    def settings(self) -> Any:
        """The colours and sizes as matplotlib takes them."""
        return {
            "figure.facecolor": self.paper,
            "axes.facecolor": self.paper,
            "savefig.facecolor": self.paper,
            "text.color": self.ink,
            "axes.labelcolor": self.muted,
            "axes.edgecolor": self.line,
            "axes.titlecolor": self.ink,
            "xtick.color": self.muted,
            "xtick.labelcolor": self.ink,
            "ytick.color": self.muted,
            "ytick.labelcolor": self.ink,
            "grid.color": self.line,
            "grid.linewidth": 0.8,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 9,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "figure.dpi": 130,
            "text.parse_math": False,  # names may have a dollar sign
        }


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#1b222c",
    muted="#5f6975",
    line="#dfe3e8",
    accent="#2f6fd0",
    kinds={"one-to-one": "#2f6fd0", "one-to-many": "#e39a1b", "one-to-zero": "#98a2ae"},
    series=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a5cc9", "#8a8f00"),
    other="#b4bcc6",
)
DARK = Theme(
    name="dark",
    paper="#14171c",
    ink="#eef1f4",
    muted="#a3adb8",
    line="#2d343d",
    accent="#6ea8ff",
    kinds={"one-to-one": "#6ea8ff", "one-to-many": "#f0b13c", "one-to-zero": "#7d8793"},
    series=("#4aa3df", "#f0b13c", "#2cc79a", "#e39bc4", "#8fd0f7", "#ff8a4c", "#a98cf0", "#c9cf3a"),
    other="#5a636e",
)
THEMES = (LIGHT, DARK)
