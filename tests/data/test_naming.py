import pytest

from remotesam.data.naming import name_of, wording
from remotesam.data.vocabulary import CATEGORIES, canonical, rsvocab


@pytest.mark.parametrize(
    ("spelling", "dataset", "name"),
    [
        ("plane", "dota", "airplane"),
        ("golffield", "dior", "golf course"),
        ("Car", "potsdam", "vehicle"),
        ("small-vehicle", "dota", "small vehicle"),
        ("football_field", "patternnet", "american football field"),
        ("Playground", "aid", "ground track field"),
        ("Playground", "", "playground"),
        ("agricultural", "loveda", "farmland"),
        ("My_Own Thing", "own-vectors", "my own thing"),
        ("Clutter/background", "potsdam", None),
        ("background", "", None),
    ],
)
def test_names(spelling: str, dataset: str, name: str | None) -> None:
    assert name_of(spelling, dataset=dataset) == name


def test_names_stay_as_they_are() -> None:
    vocabulary = rsvocab()
    for dataset in vocabulary.datasets:
        for spelling in vocabulary.dataset_names(dataset):
            name = name_of(spelling, dataset=dataset)
            assert name is not None and canonical(name) == name


@pytest.mark.parametrize("name", list(CATEGORIES))
def test_the_categories_of_the_networks_keep_their_words(name: str) -> None:
    words, entry = wording(name), CATEGORIES[name]
    assert words.terms == entry.terms
    assert set(entry.includes) <= set(words.includes) and set(entry.overlapping) <= set(words.overlapping)
    for others in (words.includes, words.confusable, words.overlapping):
        assert name not in others and len(set(others)) == len(others)


def test_words_outside_every_vocabulary_get_a_regular_plural() -> None:
    words = wording("zorgelfactory")
    assert (words.plural, words.synonyms, words.includes, words.overlapping) == ("zorgelfactories", (), (), ())


@pytest.mark.parametrize(
    ("name", "other"),
    [("vehicle", "van"), ("van", "vehicle"), ("small vehicle", "van"), ("road", "freeway"), ("freeway", "road")],
)
def test_what_lies_above_or_below_may_be_called_so(name: str, other: str) -> None:
    assert other in wording(name).overlapping


def test_synonyms_that_read_as_attributes_are_not_used() -> None:
    assert "light vehicle" in rsvocab().synonyms("small vehicle")
    assert "light vehicle" not in [single for single, _ in wording("small vehicle").synonyms]


def test_what_is_of_its_kind_belongs_to_it() -> None:
    assert {"truck", "van", "bus", "small vehicle"} <= set(wording("vehicle").includes)
    assert "vehicle" not in wording("van").includes
    assert "dam" not in wording("water").includes
