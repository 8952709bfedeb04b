"""Counting, eq. 6: a name counts itself alone, and what is not there counts zero."""

from __future__ import annotations

import numpy as np
import pytest

from remotesam.results import Instance, Instances
from remotesam.tasks.counting import count_instances


def found(*categories: str) -> Instances:
    pixel = np.ones((1, 1), dtype=bool)
    return Instances(
        [Instance(category, 0.9, pixel, x, 0, (1, 9)) for x, category in enumerate(categories)], image_size=(1, 9)
    )


@pytest.mark.parametrize(
    ("instances", "categories", "numbers"),
    [
        ((), ["ship"], {"ship": 0}),
        (("ship", "ship", "harbor"), ["harbor", "ship"], {"harbor": 1, "ship": 2}),
        (("ship", "harbor"), ["ship"], {"ship": 1}),
        (("court", "tennis court", "tennis court"), ["court", "tennis court"], {"court": 1, "tennis court": 2}),
        (("tennis court",), ["court", "tennis"], {"court": 0, "tennis": 0}),
        (("ship", "harbor", "ship"), None, {"ship": 2, "harbor": 1}),
    ],
)
def test_eq_6_by_hand(instances: tuple[str, ...], categories: list[str] | None, numbers: dict[str, int]) -> None:
    counts = count_instances(found(*instances), categories)
    assert dict(counts) == numbers
    assert list(counts) == list(numbers)
    assert all(type(number) is int for number in counts.values())
    assert [one.category for one in counts.instances] == [name for name in instances if name in numbers]
    assert counts.instances.image_size == (1, 9)


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ([], "categories is empty"),
        (["ship", "ship"], r"categories\[1\] is 'ship'"),
        ("ship", "give a list of names"),
    ],
)
def test_bad_categories(categories: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        count_instances(found("ship"), categories)
