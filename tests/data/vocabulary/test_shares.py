"""Coverage of RSVocab-1K by lists whose answer can be counted by hand."""

import json

import pytest

from remotesam.data.vocabulary import Coverage, Share, Vocabulary, coverage, rsvocab

ROADS = [{"name": "freeway", "synonyms": ["motorway"]}, {"name": "street"}]
TREE = {
    "domains": [
        {
            "name": "transport",
            "groups": [
                {"name": "road", "leaves": ROADS},
                {"name": "ship", "leaves": [{"name": "ferry"}, {"name": "barge"}]},
            ],
        },
        {"name": "water", "groups": [{"name": "lake", "leaves": [{"name": "pond"}]}]},
    ]
}
SMALL = Vocabulary(TREE, {"datasets": {"tiny": {"names": {"path": "street"}, "no_category": ["void"]}}})


def shares(covered: Coverage) -> tuple[tuple[int, int], ...]:
    return tuple((share.covered, share.total) for share in covered.levels.values())


@pytest.mark.parametrize(
    ("names", "expected", "unknown"),
    [
        ([], ((0, 2), (0, 3), (0, 5)), ()),
        (["moon"], ((0, 2), (0, 3), (0, 5)), ("moon",)),
        (["transport"], ((1, 2), (0, 3), (0, 5)), ()),
        (["road"], ((1, 2), (1, 3), (0, 5)), ()),
        (["freeway"], ((1, 2), (1, 3), (1, 5)), ()),
        (["Freeways", "MOTORWAY", "motor-ways", "moon", "moon"], ((1, 2), (1, 3), (1, 5)), ("moon",)),
        (["street", "ferry", "pond"], ((2, 2), (3, 3), (3, 5)), ()),
        (["freeway", "street", "ferry", "barge", "pond"], ((2, 2), (3, 3), (5, 5)), ()),
    ],
)
def test_shares_of_each_level(
    names: list[str], expected: tuple[tuple[int, int], ...], unknown: tuple[str, ...]
) -> None:
    covered = coverage(names, vocabulary=SMALL)
    assert shares(covered) == expected
    assert covered.unknown == unknown


def test_domains_count_leaves() -> None:
    covered = coverage(["ferry", "street", "lake"], vocabulary=SMALL)
    assert covered.domains == {"transport": Share(2, 4), "water": Share(0, 1)}
    assert covered.domains["transport"].share == 0.5
    assert covered.entries == ("street", "ferry", "lake")  # the order of the vocabulary


def test_names_of_a_data_set() -> None:
    covered = coverage(["path", "void"], dataset="tiny", vocabulary=SMALL)
    assert (covered.entries, covered.unknown) == (("street",), ("void",))
    with pytest.raises(ValueError, match="dataset 'huge' is unknown; known are tiny"):
        coverage(["path"], dataset="huge", vocabulary=SMALL)


def test_everything_covers_everything_and_nothing_of_nothing_is_nothing() -> None:
    full = coverage(entry.name for entry in rsvocab())
    assert all(share.share == 1.0 for share in [*full.levels.values(), *full.domains.values()])
    assert Share(0, 0).share == 0.0


def test_all_classes_of_all_data_sets_are_covered() -> None:
    for dataset in rsvocab().datasets:
        names = rsvocab().dataset_names(dataset)
        covered = coverage(names, dataset=dataset)
        assert covered.unknown == ()
        assert set(covered.entries) == set(names.values())


def test_plain_data() -> None:
    plain = coverage(["ferry", "moon"], vocabulary=SMALL).as_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["levels"]["group"] == {"covered": 1, "total": 3, "share": 1 / 3}
    assert plain["domains"]["water"] == {"covered": 0, "total": 1, "share": 0.0}
    assert (plain["entries"], plain["unknown"]) == (["ferry"], ["moon"])
