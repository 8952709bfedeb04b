from collections.abc import Iterable
from itertools import chain

import pytest

from remotesam.training.batches import Collate, ReadableSamples, StepSampler


def batches(**values: int) -> list[list[int]]:
    return list(StepSampler(**{"length": 10, "batch_size": 2, "seed": 3, "start": 0, "stop": 12, **values}))


def flat(rows: Iterable[list[int]]) -> list[int]:
    return list(chain.from_iterable(rows))


def test_an_epoch_shows_every_sample_once():
    first, second = batches()[:5], batches()[5:10]
    assert sorted(flat(first)) == list(range(10))
    assert sorted(flat(second)) == list(range(10, 20))
    assert [n - 10 for n in flat(second)] != flat(first)


@pytest.mark.parametrize("start", [0, 1, 4, 5, 7, 12])
def test_starting_late_gives_the_rest_of_the_sequence(start):
    assert batches(start=start) == batches()[start:]


@pytest.mark.parametrize(("processes", "size"), [(2, 2), (4, 1)])
def test_processes_share_the_global_batch_in_order(processes, size):
    whole = batches(batch_size=4, stop=6)
    parts = [batches(batch_size=size, rank=r, world_size=processes, stop=6) for r in range(processes)]
    assert [flat(rows) for rows in zip(*parts, strict=True)] == whole


def test_the_seed_decides_the_order():
    assert batches(seed=3) == batches(seed=3) != batches(seed=4)


def test_an_epoch_shorter_than_a_batch_is_an_error():
    with pytest.raises(ValueError, match=r"3 samples, fewer than one batch of 2 x 2 processes"):
        batches(length=3, world_size=2)


class Numbers:
    """Samples of which some cannot be read."""

    def __init__(self, *, length: int, bad: set[int]) -> None:
        self.length, self.bad = length, bad

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict:
        if index in self.bad:
            raise ValueError(f"photo-{index}.jpg: truncated")
        return {"id": str(index)}


@pytest.mark.parametrize(
    ("bad", "rule", "expected"),
    [
        (set(), "raise", {"id": "4", "skipped": []}),
        ({4}, "raise", {"error": "photo-4.jpg: truncated"}),
        ({4}, "skip", {"id": "0", "skipped": ["photo-4.jpg: truncated"]}),
        ({4, 0}, "skip", {"id": "1", "skipped": ["photo-4.jpg: truncated", "photo-0.jpg: truncated"]}),
    ],
)
def test_bad_samples_are_named_and_replaced_or_fatal(bad, rule, expected):
    assert ReadableSamples(Numbers(length=5, bad=bad), on_bad_sample=rule)[4] == expected


def test_a_data_set_of_bad_samples_says_so():
    item = ReadableSamples(Numbers(length=5, bad=set(range(5))), on_bad_sample="skip")[0]
    assert "20 samples in a row cannot be read; the last reason: photo-4.jpg: truncated" in item["error"]
    assert Collate(tokenizer=None, max_tokens=8)([{"id": "1"}, item]) == item
