"""Categories become right English nouns, whether they were given in singular or plural."""

from __future__ import annotations

import pytest

from remotesam.data.vocabulary import CATEGORIES
from remotesam.tasks.wording import article, listed, noun, number

NOUNS = [
    # given, one, two, none
    ("ship", "a ship", "two ships", "ships"),
    ("ships", "a ship", "two ships", "ships"),
    ("bus", "a bus", "two buses", "buses"),
    ("buses", "a bus", "two buses", "buses"),
    ("overpass", "an overpass", "two overpasses", "overpasses"),
    ("overpasses", "an overpass", "two overpasses", "overpasses"),
    ("aircraft", "an aircraft", "two aircraft", "aircraft"),
    ("parking lot", "a parking lot", "two parking lots", "parking lots"),
    ("parking lots", "a parking lot", "two parking lots", "parking lots"),
    ("people", "a person", "two people", "people"),
    ("person", "a person", "two people", "people"),
    ("wharf", "a wharf", "two wharves", "wharves"),
    ("wharves", "a wharf", "two wharves", "wharves"),
    ("wharfs", "a wharf", "two wharfs", "wharfs"),  # the words of the question
    ("cattle", "a cow", "two cattle", "cattle"),
    ("crossroads", "a crossroads", "two crossroads", "crossroads"),
    ("barracks", "a barracks", "two barracks", "barracks"),
    ("stadium", "a stadium", "two stadiums", "stadiums"),
    ("gas", "a gas", "two gases", "gases"),
    ("tennis court", "a tennis court", "two tennis courts", "tennis courts"),
    ("campus", "a campus", "two campuses", "campuses"),
    ("roof", "a roof", "two roofs", "roofs"),
    ("leaves", "a leaf", "two leaves", "leaves"),
    ("jetty", "a jetty", "two jetties", "jetties"),
    ("quay", "a quay", "two quays", "quays"),
    ("cul-de-sac", "a cul-de-sac", "two culs-de-sac", "culs-de-sac"),
    ("taxis", "a taxi", "two taxis", "taxis"),
    ("grass", "an area of grass", "two areas of grass", "grass"),
    ("water", "an area of water", "two areas of water", "water"),
    ("bare soil", "an area of bare soil", "two areas of bare soil", "bare soil"),
    ("farmland", "an area of farmland", "two areas of farmland", "farmland"),
    ("farmlands", "an area of farmland", "two areas of farmland", "farmland"),
    ("low vegetation", "an area of low vegetation", "two areas of low vegetation", "low vegetation"),
    ("bare ground", "an area of bare ground", "two areas of bare ground", "bare ground"),
    ("sports ground", "a sports ground", "two sports grounds", "sports grounds"),
    ("playground", "a playground", "two playgrounds", "playgrounds"),
    ("equipment", "a piece of equipment", "two pieces of equipment", "equipment"),
    ("impervious surfaces", "an impervious surface", "two impervious surfaces", "impervious surfaces"),
    ("body of water", "a body of water", "two bodies of water", "bodies of water"),
    ("bodies of water", "a body of water", "two bodies of water", "bodies of water"),
    ("ship in the harbor", "a ship in the harbor", "two ships in the harbor", "ships in the harbor"),
    ("road covered with ice", "a road covered with ice", "two roads covered with ice", "roads covered with ice"),
    ("old covered bridge", "an old covered bridge", "two old covered bridges", "old covered bridges"),
    ("storage tank (oil)", "a storage tank (oil)", "two storage tanks (oil)", "storage tanks (oil)"),
    ("storage_tank", "a storage tank", "two storage tanks", "storage tanks"),
    ("  storage   tank ", "a storage tank", "two storage tanks", "storage tanks"),
    ("all the ships", "a ship", "two ships", "ships"),
    ("an airplane", "an airplane", "two airplanes", "airplanes"),
    ("Large Vehicle", "a Large Vehicle", "two Large Vehicles", "Large Vehicles"),
    ("Buses", "a Bus", "two Buses", "Buses"),
    ("STORAGE TANK", "a STORAGE TANK", "two STORAGE TANKS", "STORAGE TANKS"),
    ("Expressway-toll-box", "an Expressway-toll-box", "two Expressway-toll-boxes", "Expressway-toll-boxes"),
    ("basketballcourt", "a basketballcourt", "two basketballcourts", "basketballcourts"),
    ("SUV", "an SUV", "two SUVs", "SUVs"),
    ("UAVs", "a UAV", "two UAVs", "UAVs"),
    ("Boeing 737", "a Boeing 737", "two Boeing 737s", "Boeing 737s"),
    ("A220", "an A220", "two A220s", "A220s"),
    ("船", "a 船", "two 船", "船"),
    ("the", "a the", "two thes", "thes"),  # nonsense, but no error
    ("-", "a -", "two -", "-"),
]  # fmt: skip


@pytest.mark.parametrize(("category", "one", "two", "none"), NOUNS, ids=[entry[0] for entry in NOUNS])
def test_forms(category: str, one: str, two: str, none: str) -> None:
    found = noun(category)
    assert (found.counted(1), found.counted(2), found.any) == (one, two, none)
    assert found.form(1) == found.singular
    assert found.form(0) == found.form(13) == found.plural


def test_every_category_of_the_vocabulary_has_its_plural() -> None:
    wrong = []
    for category in CATEGORIES.values():
        for singular, plural in category.terms:
            for given in (singular, plural):
                found = noun(given)
                if not found.mass and (found.singular, found.plural) != (singular, plural):
                    wrong.append((given, found))
    assert wrong == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ship", "a"), ("airplane", "an"), ("hour glass", "an"), ("university", "a"), ("urban area", "an"),
        ("one-way street", "a"), ("European car", "a"), ("SUV", "an"), ("UAV", "a"), ("RV", "an"), ("LPG tank", "an"),
        ("M1 tank", "an"), ("F-16", "an"), ("U-turn", "a"), ("X-ray", "an"), ("NASA building", "a"),
        ("8-lane road", "an"), ("11-storey house", "an"), ("18 m mast", "an"), ("110 m mast", "a"), ("4x4", "a"),
        ("Airport", "an"), ("island", "an"), ("église", "a"), ("船", "a"),
    ],
)  # fmt: skip
def test_articles(words: str, expected: str) -> None:
    assert article(words) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "zero"), (1, "one"), (12, "twelve"), (13, "13"), (999, "999"), (12345, "12,345")]
)
def test_numbers(count: int, expected: str) -> None:
    assert number(count) == expected


@pytest.mark.parametrize(("items", "expected"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_lists(items: list[str], expected: str) -> None:
    assert listed(items, "or") == expected
