from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from remotesam.data.generation.renaming import makers_of, names_of, regions_of, renamed
from remotesam.data.sources.records import Annotation, LabelMap, Record, RecordSet
from tests.data.scenes import box

NAMES = {
    "plane": "airplane",
    "small ship": "ship",
    "large ship": "ship",
    "background": None,
    "golffield": "golf course",
}


def record(*categories: str, exhaustive: tuple[str, ...] = (), label_map: LabelMap | None = None) -> Record:
    annotations = [Annotation(str(n), name, polygons=(box(0, 0, 4, 4),)) for n, name in enumerate(categories)]
    return Record(
        "a", Path("a.png"), (8, 8), annotations=tuple(annotations), exhaustive=exhaustive, label_map=label_map
    )


def test_names_are_those_of_the_data_set() -> None:
    records = RecordSet(
        [record("golffield", "odd_thing")], name="x", split="train", licence="", categories=["plane", "background"]
    )
    assert names_of(records, dataset="dior") == {
        "plane": "airplane",
        "background": None,
        "golffield": "golf course",
        "odd_thing": "odd thing",
    }


@pytest.mark.parametrize(
    ("exhaustive", "expected"),
    [
        ((), ()),
        (("plane",), ("airplane",)),
        (("small ship",), ()),
        (("large ship", "plane", "small ship"), ("ship", "airplane")),
        (("background", "golffield"), ("golf course",)),
    ],
)
def test_a_name_is_exhaustive_where_all_its_spellings_are(
    exhaustive: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert renamed(record(exhaustive=exhaustive), NAMES).exhaustive == expected


def test_what_is_no_category_is_left_out() -> None:
    done = renamed(record("plane", "background", "small ship"), NAMES)
    assert [(a.id, a.category) for a in done.annotations] == [("0", "airplane"), ("2", "ship")]


def test_label_maps_keep_their_pixels(tmp_path: Path) -> None:
    pixels = np.array([[0, 1, 2], [3, 4, 1]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "map.png")
    values = {0: "background", 1: "small ship", 2: "large ship", 3: "plane"}
    label_map = LabelMap(tmp_path / "map.png", values, tuple(values.values()), unlabelled=(4,))
    done = renamed(record("plane", label_map=label_map), NAMES)
    assert done.label_map is not None
    masks = done.label_map.masks()
    assert set(masks) == {"ship", "airplane"}
    assert (masks["ship"] == np.isin(pixels, (1, 2))).all() and (masks["airplane"] == (pixels == 3)).all()
    assert done.label_map.decode()[1] == {}
    assert regions_of(done) == {"ship"}
    assert makers_of(done) == {"ship": "annotator", "airplane": "annotator"}


def test_makers_are_joined() -> None:
    made = [Annotation(str(n), "ship", polygons=(box(0, 0, 4, 4),), maker=m) for n, m in enumerate(("sam", "", "sam"))]
    assert makers_of(Record("a", Path("a.png"), (8, 8), annotations=tuple(made))) == {"ship": "annotator + sam"}
