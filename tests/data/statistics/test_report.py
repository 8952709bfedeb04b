"""The page about a set: whole in itself, safe, and with the figures that were counted."""

from __future__ import annotations

import base64
import io
import re
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from remotesam.data.statistics import SetStatistics, Tally, bar_charts, render_report
from remotesam.data.statistics.page import Section, plot, render_page, table, tiles
from remotesam.data.triplet_set.schema import rows_to_table
from tests.data_factories.measured import one_row, small_set

_ALONE = {"meta", "img", "source"}


class Checker(HTMLParser):
    """Collects texts and addresses, and fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "srcset", "href")]
        if tag not in _ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open
    return checker


def figures_of(rows: list) -> SetStatistics:  # type: ignore[type-arg]
    tally = Tally(points=20)
    tally.add(rows_to_table(rows))
    return tally.result()


@pytest.fixture(scope="module")
def page() -> str:
    figures = figures_of(small_set())
    points = np.arange(2 * len(figures.sample), dtype=np.float32).reshape(-1, 2)
    return render_report(figures, name="by hand", points=points, features="their words", notes={"a": "Half & done."})


def test_a_page_needs_no_other_file(page: str) -> None:
    checker = parsed(page)
    assert not checker.tags & {"script", "link", "iframe", "object", "embed"}
    assert "url(" not in page
    assert "@import" not in page
    assert checker.addresses
    for address in checker.addresses:
        kind, _, content = address.partition(",")
        assert kind == "data:image/png;base64"
        picture = Image.open(io.BytesIO(base64.b64decode(content, validate=True)))
        assert picture.width > 900
        assert np.ptp(np.asarray(picture.convert("L"))) > 100


def test_every_plot_has_a_picture_for_day_and_night(page: str) -> None:
    assert page.count("<picture>") == page.count("<img ") == page.count('media="(prefers-color-scheme: dark)"') == 8
    assert all(alternative for alternative in re.findall(r'alt="([^"]*)"', page))


def test_the_figures_are_on_the_page(page: str) -> None:
    text = " ".join(parsed(page).texts)
    for told in (
        "by hand",
        "8 triplets",
        "RemoteSAM-270K",
        "dota (here)",
        "all of this set",
        "storage tank",
        "Half & done.",
    ):
        assert told in text
    assert "1 samples name no category" in text
    assert "Asked for, but shown by no mask: harbor, storage tank." in text


@pytest.mark.usefixtures("unplotted")
def test_without_points_there_is_no_map() -> None:
    assert "t-SNE" not in render_report(figures_of(small_set()), name="by hand")


@pytest.mark.usefixtures("unplotted")
def test_names_are_no_tags() -> None:
    evil = "<script>alert(1)</script>&"
    rows = [one_row(evil, (0, 0, 9, 9), category=evil, source=evil, licence=evil, attributes=(f"{evil}:{evil}",))]
    checker = parsed(render_report(figures_of(rows), name=evil, notes={"a": evil}))
    assert "script" not in checker.tags
    assert evil in checker.texts


@pytest.mark.usefixtures("unplotted")
def test_the_same_figures_give_the_same_page() -> None:
    assert render_report(figures_of(small_set()), name="a") == render_report(figures_of(small_set()), name="a")
    chart = partial(bar_charts.kinds_chart, figures_of(small_set()))
    assert plot(chart, "kinds") == plot(chart, "kinds")


@pytest.mark.usefixtures("unplotted")
@pytest.mark.parametrize("rows", [[one_row("a harbor")], [one_row("?", (0, 0, 120, 90), category="")]])
def test_small_sets_have_a_page(rows: list) -> None:  # type: ignore[type-arg]
    parsed(render_report(figures_of(rows), name="small"))


def test_numbers_stand_to_the_right_and_words_do_not() -> None:
    html = table(("a", "b", "c", "d"), [("x", 1, True, None), ("y", 1234.5, False, 2)], strong=1)
    assert html.count("class=n") == 2 * 3
    assert "<td class=n>1234.50</td>" in html
    assert "<td>yes</td>" in html
    assert "<tr class=strong>" in html


def test_parts_without_content_are_left_out() -> None:
    page = render_page("title", "lead", [Section("empty", ()), Section("", (tiles({"samples": "1"}),))])
    assert "empty" not in page
    assert page.count("<h2>") == 0
