import pytest

from remotesam.data.vocabulary import CATEGORIES, canonical, categories, category, mentioned, pluralise, resolve


@pytest.mark.parametrize("name", ["", "   ", "zeppelin", "ship harbor", "airport", "the airplane"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown category"):
        resolve(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("airplane", "airplane"),
        ("plane", "airplane"),
        ("Airplanes", "airplane"),
        ("aircraft", "airplane"),
        ("jets", "airplane"),
        ("storage_tank", "storage tank"),
        ("storagetank", "storage tank"),
        ("Storage-Tanks", "storage tank"),
        ("oil tank", "storage tank"),
        ("tank", "storage tank"),
        ("boat", "ship"),
        ("vessels", "ship"),
        ("Harbour", "harbor"),
        ("harbours", "harbor"),
        ("pier", "harbor"),
        ("docks", "harbor"),
        ("baseballfield", "baseball diamond"),
        ("ball fields", "baseball diamond"),
        ("running track", "ground track field"),
        ("groundtrackfield", "ground track field"),
        ("soccer-ball-field", "soccer field"),
        ("automobile", "vehicle"),
        ("lorries", "truck"),
        ("wharves", "harbor"),
    ],
)
def test_names_are_resolved_however_written(name: str, expected: str) -> None:
    assert resolve(name) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("", []),
        ("nothing known", []),
        ("the airport", []),
        ("the oil tank next to the harbour", ["storage tank", "harbor"]),
        ("tennis courts and basketball courts", ["tennis court", "basketball court"]),
        ("the car park beside a car", ["parking lot", "vehicle"]),
        ("the container crane", ["crane"]),
        ("a ship, another ship", ["ship"]),
    ],
)
def test_the_longest_term_wins_in_a_sentence(sentence: str, expected: list[str]) -> None:
    assert mentioned(sentence) == expected


@pytest.mark.parametrize(
    ("noun", "plural"),
    [("church", "churches"), ("refinery", "refineries"), ("railway", "railways"), ("bus", "buses"), ("dam", "dams")],
)
def test_regular_plurals(noun: str, plural: str) -> None:
    assert pluralise(noun) == plural
    assert category(noun).plural == plural


def test_irregular_plurals_are_written_down() -> None:
    assert ("aircraft", "aircraft") in CATEGORIES["airplane"].synonyms
    assert CATEGORIES["overpass"].plural == "overpasses"
    assert CATEGORIES["bridge"].plural == "bridges"


@pytest.mark.parametrize(
    ("name", "expected"), [("Golf-Course", "golf course"), ("Plane", "airplane"), ("large_vehicle", "large vehicle")]
)
def test_canonical_keeps_what_it_does_not_know(name: str, expected: str) -> None:
    assert canonical(name) == expected


def test_no_term_names_two_categories_and_relations_point_to_categories() -> None:
    assert len(categories._terms()) > 2 * len(CATEGORIES)
    for entry in CATEGORIES.values():
        related = (*entry.includes, *entry.confusable, *entry.overlapping)
        assert set(related) <= set(CATEGORIES), entry.name
        assert not set(entry.confusable) & {entry.name, *entry.includes, *entry.overlapping}, entry.name
        for single, plural in ((entry.name, entry.plural), *entry.synonyms):
            assert resolve(single) == resolve(plural) == entry.name
