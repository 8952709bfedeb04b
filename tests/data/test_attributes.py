import re

import pytest

from remotesam.data.attribute_types import ATTRIBUTE_TYPES
from remotesam.data.attributes import attributes_of, types_of
from remotesam.data.colours import COLOURS
from remotesam.data.expressions import (
    ALL,
    CANONICAL,
    EXTREMES,
    GROUP_SIZES,
    NEXT_TO,
    PLACE_PHRASES,
    SINGLE,
    SIZES,
    fill,
)
from remotesam.data.vocabulary import CATEGORIES, category

SENTENCES: list[tuple[str, set[str]]] = [
    ("", set()),
    ("...", set()),
    ("airplane in the image", set()),
    ("ground track field in the picture", set()),
    ("All parking lots in this scene", set()),
    ("the 2 ships", {"count:2"}),
    ("one of the ships", set()),
    ("one ship", {"count:1"}),
    ("the smaller one on the road", {"comparison:smaller", "surroundings:road"}),
    ("The Light-Grey ROOF", {"brightness:light", "colour:gray"}),
    ("the ship on the left of the image", {"position:left"}),
    ("the ship on the left of the harbour", {"relation:left of"}),
    ("the second car from the left", {"position:second from the left"}),
    ("the car near the edge of the forest", {"relation:near", "position:edge"}),
    ("the car near the top left corner", {"position:upper left"}),
    ("a top-left building", {"position:upper left"}),
    ("damaged building", {"state:damaged"}),
    ("a storage tank", set()),
    ("two small vehicles parked next to a long asphalt road", {
        "count:2", "size:small", "state:parked", "relation:next to", "size:long", "material:asphalt",
    }),
    ("the round tank with dark stripes", {"shape:round", "brightness:dark", "pattern:striped"}),
    ("boats moored in rows in the marina", {"state:docked", "arrangement:in rows", "surroundings:harbor"}),
    ("an airplane facing left", {"orientation:to the left"}),
    ("a rough, reddish commercial roof", {"texture:rough", "colour:red", "function:commercial"}),
    ("the leftward redden bigness", set()),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_attributes_of_a_sentence(sentence: str, expected: set[str]) -> None:
    assert set(attributes_of(sentence)) == expected


def test_there_are_sixteen_types_and_every_word_means_one_thing() -> None:
    assert len(ATTRIBUTE_TYPES) == 16
    words = [word for entry in ATTRIBUTE_TYPES.values() for words in entry.values.values() for word in words]
    assert len(words) == len(set(words))
    assert all(re.fullmatch(r"[a-z ]+", word) for word in words)
    assert all(entry.meaning.endswith(".") and entry.values for entry in ATTRIBUTE_TYPES.values())


@pytest.mark.parametrize("name", [name for name in ATTRIBUTE_TYPES if name != "surroundings"])
def test_every_word_of_a_type_is_found(name: str) -> None:
    for value, words in ATTRIBUTE_TYPES[name].values.items():
        for word in words:
            assert f"{name}:{value}" in attributes_of(f"the xyz, {word}"), word


@pytest.mark.parametrize("name", list(CATEGORIES))
def test_plain_sentences_of_a_known_category_have_no_attributes(name: str) -> None:
    entry = category(name)
    for single, plural in entry.terms:
        for form in (CANONICAL, *ALL, *SINGLE):
            found = attributes_of(fill(form, single, plural), category=name)
            assert set(found) <= ({"count:1"} if "only" in form else set()), (form, single, found)


def test_the_words_of_the_given_category_do_not_count() -> None:
    assert attributes_of("small vehicle in the image") == ("size:small",)
    assert attributes_of("small vehicle in the image", category="small vehicle") == ()
    assert attributes_of("the large small vehicle", category="small vehicle") == ("size:large",)


@pytest.mark.parametrize("name", ["ship", "storage tank", "ground track field", "golf course"])
def test_what_generated_sentences_say_is_found(name: str) -> None:
    entry = category(name)

    def found(form: str) -> tuple[str, ...]:
        return attributes_of(fill(form, entry.name, entry.plural), category=name)

    for place, phrases in PLACE_PHRASES.items():
        assert {found(f"the {{name}} {phrase}") for phrase in phrases} == {(f"position:{place}",)}
    for word, forms in EXTREMES.items():
        assert {found(form) for form in forms} == {(f"position:{word}most",)}
    for word, forms in SIZES.items():
        assert {found(form) for form in forms} == {(f"comparison:{word}",)}
    for word, forms in GROUP_SIZES.items():
        assert {types_of(found(form))[0] for form in forms} <= {"size", "comparison"}
        assert all(word in found(form)[0] for form in forms)
    for colour in COLOURS:
        assert found(f"the {colour} {{name}}") == (f"colour:{colour}",)
    for phrase in NEXT_TO:
        assert types_of(found(f"the {{name}} {phrase} a bridge")) == ("relation",)
    assert found("the {name} between the two bridges") == ("relation:between", "count:2")


def test_types_come_in_the_order_of_the_attributes() -> None:
    assert types_of(("size:large", "size:small", "colour:white")) == ("size", "colour")
