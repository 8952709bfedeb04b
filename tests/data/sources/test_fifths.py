from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from remotesam.data.record_scenes import open_scenes
from remotesam.data.sources import Record, RecordSet, SourceError, open_source
from remotesam.data.sources.fifths import take_fifths
from remotesam.evaluation.data import open_data
from tests.data_factories.objects import write_coco

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"


def record_set(names: Sequence[str]) -> RecordSet:
    records = [Record(str(number), Path(name), (4, 4)) for number, name in enumerate(names)]
    return RecordSet(records, name="tiles", split="train", licence="", categories=["road"])


@pytest.mark.parametrize(
    ("names", "held_out"),
    [
        ([f"{letter}.png" for letter in "abcde"], ["e.png"]),
        ([f"{letter}.png" for letter in "edcba"], ["e.png"]),  # names decide, not the order of the set
        ([f"{number}.png" for number in range(1, 12)], ["3.png", "8.png"]),  # as text: 1, 10, 11, 2, 3, ...
        (["a.tif", "b.tif", "c.tif", "d.tif", "e.tif", "e.tif", "f.tif"], ["e.tif", "e.tif"]),  # windows stay together
    ],
)
def test_every_fifth_image_by_name_is_held_out_and_the_rest_is_all_the_others(
    names: list[str], held_out: list[str]
) -> None:
    records = record_set(names)
    only, rest = take_fifths(records, "only"), take_fifths(records, "leave out")
    assert [record.image.name for record in only] == held_out
    assert sorted([r.id for r in only] + [r.id for r in rest]) == sorted(record.id for record in records)
    assert (only.split, rest.split) == ("train, every fifth", "train, without every fifth")


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        ([], "only", "leaves nothing of 0 images"),
        (["a.png", "b.png", "c.png", "d.png"], "only", "leaves nothing of 4 images; it takes five"),
        (["a.png"], "last", "every_fifth is 'last'; it takes 'leave out' or 'only'"),
    ],
)
def test_nothing_left_and_unknown_choices_are_told(names: list[str], wanted: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        take_fifths(record_set(names), wanted)


def test_training_and_evaluation_take_the_option(tmp_path: Path) -> None:
    file = write_coco(tmp_path)  # three images: no fifth
    assert len(open_scenes("coco", tmp_path, split="train", every_fifth="leave out")) == 3
    for data, root, images in (("coco", tmp_path, None), (str(file), None, tmp_path / "train2017")):
        with pytest.raises(SourceError, match="leaves nothing of 3 images"):
            open_data(data, root=root, split="train", images=images, options={"every_fifth": "only"})


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
@pytest.mark.parametrize(
    ("name", "folder", "options", "held_out", "rest"),
    [
        ("coco", "hotosm_buildings", {"split": "train"}, 30, 120),
        ("palette", "cil_roads", {"palette": {"background": 0, "road": 255}}, 21, 87),
    ],
)
def test_real_sets_are_parted_without_overlap(
    name: str, folder: str, options: dict[str, Any], held_out: int, rest: int
) -> None:
    only = open_source(name, DATA / folder, every_fifth="only", **options)
    evaluated = open_data(name, root=DATA / folder, options={"every_fifth": "only", **options}).records
    assert evaluated is not None and [r.image for r in evaluated] == [r.image for r in only]
    others = open_scenes(name, DATA / folder, every_fifth="leave out", **options)
    assert (len(only), len(others)) == (held_out, rest)
    assert not {record.image for record in only} & {record.image for record in others.records}
