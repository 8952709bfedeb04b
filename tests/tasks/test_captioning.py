"""Captions tell the facts, in right English, and the same facts with the same seed in the same words."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotesam.results import Caption, Instance, Instances
from remotesam.tasks import caption_instances
from remotesam.tasks.regions import PHRASES
from tests.tasks.grammar import FORMS, faults, placed, told

SIZE = (300, 300)
PLACES = {
    "in the upper left": (0, 0), "at the top": (0, 1), "in the upper right": (0, 2),
    "on the left": (1, 0), "in the middle": (1, 1), "on the right": (1, 2),
    "in the lower left": (2, 0), "at the bottom": (2, 1), "in the lower right": (2, 2),
}  # fmt: skip


def instance(category: str, row: int, column: int, *, side: int = 10) -> Instance:
    """One square in the middle of a cell of 3 x 3."""
    start = 50 - side // 2
    return Instance(category, 0.9, np.ones((side, side), dtype=bool), 100 * column + start, 100 * row + start, SIZE)


def whole(category: str) -> Instance:
    return Instance(category, 0.9, np.ones((260, 260), dtype=bool), 20, 20, SIZE)


def strip(category: str, width: int) -> Instance:
    return Instance(category, 0.9, np.ones((300, width), dtype=bool), 0, 0, SIZE)


def crowd(category: str, cells: list[tuple[int, int]]) -> list[Instance]:
    return [instance(category, row, column) for row, column in cells]


def scene(seed: int) -> Instances:
    """Some objects of some categories, gathered in few places or everywhere; every kind of number is common."""
    choose = random.Random(seed)
    names = choose.sample(list(FORMS), choose.choice([1, 1, 2, 3, 4, 8]))
    most = choose.choice([1, 4, 10])
    found = []
    for name in names:
        spots = [(choose.randrange(3), choose.randrange(3)) for _ in range(choose.choice([1, 1, 2, 3, 9]))]
        for _ in range(choose.choice([0, 1, 1, 2, 2, 3, 5, 12, 13, 40][:most])):
            found.append(whole(name) if choose.random() < 0.05 else instance(name, *choose.choice(spots)))
    choose.shuffle(found)
    return Instances(found, image_size=SIZE, categories=names)


def texts(found: Instances, *, regions: int = 3, seeds: int = 60) -> set[str]:
    return {caption_instances(found, regions=regions, seed=seed).text for seed in range(seeds)}  # type: ignore[arg-type]


@pytest.mark.parametrize("regions", [2, 3])
@pytest.mark.parametrize("most", [2, 6])
def test_thousands_of_captions_are_right_english_and_tell_the_facts(regions: int, most: int) -> None:
    for seed in range(1000):
        found = scene(seed)
        caption = caption_instances(found, regions=regions, seed=seed, max_categories=most)  # type: ignore[arg-type]
        counts = {name: len(found.of(name)) for name in found.categories}
        sentences = caption.facts["sentences"]
        assert caption.text == " ".join(sentence["text"] for sentence in sentences)
        for sentence in sentences:
            assert not faults(sentence["text"], counts), (seed, caption.text)
        check_facts(caption, found, counts, most)


def check_facts(caption: Caption, found: Instances, counts: dict[str, int], most: int) -> None:
    """The text tells what the facts say, and the facts what was found."""
    assert caption.facts["counts"] == counts
    assert sum(counts.values()) == len(found)
    first, *others = caption.facts["sentences"]
    for sentence in (first, *others):
        for fact in sentence["facts"]:
            assert fact["count"] == len(fact["instances"]) == len(set(fact["instances"]))
            assert {found[number].category for number in fact["instances"]} <= {fact["category"]}
    assert {fact["category"]: fact["count"] for fact in first["facts"] if fact["count"]} == {
        name: count for name, count in counts.items() if count
    }
    if not found:
        assert first["kind"] == "absence"
        assert not others
        return
    assert first["kind"] == "overview"
    shown = sorted(counts.values(), reverse=True)[:most]
    numbers = told(first["text"])
    hidden = numbers.pop("", 0)
    assert sum(numbers.values()) + hidden == len(found)
    assert sorted(numbers.values(), reverse=True) == [count for count in shown if count]
    assert all(counts[name] == count for name, count in numbers.items())
    located = {name: 0 for name in numbers}
    for sentence in others:
        if sentence["kind"] == "location":
            places = {PHRASES[fact["region"]]: fact["count"] for fact in sentence["facts"]}
            if 2 <= len(places) <= 3:
                assert placed(sentence["text"], places) == places
            for fact in sentence["facts"]:
                located[fact["category"]] += fact["count"]
    assert located == numbers


@pytest.mark.parametrize(
    ("category", "cells", "sentence"),
    [
        ("ship", ["00"], "The ship is in the upper left."),
        ("ship", ["00"], "The ship is located in the upper left."),
        ("ship", ["00"], "The ship can be seen in the upper left."),
        ("ship", ["11", "11"], "Both ships are in the middle."),
        ("ship", ["11", "11"], "The two ships are located in the middle."),
        ("ship", ["11", "11"], "The ships are both in the middle."),
        ("bus", ["21", "21", "21"], "All three buses are at the bottom."),
        ("bus", ["21", "21", "21"], "The three buses can be seen at the bottom."),
        ("bus", ["21", "21", "21"], "The buses are all at the bottom."),
        ("aircraft", ["02"] * 13, "All 13 aircraft are in the upper right."),
        ("ship", ["10", "12"], "One ship is on the left and the other is on the right."),
        ("ship", ["10", "12"], "One of the ships is on the left and the other is on the right."),
        ("ship", ["10", "12"], "Of the two ships, one is on the left and the other is on the right."),
        ("ship", ["01", "01", "12"], "Two ships are at the top and one is on the right."),
        (
            "ship",
            ["01", "01", "12", "20"],
            "Two of the ships are at the top, one is on the right and one is in the lower left.",
        ),
        ("ship", ["01"] * 20 + ["12"] * 20, "Of the 40 ships, 20 are at the top and 20 are on the right."),
        ("ship", ["00", "01", "02", "10"], "The ships are spread over the image."),
        ("ship", ["00", "01", "02", "10"], "The four ships are scattered over the image."),
        (
            "ship",
            ["00", "00", "00", "01", "02", "10"],
            "The ships are spread over the image, with three of them in the upper left.",
        ),
        (
            "ship",
            ["00"] * 97 + ["01"] + ["02"] + ["10"],
            "Of the 100 ships, 97 are in the upper left and the other three are elsewhere.",
        ),
        ("bridge", ["whole"], "The bridge stretches across the image."),
        ("bridge", ["whole", "whole", "whole"], "All three bridges stretch across the image."),
        (
            "bridge",
            ["whole", "00"],
            "One of the bridges is in the upper left and the other stretches across the image.",
        ),
        ("grass", ["00"], "The area of grass is in the upper left."),
    ],
)
def test_where_objects_are(category: str, cells: list[str], sentence: str) -> None:
    found = [whole(category) if cell == "whole" else instance(category, int(cell[0]), int(cell[1])) for cell in cells]
    said = set()
    for seed in range(100):
        caption = caption_instances(Instances(found, image_size=SIZE), seed=seed)
        said |= {one["text"] for one in caption.facts["sentences"] if one["kind"] == "location"}
    assert sentence in said


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        ([], {"Nothing was found in the image."}),
        (["ship", "harbour"], {"No harbours or ships were found.", "The image shows no harbours or ships."}),
        (["grass"], {"No grass was found.", "The image does not show any grass."}),
        (["grass", "bare soil"], {"No bare soil or grass was found."}),
        (["ship", "grass", "bus"], {"No grass, buses or ships were found."}),
        ([f"thing {i}" for i in range(20)], {"None of the 20 categories was found in the image."}),
        ([f"thing {i}" for i in range(7)], {"None of the seven categories was found in the image."}),
    ],
)
def test_nothing_found(names: list[str], allowed: set[str]) -> None:
    nothing = Instances(image_size=SIZE, categories=names)
    assert allowed <= texts(nothing)
    assert caption_instances(nothing).facts["counts"] == dict.fromkeys(names, 0)


def test_most_objects_come_first_then_the_larger_then_the_name() -> None:
    found = [
        instance("bus", 0, 0), instance("ship", 0, 1), instance("overpass", 1, 1, side=20),
        *crowd("wharf", [(2, 2)] * 2),
    ]  # fmt: skip
    text = caption_instances(Instances(found, image_size=SIZE)).text
    places = [text.index(word) for word in ("two wharves", "an overpass", "a bus", "a ship")]
    assert places == sorted(places)


def test_what_is_not_named_is_counted() -> None:
    found = [*crowd("ship", [(0, 0)] * 3), *crowd("bus", [(0, 1)] * 2), instance("SUV", 1, 1)]
    one = caption_instances(Instances(found, image_size=SIZE), max_categories=2)
    assert "three ships, two buses and one object of another category" in one.text
    two = caption_instances(Instances(found, image_size=SIZE), max_categories=1)
    assert "three ships and three objects of two other categories" in two.text
    assert two.facts["counts"] == {"ship": 3, "bus": 2, "SUV": 1}


@pytest.mark.parametrize(
    ("found", "sentence", "area"),
    [
        ([strip("grass", 102)], "It covers about 34% of the image.", 30600),
        ([whole("ship"), whole("ship")], "Together they cover about 75% of the image.", 67600),  # the same twice
        ([strip("ship", 300)], "It covers the whole image.", 90000),
        ([strip("ship", 299)], "It covers almost the whole image.", 89700),
        ([instance("grass", 0, 0)], None, None),  # 0.1 %
        ([strip("ship", 59)], None, None),  # less than a fifth, and counted itself
    ],
)
def test_how_much_is_covered(found: list[Instance], sentence: str | None, area: int | None) -> None:
    sentences = caption_instances(Instances(found, image_size=SIZE)).facts["sentences"]
    covers = [one for one in sentences if one["kind"] == "cover"]
    assert [one["text"] for one in covers] == ([sentence] if sentence else [])
    assert [one["facts"][0]["area"] for one in covers] == ([area] if area else [])


def test_seeds_change_the_words() -> None:
    found = Instances(crowd("ship", [(0, 0)] * 2 + [(1, 2)]), image_size=SIZE)
    assert len(texts(found)) >= 12
    assert caption_instances(found, seed=3).text == caption_instances(found, seed=3).text
    assert caption_instances(found, seed=-1).text in texts(found, seeds=1000)


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_categories_and_instances_changes_nothing(seed: int, order: random.Random) -> None:
    found = scene(seed)
    names, shuffled = list(found.categories), list(found)
    order.shuffle(names)
    order.shuffle(shuffled)
    other = caption_instances(Instances(shuffled, image_size=SIZE, categories=names), seed=seed)
    first = caption_instances(found, seed=seed)
    assert other.text == first.text
    assert other.facts["counts"] == first.facts["counts"]
    assert sum(first.facts["counts"].values()) == len(found)


def test_another_process_says_the_same() -> None:
    program = (
        "from tests.tasks.test_captioning import caption_instances, scene\n"
        "print('|'.join(caption_instances(scene(seed), seed=seed).text for seed in range(40)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONHASHSEED": "7"}, check=True
    )
    assert run.stdout.strip() == "|".join(caption_instances(scene(seed), seed=seed).text for seed in range(40))


def test_the_facts_are_json_and_lead_to_the_instances() -> None:
    found = Instances(
        [instance("bus", 0, 0), instance("ship", 1, 2), instance("ship", 1, 2)],
        image_size=SIZE,
        categories=["bus", "harbour", "ship"],
    )
    caption = caption_instances(found, regions=2, seed=np.int64(5))  # type: ignore[arg-type]
    facts = json.loads(json.dumps(caption.facts))
    assert facts["image_size"] == [300, 300]
    assert (facts["regions"], facts["seed"]) == (2, 5)
    assert facts["counts"] == {"bus": 1, "harbour": 0, "ship": 2}
    assert [one["facts"] for one in facts["sentences"]] == [
        [{"category": "ship", "count": 2, "instances": [1, 2]}, {"category": "bus", "count": 1, "instances": [0]}],
        [{"category": "ship", "count": 2, "region": "lower right", "instances": [1, 2]}],
        [{"category": "bus", "count": 1, "region": "upper left", "instances": [0]}],
    ]


@pytest.mark.parametrize(
    ("instances", "options", "error", "message"),
    [
        ([], {}, TypeError, "instances is a list; give Instances"),
        (Instances(image_size=SIZE), {"regions": 4}, ValueError, "regions is 4"),
        (Instances(image_size=SIZE), {"seed": None}, ValueError, "seed is None"),
        (Instances(image_size=SIZE), {"seed": 1.5}, ValueError, "seed is 1.5"),
        (Instances(image_size=SIZE), {"max_categories": 0}, ValueError, "max_categories is 0"),
        (Instances(image_size=SIZE), {"max_categories": "all"}, ValueError, "max_categories is 'all'"),
    ],
)
def test_bad_input_is_named(instances: object, options: dict[str, object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        caption_instances(instances, **options)  # type: ignore[arg-type]


def test_the_reader_of_captions_sees_faults() -> None:
    bad = """
        The image shows two ship. | This is an image of one ships. | A overpass can be seen in the image.
        The ship are at the top. | Both ships is at the top. | The image shows parking lotss. | No grass were found.
        Two of the ships is at the top and one is on the left. | Two ships are at the top and one are on the left.
        No ships was found. | 13 ships are at the top. | There is two ships in the image. | An ship can be seen.
        The two aircraft is at the top. | The image shows two grass. | It cover about 3% of the image.
        One of the ships are at the top and the other is on the left. | Together they covers about 3% of the image.
        One ship is at the top and the other are on the left. | The aircraft are at the top. | There are a ship.
        All three ships stretches across the image. | the ship is at the top. | The ship is at the top
    """
    texts = [text.strip() for line in bad.strip().splitlines() for text in line.split(" | ")]
    assert [text for text in texts if not faults(text, {"aircraft": 1})] == []


def test_regions_in_the_text_are_those_of_the_grid() -> None:
    for (phrase, (row, column)), seed in itertools.product(PLACES.items(), range(3)):
        text = caption_instances(Instances([instance("ship", row, column)], image_size=SIZE), seed=seed).text
        assert text.endswith(f"{phrase}.")
